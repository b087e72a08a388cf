"""`dailypapers show`: all that is known of one paper."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import as_of_option, global_options
from dailypapers.cli.output import print_line
from dailypapers.cli.paper_store import open_paper_store
from dailypapers.cli.selection import as_of_instant
from dailypapers.cli.settings import Settings
from dailypapers.ingest.exit_status import DONE
from dailypapers.snapshots.store.layout import Series

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.model import CatalogPaper
    from dailypapers.store import PaperStore

    from .cards import States


@click.command()
@click.argument("key")
@click.option("--sources", "with_sources", is_flag=True, help="Also which listing each field is taken from.")
@as_of_option
@global_options
@pass_invocation
def show_command(invocation: Invocation, key: str, with_sources: bool, as_of: str | None) -> int:
    """Show a paper: its record merged from all lists, the days that list it, and the keys that lead to it.

    KEY is an arXiv id, with or without version, a DOI, the key of a record, or a link to the paper at arxiv.org,
    doi.org or huggingface.co.
    """
    settings = invocation.settings
    instant = as_of_instant(as_of, settings.clock) if as_of is not None else None
    store = open_paper_store(invocation)
    paper = store.paper(key)
    with ExitStack() as stack:
        if instant is not None:
            store = stack.enter_context(store.as_of(instant, days=paper.days))
            paper = store.same_paper(paper)
        _print(settings, paper, _states(store, paper), with_sources=with_sources)
    return DONE


def _states(store: PaperStore, paper: CatalogPaper) -> States:
    from dailypapers.errors import StoreError

    states: dict[tuple[Series, date], str] = {}
    for listing in paper.listings:
        try:
            day = store.day(listing.series.source, listing.day, query=listing.series.query)
            states[listing.series, listing.day] = day.state
        except StoreError as error:
            states[listing.series, listing.day] = f"not known ({error})"
    return states


def _print(settings: Settings, paper: CatalogPaper, states: States, *, with_sources: bool) -> None:
    from dailypapers.cli.table import terminal_width

    from .cards import card
    from .paper_lines import VERSION, as_json, sources_json

    if settings.json:
        row = as_json(paper, states)
        print_json({"version": VERSION, **row, **({"sources": sources_json(paper)} if with_sources else {})})
        return
    for line in card(paper, states, width=terminal_width(), with_sources=with_sources):
        print_line(line)
