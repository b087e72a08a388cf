"""Row 10: the part of a build that is for drift (profile of the raw fields, structure of the page, agreement), relative
to the build of a day with both views.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from dailypapers.cli.main import main
from dailypapers.ingest.archive.reader import read_archives
from dailypapers.ingest.build.accumulation import FetchReading, comparisons, profiled_views, profiles, read_fetch
from dailypapers.ingest.build.write import build_and_write
from dailypapers.ingest.listing.view_reader import ParseCache
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Series, Store
from tests.benchmarks.served import DAY, PAPERS, SOURCE, served
from tests.benchmarks.table import Table, Target, figures
from tests.benchmarks.turns import Contender, NotMeasuredError, take_turns

ROW: Final = 10
TURNS: Final = 30
WHOLE: Final = "the whole build, its files included"
MAX: Final = 0.15


def measure() -> list[Table]:
    with TemporaryDirectory() as name:
        store, day = _store(Path(name)), SourceDay(SOURCES[SOURCE], Series(SOURCE), DAY)
        folder = read_archives(store.archives(day.series, DAY), day.series, DAY)
        readings = [read_fetch(day, archived, ParseCache()) for archived in folder.fetches]
        contenders = [
            Contender("ours", "profile, structure and agreement", partial(profiled, readings)),
            Contender("whole", WHOLE, partial(build_and_write, store, day)),
        ]
        seconds = take_turns(contenders, TURNS)
    work = f"a day of {PAPERS} papers in both views: what is kept for drift"
    return [Table(ROW, work, figures(contenders, seconds), (Target(WHOLE, MAX),))]


def profiled(readings: list[FetchReading]) -> object:
    """The part of a build that drift needs, after the pages are read."""
    end = SOURCES[SOURCE].period.end(DAY)
    views = profiled_views(dict.fromkeys(readings[-1].listings, readings[-1]))
    return comparisons(readings[-1].listings, views), profiles(views, end)


def _store(folder: Path) -> Store:
    """A store with that day."""
    page, answer = folder / f"{DAY}.html", folder / f"{DAY}.json"
    page.write_bytes(served().page.body)
    answer.write_bytes(served().answer.body)
    with redirect_stdout(StringIO()) as said:
        status = main(["--quiet", "--store", f"{folder / 'store'}", "import", SOURCE, f"{page}", f"{answer}"])
    if status:
        raise NotMeasuredError(f"row {ROW}: the day was not imported: {said.getvalue()}")
    return Store(folder / "store")
