"""A month on the paper site through the command line: nothing is lost, no day is called what it is not, and the site
is asked for little more than the plan needs. Then longer times: a throttled backfill, a pause, a view that is down.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson

from dailypapers.ingest.fetch.client import TRIES
from dailypapers.ingest.fetch.day import MAX_FAILED_DAYS
from dailypapers.ingest.plan.revisit import WINDOW, next_look
from tests.benchmarks.month import ONE_LOOK, one_look
from tests.papersite import Answer, Moving, PaperSite, Still
from tests.papersite.periods import is_quiet
from tests.papersite.switches import down, during
from tests.papersite.wrong_answers import empty
from tests.pipeline.test_certificate import check
from tests.support import simulated_days
from tests.support.scripted_month import (
    AFTER,
    CLOSED,
    DAYS,
    HOUR,
    LASTING,
    PROBLEMS,
    ReportedFetch,
    min_requests,
    on,
    pointed_at,
    problem_site,
    requests,
    required_papers,
    run_command,
    run_hourly,
    script,
    shown,
    stored_papers,
)
from tests.support.simulated_days import Life, Problem, Stay, World

ONE_DAY = timedelta(days=1)


@dataclass
class Watch:
    """Follows the looks of the month, and notes what must not be, when it happens."""

    papers: Moving
    store: Path
    looks: dict[date, list[ReportedFetch]] = field(default_factory=lambda: {day: [] for day in DAYS + AFTER})
    wrong: list[str] = field(default_factory=list)

    def take(self, look: ReportedFetch) -> None:
        before = self.looks[look.day]
        stays = self.papers.history(look.day)
        if look.state == "empty" and stays:
            self.wrong.append(f"{look.day} has papers and was called empty at {look.at}")
        if look.state == "closed" and (not before or before[-1].state != "closed"):
            long = shown(stays, look.at) & shown(stays, look.at - 12 * HOUR)
            lost = long - stored_papers(self.store, look.day).keys()
            self.wrong += [f"{look.day} was closed at {look.at} without {name}" for name in lost]
        before.append(look)

    def left(self, day: date) -> dict[str, str | None]:
        """When a paper of a day was last seen, by the looks: told once two whole ones, 1 h apart, are after it left."""
        found: dict[str, str | None] = {}
        for name, stay in self.papers.history(day).items():
            after = [look.at for look in self.looks[day] if stay.left and look.at >= stay.left and look.doubt is None]
            last = max((look.at for look in self.looks[day] if look.at not in after), default=None)
            told = last and after and after[-1] - after[0] >= HOUR
            found[name] = f"{last:%Y-%m-%dT%H:%M:%SZ}" if told else None
        return found


def test_a_month_in_which_all_goes_wrong(tmp_path: Path) -> None:
    papers, store = script(6), tmp_path / "store"
    watch = Watch(papers, store)
    with problem_site(papers) as site, pointed_at(site, tmp_path):
        for look in run_hourly(site, store, CLOSED):
            watch.take(look)
        ended = {row["day"]: row for row in orjson.loads(run_command(store, site.now, "--json", "status").out)["days"]}
    assert watch.wrong == []
    assert {day: ended[f"{day}"]["state"] for day in DAYS} == {day: _right_state(papers, day) for day in DAYS}
    for day in DAYS:
        found = stored_papers(store, day)
        assert required_papers(papers, day, CLOSED) <= found.keys() <= papers.history(day).keys()
        assert found == {name: watch.left(day)[name] for name in found}
    fewest = sum(min_requests(papers, day, CLOSED) for day in DAYS)
    assert fewest <= requests(site, DAYS) <= 1.5 * fewest
    _check_story(watch)
    checked = check(store)
    assert (len(checked), checked[-1].endswith(" certificates checked, 0 wrong")) == (1, True)


def _right_state(papers: Moving, day: date) -> str:
    if day == LASTING:
        return "partial"
    return "closed" if papers.history(day) else "empty"


def _check_story(watch: Watch) -> None:
    """What the script tells did happen: days reopened, papers left, and each trouble was met."""
    states = [look.state for look in watch.looks[on(8)]]
    assert "closed settling closed" in " ".join(states)
    gone = {day: [name for name, last in stored_papers(watch.store, on(day)).items() if last] for day in (8, 9, 10)}
    assert [len(names) for names in gone.values()] == [1, 1, 0]
    assert stored_papers(watch.store, on(10))[gone[8][0]] is None  # it was put on another day's list
    for trouble in PROBLEMS:
        days = trouble.days or DAYS
        met = [look for day in days for look in watch.looks[day] if trouble.holds(day, look.at)]
        assert met
        assert not trouble.doubtful or all(look.doubt for look in met)
        assert trouble.page_size == 100 or not any(look.doubt for look in met)  # a cut that can be paged is no doubt
    first = min(trouble.since for trouble in PROBLEMS if trouble.doubtful)
    looks = [look for day in DAYS for look in watch.looks[day]]
    assert {look.status for look in looks if look.at < first} == {0}
    assert {look.status for look in looks} == {0, 1}


def test_html_down_for_weeks_costs_little_and_takes_back_nothing() -> None:
    site = Outage(down_for=40 * ONE_DAY)
    site.run_hourly(hourly(-30, 45))
    assert max(site.asked.values()) < 200
    assert site.taken_back == []
    assert {life.states[-1].name for life in site.lives.values()} > {"closed", "partial"}


def test_the_rules_alone_ask_for_the_pages_that_the_product_asks_for(tmp_path: Path) -> None:
    first, ticks = simulated_days.DAY - 4 * ONE_DAY, hourly(-4, 4)
    rules = Outage(down_for=3 * ONE_DAY)
    rules.run_hourly(ticks)
    outage = during(simulated_days.BEGIN, simulated_days.BEGIN + rules.down_for, down("/papers"))
    script = Still(1, {first + number * ONE_DAY: 3 for number in range(8) if not is_quiet(first + number * ONE_DAY)})
    with PaperSite(script=script, now=ticks[0] - timedelta(minutes=7), switches=[outage]) as site:
        with pointed_at(site, tmp_path):
            looks = list(run_hourly(site, tmp_path / "store", ticks[-1] + timedelta(minutes=1)))
        pages = Counter(line.at.date() for line in site.log if line.path.startswith("/papers"))
    assert pages == rules.asked
    assert {look.day for look in looks} == rules.lives.keys()


def test_one_look_a_day_misses_papers_and_does_not_know_it() -> None:
    papers = script(6)
    due = {day: required_papers(papers, day) for day in DAYS}
    for name, hours in ONE_LOOK.items():
        row = one_look(papers, name, hours, due)
        assert row.requests == len(DAYS)
        assert row.missed > 60
        assert row.short >= row.unnoticed > 5


def hourly(since: int, until: int) -> list[datetime]:
    """A few minutes past each hour of the days from `since` to before `until`, counted from the simulated day."""
    return [
        simulated_days.BEGIN + (24 * since + hour) * HOUR + timedelta(minutes=7) for hour in range(24 * (until - since))
    ]


@dataclass
class Outage:
    """Days that `run` looks at by the pure rules while HTML is down; each is the simulated day, some days off."""

    down_for: timedelta
    lives: dict[date, Life] = field(default_factory=dict)
    due: dict[date, datetime | None] = field(default_factory=dict)
    asked: Counter[date] = field(default_factory=Counter)
    """Requests for pages by the day of the clock."""
    taken_back: list[tuple[date, datetime]] = field(default_factory=list)

    def run_hourly(self, ticks: list[datetime]) -> None:
        for now in ticks:
            if now.date() not in self.lives:
                self._begin(now.date(), now)
            failures = 0
            for day in sorted(self.lives, reverse=True)[: WINDOW + 1]:
                due = self.due[day]
                if due is not None and due <= now:
                    failures = self._look(day, now, failures)

    def _begin(self, day: date, now: datetime) -> None:
        off = day - simulated_days.DAY
        broken = Problem("html", "down", simulated_days.BEGIN - off, simulated_days.BEGIN + self.down_for - off)
        papers = [] if is_quiet(day) else [Stay(f"paper-{number}", simulated_days.BEGIN) for number in range(3)]
        self.lives[day] = Life(World(papers, [broken], may_be_empty=is_quiet(day)))
        self.due[day] = self._due(day, now)

    def _due(self, day: date, now: datetime) -> datetime | None:
        off = day - simulated_days.DAY
        due = next_look(self.lives[day].listed(), now - off)
        return due and due + off

    def _look(self, day: date, now: datetime, failures: int) -> int:
        """Look at a day; give how many days in a row have failed then."""
        life, is_down = self.lives[day], simulated_days.BEGIN <= now < simulated_days.BEGIN + self.down_for
        before = life.states[-1].name if life.states else "open"
        life.look(now - (day - simulated_days.DAY))
        if before in {"closed", "empty"} and life.states[-1].name != before:
            self.taken_back.append((day, now))
        self.due[day] = self._due(day, now)
        if failures < MAX_FAILED_DAYS:
            self.asked[now.date()] += TRIES if is_down else 1
        return failures + 1 if is_down else 0


def test_a_pause_is_named_by_the_next_run_with_the_command_that_fills_it(tmp_path: Path) -> None:
    began, store = datetime(2025, 10, 1, 12, tzinfo=UTC), tmp_path / "store"
    with PaperSite(sizes=1, now=began + 50 * ONE_DAY) as site, pointed_at(site, tmp_path):
        assert run_command(store, began, "run").status == 0
        back = run_command(store, site.now, "run")
        assert back.status == 1
        named = re.search(
            r"2025-10-01 to 2025-10-15: gap: 15 days are not closed .*; run: dailypapers --store \S+ (.*)", back.err
        )
        assert named
        assert run_command(store, site.now, *shlex.split(named[1])).status == 0
        again = run_command(store, site.now + HOUR, "run")
        assert (again.status, "gap" in again.err) == (0, False)
        days = orjson.loads(run_command(store, site.now, "--json", "status").out)["days"]
    assert len(days) == 51
    assert {row["state"] for row in days[:15]} == {"closed", "empty"}


def test_a_throttle_in_a_long_backfill_makes_no_day_empty_and_then_nothing_is_read(tmp_path: Path) -> None:
    store, now = tmp_path / "store", datetime(2025, 12, 19, 12, tzinfo=UTC)
    days = [now.date() - number * ONE_DAY for number in reversed(range(600))]
    sizes = {day: 3 for number, day in enumerate(days) if not is_quiet(day) or 240 < number < 300}
    throttle = during(now + timedelta(minutes=25), now + timedelta(minutes=30), empty("/"))
    with PaperSite(sizes=sizes, now=now, switches=[throttle]) as site, pointed_at(site, tmp_path):
        site.switches.append(lambda _, answer: _takes_time(site, answer))
        _backfill_twice(store, now, days, sizes)
        for archive in store.glob("pages/*/*/*/*.warc.gz"):
            archive.write_bytes(bytes(archive.stat().st_size))
        before = len(site.log), _files(store)
        said = run_command(store, now + 2 * HOUR, "run")
        assert (said.status, said.out, said.err) == (0, "", "nothing is due\n")
        assert (len(site.log), _files(store)) == before


def _takes_time(site: PaperSite, answer: Answer) -> Answer:
    """A hundred pages in five minutes."""
    site.now += timedelta(seconds=3)
    return answer


def _backfill_twice(store: Path, now: datetime, days: list[date], sizes: dict[date, int]) -> None:
    """Fetch the range, throttled in its middle; then what was not settled, which heals all."""
    old = days[:-31]
    run_command(store, now, "run", "--since", f"{days[0]}")
    states = _states(store, now)
    assert list(states) == days
    assert {states[day] for day in days if day in sizes} == {"closed", "partial", "settling", "open"}
    assert sum(states[day] == "partial" for day in old) > 15
    assert any(states[day] == "settling" and is_quiet(day) and day in sizes for day in old)
    run_command(store, now + HOUR, "run", "--since", f"{days[0]}")
    states = _states(store, now + HOUR)
    assert {day: states[day] for day in old} == {day: "closed" if day in sizes else "empty" for day in old}


def _states(store: Path, now: datetime) -> dict[date, str]:
    rows = orjson.loads(run_command(store, now, "--json", "status", "hf-daily").out)["days"]
    return {date.fromisoformat(row["day"]): row["state"] for row in rows}


def _files(store: Path) -> dict[Path, bytes]:
    """All but the reports of runs."""
    files = (path for path in store.rglob("*") if path.is_file() and "runs" not in path.parts)
    return {path: path.read_bytes() for path in files}
