"""A scripted month of the paper site, lived through by the product hour by hour, and what a single look a day makes
of it.

Papers come as the real ones do: over the day, a few late, some re-dated or removed. Every trouble that the site knows
is used on some day, and one of them is made to last.
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
from typing import Any

import orjson
import pytest

from dailypapers.cli.main import main
from snapshots.store.layout import Store
from tests.papersite import Fate, Moving, PaperSite, Request, Switch
from tests.papersite.moving import Stay
from tests.papersite.periods import is_quiet, midnight
from tests.papersite.switches import down, during, when
from tests.papersite.trouble import asks, cut_at, empty, flaky, hide, promise, repeated, stale, wrong_day
from tests.product import SERIES

HOUR = timedelta(hours=1)
FIRST = date(2025, 12, 8)
DAYS = [FIRST + timedelta(days=number) for number in range(30)]
AFTER = [DAYS[-1] + timedelta(days=number) for number in range(1, 32)]
"""The days after the month, which the site fills too while those of the month get their late looks."""
LASTING = date(2025, 12, 26)
"""The day of which one view never answers."""


def at(day: date, hours: float) -> datetime:
    """So many hours after the beginning of a day."""
    return midnight(day) + hours * HOUR


def on(number: int) -> date:
    """A day of the month: in December, or from 32 on in January."""
    return date(2025, 12, 1) + timedelta(days=number - 1)


CLOSED = at(DAYS[-1], 50)
"""When the last day can be closed."""
LAST = at(DAYS[-1], 31 * 24 + 2)
"""When the last day has had its 30-day look."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with the site for a while, and what that costs whoever looks.

    days: whose lists are meant; all if there are none.
    doubtful: whether no fetch can be whole meanwhile.
    page_size: the most items that a page of the API holds meanwhile.
    more: requests that a look needs on top: second asks of what is empty, redirects, a promised page.
    """

    days: Sequence[date]
    since: datetime
    until: datetime
    switch: Switch
    doubtful: bool = True
    page_size: int = 100
    more: int = 0

    def holds(self, day: date, moment: datetime) -> bool:
        """Is the list of that day in trouble then?"""
        return self.since <= moment < self.until and (not self.days or day in self.days)


def _trouble(day: int, hours: tuple[float, float], switch: Switch, **what: Any) -> Problem:
    """A trouble of one day between two hours, counted from its beginning."""
    return Problem([on(day)], at(on(day), hours[0]), at(on(day), hours[1]), switch, **what)


EVER = (0.0, 10_000.0)
TROUBLES = [
    _trouble(9, (0, 24), cut_at(50), doubtful=False, page_size=50),
    _trouble(9, (24.5, 40.5), cut_at(50, paging=False)),
    _trouble(10, (0, 24), cut_at(50), doubtful=False, page_size=50),
    _trouble(10, (24.5, 40.5), cut_at(50, paging=False)),
    _trouble(10, (96.5, 97.5), repeated()),
    _trouble(15, (12.5, 26.5), empty("/"), more=2),
    _trouble(16, (23.5, 47.5), empty("/", "other"), more=2),
    _trouble(24, (96.5, 97.5), empty("/"), more=2),
    _trouble(17, (9.5, 30.5), stale("/papers", hours=6), doubtful=False),
    _trouble(18, EVER, hide("/papers", lambda item: int(item["paper"]["id"][-1]) % 3 == 0), doubtful=False),
    _trouble(19, (20.5, 30.5), promise("/"), more=1),
    _trouble(22, (8.5, 20.5), wrong_day(on(22), on(19)), more=3),
    _trouble(22, (24.5, 28.5), wrong_day(on(22), on(19), "/api/")),
    _trouble(26, EVER, down("/papers")),
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
"""One is re-dated after two days, one is removed, one is gone within an hour, three come late."""


def script(usual: int | None = None) -> Moving:
    """The month's papers; `usual` is the number on an ordinary day, as many as on real days unless said."""
    ordinary = {} if usual is None else {day: usual for day in DAYS if not is_quiet(day)}
    rest = {day: 1 for day in AFTER if not is_quiet(day)}
    return Moving(7, {**ordinary, **rest, **BUSY}, fates=FATES)


def troubled(papers: Moving) -> PaperSite:
    """The site of the month with all its troubles."""
    return PaperSite(script=papers, now=at(FIRST, 0), switches=[_switch(trouble) for trouble in TROUBLES])


def _switch(trouble: Problem) -> Switch:
    chosen = when(asks(*trouble.days), trouble.switch) if trouble.days else trouble.switch
    return during(trouble.since, trouble.until, chosen)


def owed(papers: Moving, day: date, until: datetime = LAST) -> set[str]:
    """The papers that a look at the day each time it is planned must have found, whatever is wrong with one of them.

    They are those that the site showed all the time from one look to the next.
    """
    hours = (1, 4, 7, 10, 13, 16, 19, 22, 25, 49, 97, 193, 361, 745)
    spans = [(at(day, first), at(day, last)) for first, last in pairwise(hours) if at(day, last) < until]
    stays = papers.history(day)
    return {name for span in spans for name in shown(stays, span[0]) if not _left(stays[name], span[1])}


def shown(stays: dict[str, Stay], moment: datetime) -> set[str]:
    """The papers that the site has on a list then, by their stays."""
    return {name for name, stay in stays.items() if stay.appeared <= moment and not _left(stay, moment)}


def _left(stay: Stay, moment: datetime) -> bool:
    return stay.left is not None and stay.left <= moment


@dataclass(frozen=True)
class FetchSummary:
    """A look that the product took at a day, and what it said of it."""

    at: datetime
    day: date
    state: str
    doubt: str | None
    status: int
    """The exit status of the run."""


@dataclass(frozen=True)
class RateLimitInfo:
    """What a command line came to."""

    status: int
    out: str
    err: str


@contextmanager
def pointed_at(site: PaperSite, folder: Path) -> Iterator[None]:
    """The product asks that site, keeps its budgets in the folder, and its waits cost nothing."""
    waits: list[float] = []
    real = time.time
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_ENDPOINT", site.url)
        patch.setenv("DAILYPAPERS_STATE", str(folder / "state"))
        patch.setattr("ingest.fetch.rate_limiter.sleep", waits.append)
        patch.setattr("ingest.fetch.client.sleep", waits.append)
        patch.setattr("ingest.fetch.rate_limiter.now", lambda: real() + sum(waits))
        # Loopback has no TLS: reading all authorities for each run would be half of its time.
        patch.setattr(ssl, "create_default_context", lambda **_: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        # Nor is the power cut.
        patch.setattr(os, "fsync", lambda _: None)
        yield


def say(store: Path, now: datetime, *words: str) -> RateLimitInfo:
    """Run a command line on a store under a fixed clock."""
    written, out = io.BytesIO(), io.StringIO()
    with redirect_stdout(io.TextIOWrapper(written, write_through=True)) as kept, redirect_stderr(out):
        status = main(["--store", str(store), "--now", now.isoformat(), *words])
        kept.flush()
    return RateLimitInfo(status, written.getvalue().decode(), out.getvalue())


def held(store: Path, day: date) -> dict[str, str | None]:
    """The papers of a day file by their id, each with when it was last seen if it left."""
    rows = map(orjson.loads, Store(store).papers(SERIES, day).read_bytes().splitlines())
    return {row["arxiv_id"]: row["last_seen"] for row in rows}


def live(site: PaperSite, store: Path, until: datetime = LAST) -> Iterator[FetchSummary]:
    """`dailypapers run` every hour, a few minutes past; each look as it was taken, the store being as it was then."""
    now = site.now + timedelta(minutes=7)
    while now < until:
        site.now = now
        said = say(store, now, "--json", "run")
        for row in map(orjson.loads, said.out.splitlines()):
            yield FetchSummary(now, date.fromisoformat(row["day"]), row["state"], row["fetch"]["doubt"], said.status)
        now += HOUR


def requests(site: PaperSite, days: Sequence[date]) -> int:
    """How often the site was asked for the lists of these days."""
    meant = asks(*days)
    return sum(meant(Request(line.method, line.target)) for line in site.log)


def least(papers: Moving, day: date, until: datetime = LAST) -> int:
    """The fewest requests that the looks at a day need: the plan of the contract told once more, from the script.

    A walk is counted once, and so is a request that fails.
    """
    stays, now = papers.history(day), at(day, 1)
    number, row, seen = 0, 0, set[str]()
    whole: list[datetime] = []  # looks after the end, since the last paper that was new
    while now < until:
        problems = [trouble for trouble in TROUBLES if trouble.holds(day, now)]
        there = shown(stays, now)
        number += 2 + len(there) // min([100, *(trouble.page_size for trouble in problems)])
        number += sum(trouble.more for trouble in problems)
        row = row + 1 if any(trouble.doubtful for trouble in problems) else 0
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
