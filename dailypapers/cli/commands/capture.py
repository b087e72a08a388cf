"""`dailypapers capture`: a fixture for the tests of a parser, out of the archive; the network is not asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options
from ingest.clock import parse_day
from ingest.errors import UsageError
from ingest.exit_status import DONE
from ingest.sources.model import Source, SourceDay, View
from ingest.sources.registry import series_named, source_named
from snapshots.store.layout import Store

if TYPE_CHECKING:
    from ingest.fixtures.capture import Case


@click.command()
@click.argument("source")
@click.option("--day", required=True, metavar="DAY", help="The day whose page it is.")
@click.option("--case", "name", required=True, metavar="NAME", help="What the case is called, e.g. api-2026-no-votes.")
@click.option("--query", metavar="WORDS", help="The words of the search, for a source that takes some.")
@click.option("--view", metavar="VIEW", help="Through which view; the source's strongest unless said.")
@click.option("--fetch", metavar="NAME", help="How the archive file's name begins; the newest answer unless said.")
@click.option("--page", "number", type=click.IntRange(min=1), default=1, metavar="N", help="Which page of a walk.")
@click.option("--items", metavar="ITEMS", help="Keep only these: the first three (3), by place (2,5-7), or by key.")
@click.option("--synthetic", is_flag=True, help="The papers are invented, though the page names the real site.")
@click.option("--note", default="", metavar="TEXT", help="What the case is for.")
@click.option("--to", type=click.Path(path_type=Path), metavar="DIR", help="Where to; tests/fixtures unless said.")
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
    """Make a fixture of a page that was kept: tests/fixtures/SOURCE/NAME with page and meta.json.

    Tokens, cookies and addresses are masked, and what was is said. The bytes of items that stay are those served.
    """
    from ingest.fixtures.capture import Selection, capture, check_case, fixtures_folder

    named = source_named(source)
    source_day = SourceDay(named, series_named(named, query), named.period.first_day(parse_day(day)))
    folder = (to or fixtures_folder()) / named.name / check_case(name)
    selection = Selection(source_day, _view(named, view), fetch, number, items, synthetic, note)
    case = capture(Store(invocation.settings.root), selection)
    case.write(folder)
    _say(invocation, folder, case)
    return DONE


def _view(source: Source, name: str | None) -> View:
    if name is None:
        return source.views[0]
    found = next((view for view in source.views if view.name == name), None)
    if found is None:
        raise UsageError(f"{source.name} has no view {name!r}; there are: {', '.join(v.name for v in source.views)}")
    return found


def _say(invocation: Invocation, folder: Path, case: Case) -> None:
    meta = case.meta
    if invocation.settings.json:
        told = {"case": str(folder), "bytes": len(case.page.body)} | {name: meta[name] for name in ("cut", "scrubbed")}
        click.echo(orjson.dumps(told))
        return
    kept = f"{len(meta['cut']['items'])} of {meta['cut']['of']} items" if meta["cut"] else "the whole page"
    scrubbed = f"; scrubbed: {', '.join(meta['scrubbed'])}" if meta["scrubbed"] else ""
    click.echo(f"{folder}: {kept}, {len(case.page.body)} bytes{scrubbed}")
    if not meta["synthetic"]:
        invocation.log.info("its papers are others' work: publish it only where their licence, or a quotation, allows")
    invocation.log.info("now: pytest --update-snapshots tests/parsers/test_fixtures.py, and look at what it writes")
