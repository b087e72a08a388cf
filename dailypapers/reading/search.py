"""`dailypapers search`: papers by the words of title, abstract and authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.messages import format_count
from dailypapers.cli.numbers import Count
from dailypapers.cli.options import as_of_option, complete_sources, global_options
from dailypapers.cli.paper_store import open_paper_store
from dailypapers.cli.selection import as_of_instant
from dailypapers.ingest.exit_status import DONE
from dailypapers.ingest.sources.registry import source_named

from .paper_lines import print_papers

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.model import SearchResult


@click.command()
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@click.option("--source", metavar="SOURCE", shell_complete=complete_sources, help="Only papers of this source.")
@click.option("--limit", type=Count(), default=20, show_default=True, metavar="N", help="Papers to list at most.")
@as_of_option
@global_options
@pass_invocation
def search_command(
    invocation: Invocation, text: tuple[str, ...], source: str | None, limit: int, as_of: str | None
) -> int:
    """List the papers whose title, abstract or authors have all the words, the best first.

    '"words in quotes"' are a phrase, and 'prefix*' is the beginning of a word; everything else separates words. With
    --as-of, papers that were known at that time are searched, by the text that they have today.
    """
    settings = invocation.settings
    if source is not None:
        source_named(source)
    instant = as_of_instant(as_of, settings.clock) if as_of is not None else None
    result = open_paper_store(invocation).search(" ".join(text), source=source, limit=limit, as_of=instant)
    facts = {"total": result.total, "ranked_newest": result.ranked_newest, "cut": result.cut, "words": result.words}
    print_papers(result.hits, settings, **facts, as_of=instant)
    if not settings.json:
        _say_ranking(invocation, result, as_of)
    return DONE


def _say_ranking(invocation: Invocation, result: SearchResult, as_of: str | None) -> None:
    log = invocation.log
    if result.cut:
        log.warning("the text is too long: what follows the first 32 words or 4,000 characters was ignored")
    if not result.words:
        log.info("no word to search for; give words of the title, the abstract or the authors")
    elif not result.hits:
        log.info(f"no paper has all of: {' '.join(result.words)}")
    else:
        ranked = " (ranked the newest 20,000 of more)" if result.ranked_newest else ""
        shown = f"the best {len(result.hits)} of " if len(result.hits) < result.total else ""
        log.info(f"{shown}{format_count(result.total, 'paper')}{ranked}")
    if as_of is not None:
        log.info(f"papers known at {as_of}, searched by the text that they have today")
