"""Row 16: `dailypapers feed`: all feeds of a year from nothing, and a new day by the days that the store has.

A day has as many papers as on average in two and a half years of Hugging Face Daily Papers, weekends included.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Final

import orjson
import pytest

from dailypapers.feeds.folder import write_feeds
from dailypapers.parsers.model import Paper
from dailypapers.snapshots.reader import read_range
from dailypapers.snapshots.store.layout import Store
from tests.benchmarks.table import Figure, Table, Target
from tests.benchmarks.turns import Contender, take_turns
from tests.feeds.stores import DAILY_FEED, at, fetch
from tests.product import SERIES
from tests.support.large_store import fill
from tests.support.written_days import write_day

ROW: Final = 16
FIRST: Final = date(2020, 1, 1)
PAPERS_OF_A_DAY: Final = 17
SAMPLES: Final = 20
"""Days of invented papers, which are repeated under other dates and keys."""
LOOKS: Final = (1, 4, 7, 10, 13, 16, 19, 22)
YEAR: Final = 365
FEW_DAYS, MANY_DAYS = 100, 2000
MAX_BY_DAYS: Final = 1.3
MAX_OF_A_YEAR: Final = 300.0
TURNS: Final = 9
FLOOR: Final = "orjson.loads of each line"
LIMIT: Final = "limit"


def measure() -> list[Table]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "samples", SAMPLES, None)
        samples = list(read_range(Store(folder / "samples"), SERIES))
        return [of_a_year(folder, samples), by_days(folder, samples)]


def of_a_year(folder: Path, samples: Sequence[Paper]) -> Table:
    """All formats with their archives, written into an empty folder; CPU time of this process."""
    store, number = fill_days(Store(folder / "year"), samples, range(YEAR)), count()

    def ours() -> None:
        write_feeds(folder / f"out-{next(number)}", store, [DAILY_FEED], base_url="https://papers.example.org/")

    contenders = [Contender("ours", "Atom, RSS and JSON Feed", ours), Contender("floor", FLOOR, lambda: _decode(store))]
    seconds = take_turns(contenders, TURNS, process_time)
    figures = [Figure(one.role, one.name, tuple(1000 * each for each in seconds[one.name])) for one in contenders]
    limit = Figure("limit", LIMIT, (MAX_OF_A_YEAR,) * TURNS)
    return Table(
        ROW, f"feeds of a year of {YEAR * PAPERS_OF_A_DAY:,} papers: CPU time", (*figures, limit), (Target(LIMIT, 1.0),)
    )


def by_days(folder: Path, samples: Sequence[Paper]) -> Table:
    """The command as a process of this interpreter, each time after one more day; its CPU time."""
    few, many = (_growing(folder, samples, days) for days in (FEW_DAYS, MANY_DAYS))
    turns = [(next(few), next(many)) for _ in range(TURNS)]
    names = f"{MANY_DAYS:,} days", f"{FEW_DAYS} days"
    figures = (
        Figure("ours", names[0], tuple(1000 * many for _, many in turns)),
        Figure("floor", names[1], tuple(1000 * few for few, _ in turns)),
    )
    work = "feed --out after one new day, by the days in the store: CPU time of the process"
    return Table(ROW, work, figures, (Target(names[1], MAX_BY_DAYS),))


def _growing(folder: Path, samples: Sequence[Paper], days: int) -> Iterator[float]:
    """The CPU seconds of the command after each new day; the first one is not counted."""
    store, out = fill_days(Store(folder / f"{days}"), samples, range(days)), folder / f"{days}-out"
    words = [f"{Path(sys.executable).with_name('dailypapers')}", "--store", f"{store.root}", "feed", "--format", "all"]
    for number in range(TURNS + 1):
        seconds = _cpu_seconds([*words, "--out", f"{out}"])
        if number:
            yield seconds
        fill_days(store, samples, [days + number])


def _cpu_seconds(words: Sequence[str]) -> float:
    before = os.times()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def fill_days(store: Store, samples: Sequence[Paper], numbers: Sequence[int]) -> Store:
    """Write closed days, each after as many looks as a run makes; gives the store."""
    with _unsynced():
        for number in numbers:
            day = FIRST + timedelta(days=number)
            start = number * PAPERS_OF_A_DAY % len(samples)
            papers = list(_renamed(islice(cycle(samples), start, start + PAPERS_OF_A_DAY), day))
            looks = [fetch(at(day, hour), sum(paper.first_seen == at(day, hour) for paper in papers)) for hour in LOOKS]
            write_day(store, papers, day=day, fetches=[*looks, fetch(at(day, 25), 0), fetch(at(day, 49), 0)])
    return store


def _renamed(papers: Iterator[Paper], day: date) -> Iterator[Paper]:
    for number, paper in enumerate(papers):
        identifier = f"{day:%y%m}.{day.day * 100 + number:05}"
        links = {"url": f"https://huggingface.co/papers/{identifier}", "pdf_url": f"https://arxiv.org/pdf/{identifier}"}
        seen = at(day, LOOKS[number % len(LOOKS)])
        names = {"key": f"arxiv:{identifier}", "arxiv_id": identifier, "first_seen": seen}
        yield paper.model_copy(update=names | links)


@contextmanager
def _unsynced() -> Iterator[None]:
    """No power failure is simulated, and thousands of syncs would take minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


def _decode(store: Store) -> None:
    for day in store.days_with_snapshots(SERIES):
        for line in store.papers(SERIES, day).read_bytes().splitlines():
            orjson.loads(line)
