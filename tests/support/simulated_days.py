"""A source-day without a network: what its views show at any time, and the pure rules applied at times of a cron.

A world defines when papers come and go and which problems the site has. `live` fetches the day whenever it is due at a
tick of cron, and gives every fetch with the state after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Literal

from dailypapers.ingest.plan.revisit import DayHistory, next_look
from dailypapers.ingest.sources.calendars import Period
from dailypapers.snapshots.completeness.state import Bounds, FetchSummary, State, state_of
from dailypapers.snapshots.completeness.verdict import FetchResult, Rules, ViewResult, judge

HOUR = timedelta(hours=1)
DAY = date(2025, 12, 10)
BEGIN = datetime.combine(DAY, time(), UTC)
END = BEGIN + 24 * HOUR
LAST = END + timedelta(days=40)
VIEWS = ("api", "html")
TroubleKind = Literal["silent", "down", "empty", "astray", "cut", "stale", "hides"]
"""No answer at all, an error, an empty list, another day's page, a cut list, one of 6 hours ago, one with gaps."""
HIDING: frozenset[TroubleKind] = frozenset({"empty", "astray", "stale", "hides"})
"""What takes papers away without a word."""


@dataclass(frozen=True)
class Stay:
    """A paper, with the time when it is listed, and when it is removed, if ever."""

    key: str
    comes: datetime
    goes: datetime | None = None
    view: str | None = None
    """The one view that ever lists it; None for both."""

    def is_there(self, at: datetime) -> bool:
        """Whether the site lists it at that time."""
        return self.comes <= at and (self.goes is None or at < self.goes)


@dataclass(frozen=True)
class Problem:
    """A problem of a view for a while."""

    view: str
    kind: TroubleKind
    since: datetime
    until: datetime


@dataclass(frozen=True)
class World:
    """A day and everything that happens to it."""

    papers: Sequence[Stay]
    problems: Sequence[Problem] = ()
    may_be_empty: bool = False
    day: date = DAY

    @property
    def end(self) -> datetime:
        """The first instant after the day."""
        return datetime.combine(self.day, time(), UTC) + 24 * HOUR

    def listed(self, at: datetime, view: str | None = None) -> frozenset[str]:
        """The papers that the site lists, in one view if one is named."""
        return frozenset(stay.key for stay in self.papers if stay.is_there(at) and view in {None, stay.view or view})

    def kinds(self, view: str, at: datetime) -> set[TroubleKind]:
        """What is wrong with a view."""
        return {one.kind for one in self.problems if one.view == view and one.since <= at < one.until}

    def shown(self, view: str, at: datetime) -> ViewResult:
        """What a view shows at that time."""
        kinds = self.kinds(view, at)
        if kinds & {"silent", "down"}:
            return ViewResult(frozenset(), failed="connection reset" if "silent" in kinds else "HTTP 500")
        if kinds & {"empty", "astray"}:
            return ViewResult(frozenset(), last_count=0)
        keys = self.listed(at - 6 * HOUR if "stale" in kinds else at, view)
        if "hides" in kinds:
            keys = frozenset(key for key in keys if not key.endswith("7"))
        if "cut" in kinds and len(keys) > 5:
            return ViewResult(frozenset(sorted(keys)[:5]), failed="the listing does not end at 50 items", last_count=50)
        return ViewResult(keys, last_count=len(keys))

    def is_silent(self, at: datetime) -> bool:
        """Whether no view gives any answer."""
        return all("silent" in self.kinds(view, at) for view in VIEWS)

    def elsewhere(self, at: datetime) -> bool:
        """Whether the page answers with the papers of another day, as it does of a day without any."""
        kinds = self.kinds("html", at)
        return "astray" in kinds or (not self.listed(at, "html") and not kinds & {"silent", "down", "empty", "cut"})


@dataclass
class Life:
    """The fetches of a day and its state after each."""

    world: World
    passes: list[FetchResult] = field(default_factory=list)
    looks: list[FetchSummary] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    unanswered: list[FetchSummary] = field(default_factory=list)
    """Passes without any answer since the newest look."""

    @property
    def bounds(self) -> Bounds:
        """The input of the rules for its state."""
        return Bounds(self.world.end, self.world.may_be_empty)

    def listed(self) -> DayHistory:
        """The day as the plan sees it."""
        return DayHistory(Period.DAY, self.world.day, self.bounds, self.looks, self.unanswered)

    def seen(self, number: int) -> frozenset[str]:
        """The papers shown by the fetches up to that one."""
        return frozenset().union(*(one.keys for one in self.passes[: number + 1]))

    def look(self, at: datetime) -> None:
        """Fetch the day; a pass without any answer is only remembered."""
        if self.world.is_silent(at):
            self.unanswered.append(FetchSummary(at, False, "failed", "connection reset", 0, 0))
            return
        self.unanswered.clear()
        self.passes.append(FetchResult(at, {name: self.world.shown(name, at) for name in VIEWS}))
        verdicts = judge(self.passes, Rules(self.world.end, self.world.may_be_empty))
        self.looks = []
        seen: frozenset[str] = frozenset()
        for one, verdict in zip(self.passes, verdicts, strict=True):
            new = len(one.keys - seen)
            seen |= one.keys
            elsewhere = self.world.elsewhere(one.at)
            self.looks.append(
                FetchSummary(one.at, verdict.whole, verdict.doubt, verdict.reason, len(one.keys), new, elsewhere)
            )
        self.states.append(state_of(self.looks, self.bounds, at))


def live(world: World, ticks: Sequence[datetime]) -> Life:
    """Fetch the day at each tick of cron at which it is due."""
    life = Life(world)
    number = 0
    while number < len(ticks):
        due = next_look(life.listed(), ticks[number])
        if due is None:
            break
        number = next((later for later in range(number, len(ticks)) if ticks[later] >= due), len(ticks))
        if number < len(ticks):
            life.look(ticks[number])
    return life


def hourly(until: datetime = LAST) -> list[datetime]:
    """Cron once an hour, a few minutes past."""
    count = int((until - BEGIN) / HOUR)
    return [BEGIN + number * HOUR + timedelta(minutes=7) for number in range(count)]


def random_ticks(rng: Random) -> list[datetime]:
    """Some schedule of cron, with a pause of some days in it."""
    ticks = hourly()[rng.randrange(24) :: rng.choice((1, 1, 3, 6, 24))]
    pause = BEGIN + timedelta(days=rng.randrange(40))
    until = pause + timedelta(days=rng.choice((0, 0, 1, 3, 8)))
    return [tick for tick in ticks if not pause <= tick < until]


def random_world(rng: Random) -> World:
    """Papers that come over the day, a few late, a few that leave; and up to three problems of some hours or days."""
    papers = [_stay(rng, number) for number in range(rng.choice((0, 1, 3, 17, 40)))]
    problems = [_trouble(rng) for _ in range(rng.choice((0, 0, 1, 3)))]
    return World(papers, problems, may_be_empty=not papers)


def _stay(rng: Random, number: int) -> Stay:
    comes = BEGIN + timedelta(hours=rng.uniform(0, 24))
    if rng.random() < 0.03:
        comes = END + timedelta(days=rng.uniform(0, 12))
    goes = comes + timedelta(days=rng.uniform(0, 10)) if rng.random() < 0.02 else None
    return Stay(f"paper-{number}", comes, goes)


def _trouble(rng: Random) -> Problem:
    kinds: tuple[TroubleKind, ...] = ("down", "empty", "cut", "stale", "hides")
    since = BEGIN + timedelta(hours=rng.uniform(0, 96))
    until = since + timedelta(hours=rng.choice((1, 5, 30, 72)))
    return Problem(rng.choice(("api", "html")), rng.choice(kinds), since, until)


def changes(life: Life, name: str) -> Iterator[int]:
    """The numbers of the fetches after which the state of the day changed."""
    before = None
    for number, state in enumerate(life.states):
        if state.name == name != before:
            yield number
        before = state.name
