"""`dailypapers site`: the listing as a site made of files."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dailypapers.cli.extras import require_extra
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.log import Log
from dailypapers.cli.options import global_options, sources_argument
from dailypapers.cli.output import format_count, no_days, print_line, require_store
from dailypapers.cli.output_folder import require_output_folder
from dailypapers.cli.selection import named_or_stored_series
from dailypapers.cli.settings import Settings
from dailypapers.ingest import __version__
from dailypapers.ingest.errors import DONE, IngestError, UsageError
from dailypapers.ingest.plan.waived import Waiver, waivers
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.outputs.links import http_link
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.marks import certificate_marks

if TYPE_CHECKING:
    from dailypapers.outputs.topics import SavedSearch
    from dailypapers.snapshots.certificate import Certificate
    from dailypapers.snapshots.drift.detect import Change

    from .build import Built
    from .listing import Listing, SiteOptions

GC_THRESHOLD: Final = (3_000, 20, 50)
SITE_IN_STORE: Final = "site"
"""The one folder of a store that a site may lie in."""
FEEDS: Final = {
    ".atom": ("application/atom+xml", "New papers (Atom)"),
    ".rss": ("application/rss+xml", "New papers (RSS)"),
    ".json": ("application/feed+json", "New papers (JSON Feed)"),
    ".days.atom": ("application/atom+xml", "Days that closed or are in doubt (Atom)"),
}
"""The feeds of a series, by suffix: media type and title."""


@click.command()
@sources_argument
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Folder of the site."
)
@click.option("--base-url", metavar="URL", help="Where the site will be, for addresses in pages and feeds.")
@click.option("--thumbnails", is_flag=True, help="Show preview images, which browsers fetch from huggingface.co.")
@click.option("--no-search", is_flag=True, help="Make no search index.")
@global_options
@pass_invocation
def command(
    invocation: Invocation, sources: tuple[str, ...], out: Path, base_url: str | None, thumbnails: bool, no_search: bool
) -> int:
    """Make a website of the stored days: pages of days, weeks, months and papers, a calendar of states, and a search.

    It needs no server: copy the folder anywhere. Run it again after a fetch; only what changed is made again. SOURCE is
    a name from `dailypapers sources` (default: every stored source); the first one is the front page.
    """
    settings = invocation.settings
    store, address = Store(settings.root), _checked_url(base_url)
    require_store(store)
    require_output_folder(out, store, SITE_IN_STORE)
    for module in ("jinja2",) if no_search else ("jinja2", "pagefind_bin"):
        require_extra("site", module, "site")
    selected = [each for each in named_or_stored_series(store, sources, None) if store.has_snapshots(each.series)]
    if not selected:
        raise no_days(store)
    searches = _saved_searches(selected)
    # Read once for both: of thousands of days it takes a while.
    marks = cache(partial(certificate_marks, store))
    _write_feeds(invocation.log, store, out, selected, searches, address, marks)
    # Imported when the feeds are written, whose records take the most memory.
    from .build import build_site
    from .search import SearchError

    # Each rendered page leaves objects in cycles, which add up between the rare collections of the command line.
    gc.set_threshold(*GC_THRESHOLD)
    options = _options(store, selected, searches, address, marks, thumbnails=thumbnails, search=not no_search)
    try:
        built = build_site(store, out, options)
    except SearchError as error:
        raise IngestError(f"{error}; or leave the search out with --no-search") from error
    _print_result(settings, out, built)
    return DONE


def _print_result(settings: Settings, out: Path, built: Built) -> None:
    if settings.json:
        print_json({"folder": str(out), "days": built.days, "papers": built.papers})
        return
    changed = "no page of a day or paper changed"
    if built.days or built.papers:
        changed = f"pages of {format_count(built.days, 'day')} and {format_count(built.papers, 'paper')} written"
    if not settings.quiet:
        print_line(f"{out}: {changed}; look at it: python -m http.server --directory {out}")


def _saved_searches(selected: Sequence[SourceSeries]) -> list[SavedSearch]:
    """The searches of ./feeds.yaml in these series. Raises UsageError for a mistake in the file."""
    from dailypapers.outputs.topics import saved_searches

    series = {each.series for each in selected}
    return [search for search in saved_searches() if search.series.series in series]


def _write_feeds(
    log: Log,
    store: Store,
    out: Path,
    selected: Sequence[SourceSeries],
    searches: Sequence[SavedSearch],
    base_url: str | None,
    marks: Callable[[Series], Mapping[str, str]],
) -> None:
    """The feeds beside the pages, which link to them."""
    from dailypapers.feeds.folder import write_feeds
    from dailypapers.outputs.topics import feed_series

    series = feed_series(selected)
    result = write_feeds(out, store, series, searches=searches, base_url=base_url, has_pages=True, marks=marks)
    for warning in result.warnings:
        log.warning(warning)


def _options(
    store: Store,
    selected: Sequence[SourceSeries],
    searches: Sequence[SavedSearch],
    base_url: str | None,
    marks: Callable[[Series], Mapping[str, str]],
    *,
    thumbnails: bool,
    search: bool,
) -> SiteOptions:
    from .listing import SiteOptions

    return SiteOptions(
        listings=[_listing(each, searches) for each in selected],
        version=__version__,
        base_url=base_url,
        thumbnails=thumbnails,
        changes=partial(_changes, {each.series: each for each in selected}),
        is_waived=partial(_is_waived, tuple(waivers(store))),
        search=search,
        marks=marks,
    )


def _listing(source_series: SourceSeries, searches: Sequence[SavedSearch]) -> Listing:
    from .listing import FeedLink, Listing

    source, series = source_series.source, source_series.series
    name = series.folder.as_posix()
    feeds = [FeedLink(f"feeds/{name}{suffix}", *described) for suffix, described in FEEDS.items()]
    own = (search for search in searches if search.series.series == series)
    feeds += [FeedLink(f"feeds/{each.name}.atom", FEEDS[".atom"][0], f"{each.search} (Atom)") for each in own]
    return Listing(series, source_series.title, source.period.value, tuple(feeds))


def _changes(selected: dict[Series, SourceSeries], series: Series, certificates: Sequence[Certificate]) -> list[Change]:
    from dailypapers.ingest.monitor.drift import drift

    return drift(selected[series].source, certificates)


def _is_waived(ranges: Sequence[Waiver], series: Series, day: date) -> bool:
    return any(waiver.covers(series, day) for waiver in ranges)


def _checked_url(base_url: str | None) -> str | None:
    if base_url is None:
        return None
    link = http_link(base_url)
    if link is None or "?" in link or "#" in link:
        raise UsageError(f"--base-url {base_url!r} is not an address like https://papers.example.org/")
    return link.rstrip("/") + "/"
