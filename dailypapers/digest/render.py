"""Mails from issues and confirmations: headers, and two parts, plain text and HTML from a template with inline styles.

No remote image, no script, no style sheet from elsewhere: so nobody learns who reads it. Mail clients drop much of
CSS, so each element has its style; a `<style>` adds the colours for a dark screen, which clients without it ignore.
"""

from __future__ import annotations

import re
import textwrap
import uuid
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import source_named
from dailypapers.outputs.links import clean

from .issues import format_day
from .message import Headers, alternative_message, format_date, plain_message
from .model import DigestPaper, Issue, Subscription
from .outbox import NewMail
from .tokens import Tokens

if TYPE_CHECKING:
    from jinja2 import Template


_WIDTH: Final = 76
_TEMPLATE: Final = Path(__file__).parent / "templates" / "digest.html"


class Parts(NamedTuple):
    """The parts of a mail."""

    subject: str
    """Numbers and our own words only."""
    text: str
    html: str


def render(issue: Issue, unsubscribe_url: str) -> Parts:
    """The parts of an issue. The same issue gives the same parts."""
    subject = _subject(issue)
    html = _template().render(
        issue=issue,
        subject=subject,
        title=_title(issue.subscription),
        heading=_heading(issue),
        missed=_missed(issue),
        unsubscribe=unsubscribe_url,
    )
    return Parts(subject, "\n".join(_text(issue, unsubscribe_url)) + "\n", html)


def _subject(issue: Issue) -> str:
    title = source_named(issue.subscription.series.source).title
    counts = f"{len(issue.new)} new" + (f", {len(issue.late)} late" if issue.late else "")
    return f"{title} {issue.cut:%Y-%m-%d}: {counts if issue.papers else 'nothing new'}"


def _title(subscription: Subscription) -> str:
    """The title of the series in one line, with its query if it has one."""
    series = subscription.series
    return clean(SourceSeries(source_named(series.source), series).title)


def _heading(issue: Issue) -> str:
    if not issue.papers:
        return "Nothing new"
    papers = f"{len(issue.new)} new paper{'s' * (len(issue.new) != 1)}"
    return papers + (f", {len(issue.late)} late" if issue.late else "")


def _missed(issue: Issue) -> str:
    """Which days this issue stands for besides its own."""
    if not issue.missed:
        return ""
    days = ", ".join(map(format_day, issue.missed))
    return f"No mail was sent on {days}: this issue has the papers of those days too."


def _text(issue: Issue, unsubscribe_url: str) -> Iterator[str]:
    subscription = issue.subscription
    yield f"{_heading(issue)}: {_title(subscription)}, {format_day(issue.cut.date())}"
    if _missed(issue):
        yield from ["", *_wrapped(_missed(issue))]
    for title, papers in (("New", issue.new), ("Late since the last issue", issue.late)):
        if papers:
            yield from ["", "", f"{title} ({len(papers)})", "-" * len(f"{title} ({len(papers)})")]
        for number, paper in enumerate(papers, 1):
            yield from ["", *_paper_text(number, paper)]
    yield from ["", "", "The days", "--------"]
    for day in issue.days:
        yield from _wrapped(f"{format_day(day.day)}: {day.words}", "  ")
    # https://www.rfc-editor.org/rfc/rfc3676#section-4.3: the line before a signature.
    yield from ["", "-- ", f"You get this mail each day at {subscription.at:%H:%M} ({subscription.zone})."]
    yield f"Unsubscribe: {unsubscribe_url}"


def _paper_text(number: int, paper: DigestPaper) -> Iterator[str]:
    yield from _wrapped(f"{number}. {paper.title}", "   ")
    by = " | ".join(part for part in (paper.authors, paper.organization, _votes(paper)) if part)
    yield from (f"   {line}" for line in _wrapped(by))
    if paper.late:
        yield from (f"   {line}" for line in _wrapped(f"Late: {paper.late}."))
    yield from (f"   {line}" for line in _wrapped(paper.summary))
    yield from (f"   {url}" for url in (paper.url, paper.pdf_url, paper.code_url) if url)


def _votes(paper: DigestPaper) -> str:
    return "" if paper.upvotes is None else f"{paper.upvotes} upvote{'s' * (paper.upvotes != 1)}"


def _wrapped(text: str, indent: str = "") -> list[str]:
    """Lines of at most 76 columns with the indent of a paper."""
    # White space of a foreign text starts no line of its own.
    words = " ".join(text.split())
    return textwrap.wrap(words, _WIDTH - 3, subsequent_indent=indent, break_on_hyphens=False)


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"day": format_day, "votes": _votes}
    return environment.from_string(_TEMPLATE.read_text("utf-8"))


_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/dailypapers/dailypapers#mail")
_NOT_IN_LIST_ID: Final = re.compile(r"[^a-z0-9-]+")


class Sender(NamedTuple):
    """Who the mails come from, and where their links lead."""

    address: str
    name: str
    """The name beside the address; empty for none."""
    base_url: str
    """Where `mail serve` is reached, without a slash at its end."""

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return self.address.rpartition("@")[2]


def compose_issue(issue: Issue, sender: Sender, tokens: Tokens) -> NewMail:
    """The mail of an issue. The same issue gives the same bytes."""
    subscription = issue.subscription
    name = f"{subscription.id}\nissue\n{issue.cut:%Y-%m-%dT%H:%M:%SZ}"
    parts = render_issue(issue, sender, tokens)
    list_id = _NOT_IN_LIST_ID.sub("-", subscription.series.folder.as_posix().lower())
    headers: Headers = [
        *_headers(subscription, sender, parts.subject, issue.cut, name),
        ("List-Id", f"<{list_id}.{sender.domain.lower()}>"),
        ("List-Unsubscribe", f"<{_unsubscribe_url(subscription, sender, tokens)}>"),
        # https://www.rfc-editor.org/rfc/rfc8058#section-3.1
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "bulk"),
    ]
    boundary = uuid.uuid5(_NAMESPACE, f"boundary\n{name}").hex
    message = alternative_message(headers, parts.text, parts.html, boundary=boundary)
    return NewMail("issue", issue.cut, _message_id(name, sender), message)


def render_issue(issue: Issue, sender: Sender, tokens: Tokens) -> Parts:
    """The parts of the mail of an issue, as people read them."""
    return render(issue, _unsubscribe_url(issue.subscription, sender, tokens))


def compose_confirmation(subscription: Subscription, sender: Sender, token: str, now: datetime) -> NewMail:
    """The mail that asks whether an address wants a subscription that somebody made on the web."""
    name = f"{subscription.id}\nconfirmation\n{now:%Y-%m-%dT%H:%M:%SZ}"
    headers = _headers(subscription, sender, "Confirm your subscription to new papers", now, name)
    text = (
        f"Somebody, probably you, asked to send new papers to this address:\n{_title(subscription)}.\n\n"
        f"To confirm, open this page within 48 hours and press the button:\n\n{sender.base_url}/confirm/{token}\n\n"
        "If it was not you, do nothing: this address gets no other mail.\n"
    )
    return NewMail("confirmation", now, _message_id(name, sender), plain_message(headers, text))


def _headers(subscription: Subscription, sender: Sender, subject: str, date: datetime, name: str) -> Headers:
    return [
        ("From", f'"{sender.name}" <{sender.address}>' if sender.name else sender.address),
        ("To", subscription.address),
        ("Subject", subject),
        ("Date", format_date(date)),
        ("Message-ID", _message_id(name, sender)),
        # https://www.rfc-editor.org/rfc/rfc3834#section-5
        ("Auto-Submitted", "auto-generated"),
    ]


def _message_id(name: str, sender: Sender) -> str:
    return f"<{uuid.uuid5(_NAMESPACE, name)}@{sender.domain.lower()}>"


def _unsubscribe_url(subscription: Subscription, sender: Sender, tokens: Tokens) -> str:
    return f"{sender.base_url}/unsubscribe/{tokens.make('unsubscribe', subscription.id)}"
