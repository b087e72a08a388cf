"""What the plan reads of a store: series and their days, passes without an answer, papers to describe."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.plan.attempts import MAX_PASSES, forget_unanswered, note_unanswered, unanswered_passes
from dailypapers.ingest.plan.due import check_day, due_days, has_past_days, listings_between, unfinished, unsettled
from dailypapers.ingest.plan.inventory import (
    all_stored_series,
    default_series,
    files_of,
    first_day,
    load_day,
    stored_series,
)
from dailypapers.ingest.plan.missing import missing_ids
from dailypapers.ingest.plan.revisit import DayHistory
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import SourceSeries, bounds_of
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.parsers.model import Paper
from dailypapers.snapshots.completeness.state import FetchSummary
from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite import PaperSite
from tests.product import NOW, Product
from tests.support.written_days import DAILY, DAY, paper, write_day

HOUR = timedelta(hours=1)
ON_DAILY = SourceSeries(SOURCES["hf-daily"], DAILY)
SEARCH = Series("hf-search", "a b")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def described(number: int, version: int | None = None, **fields: object) -> Paper:
    return paper(number, arxiv_id=f"2512.{number:05}", arxiv_version=version, **fields)


def test_the_ids_to_describe_are_those_that_are_unknown_or_newer_than_what_is_known(store: Store) -> None:
    first, later = at(DAY, 1), at(DAY, 9)
    papers = [described(number, version, first_seen=first) for number, version in ((1, 1), (2, 2), (3, None), (4, 1))]
    write_day(store, [*papers, paper(9)])
    write_day(
        store, [described(1, 2, first_seen=later), described(4, 1, first_seen=later)], day=DAY + timedelta(days=1)
    )
    known = Series("arxiv")
    write_day(store, [described(2, 2), described(3), described(1, 1)], series=known)
    assert missing_ids(store, [DAILY], known) == {"2512.00004": first, "2512.00001": later}
    assert list(missing_ids(store, [DAILY], known)) == ["2512.00004", "2512.00001"]
    assert missing_ids(store, [DAILY], DAILY) == {}
    assert missing_ids(store, [], known) == {}


def test_days_that_may_be_asked_for() -> None:
    daily, weekly, now = SOURCES["hf-daily"], SOURCES["hf-weekly"], SOURCES["hf-trending"]
    today = date(2025, 12, 19)
    assert listings_between(daily, today - timedelta(days=2), today, today) == [
        date(2025, 12, day) for day in (17, 18, 19)
    ]
    assert listings_between(weekly, date(2025, 12, 12), today, today) == [date(2025, 12, 8), date(2025, 12, 15)]
    assert listings_between(now, today, today, today) == [today]
    check_day(daily, daily.first_day, today)
    for source, first, last, message in (
        (daily, daily.first_day - timedelta(days=1), today, f"hf-daily begins on {daily.first_day}; "),
        (
            daily,
            today,
            today + timedelta(days=1),
            f"{today + timedelta(days=1)} is in the future; today is {today} (UTC)",
        ),
        (
            now,
            today - timedelta(days=1),
            today,
            "hf-trending shows only its current list: the only day to fetch is today",
        ),
    ):
        with pytest.raises(UsageError) as raised:
            listings_between(source, first, last, today)
        assert str(raised.value).startswith(message)
    assert [has_past_days(SOURCES[name]) for name in ("hf-daily", "hf-trending", "hf-text")] == [True, False, False]


def test_passes_without_an_answer_are_remembered_until_one_comes(store: Store) -> None:
    source_day = ON_DAILY.on(DAY)
    assert unanswered_passes(store, source_day) == ()
    forget_unanswered(store, source_day)
    for number in range(MAX_PASSES + 5):
        note_unanswered(store, source_day, at(DAY) + number * HOUR, f"reason {number}")
    passes = unanswered_passes(store, source_day)
    content = orjson.loads(store.attempts(DAILY, DAY).read_bytes())
    assert {name: content[name] for name in ("source", "query", "day")} == {
        "source": "hf-daily",
        "query": None,
        "day": f"{DAY}",
    }
    hours = [0, *range(6, MAX_PASSES + 5)]
    assert [each.at for each in passes] == [at(DAY) + number * HOUR for number in hours]
    last = f"reason {MAX_PASSES + 4}"
    assert set(passes) == {
        FetchSummary(each.at, whole=False, doubt="failed", reason=last, papers=0, new=0) for each in passes
    }
    forget_unanswered(store, source_day)
    assert (unanswered_passes(store, source_day), store.days_with_attempts(DAILY)) == ((), [])


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        '{"passes": 1, "reason": "x"}',
        '{"passes": ["x"], "reason": "x"}',
        '{"passes": ["2026-01-12T09:00:00"], "reason": "a time without a zone"}',
        '{"passes": []}',
    ],
)
def test_a_file_of_passes_that_cannot_be_read_counts_as_none(store: Store, content: str) -> None:
    source_day = ON_DAILY.on(DAY)
    note_unanswered(store, source_day, at(DAY), "before")
    store.attempts(DAILY, DAY).write_text(content)
    assert unanswered_passes(store, source_day) == ()
    note_unanswered(store, source_day, at(DAY), "after")
    assert [each.reason for each in unanswered_passes(store, source_day)] == ["after"]


def test_a_series_begins_with_its_first_built_day_or_with_a_pass_on_its_own_day(store: Store) -> None:
    assert first_day(store, ON_DAILY) is None
    note_unanswered(store, ON_DAILY.on(DAY - timedelta(days=9)), at(DAY), "a backfill that reached nothing")
    assert first_day(store, ON_DAILY) is None
    note_unanswered(store, ON_DAILY.on(DAY), at(DAY), "a run")
    assert first_day(store, ON_DAILY) == DAY
    write_day(store, [paper(1)], day=DAY + timedelta(days=2))
    assert first_day(store, ON_DAILY) == DAY
    write_day(store, [paper(1)], day=DAY - timedelta(days=2))
    assert first_day(store, ON_DAILY) == DAY - timedelta(days=2)


def test_the_series_of_a_search_is_known_from_what_the_store_has_of_it(
    product: Product, site: PaperSite, tmp_path: Path
) -> None:
    source, store = SOURCES["hf-search"], product.store
    assert stored_series(store, source) == []
    day = SourceSeries(source, SEARCH).on(NOW.date())
    note_unanswered(store, day, NOW, "no answer")
    assert stored_series(store, source) == [SEARCH]
    forget_unanswered(store, day)
    product("run", "hf-search", "--query", "a b")
    assert stored_series(store, source) == [SEARCH]
    certificate = store.certificate(SEARCH, NOW.date())
    certificate.write_bytes(b"{")
    assert stored_series(store, source) == [SEARCH]
    certificate.unlink()
    assert stored_series(store, source) == [SEARCH]
    for archive in store.archives(SEARCH, NOW.date()):
        archive.write_bytes(b"damaged")
    assert stored_series(store, source) == []


def test_a_run_fetches_daily_papers_first_and_whatever_is_stored(store: Store) -> None:
    assert default_series(store) == [ON_DAILY]
    for name in ("hf-weekly", "hf-trending"):
        write_day(store, [paper(1)], series=Series(name))
    note_unanswered(store, SourceSeries(SOURCES["hf-monthly"], Series("hf-monthly")).on(DAY), at(DAY), "no answer")
    stored = {str(each) for each in ("hf-weekly", "hf-trending", "hf-monthly")}
    assert {str(each.series) for each in all_stored_series(store)} == stored
    write_day(store, [paper(1)])
    names = [str(each.series) for each in default_series(store)]
    assert (names[0], sorted(names)) == ("hf-daily", sorted({"hf-daily", *stored}))


def test_a_stored_day_is_read_again_only_if_its_certificate_changed(product: Product, site: PaperSite) -> None:
    product("run")
    store, source_day = product.store, ON_DAILY.on(NOW.date())
    loaded = load_day(store, source_day)
    assert loaded.certificate is not None
    assert (loaded.has_intact_certificate, loaded.has_new_archives) == (True, False)
    assert loaded.history.looks[-1].at == NOW
    marked = replace(loaded, certificate_content=b"marked")
    (archive,) = loaded.archives
    other = archive.with_name(f"20251219T130000Z-00000000{''.join(archive.suffixes[-2:])}")
    other.write_bytes(archive.read_bytes())
    refreshed = marked.refreshed()
    assert (refreshed.certificate_content, refreshed.has_new_archives) == (b"marked", True)
    assert refreshed.archives == [archive, other]
    path = store.certificate(DAILY, NOW.date())
    path.write_bytes(path.read_bytes().replace(b'"papers"', b'"Papers"', 1))
    changed = marked.refreshed()
    assert (changed.certificate_content, changed.has_intact_certificate) == (path.read_bytes(), False)
    path.unlink()
    gone = marked.refreshed()
    assert (gone.certificate, gone.certificate_content, gone.files.certificate) == (None, b"", None)
    assert (gone.has_intact_certificate, gone.has_new_archives) == (False, True)


def test_an_archive_that_is_a_link_to_nowhere_is_a_file_of_its_day(product: Product, site: PaperSite) -> None:
    product("run")
    (archive,) = product.store.archives(DAILY, NOW.date())
    archive.unlink()
    archive.symlink_to("nowhere")
    (state,) = files_of(product.store, ON_DAILY.on(NOW.date())).archives
    assert (state.path, state.inode) == (archive, archive.lstat().st_ino)


def test_what_comes_from_files_is_never_due(store: Store) -> None:
    write_day(store, [paper(1)], series=Series("hf-text"))
    assert due_days(store, SourceSeries(SOURCES["hf-text"], Series("hf-text")), NOW, {}) == []
    (today,) = due_days(store, ON_DAILY, NOW, {})
    assert (today.first, today.looks) == (NOW.date(), [])


def test_what_a_backfill_still_has_to_fetch() -> None:
    day = date(2025, 12, 10)

    def listed(*looks: FetchSummary) -> DayHistory:
        return DayHistory(Period.DAY, day, bounds_of(SOURCES["hf-daily"], day), looks)

    whole = FetchSummary(at(date(2025, 12, 11), 13), True, None, None, 10, 10)
    doubtful = FetchSummary(at(date(2025, 12, 11), 13), False, "failed", "no answer", 10, 10)
    closed = listed(whole, FetchSummary(at(date(2025, 12, 13), 13), True, None, None, 10, 0))
    never, seen, doubted = listed(), listed(whole), listed(doubtful)
    just_after = whole.at + timedelta(minutes=1)
    assert unfinished([never, seen, doubted, closed], just_after) == [never, doubted]
    assert unfinished([seen], whole.at + timedelta(days=2)) == [seen]
    assert unsettled([never, seen, doubted, closed], NOW) == [never, seen, doubted]
