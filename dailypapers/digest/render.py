"""The two parts of a mail: plain text, and HTML from a template with inline styles.

No remote image, no script, no style sheet from elsewhere: so nobody learns who reads it. Mail clients drop much of
CSS, so each element has its style; a `<style>` adds the colours for a dark screen, which clients without it ignore.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from .issues import format_day
from .model import DigestPaper, Issue

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
        issue=issue, subject=subject, heading=_heading(issue), missed=_missed(issue), unsubscribe=unsubscribe_url
    )
    return Parts(subject, "\n".join(_text(issue, unsubscribe_url)) + "\n", html)


def _subject(issue: Issue) -> str:
    series = issue.subscription.series.source
    counts = f"{len(issue.new)} new" + (f", {len(issue.late)} late" if issue.late else "")
    return f"{series} {issue.cut:%Y-%m-%d}: {counts if issue.papers else 'nothing new'}"


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
    yield f"{_heading(issue)}: {subscription.series.source}, {format_day(issue.cut.date())}"
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
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - an extra, and only mails need it

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"day": format_day, "votes": _votes}
    return environment.from_string(_TEMPLATE.read_text("utf-8"))
