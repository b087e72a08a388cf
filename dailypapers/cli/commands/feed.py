"""`dailypapers feed`: feeds of new papers, as files or one document on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.messages import format_count, require_store
from dailypapers.cli.options import global_options, query_option, sources_argument
from dailypapers.cli.output import print_line
from dailypapers.cli.output_folder import require_output_folder
from dailypapers.cli.selection import named_or_stored_series
from ingest.errors import UsageError
from ingest.exit_status import DONE
from snapshots.store.layout import Store

if TYPE_CHECKING:
    from dailypapers.publish.feeds.series import FeedSeries

FORMATS: Final = ("atom", "rss", "json", "all")


@click.command()
@sources_argument
@query_option
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format.  [default: atom]")
@click.option("--base-url", metavar="URL", help="URL at which DIR is published; makes all links absolute.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write DIR/feeds/SOURCE.atom with archives, instead of one document on stdout.",
)
@global_options
@pass_invocation
def command(
    invocation: Invocation,
    sources: Sequence[str],
    query: str | None,
    format_: str | None,
    base_url: str | None,
    out: Path | None,
) -> int:
    """Make feeds of new papers: Atom, RSS 2.0 or JSON Feed.

    With --out, files: for each source the newest papers, archives of all others by month, and a feed of days that
    closed or stand in doubt. Without a SOURCE, for all that the store holds. Only what changed is written.
    """
    from dailypapers.cli.feed_series import feed_series

    store = Store(invocation.settings.root)
    _check_base_url(base_url)
    selected = feed_series(named_or_stored_series(store, sources, query))
    require_store(store)
    if out is None:
        _print_document(store, selected, format_ or ("json" if invocation.settings.json else "atom"), base_url)
    else:
        _write_files(invocation, store, selected, format_ or "atom", base_url, out)
    return DONE


def _check_base_url(base_url: str | None) -> None:
    from dailypapers.publish.links import http_link

    if base_url is not None and (http_link(base_url) is None or "?" in base_url or "#" in base_url):
        raise UsageError(
            f"--base-url {base_url!r}: write the address of the folder, such as https://papers.example.org/"
        )


def _print_document(store: Store, selected: Sequence[FeedSeries], format_: str, base_url: str | None) -> None:
    from dailypapers.publish.feeds.live import live_document

    if format_ == "all":
        raise UsageError("--format all writes several files: add --out DIR")
    if len(selected) != 1:
        names = ", ".join(str(feed.series) for feed in selected) or "nothing is stored"
        raise UsageError(f"without --out, name one source of those that are stored ({names})")
    click.echo(live_document(store, selected[0], format_, base_url), nl=False)


def _write_files(
    invocation: Invocation,
    store: Store,
    selected: Sequence[FeedSeries],
    format_: str,
    base_url: str | None,
    out: Path,
) -> None:
    from dailypapers.publish.feeds.folder import FORMATS as ALL
    from dailypapers.publish.feeds.folder import write_feeds

    require_output_folder(out, store)
    formats = ALL if format_ == "all" else (format_,)
    result = write_feeds(out, store, selected, base_url=base_url, formats=formats)
    for warning in result.warnings:
        invocation.log.warning(warning)
    if invocation.settings.json:
        print_json({"folder": str(out), "files": result.files, "changed": result.changed})
    elif not invocation.settings.quiet:
        print_line(f"{out}: {format_count(len(result.files), 'file')}, {result.changed} changed")
