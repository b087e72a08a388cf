"""A scripted month of the paper site, with `dailypapers run` every hour, and what one fetch a day would get.

Papers appear as on the real site: over the day, a few late, some re-dated or removed. Every problem that the site can
have is used on some day, and one of them is permanent.
"""

from __future__ import annotations

import io
import os
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import orjson
import pytest

from dailypapers.cli.main import main
from dailypapers.snapshots.store.layout import Store
from tests.papersite import Fate, Moving, PaperSite, Request, Switch
from tests.papersite.moving import Stay
from tests.papersite.periods import is_quiet, midnight
from tests.papersite.switches import down, during, when
from tests.papersite.wrong_answers import asks, cut_at, empty, flaky, hide, promise, repeated, stale, wrong_day
from tests.product import SERIES

HOUR = timedelta(hours=1)
FIRST = date(2025, 12, 8)
DAYS = [FIRST + timedelta(days=number) for number in range(30)]
AFTER = [DAYS[-1] + timedelta(days=number) for number in range(1, 32)]
"""The days after the month, which also get papers while those of the month are revisited."""
LASTING = date(2025, 12, 26)
"""The day with a view that never answers."""


def at(day: date, hours: float) -> datetime:
    """The time some hours after the beginning of a day."""
    return midnight(day) + hours * HOUR


def on(number: int) -> date:
    """A day of the month: in December, or from 32 on in January."""
    return date(2025, 12, 1) + timedelta(days=number - 1)


CLOSED = at(DAYS[-1], 50)
"""The time at which the last day can be closed."""
LAST = at(DAYS[-1], 31 * 24 + 2)
"""The time after the last day's 30-day revisit."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with the site for a while, and what that costs its clients.

    days: the affected lists; all if empty.
    doubtful: whether no fetch can be whole in the meantime.
    page_size: the maximum number of items of an API page in the meantime.
    more: additional requests per fetch: retries of empty answers, redirects, a promised page.
    """

    days: Sequence[date]
    since: datetime
    until: datetime
    switch: Switch
    doubtful: bool = True
    page_size: int = 100
    more: int = 0

    def holds(self, day: date, instant: datetime) -> bool:
        """Whether the list of that day is affected at that time."""
        return self.since <= instant < self.until and (not self.days or day in self.days)


def _problem(day: int, hours: tuple[float, float], switch: Switch, **what: Any) -> Problem:
    """A problem of one day between two hours, counted from its beginning."""
    return Problem([on(day)], at(on(day), hours[0]), at(on(day), hours[1]), switch, **what)


EVER = (0.0, 10_000.0)
PROBLEMS = [
    _problem(9, (0, 24), cut_at(50), doubtful=False, page_size=50),
    _problem(9, (24.5, 40.5), cut_at(50, paging=False)),
    _problem(10, (0, 24), cut_at(50), doubtful=False, page_size=50),
    _problem(10, (24.5, 40.5), cut_at(50, paging=False)),
    _problem(10, (96.5, 97.5), repeated()),
    _problem(15, (12.5, 26.5), empty("/"), more=2),
    _problem(16, (23.5, 47.5), empty("/", "other"), more=2),
    _problem(24, (96.5, 97.5), empty("/"), more=2),
    _problem(17, (9.5, 30.5), stale("/papers", hours=6), doubtful=False),
    _problem(18, EVER, hide("/papers", lambda item: int(item["paper"]["id"][-1]) % 3 == 0), doubtful=False),
    _problem(19, (20.5, 30.5), promise("/"), more=1),
    _problem(22, (8.5, 20.5), wrong_day(on(22), on(19)), more=3),
    _problem(22, (24.5, 28.5), wrong_day(on(22), on(19), "/api/")),
    _problem(26, EVER, down("/papers")),
    Problem([], at(on(29), 0.5), at(on(31), 0.5), down("/papers")),
    Problem([], at(on(33), 0.5), at(on(37), 0.5), flaky("/", 0.1), doubtful=False),
]
BUSY = {on(9): 56, on(10): 106, on(17): 20, on(18): 24}
FATES = {
    (on(8), 0): Fate(at(on(8), 3), at(on(10), 5), on(10)),
    (on(8), 1): Fate(at(on(8), 84)),
    (on(9), 1): Fate(at(on(9), 5), at(on(11), 12)),
    (on(10), 5): Fate(at(on(10), 8.2), at(on(10), 9.2)),
    (on(15), 1): Fate(at(on(15), 54)),
    (on(36), 0): Fate(at(on(36), 144)),
}
"""One is re-dated after two days, one is removed, one disappears within an hour, three come late."""


def script(usual: int | None = None) -> Moving:
    """The month's papers; `usual` is the number on an ordinary day, by default as many as on real days."""
    ordinary = {} if usual is None else {day: usual for day in DAYS if not is_quiet(day)}
    rest = {day: 1 for day in AFTER if not is_quiet(day)}
    return Moving(7, {**ordinary, **rest, **BUSY}, fates=FATES)


def problem_site(papers: Moving) -> PaperSite:
    """The site of the month with all its problems."""
    return PaperSite(script=papers, now=at(FIRST, 0), switches=[_switch(problem) for problem in PROBLEMS])


def _switch(problem: Problem) -> Switch:
    chosen = when(asks(*problem.days), problem.switch) if problem.days else problem.switch
    return during(problem.since, problem.until, chosen)


def required_papers(papers: Moving, day: date, until: datetime = LAST) -> set[str]:
    """The papers that must be found by fetching the day at every planned time, even if one fetch fails.

    They are those that the site showed continuously from one planned fetch to the next.
    """
    hours = (1, 4, 7, 10, 13, 16, 19, 22, 25, 49, 97, 193, 361, 745)
    spans = [(at(day, first), at(day, last)) for first, last in pairwise(hours) if at(day, last) < until]
    stays = papers.history(day)
    return {name for span in spans for name in shown(stays, span[0]) if not _left(stays[name], span[1])}


def shown(stays: dict[str, Stay], instant: datetime) -> set[str]:
    """The papers on a list at that time, by their stays."""
    return {name for name, stay in stays.items() if stay.appeared <= instant and not _left(stay, instant)}


def _left(stay: Stay, instant: datetime) -> bool:
    return stay.left is not None and stay.left <= instant


@dataclass(frozen=True)
class ReportedFetch:
    """A fetch of a day by a run, as the run reported it."""

    at: datetime
    day: date
    state: str
    doubt: str | None
    status: int
    """The exit status of the run."""


@dataclass(frozen=True)
class CommandResult:
    """The result of a command line."""

    status: int
    out: str
    err: str


class Site(Protocol):
    """A paper site, in this process or another one."""

    @property
    def url(self) -> str:
        """Its origin."""


@contextmanager
def pointed_at(site: Site, folder: Path) -> Iterator[None]:
    """Point the product at that site, with its budgets in the folder and without real waits."""
    waits: list[float] = []
    real = time.time
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_ENDPOINT", site.url)
        patch.setenv("DAILYPAPERS_STATE", str(folder / "state"))
        patch.setattr("dailypapers.ingest.fetch.rate_limiter.sleep", waits.append)
        patch.setattr("dailypapers.ingest.fetch.client.sleep", waits.append)
        patch.setattr("dailypapers.ingest.fetch.rate_limiter.now", lambda: real() + sum(waits))
        # Loopback has no TLS: loading all CA certificates would take half the time of each run.
        patch.setattr(ssl, "create_default_context", lambda **_: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        # No power failure is simulated either.
        patch.setattr(os, "fsync", lambda _: None)
        yield


def run_command(store: Path, now: datetime, *words: str) -> CommandResult:
    """Run a command line on a store under a fixed clock."""
    written, out = io.BytesIO(), io.StringIO()
    with redirect_stdout(io.TextIOWrapper(written, write_through=True)) as kept, redirect_stderr(out):
        status = main(["--store", str(store), "--now", now.isoformat(), *words])
        kept.flush()
    return CommandResult(status, written.getvalue().decode(), out.getvalue())


def stored_papers(store: Path, day: date) -> dict[str, str | None]:
    """The papers of a day file by id, each with the time when it was last seen if it left."""
    rows = map(orjson.loads, Store(store).papers(SERIES, day).read_bytes().splitlines())
    return {row["arxiv_id"]: row["last_seen"] for row in rows}


def run_hourly(site: PaperSite, store: Path, until: datetime = LAST) -> Iterator[ReportedFetch]:
    """`dailypapers run` every hour, a few minutes past; yields each fetch while the store is in the state after it."""
    now = site.now + timedelta(minutes=7)
    while now < until:
        site.now = now
        said = run_command(store, now, "--json", "run")
        for row in map(orjson.loads, said.out.splitlines()):
            yield ReportedFetch(now, date.fromisoformat(row["day"]), row["state"], row["fetch"]["doubt"], said.status)
        now += HOUR


def requests(site: PaperSite, days: Sequence[date]) -> int:
    """The number of requests for the lists of these days."""
    meant = asks(*days)
    return sum(meant(Request(line.method, line.target)) for line in site.log)


def min_requests(papers: Moving, day: date, until: datetime = LAST) -> int:
    """The minimum number of requests for a day, by an independent implementation of the plan.

    Pagination is counted once, and so is a failed request.
    """
    stays, now = papers.history(day), at(day, 1)
    number, row, seen = 0, 0, set[str]()
    whole: list[datetime] = []  # whole fetches after the end, since the last new paper
    while now < until:
        problems = [problem for problem in PROBLEMS if problem.holds(day, now)]
        there = shown(stays, now)
        number += 2 + len(there) // min([100, *(problem.page_size for problem in problems)])
        number += sum(problem.more for problem in problems)
        row = row + 1 if any(problem.doubtful for problem in problems) else 0
        whole = ([] if there - seen else whole) + ([now] if now >= at(day, 24) and not row else [])
        seen |= there
        now = now + (1, 2, 4, 8, 16, 24)[min(row, 6) - 1] * HOUR if row else _following(day, now, whole, until)
    return number


def _following(day: date, now: datetime, whole: list[datetime], until: datetime) -> datetime:
    settled = bool(whole) and whole[-1] - whole[0] >= 12 * HOUR
    days = range(25, 800, 24)
    settling = [at(day, hours) for hours in days if not whole or at(day, hours) - whole[-1] >= 12 * HOUR]
    late = [at(day, 25 + 24 * number) for number in (3, 7, 14, 30)]
    looks = late if settled else [at(day, hours) for hours in range(1, 25, 3)] + settling
    return next((look for look in looks if look > now), until)
