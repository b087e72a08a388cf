"""Papers of the catalog as rows of a table, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import click

from dailypapers.cli.json_output import print_json
from dailypapers.cli.settings import Settings
from dailypapers.cli.table import table, terminal_width

from .cards import is_late

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.model import CatalogPaper

    from .cards import States

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
