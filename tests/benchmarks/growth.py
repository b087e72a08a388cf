"""Row 11: what grows with a store: a run with nothing due, by its days; a look at a day, by the looks before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, Final

from tests.benchmarks.month import LOOKS, command_on, many_days
from tests.benchmarks.table import Table, Target, figures
from tests.benchmarks.turns import Contender, NotMeasuredError, take_turns
from tests.papersite import PaperSite, Request
from tests.papersite.switches import items
from tests.support.scripted_month import pointed_at, run_command

ROW: Final = 11
TURNS: Final = 20
LOOK_TURNS: Final = 10
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
FEW_DAYS, MANY_DAYS = 30, 1200
FEW_LOOKS, MANY_LOOKS = 5, 60
MAX_BY_DAYS, MAX_BY_LOOKS = 1.5, 2.0
DAY: Final = date(2026, 11, 11)
PAPERS: Final = 40


def measure() -> list[Table]:
    with TemporaryDirectory() as name:
        return [by_days(Path(name)), by_looks(Path(name))]


def by_days(folder: Path) -> Table:
    """Runs with nothing due, as processes of this interpreter, after the first run of the day."""
    few, many = (_run(folder, days) for days in (FEW_DAYS, MANY_DAYS))
    contenders = [Contender("ours", many.name, many.run), Contender("floor", few.name, few.run)]
    work = f"run, nothing due, by the days in the store, each looked at {LOOKS} times"
    return Table(ROW, work, figures(contenders, take_turns(contenders, TURNS)), (Target(few.name, MAX_BY_DAYS),))


def _run(folder: Path, days: int) -> Contender:
    command = command_on(many_days(days, folder, NOW), folder, ("run",), NOW)
    return Contender("ours", f"{days:,} days", command)


def by_looks(folder: Path) -> Table:
    """Looks at a day, each the next one: fetching both views, archiving, building, writing. CPU time."""
    with _changing_site() as votes, pointed_at(votes, folder):
        few, many = (_looked_at(folder, votes, looks) for looks in (FEW_LOOKS, MANY_LOOKS))
        contenders = [Contender("ours", many.name, many.run), Contender("floor", few.name, few.run)]
        seconds = take_turns(contenders, LOOK_TURNS, process_time)
    work = f"a look at a day of {PAPERS} papers, a third of them changed since the one before"
    return Table(ROW, work, figures(contenders, seconds), (Target(few.name, MAX_BY_LOOKS),))


def _looked_at(folder: Path, votes: _Votes, looks: int) -> Contender:
    """The next look at a day that has been looked at so often."""
    store, numbers = folder / f"{looks} looks", count()

    def look() -> None:
        number = next(numbers)
        votes.change(number)
        result = run_command(store, NOW + timedelta(hours=number), "run", "hf-daily", "--day", f"{DAY}")
        if result.status:
            raise NotMeasuredError(f"row {ROW}: {result.err}")

    for _ in range(looks):
        look()
    return Contender("ours", f"after {looks} looks", look)


@dataclass(frozen=True)
class _Votes:
    """A site in a process of its own, whose upvotes change with the number."""

    url: str
    _number: Synchronized[int]

    def change(self, number: int) -> None:
        self._number.value = number


@contextmanager
def _changing_site() -> Iterator[_Votes]:
    context = get_context("fork")
    number, (here, there) = context.Value("i", 0), context.Pipe()
    process = context.Process(target=_serve, args=(there, number), daemon=True)
    process.start()
    try:
        yield _Votes(here.recv(), number)
    finally:
        process.kill()
        process.join()


def _serve(connection: Connection, number: Synchronized[int]) -> None:
    def change(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for item in found[::3]:
            item["paper"]["upvotes"] = number.value
        return found

    with PaperSite(seed=1, sizes=PAPERS, now=NOW) as site:
        site.switches.append(items(_is_listing, change))
        connection.send(site.url)
        connection.recv()


def _is_listing(request: Request) -> bool:
    return "papers" in request.path
