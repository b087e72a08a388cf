"""The trials: one backfill of years, five at once, and five at once of which one gets a Retry-After."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.papersite import Answer, Meter, PaperSite, Request, Served, Switch
from tests.papersite.faults_answers import Wait, failing, in_seconds
from tests.papersite.periods import FIRST_DAY
from tests.papersite.rate import bucket_of, most_in_window, scaled
from tests.torture.expected_store import wrong_days
from tests.torture.processes import Backfill, Machine, watch
from tests.torture.verdict import Verdict, at_most, exactly, none_of

PAPERS = 3
PROCESSES = 5
PLANNED = 0.95  # the share of a budget that is meant to be used
SLACK = 1.1  # factor on the time that this share allows
PEAK = 150.0  # MiB
GROWTH = ((1 / 12, 2.0), (1 / 4, 1.0))
"""The MiB by which a process may have grown at its end, since a share of its days were done: caches fill, then rest.

The interpreter's table of interned strings doubles once, by 1 MiB, some hundred days in; what each day left behind
would show over the thousands after it.
"""
LIMITS = scaled()
BUDGET = "hf-api={}/{:g},hf-pages={}/{:g}".format(*LIMITS["api"], *LIMITS["pages"])
UNLIMITED = "hf-api=100000/1,hf-pages=100000/1"
REST_DAYS = 250
RESTS: Mapping[int, tuple[float, Wait]] = {100: (30, "30"), 300: (5, in_seconds(5))}
"""The requests at which the site asks for a pause, for how long, and how it says so."""
UNDER_WAY = 0.5  # seconds for what was sent before the refusal was read


def one_alone(days: int) -> list[Verdict]:
    """One backfill of some days under the real limits, in fiftyfold accelerated time."""
    with _machine(days, BUDGET, meter=Meter(LIMITS, time.monotonic)) as machine:
        ran = [machine.start(_days(days))]
        seconds = watch(ran)
        return [*polite(machine.site.log, seconds), *small(ran), *right(machine, ran)]


def thirteen_years(days: int) -> list[Verdict]:
    """One backfill of some days without a budget, as fast as possible."""
    with _machine(days, UNLIMITED) as machine:
        ran = [machine.start(_days(days))]
        watch(ran)
        return [*small(ran), *steady(ran[0]), *right(machine, ran)]


def five_at_once(days: int) -> list[Verdict]:
    """The same number of days by five processes, each with its own part, on one store and one budget."""
    with _machine(days, BUDGET, meter=Meter(LIMITS, time.monotonic)) as machine:
        ran = [machine.start(part) for part in _parts(_days(days))]
        seconds = watch(ran)
        return [*polite(machine.site.log, seconds), *small(ran), *right(machine, ran)]


def rested() -> list[Verdict]:
    """Five at once without a budget, so that they send requests as fast as they can, and 429s with Retry-After."""
    with _machine(REST_DAYS, UNLIMITED, switches=[_refuses(at, wait) for at, (_, wait) in RESTS.items()]) as machine:
        ran = [machine.start(part) for part in _parts(_days(REST_DAYS))]
        watch(ran)
        return [*silences(machine.site.log), *right(machine, ran)]


@contextmanager
def _machine(
    days: int, budget: str, *, meter: Meter | None = None, switches: Sequence[Switch] = ()
) -> Iterator[Machine]:
    now = datetime.fromisoformat(f"{_days(days)[-1] + timedelta(days=40)}T12:00:00").replace(tzinfo=UTC)
    site = PaperSite(seed=5, sizes=PAPERS, now=now, meter=meter, switches=switches)
    with TemporaryDirectory() as folder, site:
        yield Machine(site, Path(folder), budget)


def _days(number: int) -> list[date]:
    return [FIRST_DAY + timedelta(days=n) for n in range(number)]


def _parts(days: Sequence[date]) -> list[Sequence[date]]:
    size = -(-len(days) // PROCESSES)
    return [days[first : first + size] for first in range(0, len(days), size)]


def _refuses(at: int, wait: Wait) -> Switch:
    """Refuses only the request with that number."""
    numbers, refusal = count(1), failing("/", 429, wait)

    def counted(request: Request, answer: Answer) -> Answer:
        return refusal(request, answer) if next(numbers) == at else answer

    return counted


def polite(log: Sequence[Served], seconds: float) -> Iterator[Verdict]:
    """Within every budget, and no slower than necessary."""
    allowed = 0.0
    for bucket, (quota, window) in LIMITS.items():
        # A polite client counts robots.txt too, although the site does not.
        asked = sum((bucket_of(line) or "pages") == bucket for line in log)
        allowed = max(allowed, asked / (PLANNED * quota) * window)
        most = most_in_window(log, bucket, window)
        yield at_most(f"{bucket}: most requests in any {window:g} s, of {asked:,}", most, quota)
    yield none_of("refusals (429)", [line.target for line in log if line.status == 429])
    yield at_most(f"wall time; 95 % of the budget allows {allowed:.1f} s", seconds, SLACK * allowed, " s")


def small(ran: Sequence[Backfill]) -> Iterator[Verdict]:
    yield at_most("peak memory of a process", max(one.peak for one in ran), PEAK, " MiB")


def steady(one: Backfill) -> Iterator[Verdict]:
    after = one.memory_at(len(one.days))
    for share, most in GROWTH:
        day = round(share * len(one.days))
        before = one.memory_at(day)
        what = f"growth from day {day:,} ({before:.1f} MiB) to day {len(one.days):,} ({after:.1f} MiB)"
        yield at_most(what, after - before if before and after else float("inf"), most, " MiB")


def right(machine: Machine, ran: Sequence[Backfill]) -> Iterator[Verdict]:
    """All processes succeeded, and the store matches the site's script."""
    days = [day for one in ran for day in one.days]
    ended = [f"{one.days[0]}: exit status {one.process.returncode}: {one.complaint}" for one in ran if one.failed]
    yield none_of(f"processes that failed, of {len(ran)}", ended)
    yield none_of(f"days that are missing or wrong, of {len(days):,}", wrong_days(machine.store, machine.site, days))


def silences(log: Sequence[Served]) -> Iterator[Verdict]:
    """After each refusal only requests already under way arrive, for as long as it says."""
    lines = sorted(log, key=lambda line: line.ticks)
    refused = [line for line in lines if line.status == 429]
    yield exactly("refusals with Retry-After", len(refused), len(RESTS))
    for line, (wait, said) in zip(refused, RESTS.values(), strict=False):
        later = [other.ticks - line.ticks for other in lines if other.ticks - line.ticks > 0]
        soon = sum(after <= UNDER_WAY for after in later)
        early = [f"{after:.2f} s after" for after in later if UNDER_WAY < after < wait]
        form = f"Retry-After: {said}" if isinstance(said, str) else f"Retry-After, a date in {wait:g} s"
        yield none_of(f"{form}: requests in that time ({soon} were under way)", early)
        first = min((after for after in later if after > UNDER_WAY), default=float("inf"))
        yield at_most("  and goes on after", first, wait + 10, " s")
