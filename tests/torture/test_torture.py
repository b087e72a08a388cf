"""The judges of the torture refuse what they are there to refuse; nothing here takes minutes."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dailypapers.cli.main import main
from dailypapers.snapshots.store.layout import Store
from tests.papersite import PaperSite, Served
from tests.papersite.site import NOON
from tests.torture.backfill import RESTS, polite, silences, steady
from tests.torture.expected_store import SERIES, wrong_days
from tests.torture.processes import Backfill, Machine, Sample, watch
from tests.torture.scheduled import MARK, accounted, left_over
from tests.torture.scheduled import steady as steady_scheduler
from tests.torture.verdict import Verdict, at_most, exactly, lines, none_of

DAYS = [date(2025, 10, 3), date(2025, 10, 4), date(2025, 10, 5)]
API, PAGE = "/api/daily_papers?date=2025-10-03", "/papers/date/2025-10-03"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with PaperSite(seed=5, sizes=2, now=NOON) as site:
        yield Machine(site, tmp_path_factory.mktemp("torture"), "hf-api=100/1,hf-pages=100/1")


@pytest.fixture(scope="module")
def ran(machine: Machine) -> Backfill:
    started = machine.start(DAYS)
    watch([started])
    return started


def served(*ticks: float, target: str = PAGE, status: int = 200) -> list[Served]:
    return [Served("GET", target, status, (), NOON, tick) for tick in ticks]


def broken(verdicts: Iterator[Verdict]) -> str:
    return "; ".join(one.what for one in verdicts if not one.passed)


def test_a_backfill_is_watched_and_right(machine: Machine, ran: Backfill) -> None:
    assert (ran.process.returncode, ran.failed) == (0, False)
    assert ran.said.read_text().count("\n") == len(DAYS)
    assert 10 < ran.peak < 500
    assert wrong_days(machine.store, machine.site, DAYS) == []


def test_what_it_said_is_told_where_it_failed(machine: Machine) -> None:
    started = replace(machine, budget="nonsense").start([date(2025, 10, 1)])
    watch([started])
    assert started.failed
    assert "DAILYPAPERS_BUDGET" in started.complaint


def test_wrong_days_are_named(machine: Machine, ran: Backfill) -> None:
    store = Store(machine.store)
    later = [*DAYS, date(2025, 10, 6)]
    assert wrong_days(store.root, machine.site, later) == ["2025-10-06: no certificate"]
    assert wrong_days(store.root, machine.site, DAYS[1:]) == ["2025-10-03: not asked for"]
    path = store.papers(SERIES, DAYS[0])
    whole = path.read_bytes()
    first, second = whole.splitlines()
    cuts = [first, second + b"\n" + first, whole.replace(b'"title":"', b'"title":"A', 1)]
    for cut in cuts:
        path.write_bytes(cut)
        assert wrong_days(store.root, machine.site, DAYS) == [
            f"2025-10-03: {len(cut.splitlines())} papers that are not the 2 of the site"
        ]
    path.write_bytes(whole)


def test_a_day_that_is_not_settled_is_wrong(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", machine.site.url)
    monkeypatch.setenv("DAILYPAPERS_STATE", str(tmp_path / "state"))
    store, yesterday = tmp_path / "store", date(2025, 12, 18)
    assert main(["--store", str(store), "--now", NOON.isoformat(), "run", "--day", f"{yesterday}"]) == 0
    assert wrong_days(store, machine.site, [yesterday]) == [f"{yesterday}: is settling"]


def test_a_budget_that_is_kept_and_used() -> None:
    even = [number * 6 / 95 for number in range(950)]
    assert broken(polite(served(*even), 60)) == ""
    assert "wall time" in broken(polite(served(*even), 67))
    burst = [*even, *(30 + number / 1000 for number in range(6))]
    assert broken(polite(served(*burst), 60)) == "pages: most requests in any 6 s, of 956"
    assert broken(polite(served(*even) + served(1, status=429, target=API), 60)) == "refusals (429)"


def test_silence_after_a_refusal() -> None:
    (_, (first, _)), (_, (second, _)) = RESTS.items()
    end = first + 0.1
    refused = served(0, end, status=429)
    good = refused + served(0.2, first, end + 0.3, end + second)
    assert broken(silences(good)) == ""
    assert "30: requests in that time (1 were" in broken(silences(good + served(3)))
    assert "a date in 5 s: requests" in broken(silences(good + served(end + second - 0.1)))
    assert "goes on after" in broken(silences(refused + served(first)))
    assert broken(silences(served(1, 2))) == "refusals with Retry-After"


def test_memory_that_grows(ran: Backfill) -> None:
    def growing(by: float) -> str:
        samples = [Sample(day, 50 + by * day, 0) for day in range(4801)]
        return broken(steady(replace(ran, days=[DAYS[0]] * 4800, samples=samples)))

    assert growing(0.0002) == ""
    assert growing(0.0003).startswith("growth from day 1,200 (50.4 MiB) to day 4,800 (51.4 MiB)")
    assert "day 400" in growing(0.0005)
    assert "day 400" in broken(steady(replace(ran, days=[DAYS[0]] * 4800, samples=[])))


def test_verdicts_as_text() -> None:
    shown = "\n".join(
        lines("A trial", [at_most("time", 2.5, 2.0, " s"), exactly("days", 3, 3), none_of("lost", ["a"])])
    )
    assert shown.splitlines() == [
        "A trial",
        "  time  2.5 s  <= 2.0 s  FAILED",
        "  days      3  3         passed",
        "  lost      1  0         FAILED",
        "    a",
    ]


NOTES = """
range 2026-01-15T12:01:00Z success 0
due 2026-01-15T12:01:00Z success 0
stubborn 2026-01-15T12:01:00Z timeout 137
range 2026-01-15T12:02:00Z attention 1
due 2026-01-15T12:02:00Z success 0
stubborn 2026-01-15T12:02:00Z timeout 137
range 2026-01-15T12:03:00Z success 0
due 2026-01-15T12:03:00Z success 0
stubborn 2026-01-15T12:03:00Z timeout 137
slow 2026-01-15T12:01:00Z success 0
""".strip()
SAID = "slow: still running; the slot 2026-01-15 12:02 UTC is skipped\n"


@pytest.mark.parametrize(
    ("gone", "come", "wrong"),
    [
        ("", "", ""),
        ("due 2026-01-15T12:02:00Z success 0\n", "", "slots neither run nor left out, of 12"),
        ("", "\ndue 2026-01-15T12:02:00Z success 0", "slots that ran twice"),
        ("12:03:00Z timeout 137", "12:03:00Z timeout 143", "stubborn jobs not killed, of 3"),
        ("slow 2026-01-15T12:01:00Z success 0", "", "slots neither run nor left out, of 12"),
    ],
)
def test_slots_are_accounted_for(gone: str, come: str, wrong: str) -> None:
    notes = NOTES.replace(gone, come) if gone else NOTES + come
    begun = datetime(2026, 1, 15, 12, 0, 30, tzinfo=UTC)
    assert broken(accounted(notes, SAID, begun, 4)) == wrong


def test_a_scheduler_that_grows_and_one_that_leaves_processes() -> None:
    assert broken(steady_scheduler([50.0] * 300)) == ""
    assert "growth of the scheduler" in broken(steady_scheduler([50 + number / 10 for number in range(300)]))
    mark = f"a test of it, {os.getpid()}"  # another run of this test may be under way
    with subprocess.Popen(["sleep", "600"], env={**os.environ, MARK: mark}) as process:
        found = list(left_over(mark))
        process.kill()
    assert [line.strip() for line in found] == ["sleep 600"]
    assert list(left_over(mark)) == []
