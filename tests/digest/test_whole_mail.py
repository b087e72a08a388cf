"""The whole bytes of mails: the same issue is the same mail, on every machine and in every process that sends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from dailypapers.digest.model import DayState, DigestPaper, Issue, Subscription
from dailypapers.digest.outbox import NewMail
from dailypapers.digest.render import Sender, compose_confirmation, compose_issue, render
from dailypapers.digest.tokens import Token, Tokens
from dailypapers.snapshots.store.layout import Series

CUT = datetime(2025, 12, 10, 6, 5, tzinfo=UTC)
IDENTIFIER = "0123456789abcdef" * 2
SUBSCRIPTION = Subscription(
    id=IDENTIFIER,
    number=7,
    address="ann@example.org",
    series=Series("hf-daily"),
    search=None,
    at=time(7, 5),
    zone="Europe/Berlin",
    always=True,
    state="active",
    created=CUT - timedelta(days=9),
    refusals=0,
    cursor=None,
    last_cut=None,
)
FULL = DigestPaper(
    keys=("arxiv:2512.00001",),
    title="A title of so many words that it does not fit into one line of a mail and is wrapped",
    authors="Ada Author and 3 more",
    summary="First sentence. " * 6,
    organization="Invented Lab",
    upvotes=1,
    day=date(2025, 12, 10),
    first_seen=CUT,
    late=None,
    url="https://huggingface.co/papers/2512.00001",
    pdf_url="https://arxiv.org/pdf/2512.00001",
    code_url="https://github.com/x/y",
)
BARE = FULL._replace(
    title="Second", authors="", organization=None, summary="", upvotes=None, url=None, pdf_url=None, code_url=None
)
LATE = BARE._replace(
    title="Third", upvotes=0, late="listed for 9 December 2025, first seen 9 h after that day had ended"
)
DAYS = (
    DayState(date(2025, 12, 9), "complete, 3 papers"),
    DayState(date(2025, 12, 10), "over, 2 papers; a later fetch will show whether any were added"),
)
MISSED = (date(2025, 12, 8), date(2025, 12, 9))
ISSUE = Issue(SUBSCRIPTION, CUT, (FULL, BARE), (LATE,), DAYS, MISSED)
SENDER = Sender("papers@Lists.example", "Daily Papers", "https://p.example/mail")
TOKENS = Tokens(b"secret")
TOKEN = f"u.{IDENTIFIER}.0.huuc1_Zyb12hRtXzw8ggRKlZOlYBLDiszcLtafJmiSg"
TEXT = f"""\
2 new papers, 1 late: Hugging Face Daily Papers, 10 December 2025

No mail was sent on 8 December 2025, 9 December 2025: this issue has the
papers of those days too.


New (2)
-------

1. A title of so many words that it does not fit into one line of a mail
   and is wrapped
   Ada Author and 3 more | Invented Lab | 1 upvote
   First sentence. First sentence. First sentence. First sentence. First
   sentence. First sentence.
   https://huggingface.co/papers/2512.00001
   https://arxiv.org/pdf/2512.00001
   https://github.com/x/y

2. Second


Late since the last issue (1)
-----------------------------

1. Third
   0 upvotes
   Late: listed for 9 December 2025, first seen 9 h after that day had
   ended.


The days
--------
9 December 2025: complete, 3 papers
10 December 2025: over, 2 papers; a later fetch will show whether any
  were added

--\x20
You get this mail each day at 07:05 (Europe/Berlin).
Unsubscribe: https://p.example/mail/unsubscribe/{TOKEN}
"""
HEAD = f"""\
From: "Daily Papers" <papers@Lists.example>
To: ann@example.org
Subject: Hugging Face Daily Papers 2025-12-10: 2 new, 1 late
Date: Wed, 10 Dec 2025 06:05:00 +0000
Message-ID: <3efab6cd-502b-5515-9fd6-532661994ec7@lists.example>
Auto-Submitted: auto-generated
List-Id: <hf-daily.lists.example>
List-Unsubscribe: <https://p.example/mail/unsubscribe/{TOKEN}>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Precedence: bulk
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_348bc9a4f04f5f9e86e8bfe6948e7485"

--=_348bc9a4f04f5f9e86e8bfe6948e7485
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

2 new papers,"""
CONFIRMATION = """\
From: "Daily Papers" <papers@Lists.example>
To: ann@example.org
Subject: Confirm your subscription to new papers
Date: Wed, 10 Dec 2025 06:05:00 +0000
Message-ID: <57328a00-489e-5eef-bac6-d36e92191a5f@lists.example>
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Somebody, probably you, asked to send new papers to this address:
Hugging Face Daily Papers.

To confirm, open this page within 48 hours and press the button:

https://p.example/mail/confirm/TOKEN

If it was not you, do nothing: this address gets no other mail.
"""


def rendered(issue: Issue) -> str:
    return render(issue, f"https://p.example/mail/unsubscribe/{TOKEN}").text


def test_the_text_of_an_issue() -> None:
    assert rendered(ISSUE) == TEXT
    assert max(map(len, rendered(ISSUE._replace(new=(FULL._replace(title="word " * 99),))).splitlines()[:30])) <= 76


@pytest.mark.parametrize(
    ("new", "late", "subject", "heading"),
    [
        ((), (), "nothing new", "Nothing new"),
        ((FULL,), (), "1 new", "1 new paper"),
        ((), (LATE,), "0 new, 1 late", "0 new papers, 1 late"),
        ((FULL, BARE), (LATE, LATE), "2 new, 2 late", "2 new papers, 2 late"),
    ],
)
def test_the_subject_and_the_heading(
    new: tuple[DigestPaper, ...], late: tuple[DigestPaper, ...], subject: str, heading: str
) -> None:
    parts = render(ISSUE._replace(new=new, late=late, missed=()), "https://p.example/")
    assert parts.subject == f"Hugging Face Daily Papers 2025-12-10: {subject}"
    assert parts.text.startswith(f"{heading}: Hugging Face Daily Papers, 10 December 2025\n\n\n")
    assert f">{heading}</h1>" in parts.html
    assert f"<title>{parts.subject}</title>" in parts.html


def test_the_html_of_an_issue_has_what_its_text_has() -> None:
    html = render(ISSUE, "https://p.example/u?a=1&b=2").html
    assert "No mail was sent on 8 December 2025, 9 December 2025: this issue has the papers of those days too." in html
    assert "&middot; 1 upvote</div>" in html
    assert f"Late: {LATE.late}." in html
    assert 'href="https://p.example/u?a=1&amp;b=2"' in html
    assert "Hugging Face Daily Papers</bdi>, 10 December 2025</p>" in html
    assert "10 December 2025</strong>: over, 2 papers" in html


def test_the_bytes_of_an_issue() -> None:
    mail = compose_issue(ISSUE, SENDER, TOKENS)
    content = mail.message.decode()
    assert content.replace("\r\n", "\n").startswith(HEAD)
    assert content.endswith("</html>\r\n--=_348bc9a4f04f5f9e86e8bfe6948e7485--\r\n")
    assert mail == NewMail("issue", CUT, "<3efab6cd-502b-5515-9fd6-532661994ec7@lists.example>", mail.message)
    assert compose_issue(ISSUE, SENDER, TOKENS) == mail


def test_the_bytes_of_a_confirmation() -> None:
    mail = compose_confirmation(SUBSCRIPTION, SENDER, "TOKEN", CUT)
    content = CONFIRMATION.replace("\n", "\r\n").encode()
    assert mail == NewMail("confirmation", CUT, "<57328a00-489e-5eef-bac6-d36e92191a5f@lists.example>", content)


def test_another_time_or_subscription_is_another_mail() -> None:
    mails = [
        compose_issue(ISSUE, SENDER, TOKENS),
        compose_issue(ISSUE._replace(cut=CUT + timedelta(seconds=1)), SENDER, TOKENS),
        compose_confirmation(SUBSCRIPTION, SENDER, "TOKEN", CUT),
        compose_confirmation(SUBSCRIPTION, SENDER, "TOKEN", CUT + timedelta(seconds=1)),
    ]
    assert len({mail.message_id for mail in mails}) == len(mails)


def test_a_sender_without_a_name_is_its_address() -> None:
    mail = compose_issue(ISSUE, SENDER._replace(name=""), TOKENS)
    assert mail.message.startswith(b"From: papers@Lists.example\r\n")


def test_a_query_does_not_become_a_header() -> None:
    series = Series("hf-search", "=?utf-8?q?x?=\r\nBcc: x@example.org")
    subscription = replace(SUBSCRIPTION, series=series)
    content = compose_issue(ISSUE._replace(subscription=subscription), SENDER, TOKENS).message
    (line,) = (line for line in content.split(b"\r\n") if line.startswith(b"List-Id"))
    assert line.startswith(b"List-Id: <hf-search-")
    assert b"Bcc" not in content.partition(b"\r\n\r\n")[0]


def test_a_token_is_valid_until_its_time() -> None:
    token = TOKENS.make("confirm", IDENTIFIER, CUT)
    assert token == f"c.{IDENTIFIER}.1765346700.{token[-43:]}"
    assert TOKENS.check("confirm", token, CUT - timedelta(seconds=1)) == Token(IDENTIFIER, CUT)
    assert TOKENS.check("confirm", token, CUT) is None
    assert TOKENS.make("unsubscribe", IDENTIFIER) == TOKEN
    assert TOKENS.check("unsubscribe", TOKEN, CUT) == Token(IDENTIFIER, None)
    assert TOKENS.check("confirm", TOKEN, CUT) is None
    assert Tokens(b"another").check("unsubscribe", TOKEN, CUT) is None
