"""`dailypapers feed`: feeds of new papers, as files or one document on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import FROM_THE_START, global_options, query_option
from dailypapers.cli.output import format_count, print_line, require_store
from dailypapers.cli.output_folder import require_output_folder
from dailypapers.cli.selection import named_or_stored_series
from dailypapers.ingest.errors import DONE, UsageError
from dailypapers.snapshots.store.layout import Store

if TYPE_CHECKING:
    from dailypapers.outputs.topics import FeedSeries, SavedSearch
    from dailypapers.snapshots.catalog.model import Cursor

FORMATS: Final = ("atom", "rss", "json", "all")


class Options(NamedTuple):
    """What the command line says about the documents."""

    format: str
    base_url: str | None
    search: str | None
    since: str | None


class Chosen(NamedTuple):
    """The feeds that the command line names."""

    series: Sequence[FeedSeries]
    searches: Sequence[SavedSearch]
    is_all: bool
    """None was named: these are all."""


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from dailypapers.ingest.sources.registry import SOURCES
    from dailypapers.outputs.topics import saved_searches

    return [name for name in (*SOURCES, *(each.name for each in saved_searches())) if name.startswith(incomplete)]


@click.command()
@click.argument("names", nargs=-1, metavar="[FEED]...", shell_complete=_complete)
@query_option
@click.option("--search", metavar="TEXT", help='Only papers with all these words: words, "phrases", prefix*.')
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format.  [default: atom]")
@click.option("--base-url", metavar="URL", help="URL at which DIR is published; makes all links absolute.")
@click.option("--since", metavar="CURSOR", help="Only papers that came after a cursor (`start`: all, in portions).")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Saved searches.  [default: ./feeds.yaml, if it exists]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write DIR/feeds/FEED.atom, with archives, instead of one document on stdout.",
)
@global_options
@pass_invocation
def command(
    invocation: Invocation,
    names: Sequence[str],
    query: str | None,
    search: str | None,
    format_: str | None,
    base_url: str | None,
    since: str | None,
    file: Path | None,
    out: Path | None,
) -> int:
    """Make feeds of new papers: Atom, RSS 2.0 or JSON Feed.

    FEED is a source or the name of a saved search in feeds.yaml. With --out, files: for each source the newest papers,
    archives of all others by month, and a feed of days that closed or are in doubt; for each saved search the newest
    papers. Without a FEED, for all that the store and feeds.yaml hold. Only what changed is written.
    """
    store = Store(invocation.settings.root)
    format_ = format_ or ("json" if invocation.settings.json and out is None else "atom")
    options = Options(format_, base_url, search, since)
    _check(options, out)
    chosen = _chosen(store, names, query, file)
    require_store(store)
    _log_from_modules(invocation)
    if out is not None:
        require_output_folder(out, store, "feeds")
        _write_files(invocation, store, chosen, options, out)
    elif since is not None:
        _print_arrivals(store, chosen, options, _cursor(since))
    else:
        _print_newest(store, chosen, options)
    return DONE


def _log_from_modules(invocation: Invocation) -> None:
    """What the catalog logs goes to the log of the command."""
    import logging  # noqa: F401 - so that there is something to configure

    invocation.configure_logging()


def _check(options: Options, out: Path | None) -> None:
    from dailypapers.outputs.links import http_link
    from dailypapers.snapshots.catalog.search_text import parse_search

    base_url = options.base_url
    if base_url is not None and (http_link(base_url) is None or "?" in base_url or "#" in base_url):
        raise UsageError(f"--base-url {base_url!r}: write the address of the folder, as https://papers.example.org/")
    if options.search is not None and not parse_search(options.search).terms:
        raise UsageError(f"--search {options.search!r} has no word")
    if out is None and options.format == "all":
        raise UsageError("--format all writes several files: add --out DIR")
    if out is not None and options.since is not None:
        raise UsageError("--since is for stdout: a reader of files knows what it has read")
    if out is not None and options.search is not None:
        raise UsageError("--search is for stdout: for files, save the search in feeds.yaml")


def _chosen(store: Store, names: Sequence[str], query: str | None, file: Path | None) -> Chosen:
    from dailypapers.outputs.topics import feed_series, saved_searches

    searches = saved_searches(file)
    saved = {search.name for search in searches}
    sources = [name for name in names if name not in saved]
    selected = named_or_stored_series(store, sources, query) if sources or not names else []
    return Chosen(feed_series(selected), [each for each in searches if not names or each.name in names], not names)


def _cursor(text: str) -> Cursor | None:
    from dailypapers.snapshots.catalog.model import Cursor

    try:
        return None if text == FROM_THE_START else Cursor.parse(text)
    except ValueError as error:
        raise UsageError(f"--since {error}, or {FROM_THE_START}") from error


def _one(chosen: Chosen, options: Options) -> tuple[FeedSeries, str | None]:
    """The series of the document, and the search in it."""
    named = [*(str(feed.series) for feed in chosen.series), *(search.name for search in chosen.searches)]
    if len(named) != 1:
        raise UsageError(f"without --out, name one feed ({', '.join(named) or 'nothing is stored'})")
    if chosen.series:
        return chosen.series[0], options.search
    if options.search is not None:
        raise UsageError(f"{named[0]} is a saved search: name its source instead, or leave --search out")
    return chosen.searches[0].series, chosen.searches[0].search


def _print_newest(store: Store, chosen: Chosen, options: Options) -> None:
    from .folder import live_document

    feed, search = _one(chosen, options)
    document = live_document(store, feed, options.format, base_url=options.base_url, search=search)
    click.echo(document, nl=False)


def _print_arrivals(store: Store, chosen: Chosen, options: Options, since: Cursor | None) -> None:
    from .folder import arrivals_document

    feed, search = _one(chosen, options)
    document = arrivals_document(store, feed, options.format, since, search=search)
    click.echo(document.content, nl=False)
    if options.format != "json":
        more = "; there are more already" if document.more else ""
        again = "; papers may repeat: the catalog was rebuilt" if document.resync else ""
        print_line(f"continue with --since {document.cursor}{more}{again}", err=True)


def _write_files(invocation: Invocation, store: Store, chosen: Chosen, options: Options, out: Path) -> None:
    from .folder import FORMATS as ALL
    from .folder import write_feeds

    result = write_feeds(
        out,
        store,
        chosen.series,
        searches=chosen.searches,
        base_url=options.base_url,
        formats=ALL if options.format == "all" else (options.format,),
        prune=chosen.is_all,
    )
    for warning in result.warnings:
        invocation.log.warning(warning)
    if invocation.settings.json:
        print_json({"folder": str(out), "files": result.files, "changed": result.changed})
    elif not invocation.settings.quiet:
        print_line(f"{out}: {format_count(len(result.files), 'file')}, {result.changed} changed")
