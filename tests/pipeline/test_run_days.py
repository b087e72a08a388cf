"""Days that are fetched and built one after the other: which are left out, what is remembered, what ends the run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dailypapers.ingest.build.write import DayResult
from dailypapers.ingest.clock import Clock
from dailypapers.ingest.fetch.client import Site, SiteClient
from dailypapers.ingest.fetch.rate_limiter import RateLimiter
from dailypapers.ingest.fetch.traffic import Traffic
from dailypapers.ingest.pipeline import run_days
from dailypapers.ingest.plan.attempts import unanswered_passes
from dailypapers.ingest.plan.inventory import load_day
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite import PaperSite, switches
from tests.papersite.answers import Switch
from tests.papersite.arxiv.site import ArxivSite
from tests.papersite.faults_wire import reset
from tests.product import DAY, NOW, SERIES, Product

ROOT = Path(__file__).parents[2]
DAYS = [DAY + timedelta(days=number) for number in range(3)]
DAILY = SourceSeries(SOURCES["hf-daily"], SERIES)
Run = Callable[..., list[DayResult]]


@pytest.fixture
def store(product: Product) -> Store:
    return product.store


@pytest.fixture
def run(store: Store, site: PaperSite, state: Path) -> Run:
    """Runs days some hours after NOW, as they were planned at once or before."""
    planned = {day: load_day(store, DAILY.on(day)).history for day in DAYS}

    def at(
        hours: float = 0, *days: date, forced: bool = False, is_old: bool = False, wait: float = 900
    ) -> list[DayResult]:
        clock = Clock(NOW + timedelta(hours=hours))
        histories = [planned[day] if is_old else load_day(store, DAILY.on(day)).history for day in days or (DAY,)]
        with SiteClient(Site(site.url, {}, "tests"), RateLimiter(state, wait), Traffic("papers")) as client:
            return list(run_days(store, DAILY, histories, clock, client, forced=forced))

    return at


def outcomes(results: list[DayResult]) -> list[tuple[date, str]]:
    return [(each.day, each.failed or each.skipped or "built") for each in results]


def test_each_day_is_fetched_and_built_in_order(store: Store, run: Run) -> None:
    results = run(0, *reversed(DAYS))
    assert outcomes(results) == [(day, "built") for day in reversed(DAYS)]
    assert {each.series for each in results} == {SERIES}
    for each in results:
        assert each.built is not None
        assert each.report is not None
        assert each.report.new == each.built.certificate["papers"] > 0
        assert len(store.archives(SERIES, each.day)) == 1


def test_a_day_that_was_fetched_since_it_was_planned_is_skipped_unless_it_is_forced(store: Store, run: Run) -> None:
    run(0, DAYS[1])
    skipped = [(DAYS[0], "built"), (DAYS[1], "another process has fetched it meanwhile")]
    assert outcomes(run(1, *DAYS[:2], is_old=True)) == skipped
    assert len(store.archives(SERIES, DAYS[1])) == 1
    (result,) = run(2, DAYS[1], is_old=True, forced=True)
    assert (result.skipped, result.series, len(store.archives(SERIES, DAYS[1]))) == (None, SERIES, 2)


def test_a_day_that_another_process_fetches_is_skipped(store: Store, run: Run) -> None:
    code = f"""
from datetime import date
from pathlib import Path
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import fetching
with fetching(Store(Path({str(store.root)!r})), Series("hf-daily"), date.fromisoformat("{DAYS[1]}")):
    print("locked", flush=True)
    input()
"""
    words = (sys.executable, "-c", code)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        results = run(0, *DAYS)
        other.communicate("\n")
    assert [(each.series, *outcome) for each, outcome in zip(results, outcomes(results), strict=True)] == [
        (SERIES, DAYS[0], "built"),
        (SERIES, DAYS[1], "another process is fetching it"),
        (SERIES, DAYS[2], "built"),
    ]


def test_a_pass_without_an_answer_is_remembered_until_there_is_one(store: Store, site: PaperSite, run: Run) -> None:
    with site.refusing():
        for hours in range(2):
            (result,) = run(hours)
            reasons = (result.failed or "").split("; ")
            assert len(reasons) == 2
            assert all("its robots.txt could not be fetched" in reason for reason in reasons)
    assert store.archives(SERIES, DAY) == []
    passes = unanswered_passes(store, DAILY.on(DAY))
    assert [each.at for each in passes] == [NOW, NOW + timedelta(hours=1)]
    # The reason is that of the last view.
    assert passes[-1].reason == reasons[-1]
    assert f"/papers/date/{DAY}" in reasons[-1]
    site.switches.append(switches.down("/api/", 404))
    run(3)
    assert unanswered_passes(store, DAILY.on(DAY)) == ()


def test_a_fetch_that_is_archived_and_not_built_is_built_first(store: Store, run: Run) -> None:
    run(0)
    certificate, content = store.certificate(SERIES, DAY), store.certificate(SERIES, DAY).read_bytes()
    run(1)
    certificate.write_bytes(content)
    (result,) = run(2, forced=True)
    assert result.built is not None
    assert [each["at"][11:13] for each in result.built.certificate["fetches"]] == ["12", "13", "14"]


def test_a_damaged_file_is_made_anew_though_nothing_answers(
    store: Store, site: PaperSite, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    run(0)
    path = store.papers(SERIES, DAY)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"2025", b"2035"))
    with site.refusing():
        assert run(1)[0].failed is not None
    assert path.read_bytes() == content
    assert caplog.messages == [f"{path} is not the file that was built; it is rebuilt"]


def test_only_the_pages_of_a_whole_fetch_are_requested_with_conditions(store: Store, site: PaperSite, run: Run) -> None:
    api, page = f"/api/daily_papers?date={DAY}", f"/papers/date/{DAY}"
    tag = switches.header("/", "ETag", '"1"')

    def sent(hours: float, *changes: Switch) -> list[str | None]:
        site.switches[:] = [tag, *changes]
        before = len(site.log)
        run(hours, forced=True)
        return [entry.header("if-none-match") for entry in site.log[before:] if entry.target.startswith((api, page))]

    assert sent(0, switches.down(api, 404)) == [None, None]
    # That fetch was not whole: its page may not have been the one of the day.
    assert sent(1) == [None, None]
    assert sent(2) == ['"1"', '"1"']
    assert sent(3, switches.down(api, 404)) == ['"1"', '"1"']
    # The newest that is whole.
    assert sent(4) == ['"1"', '"1"']
    store.certificate(SERIES, DAY).unlink()
    assert sent(5) == ['"1"', '"1"']


def test_a_redirect_is_requested_without_a_condition(site: PaperSite, run: Run) -> None:
    """A 304 would say that it leads where it led, and nothing about the page there."""
    moved, there = f"/papers/date/{DAY}", f"/papers?date={DAY}"
    site.switches[:] = [switches.redirect(moved, there), switches.header("/", "ETag", '"1"')]
    run(0)
    before = len(site.log)
    (result,) = run(1, forced=True)
    assert result.built is not None
    assert [fetch["whole"] for fetch in result.built.certificate["fetches"]] == [True, True]
    sent = {entry.target: entry.header("if-none-match") for entry in site.log[before:]}
    assert (sent[moved], sent[there]) == (None, None)


def test_a_rate_limit_that_is_too_long_ends_the_run_after_its_day(store: Store, site: PaperSite, run: Run) -> None:
    site.switches.append(
        switches.when(
            f"/api/daily_papers?date={DAYS[1]}", lambda _, answer: type(answer)(429, [("Retry-After", "900")], b"")
        )
    )
    results = run(0, *DAYS, wait=10)
    assert [each.day for each in results] == DAYS[:2]
    assert store.archives(SERIES, DAYS[2]) == []


def test_the_same_fetch_is_archived_once(store: Store, run: Run) -> None:
    run(0)
    content = store.certificate(SERIES, DAY).read_bytes()
    (result,) = run(0, forced=True)
    assert result.failed is None
    assert len(store.archives(SERIES, DAY)) == 1
    assert store.certificate(SERIES, DAY).read_bytes() == content


def test_one_page_of_a_walk_is_archived_when_the_next_does_not_come(product: Product) -> None:
    oai, day, now = Series("arxiv-oai"), date(2026, 8, 13), datetime(2026, 10, 20, 12, tzinfo=UTC)
    with ArxivSite(now=now, records_per_page=60) as arxiv:
        arxiv.switches.append(reset("/oai?verb=ListRecords&resumptionToken"))
        product("run", "arxiv-oai", "--day", f"{day}", "--endpoint", f"arxiv={arxiv.url}", now=now)
    stored = load_day(product.store, SourceDay(SOURCES["arxiv-oai"], oai, day))
    assert stored.certificate is not None
    (fetch,) = stored.certificate["fetches"]
    assert (fetch["papers"], fetch["whole"], fetch["doubt"]) == (60, False, "failed")
    assert product.store.parts(oai, day) == []
