"""Links of records are http or https with a host; any other is left out, with a note, and costs nothing else."""

from __future__ import annotations

import json
import string
import unicodedata
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.parsers import Page, Parsed, parse
from dailypapers.parsers.driver import MAX_NOTES, ValidPapers
from dailypapers.parsers.links import MAX_LENGTH, drop_unsafe_links, is_web_link
from tests.papersite import PaperSite, switches
from tests.product import DAY, NOW, Product
from tests.support.hypothesis_examples import examples

HARMLESS = [
    "https://example.org",
    "HTTP://Example.org:8080/a/b.html?c=d&e=[f]#g",
    "https://project.example/~user/(paper)/a,b;c=d/'e'!*+%20@home",
    "https://bücher.example/论文",
    "http://[2001:db8::1]:80/",
    "https://example.org/#:~:text=javascript:alert(1)",
    "https://example.org?" + "a" * (MAX_LENGTH - 20),
]
HARMFUL = [
    "javascript:alert(1)",
    "JaVaScRiPt://example.org/%0aalert(1)",
    " https://example.org",
    "https://example.org\n",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://example.org/paper.pdf",
    "blob:https://example.org/1",
    "//example.org/paper",
    "/papers/2408.00118",
    "example.org/paper",
    "https:example.org",
    "https:/example.org",
    "https://",
    "https:///paper",
    "https://:443/",
    "https://?q=1",
    "https://user@example.org/",
    "https://user:secret@example.org/",
    "https://good.example@evil.example/",
    "https://good.example\\@evil.example/",
    "https://good.example:80@evil.example/",
    "https://example.org\\paper",
    "https://exam%70le.org/",
    "https://example.org:port/",
    "https://example.org/a b",
    "https://example.org/\x00",
    "https://example.org/\x1b[31m",
    "https://example.org/\x85",
    "https://example.org/\u202egpj.exe",
    "https://example.org/\u200b",
    "https://example.org/\ud800",
    'https://example.org/"onclick="alert(1)',
    "https://example.org/<script>",
    "https://example.org/" + "a" * MAX_LENGTH,
]


@pytest.mark.parametrize("link", HARMLESS)
def test_a_web_link_is_one(link: str) -> None:
    assert is_web_link(link)


@pytest.mark.parametrize("link", HARMFUL)
def test_anything_else_is_not(link: str) -> None:
    assert not is_web_link(link)


hosts = st.lists(st.text(string.ascii_letters + string.digits + "äЖ論", min_size=1, max_size=8), min_size=1, max_size=3)
paths = st.text(string.ascii_letters + string.digits + "-._~!$&'()*+,;=:@/?%#[]ä論", max_size=30)
pieces = st.lists(
    st.sampled_from(["http", "https", "HTTPS", "javascript", ":", "//", "/", "\\", "@", "?", "#", "a.example", "[::1]"])
    | st.characters(codec=None).map(str),
    max_size=12,
).map("".join)


@given(st.sampled_from(["http://", "https://", "HttpS://"]), hosts, st.sampled_from(["/", "?", "#", ":80/"]), paths)
@examples(200)
def test_every_link_that_is_written_properly_is_a_web_link(scheme: str, host: list[str], after: str, path: str) -> None:
    assert is_web_link(scheme + ".".join(host) + after + path)


@given(pieces | st.text(st.characters(codec=None)).map("https://a.example/".__add__))
@examples(500)
def test_every_web_link_has_a_scheme_and_a_host_and_nothing_that_deceives(text: str) -> None:
    if is_web_link(text):
        parts = urlsplit(text)
        assert parts.scheme in {"http", "https"}
        assert (bool(parts.hostname), parts.username, parts.password) == (True, None, None)
        assert "\\" not in text
        assert not {unicodedata.category(character) for character in text} & {"Cc", "Cs", "Zs", "Zl", "Zp"}
        text.encode()


links = st.sampled_from([*HARMLESS, *HARMFUL, "", None, 3, {"a": "b"}])


@given(st.dictionaries(st.sampled_from(["url", "code_url", "project_url", "thumbnail_url", "title"]), links))
@examples(200)
def test_only_harmful_links_are_replaced(fields: dict[str, object]) -> None:
    before = dict(fields)
    dropped = drop_unsafe_links(fields)
    assert fields.keys() == before.keys()
    for name, value in before.items():
        unsafe = name != "title" and isinstance(value, str) and not is_web_link(value)
        assert fields[name] == (None if unsafe else value)
        assert ((name, value) in dropped) is (unsafe and value != "")


@pytest.mark.parametrize(
    ("media", "left", "first"),
    [
        (
            ["https://a.example/1", "javascript:1", 3, None, "vbscript:2"],
            ["https://a.example/1", 3, None],
            "javascript:1",
        ),
        (["x"], [], "x"),
        ([""], [], ""),
        (["https://a.example/1", "http://a.example"], ["https://a.example/1", "http://a.example"], None),
        ([None, 3], [None, 3], None),
        ([], [], None),
        (None, None, None),
        ("javascript:1", "javascript:1", None),
        ({"javascript:1": 1}, {"javascript:1": 1}, None),
    ],
)
def test_harmful_media_are_removed_beside_good_links(media: object, left: object, first: str | None) -> None:
    fields = {"url": "https://a.example/paper", "media_urls": media}
    assert drop_unsafe_links(fields) == ([] if first is None else [("media_urls", first)])
    assert fields == {"url": "https://a.example/paper", "media_urls": left}


def read(items: list[dict[str, Any]], parser: str = "hf_api", known: ValidPapers | None = None) -> Parsed:
    if parser == "hf_api":
        body = json.dumps(items)
    else:
        props = escape(json.dumps({"dailyPapers": items}))
        body = f'<div data-target="DailyPapers" data-props="{props}"></div>'
    page = Page("", 200, (), body.encode(), datetime(2025, 12, 10, tzinfo=UTC))
    return parse(page, parser, source="hf-daily", day=date(2025, 12, 10), known=known)


ITEM = {
    "paper": {"id": "2512.99001", "title": "Lamps", "projectPage": "javascript:alert(1)", "githubRepo": "javascript:1"},
    "thumbnail": "data:image/png;base64,AAAA",
    "mediaUrls": ["https://media.example/1.mp4", "vbscript:1", "file:///2.mp4"],
}
NOTES = (
    "project_url of arxiv:2512.99001 is left out: the text 'javascript:alert(1)' is no http or https link with a host",
    "thumbnail_url of arxiv:2512.99001 is left out: the text 'data:image/png;base64,AAAA' is no http or https link with"
    " a host",
    "media_urls of arxiv:2512.99001 is left out: the text 'vbscript:1' is no http or https link with a host",
)


def test_an_item_loses_its_unsafe_links_and_nothing_else() -> None:
    parsed = read([ITEM])
    (paper,) = parsed.papers
    assert (paper.project_url, paper.thumbnail_url, paper.code_url) == (None, None, None)
    assert paper.media_urls == ["https://media.example/1.mp4"]
    assert paper.url == "https://huggingface.co/papers/2512.99001"
    assert (parsed.rejects, parsed.notes) == ([], NOTES)


def test_both_views_note_it_though_the_item_is_validated_once() -> None:
    known: ValidPapers = {}
    assert read([ITEM], "hf_api", known).notes == read([ITEM], "hf_html", known).notes == NOTES


def test_notes_are_bounded() -> None:
    items = [{"paper": {"id": f"2512.{number:05}", "title": "Lamps", "projectPage": "x:y"}} for number in range(100)]
    notes = read(items).notes
    assert len(notes) == MAX_NOTES + 1
    assert notes[-1] == f"{100 - MAX_NOTES} more notes on items"


def test_the_certificate_notes_it(product: Product, site: PaperSite) -> None:
    """Once, however many views and fetches show it; a token in the link does not get into the certificate."""
    link = "javascript:steal('hf_abcdefghijklmnop')"

    def spoil(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        items[0]["paper"]["projectPage"] = link
        return items

    site.switches.append(switches.items(lambda request: f"{DAY}" in request.target, spoil))
    for hours in (0, 2):
        assert product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=hours)).status == 0
    (note,) = product.certificate()["notes"]
    assert note.startswith("project_url of arxiv:")
    assert "javascript:steal" in note
    assert "hf_abcdefghijklmnop" not in note
    assert sum(paper["project_url"] is None for paper in product.papers()) >= 1
    assert not [paper for paper in product.papers() if "steal" in json.dumps(paper)]


def test_a_line_end_in_a_link_is_not_the_end_of_one() -> None:
    link = "https://a.example/x\nhttps://b.example/y"
    fields: dict[str, object] = {"url": "https://c.example/z", "project_url": link}
    assert drop_unsafe_links(fields) == [("project_url", link)]
    assert fields == {"url": "https://c.example/z", "project_url": None}
