"""Papers as lines and as JSON, and one paper as a card: the merged record, the days that list it, the keys that lead to
it, where each field is from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from dailypapers.cli.json_output import print_json
from dailypapers.cli.output import format_count
from dailypapers.cli.settings import Settings
from dailypapers.cli.table import table, terminal_width, wrapped
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.outputs.words import lateness
from dailypapers.snapshots.store.layout import Series

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.model import CatalogPaper, Listing


States = Mapping[tuple[Series, date], str]
"""The states of days, by series and day."""

WIDTH: Final = 100
MAX_AUTHORS: Final = 12
_LABELS: Final = {
    "published": "published",
    "updated": "updated",
    "submitter": "submitter",
    "categories": "categories",
    "doi": "DOI",
    "journal_ref": "journal",
    "license": "license",
    "author_comment": "comment",
    "keywords": "keywords",
    "url": "page",
    "pdf_url": "PDF",
    "code_url": "code",
    "project_url": "project",
}


def card(paper: CatalogPaper, states: States, *, width: int | None, with_sources: bool) -> Iterator[str]:
    """The lines of the card, with control characters made visible."""
    columns = min(width or WIDTH, WIDTH)
    yield from wrapped(paper.fields["title"], columns)
    yield ""
    yield from _facts(paper, columns)
    for name in ("ai_summary", "abstract"):
        if paper.fields[name]:
            yield ""
            yield "Summary by the site" if name == "ai_summary" else "Abstract"
            yield from _indented(wrapped(paper.fields[name], columns - 2))
    yield ""
    yield f"Listed on {format_count(len(paper.listings), 'list')}"
    yield from _indented(table([*_listings(paper, states)], right={2, 3}))
    others = [alias for alias in paper.aliases if alias.key != paper.key]
    if others:
        yield ""
        yield "Also known as"
        yield from _indented(table([(alias.key, alias.evidence) for alias in others]))
    if with_sources:
        yield ""
        yield "Where each field is from"
        yield from _origins(paper, columns)


def is_late(listing: Listing) -> bool:
    """Whether the paper came to the listing after its day, week or month had ended."""
    end = SOURCES[listing.series.source].period.end(listing.day)
    return lateness(listing.first_seen, end, listing.first_fetch) is not None


def _facts(paper: CatalogPaper, columns: int) -> Iterator[str]:
    fields = paper.fields
    facts = {"key": paper.key, "authors": _authors(fields), "organization": _organization(fields)}
    facts |= {label: _text(fields[name]) for name, label in _LABELS.items()}
    facts["numbers"] = _numbers(fields)
    seen = _minutes(datetime.fromisoformat(fields["first_seen"]))
    last = fields["last_seen"]
    facts["first seen"] = seen + (f", last seen {_minutes(datetime.fromisoformat(last))}" if last else "")
    if fields["withdrawn"]:
        facts["withdrawn"] = "yes"
    width = max(len(label) for label, value in facts.items() if value) + 2
    for label, value in facts.items():
        lines = wrapped(value, columns - width - 2)
        yield from (f"  {'' if number else label:<{width}}{line}" for number, line in enumerate(lines))


def _authors(fields: Mapping[str, Any]) -> str:
    names = [author["name"] for author in fields["authors"]]
    more = len(names) - MAX_AUTHORS
    if not names:
        return f"{fields['author_count']}, not named" if fields["author_count"] is not None else ""
    return ", ".join(names[:MAX_AUTHORS]) + (f" and {more} more" if more > 0 else "")


def _organization(fields: Mapping[str, Any]) -> str:
    organization = fields["organization"]
    if organization is None:
        return ""
    name, fullname = organization["name"], organization["fullname"]
    return f"{fullname} ({name})" if fullname and fullname != name else name


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _numbers(fields: Mapping[str, Any]) -> str:
    nouns = {"upvotes": "upvote", "comments": "comment", "github_stars": "star"}
    return ", ".join(format_count(fields[name], noun) for name, noun in nouns.items() if fields[name] is not None)


def _listings(paper: CatalogPaper, states: States) -> Iterator[tuple[str, ...]]:
    for listing in paper.listings:
        state = states.get((listing.series, listing.day))
        late = ", late" if is_late(listing) else ""
        left = f", left after {_minutes(listing.last_seen)}" if listing.last_seen else ""
        yield (
            f"{listing.day}",
            str(listing.series),
            f"rank {listing.rank}" if listing.rank is not None else "",
            format_count(listing.upvotes, "upvote") if listing.upvotes is not None else "",
            f"first seen {_minutes(listing.first_seen)}{late}{left}" + (f"; the day is {state}" if state else ""),
        )


def _origins(paper: CatalogPaper, columns: int) -> Iterator[str]:
    names: dict[tuple[Series, date, datetime], list[str]] = {}
    for name, origin in paper.origins.items():
        names.setdefault(origin, []).append(name)
    for (series, day, observed), fields in names.items():
        yield f"  {day} {series}, as observed {_minutes(observed)}"
        yield from (f"    {line}" for line in wrapped(", ".join(fields), columns - 4))


def _minutes(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


VERSION: Final = 1
"""Version of the objects that `papers`, `search` and `show` print with --json; raised when a name is removed or changes
its meaning."""

_HEAD: Final = ("PAPER", "LISTED", "UPVOTES", "TITLE")


def print_papers(papers: Iterable[CatalogPaper], settings: Settings, **facts: object) -> None:
    """Print a line for each paper; on a terminal below a head and cut to its width. With --json also the `facts`."""
    if settings.json:
        print_json({"version": VERSION, **facts, "papers": [as_json(paper) for paper in papers]})
        return
    width = terminal_width()
    rows = [_row(paper) for paper in papers]
    if not rows:
        return
    lines = table([_HEAD, *rows] if width else rows, right={2}, width=width)
    for number, line in enumerate(lines):
        is_head = width is not None and number == 0
        click.echo(click.style(line, bold=True) if is_head else line, color=settings.colors_stdout)


def _row(paper: CatalogPaper) -> tuple[str, ...]:
    upvotes = paper.fields["upvotes"]
    return (
        # As people write it, and as every command takes it.
        paper.key.removeprefix("arxiv:"),
        f"{paper.first_day}",
        "-" if upvotes is None else f"{upvotes}",
        paper.fields["title"],
    )


def as_json(paper: CatalogPaper, states: States | None = None) -> dict[str, object]:
    """The merged record, with the days that list the paper, their states if given, and the keys that lead to it."""
    return {
        **paper.fields,
        "first_day": paper.first_day,
        "listings": [
            {
                "source": listing.series.source,
                "query": listing.series.query,
                "day": listing.day,
                "key": listing.key,
                "rank": listing.rank,
                "first_seen": listing.first_seen,
                "late": is_late(listing),
                "last_seen": listing.last_seen,
                "observed": listing.observed,
                "upvotes": listing.upvotes,
                "comments": listing.comments,
                "github_stars": listing.github_stars,
                **({"state": states[listing.series, listing.day]} if states is not None else {}),
            }
            for listing in paper.listings
        ],
        "aliases": [alias._asdict() for alias in paper.aliases],
    }


def sources_json(paper: CatalogPaper) -> Mapping[str, object]:
    """By field with a value, the listing that it is taken from."""
    return {
        name: {
            "source": origin.series.source,
            "query": origin.series.query,
            "day": origin.day,
            "observed": origin.observed,
        }
        for name, origin in paper.origins.items()
    }
