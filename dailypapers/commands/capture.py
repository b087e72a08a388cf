"""`dailypapers capture`: make a parser test fixture from an archived page, without the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import Count, global_options, query_option, source_argument
from dailypapers.cli.output import print_line
from dailypapers.cli.selection import day_of
from dailypapers.ingest.errors import DONE, UsageError
from dailypapers.ingest.sources.model import Source, SourceDay, View
from dailypapers.ingest.sources.registry import series_named, source_named
from dailypapers.snapshots.store.layout import Store

if TYPE_CHECKING:
    from dailypapers.ingest.fixtures.capture import Case


@click.command()
@source_argument()
@click.option("--day", required=True, metavar="DAY", help="Day of the page.")
@click.option("--case", "name", required=True, metavar="NAME", help="Name of the case, e.g. api-2026-no-votes.")
@query_option
@click.option("--view", metavar="VIEW", help="View of the source.  [default: its strongest]")
@click.option("--fetch", metavar="NAME", help="Beginning of the archive file's name.  [default: the newest fetch]")
@click.option(
    "--page",
    "number",
    type=Count(),
    default=1,
    metavar="N",
    help="Number of the page.  [default: 1]",
)
@click.option("--items", metavar="ITEMS", help="Items to keep: the first three (3), by position (2,5-7), or by key.")
@click.option("--synthetic", is_flag=True, help="Mark the papers as invented, though the page names the real site.")
@click.option("--note", default="", metavar="TEXT", help="Purpose of the case.")
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="DIR", help="Fixtures folder.  [default: tests/fixtures]"
)
@global_options
@pass_invocation
def command(
    invocation: Invocation,
    source: str,
    day: str,
    name: str,
    query: str | None,
    view: str | None,
    fetch: str | None,
    number: int,
    items: str | None,
    synthetic: bool,
    note: str,
    to: Path | None,
) -> int:
    """Make a test fixture from an archived page: tests/fixtures/SOURCE/NAME with the page and meta.json.

    Tokens, cookies and addresses are masked, and the masked ones are counted. Items that stay keep their bytes.
    """
    from dailypapers.ingest.fixtures.capture import Selection, capture, check_case, fixtures_folder

    listing = source_named(source)
    page_day = listing.period.first_day(day_of(day, invocation.settings.clock.today()))
    source_day = SourceDay(listing, series_named(listing, query), page_day)
    folder = (to or fixtures_folder()) / listing.name / check_case(name)
    selection = Selection(source_day, _view(listing, view), fetch, number, items, synthetic, note)
    case = capture(Store(invocation.settings.root), selection, invocation.settings.environment.hf_token)
    case.write(folder)
    _print(invocation, folder, case)
    return DONE


def _view(source: Source, name: str | None) -> View:
    if name is None:
        return source.views[0]
    views = {view.name: view for view in source.views}
    if name not in views:
        raise UsageError(f"{source.name} has no view {name!r}; there are: {', '.join(views)}")
    return views[name]


def _print(invocation: Invocation, folder: Path, case: Case) -> None:
    meta = case.meta
    if invocation.settings.json:
        head = {"case": str(folder), "bytes": len(case.page.body)}
        click.echo(orjson.dumps(head | {name: meta[name] for name in ("cut", "scrubbed")}))
        return
    content = f"{len(meta['cut']['items'])} of {meta['cut']['of']} items" if meta["cut"] else "the whole page"
    scrubbed = f"; scrubbed: {', '.join(meta['scrubbed'])}" if meta["scrubbed"] else ""
    print_line(f"{folder}: {content}, {len(case.page.body)} bytes{scrubbed}")
    if not meta["synthetic"]:
        invocation.log.info(
            "the papers are others' work: publish them only if their licence, or fair quotation, allows"
        )
    invocation.log.info("next: pytest --update-snapshots tests/parsers/test_fixtures.py, and review what it writes")
