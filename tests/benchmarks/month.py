"""Row 8: a scripted month with all its problems, for us and for clients that fetch each day once; and the cost of
commands on a store of many months.

The clients work like most scripts: they fetch the API's list of the day once, with its default page size.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
import orjson

from dailypapers.snapshots.certificate import certificate_bytes, with_checksum
from dailypapers.snapshots.store.layout import Store
from tests.benchmarks.table import Figure, Table, Target, figures
from tests.benchmarks.turns import INSTALL, Contender, NotMeasuredError, take_turns
from tests.papersite import Moving, PaperSite
from tests.product import SERIES
from tests.support.scripted_month import (
    DAYS,
    FIRST,
    HOUR,
    at,
    min_requests,
    pointed_at,
    problem_site,
    requests,
    required_papers,
    run_command,
    run_hourly,
    script,
    stored_papers,
)

ROW: Final = 8
ONE_LOOK: Final = {"07:50 of the day": 7 + 5 / 6, "17:00 of the day": 17.0, "06:00 of the next day": 30.0}
PLAN: Final = "the looks of the plan, each page once"
MAX: Final = 1.5
TURNS, LOOKS = 20, 14
COMMANDS = {365: ("run",), 600: ("status", "hf-daily", "--since", "2024-04-29")}
"""By the days that the store holds."""
NOW = datetime(2025, 12, 19, 12, tzinfo=UTC)
LIMIT = "half a second"
FLOOR = "python -c pass"

Kept = dict[date, set[str] | None]
"""What a client has of each day; None if it knows that it has nothing."""


@dataclass(frozen=True)
class Outcome:
    """The result of one client for the month."""

    name: str
    missed: int
    """Papers that the site showed for long enough and that the client misses ..."""
    short: int
    """... the days of these papers ..."""
    unnoticed: int
    """... those of these days that the client takes to be complete ..."""
    empty: int
    """... and those that it takes to be days without papers."""
    requests: int

    def figure(self, role: str) -> Figure:
        """Its requests."""
        return Figure(role, self.name, (float(self.requests),), "req")

    def remark(self, width: int) -> str:
        """Its misses."""
        return f"{self.name:<{width}}  {self.missed:>6}  {self.short:>7}  {self.unnoticed:>11}  {self.empty:>8}"


def measure() -> list[Table]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        return [month(script(), folder), *start(folder)]


def month(papers: Moving, folder: Path) -> Table:
    """All clients on the same script. Raises NotMeasuredError if we miss a paper: the number of requests means nothing
    then.
    """
    due = {day: required_papers(papers, day) for day in DAYS}
    ours = _ours(papers, folder, due)
    if ours.missed:
        raise NotMeasuredError(
            f"{ours.missed} papers are missing on {ours.short} days; see tests/pipeline/test_month.py"
        )
    peers = [one_look(papers, name, hours, due) for name, hours in ONE_LOOK.items()]
    fewest = Figure("floor", PLAN, (float(sum(min_requests(papers, day) for day in DAYS)),), "req")
    number, full = sum(map(len, due.values())), sum(map(bool, due.values()))
    work = f"{len(DAYS)} days from {FIRST}, {number} papers on {full} of them, every trouble of the paper site"
    shown = (ours.figure("ours"), fewest, *(peer.figure("peer") for peer in peers))
    return Table(ROW, work, shown, (Target(PLAN, MAX),), tuple(_misses([ours, *peers])))


def _misses(outcomes: Sequence[Outcome]) -> Iterator[str]:
    width = max(len(outcome.name) for outcome in outcomes)
    yield f"{'papers':<{width}}  missed  on days  not noticed  as empty"
    yield from (outcome.remark(width) for outcome in outcomes)


def _ours(papers: Moving, folder: Path, due: dict[date, set[str]]) -> Outcome:
    store = folder / "month"
    with problem_site(papers) as site, pointed_at(site, folder):
        for _ in run_hourly(site, store):
            pass
        asked = requests(site, DAYS)
    return _outcome("dailypapers run, every hour", {day: set(stored_papers(store, day)) for day in DAYS}, due, asked)


def one_look(papers: Moving, name: str, hours: float, due: dict[date, set[str]]) -> Outcome:
    """A client that fetches each day once, some hours after its beginning."""
    kept: Kept = {}
    with problem_site(papers) as site, httpx.Client(base_url=site.url, trust_env=False) as client:
        for day in DAYS:
            site.now = at(day, hours)
            answer = client.get("/api/daily_papers", params={"date": day.isoformat()})
            found = {item["paper"]["id"] for item in answer.json()} if answer.status_code == 200 else None
            kept[day] = found
        return _outcome(f"one look at {name}", kept, due, requests(site, DAYS))


def _outcome(name: str, kept: Kept, due: dict[date, set[str]], asked: int) -> Outcome:
    missed = {day: due[day] - (kept[day] or set()) for day in DAYS}
    short = [day for day, names in missed.items() if names]
    unnoticed = [day for day in short if kept[day] is not None]
    number = sum(map(len, missed.values()))
    return Outcome(name, number, len(short), len(unnoticed), sum(not kept[day] for day in unnoticed), asked)


def start(folder: Path) -> list[Table]:
    """The cost of commands without requests on a store with many months, as processes of this interpreter."""
    floor = Contender("floor", FLOOR, partial(subprocess.run, [sys.executable, "-c", "pass"], check=True))
    limit = Figure("limit", LIMIT, (500.0,) * TURNS)
    tables = []
    for stored_days, words in COMMANDS.items():
        ours = Contender("ours", " ".join(words), command_on(many_days(stored_days, folder), folder, words))
        shown = (*figures([ours, floor], take_turns([ours, floor], TURNS)), limit)
        work = f"{stored_days} days in the store, each looked at {LOOKS} times, nothing due"
        tables.append(Table(ROW, work, shown, (Target(LIMIT, 1, below=True),)))
    return tables


def many_days(number: int, folder: Path, now: datetime = NOW) -> Path:
    """A store with days up to `now`, none of which is due."""
    store, days = folder / str(number), [now.date() - timedelta(days=back) for back in range(number)]
    with PaperSite(sizes=3, now=now) as site, pointed_at(site, folder):
        run_command(store, now, "run", "--since", f"{days[-1]}")
    for day in days:
        _look_more_often(Store(store), day, now)
    return store


def _look_more_often(store: Store, day: date, now: datetime) -> None:
    """Give the certificate as many fetches as a real day has, and the archive a file for each."""
    path = store.certificate(SERIES, day)
    certificate = orjson.loads(path.read_bytes())
    (look,) = certificate["fetches"]
    archive = store.pages(SERIES, day) / look["file"]
    earlier = [_earlier(look, now - number * HOUR) for number in range(LOOKS - 1, 0, -1)]
    for each in earlier:
        os.link(archive, archive.with_name(each["file"]))
    certificate["fetches"] = [*earlier, look]
    path.write_bytes(certificate_bytes(with_checksum(certificate)))


def _earlier(look: dict[str, Any], instant: datetime) -> dict[str, Any]:
    _, digests = look["file"].split("-", 1)
    return look | {"at": f"{instant:%Y-%m-%dT%H:%M:%SZ}", "file": f"{instant:%Y%m%dT%H%M%SZ}-{digests}"}


def command_on(store: Path, folder: Path, words: Sequence[str], now: datetime = NOW) -> Callable[[], None]:
    """A command that must succeed; a request would fail, because nothing listens at the address."""
    program = Path(sys.executable).with_name("dailypapers")
    if not program.exists():
        raise NotMeasuredError(f"there is no {program}; {INSTALL}")
    environment = os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "DAILYPAPERS_STATE": str(folder / "state")}
    command = [str(program), "--store", str(store), "--now", (now + timedelta(minutes=1)).isoformat(), *words]

    def run() -> None:
        done = subprocess.run(command, env=environment, check=False, capture_output=True)
        if done.returncode != 0:
            raise NotMeasuredError(f"{' '.join(words)}: exit status {done.returncode}: {done.stderr.decode()[-500:]}")

    return run
