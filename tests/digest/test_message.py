"""The bytes of a mail: headers that no foreign text can change, and parts that a stock parser reads."""

from __future__ import annotations

import quopri
import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dailypapers.digest.message import alternative_message, check_address, header_lines, plain_message
from dailypapers.digest.model import InvalidValueError
from tests.digest.conftest import Mailing, at, listed
from tests.digest.sink import parse
from tests.support.written_days import HOSTILE

ODD_TEXTS = (
    *HOSTILE,
    "=?utf-8?q?a=0ABcc=3A_x?=",
    "a\r\nBcc: x@example.org",
    "\r\n.\r\nMAIL FROM:<x>",
    "--=_0123456789abcdef0123456789abcdef",
    "From me\n.\n..",
    "x" * 3000,
    "Łukasz " * 300,
)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
@example("a\r\nb\rc\nd", "\x00\x0b\x0c\x85\u2028")
@example("=_" + "0" * 32, "--=_" + "0" * 32 + "--\r\n")
def test_a_parser_reads_the_parts_as_they_were(text: str, html: str) -> None:
    content = alternative_message([("Subject", "x")], text, html, boundary="0" * 32)
    assert content.isascii()
    _, _, body = content.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert b"\n" not in content.replace(b"\r\n", b"")
    parts = list(parse(content).iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    for part, sent in zip(parts, (text, html), strict=True):
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        # Ends of lines become those of mail.
        assert payload.decode() == sent.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def test_a_plain_message() -> None:
    message = parse(plain_message([("Subject", "x")], "Grüße\n"))
    assert (message["Subject"], message.get_content_type(), message.get_content()) == ("x", "text/plain", "Grüße\r\n")


@pytest.mark.parametrize("text", ["", "a\nb", "a\rb", "Grüße", "=?utf-8?q?a?=", "a" * 999, "\x00", "tab\there"])
def test_a_header_takes_one_line_of_ascii_only(text: str) -> None:
    with pytest.raises(InvalidValueError):
        header_lines([("Subject", text)])


@pytest.mark.parametrize("address", ["ann@example.org", "a.b+c@x-y.example", "o'neil@localhost"])
def test_addresses(address: str) -> None:
    assert check_address(address) == address


NO_ADDRESSES = (
    *("", "ann", "ann@", "@example.org", "ann@exa mple.org", "ann@example.org\nBcc: x@y.z", "a@b@c.d", "ann@-x.org"),
    *("änn@example.org", "ann@exämple.org", "<ann@example.org>", "ann@example.org,bob@example.org"),
    *("a" * 65 + "@x.org", "ann@" + "x" * 64 + ".org", "=?utf-8?q?x?=@example.org", '"a b"@example.org'),
    "ann@[127.0.0.1]",
)


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(InvalidValueError):
        check_address(address)


def test_a_hostile_listing_adds_no_header(mailing: Mailing) -> None:
    papers = []
    for number, text in enumerate(ODD_TEXTS, 1):
        name = {"name": text, "user": None, "hidden": None, "affiliation": None}
        organization = {"name": text, "fullname": text}
        papers.append(
            listed(number, at(10, 5), title=text or "x", abstract=text, authors=[name], organization=organization)
        )
    mailing.list_papers(*papers)
    mailing.subscribe()
    assert mailing("send", now=at(10, 7)).status == 0
    (received,) = mailing.sink.received
    head = received.content.partition(b"\r\n\r\n")[0].decode("ascii")
    assert [line.partition(":")[0] for line in head.split("\r\n")] == [
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence", "MIME-Version", "Content-Type"),
    ]
    assert "=?" not in head
    message = received.message
    assert message["Subject"] == f"Hugging Face Daily Papers 2025-12-10: {len(ODD_TEXTS)} new"
    assert message["From"] == "Daily Papers <papers@lists.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["List-Id"] == "<hf-daily.lists.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<https://papers\.example/mail/unsubscribe/[\w.-]+>", message["List-Unsubscribe"])
    assert re.fullmatch(r"<[0-9a-f-]{36}@lists\.example>", message["Message-ID"])
    assert len(list(message.iter_parts())) == 2


def test_headers_are_on_one_line_however_long_the_url_is(mailing: Mailing) -> None:
    text = (mailing.folder / "mail.yaml").read_text()
    (mailing.folder / "mail.yaml").write_text(text.replace("/mail", "/" + "long/" * 60))
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe()
    mailing("send", now=at(10, 7))
    (line,) = (
        line for line in mailing.sink.received[0].content.split(b"\r\n") if line.startswith(b"List-Unsubscribe: ")
    )
    assert line.startswith(b"List-Unsubscribe: <https://papers.example/long/")
    assert line.endswith(b">")


def test_no_remote_content_and_no_tracking(mailing: Mailing) -> None:
    mailing.list_papers(
        listed(1, at(10, 5), thumbnail_url="https://cdn.example/x.png", media_urls=["https://m.example/"])
    )
    mailing.subscribe()
    mailing("send", now=at(10, 7))
    html = quopri.decodestring(mailing.sink.received[0].content).decode()
    assert not re.search(r"<(img|script|link|iframe|object|video|audio|form)\b|@import|url\(|\bon\w+=", html)
    links = set(re.findall(r'href="([^"]*)"', html))
    token = next(link for link in links if "/unsubscribe/" in link)
    assert links == {"https://huggingface.co/papers/2512.00001", "https://arxiv.org/pdf/2512.00001", token}


def test_the_time_of_a_mail_is_that_of_its_issue(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe("ann@example.org", "--at", "09:30", "--tz", "Europe/Berlin")
    mailing("send", now=at(10, 12))
    date = mailing.sink.received[0].message["Date"].datetime
    assert date == datetime(2025, 12, 10, 8, 30, tzinfo=UTC)
