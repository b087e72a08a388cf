"""Problems, as `status` shows them to people and to programs."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from dailypapers.ingest.monitor.problems import Problem, problems
from dailypapers.ingest.monitor.status import DayStatus, SeriesStatus, series_status
from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.ingest.plan.revisit import DayHistory, next_look, window
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import bounds_of
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.completeness.state import FetchSummary
from dailypapers.snapshots.drift.profile import profile
from dailypapers.snapshots.store.layout import Series
from tests.papersite import PaperSite, switches
from tests.product import DAY, NOW, SERIES, Product
from tests.support.written_days import paper, write_day

ROOT = Path(__file__).parents[2]


def test_a_healthy_store_has_no_trouble(product: Product, site: PaperSite) -> None:
    assert problems(product.store, NOW) == []
    product("run")
    assert problems(product.store, NOW + timedelta(hours=30)) == []
    assert product("status", now=NOW + timedelta(hours=30)).status == 0


def test_silence_is_one_trouble_until_somebody_looks(product: Product, site: PaperSite) -> None:
    product("run")
    (first,) = problems(product.store, NOW + timedelta(days=2))
    assert (first.series, first.day, first.kind) == ("hf-daily", None, "late")
    # It stays the same trouble, though more days are missing each day.
    assert problems(product.store, NOW + timedelta(days=9)) == [first]
    assert "2025-12-19 12:00 UTC, due since 2025-12-19 13:00" in first.reason
    said = product("status", now=NOW + timedelta(days=9))
    assert (said.status, said.out.count(first.reason)) == (1, 1)
    assert "last fetched 2025-12-19 12:00 UTC, 8 days late" in said.out


def test_quiet_status_says_troubles_alone(product: Product, site: PaperSite) -> None:
    assert product("status", "--quiet").out == ""
    product("run")
    assert product("status", "--quiet").out == ""
    (line,) = product("status", "--quiet", now=NOW + timedelta(days=2)).out.splitlines()
    assert line.startswith("hf-daily: late: not fetched since 2025-12-19 12:00 UTC")


def test_a_listing_of_the_moment_goes_silent_too(product: Product, site: PaperSite) -> None:
    product("run", "hf-trending")
    # It is looked at once a day.
    assert "late" not in product("status", now=NOW + timedelta(hours=12)).out
    assert "last fetched 2025-12-19 12:00 UTC, 1 h late" in product("status", now=NOW + timedelta(hours=14)).out
    assert problems(product.store, NOW + timedelta(hours=40)) == []
    (silent,) = problems(product.store, NOW + timedelta(hours=45))
    assert (silent.series, silent.kind) == ("hf-trending", "late")


@pytest.mark.parametrize("every", [1, 24])
@pytest.mark.parametrize("name", ["hf-daily", "hf-weekly", "hf-monthly", "hf-trending"])
def test_a_healthy_job_is_never_later_than_its_rhythm(name: str, every: int) -> None:
    source, series = SOURCES[name], Series(name)
    looks: dict[date, list[FetchSummary]] = {}
    worst = timedelta(0)
    for hours in range(0, 15 * 24, every):
        now = NOW + timedelta(hours=hours, minutes=17)
        days = window(source.period, min(looks, default=None), now.date())
        listings = {day: DayHistory(source.period, day, bounds_of(source, day), looks.get(day, [])) for day in days}
        stands = [
            DayStatus(series, day, fetched=one.newest.at if one.newest else None, next_look=next_look(one, now))
            for day, one in listings.items()
            if day in looks or source.period is not Period.NOW
        ]
        worst = max(worst, SeriesStatus(source, series, stands).late(now))
        for day in days[:1] if source.period is Period.NOW else days:
            due = next_look(listings[day], now)
            if due is not None and due <= now:
                looks.setdefault(day, []).append(FetchSummary(now, True, None, None, 10, 0 if day in looks else 10))
    assert worst < timedelta(hours=every)


def test_a_doubt_that_stands_is_the_same_trouble_at_each_fetch(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.down("/api/"))
    found = []
    for hours in range(0, 9, 2):
        product("run", now=NOW + timedelta(hours=hours))
        found.append(problems(product.store, NOW + timedelta(hours=hours)))
    assert found[0] == []
    assert {one.identity for one in found[-1]} == {"hf-daily 2025-12-19 doubt"}


def test_a_certificate_that_cannot_be_read_is_named(product: Product, site: PaperSite) -> None:
    product("run")
    product.store.certificate(SERIES, NOW.date()).write_bytes(b"{")
    (trouble,) = problems(product.store, NOW)
    assert (trouble.series, trouble.day, trouble.kind) == ("hf-daily", NOW.date(), "unreadable")
    assert "not JSON" in trouble.reason
    assert product("status").status == 1


@pytest.mark.parametrize("days", [0, 60])
def test_a_lost_archive_stays_a_trouble_and_is_no_alarm(product: Product, site: PaperSite, days: int) -> None:
    product("backfill", "hf-daily", "--since", f"{DAY}", "--until", f"{DAY}")
    product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=13))
    product.archives()[0].write_bytes(b"")
    product("build", "--accept-loss", "--all")
    # That nobody ran for weeks is another problem, of a range that begins with the same day.
    (trouble,) = [
        one for one in problems(product.store, NOW + timedelta(days=days)) if one.day == DAY and one.kind != "gap"
    ]
    assert trouble.kind == "lost"
    assert product.archives()[0].name in trouble.reason


SOURCE = ["source", "query", "days", "papers", "rejects", "last_fetch", "last_success", "due_since", "late_seconds"]
DAY_KEYS = ["source", "query", "day", "state", "reason", "papers", "gone", "rejects", "as_of", "lost", "fetches"]
LOOKS = ["last_fetch", "last_success", "next_look", "alarm"]
STATUS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "now", "sources", "days", "problems"],
    "properties": {
        "version": {"const": 2},
        "now": {"type": "string", "format": "date-time"},
        "sources": {"type": "array", "items": {"required": SOURCE}},
        "days": {"type": "array", "items": {"required": [*DAY_KEYS, *LOOKS]}},
        "problems": {"type": "array", "items": {"required": ["series", "day", "until", "kind", "reason", "command"]}},
    },
}


def test_status_tells_programs_how_late_a_source_is(product: Product, site: PaperSite) -> None:
    product("run")
    found = json.loads(product("status", "--json", now=NOW + timedelta(days=3)).out)
    jsonschema.validate(found, STATUS)
    page = (ROOT / "docs" / "monitoring.md").read_text()
    assert [
        name for row in (found, found["sources"][0], found["days"][0]) for name in row if f"`{name}`" not in page
    ] == []
    assert found["now"] == "2025-12-22T12:00:00Z"
    assert found["sources"][0] | {"papers": 0} == {
        "source": "hf-daily",
        "query": None,
        "days": 1,
        "papers": 0,
        "rejects": 0,
        "last_fetch": "2025-12-19T12:00:00Z",
        "last_success": "2025-12-19T12:00:00Z",
        "due_since": "2025-12-19T13:00:00Z",
        "late_seconds": 71 * 3600,
    }
    assert [trouble["kind"] for trouble in found["problems"]] == ["late"]


def test_days_in_doubt_are_counted_and_their_next_look_is_told(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.down("/api/", 403))
    ran = product("run", "--since", "2025-12-17", "--until", "2025-12-18", "--log-format", "human")
    assert "2 days: 55 new, 0 changed papers\n2 partial; later runs will fetch them again" in ran.err
    said = product("status")
    assert said.status == 0
    assert "2 need no action now:" in said.out
    assert "attention" not in said.out
    assert "; next fetch 2025-12-19 13:00 UTC" in said.out
    assert "; the next run will fetch it" in product("status", now=NOW + timedelta(hours=2)).out


def test_days_in_a_row_that_were_never_fetched_are_one_line(product: Product, site: PaperSite) -> None:
    product("backfill", "hf-daily", "--since", "2025-12-08", "--until", "2025-12-10")
    said = product("status")
    assert said.status == 1
    assert "1 needs attention:" in said.out
    line = "hf-daily 2025-12-11 to 2025-12-18: missing: 8 days were never fetched; the next run will fetch them"
    assert line in said.out
    assert len(json.loads(product("status", "--json").out)["problems"]) == 8


def test_a_fetch_is_due_from_its_instant_on_and_not_when_one_was_made_at_it() -> None:
    at = NOW.replace(minute=0)
    tried = DayStatus(SERIES, DAY, tried=at)

    def due_since(look: datetime, now: datetime) -> datetime | None:
        days = [tried, DayStatus(SERIES, DAY, next_look=look)]
        return SeriesStatus(SOURCES["hf-daily"], SERIES, days).due_since(now)

    second = timedelta(seconds=1)
    assert due_since(at, at + 9 * second) is None
    assert due_since(at + second, at + 9 * second) == at + second
    assert due_since(at + second, at + second) == at + second
    assert due_since(at + second, at) is None
    assert SeriesStatus(SOURCES["hf-daily"], SERIES, [DayStatus(SERIES, DAY, next_look=at)]).due_since(at) is None


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (Problem("hf-daily", None, "late", "not fetched"), "hf-daily: late: not fetched"),
        (Problem("hf-daily", DAY, "doubt", "why"), f"hf-daily {DAY}: doubt: why"),
        (Problem("hf-daily", DAY, "gap", "why", DAY), f"hf-daily {DAY}: gap: why"),
        (
            Problem("hf-daily", DAY, "gap", "why", date(2025, 12, 11), ("backfill", "a b")),
            f"hf-daily {DAY} to 2025-12-11: gap: why; run: dailypapers --store '/the store' backfill 'a b'",
        ),
    ],
)
def test_a_problem_in_one_line_names_the_series_the_days_and_the_command(problem: Problem, line: str) -> None:
    assert problem.describe(Path("/the store")) == line
    assert str(problem) == line.replace(" --store '/the store'", "")


def test_days_out_of_reach_are_a_problem_of_their_series_and_range(product: Product, site: PaperSite) -> None:
    product("backfill", "hf-daily", "--since", f"{DAY}", "--until", f"{DAY}")
    (gap,) = [each for each in problems(product.store, NOW + timedelta(days=60)) if each.kind == "gap"]
    assert (gap.series, gap.day, gap.raises_alarm) == ("hf-daily", DAY, True)
    assert gap.until is not None
    assert gap.command == ("backfill", "hf-daily", "--since", f"{DAY}", "--until", f"{gap.until}")
    assert gap.identity == f"hf-daily {DAY} gap"


def test_a_site_that_does_not_answer_is_one_problem_of_its_series(product: Product, site: PaperSite) -> None:
    product("run")
    with site.refusing():
        for hours in range(24, 60, 6):
            product("run", now=NOW + timedelta(hours=hours))
    found = problems(product.store, NOW + timedelta(hours=60))
    (outage,) = [each for each in found if each.kind == "unanswered"]
    assert (outage.series, outage.day, outage.identity) == ("hf-daily", None, "hf-daily unanswered")
    assert outage.reason.startswith("no answer since 2025-12-20 12:00 UTC (")
    assert "; 2 days wait; " in outage.reason or "; 3 days wait; " in outage.reason


def test_changes_of_the_site_are_one_problem_for_each_day(product: Product) -> None:
    day, other = NOW.date(), NOW.date() - timedelta(days=1)

    def profiled(when: date, *paths: str) -> None:
        items = [dict.fromkeys(["id", *paths], "text") for _ in range(60)]
        view = {"file": "a", "at": timestamp(NOW), "at_known": True, "timely": True, "reading": None, "items": 60}
        view |= {"keys": "", "matched": {}, "fields": profile(items, when)}
        write_day(product.store, [paper(1)], day=when, profiles={"api": view})

    for number in range(2, 40):
        profiled(day - timedelta(days=number))
    profiled(other, "first", "second")
    profiled(day, "first", "second", "third")
    found = [each for each in problems(product.store, NOW) if each.kind == "drift"]
    assert [(each.series, each.day) for each in found] == [("hf-daily", other), ("hf-daily", day)]
    assert (
        found[0].reason.count("first: ") == found[0].reason.count("second: ") == found[1].reason.count("third: ") == 1
    )
    assert [each.reason.endswith("; see dailypapers drift") for each in found] == [True, True]


def test_the_status_of_a_list_of_the_moment_and_of_copied_lists_has_only_stored_days(
    product: Product, site: PaperSite, tmp_path: Path
) -> None:
    product("run", "hf-trending")
    write_day(product.store, [paper(1)], series=Series("hf-text"), state="settling")
    now = NOW + timedelta(days=3)
    statuses = [series_status(product.store, stored, now) for stored in all_stored_series(product.store)]
    found = {str(each.series): [(day.day, day.state and day.state.name) for day in each.days] for each in statuses}
    assert found == {"hf-text": [(DAY, "settling")], "hf-trending": [(NOW.date(), "closed")]}


def test_a_waived_gap_is_no_problem_and_its_days_say_so(product: Product, site: PaperSite) -> None:
    product("backfill", "hf-daily", "--since", f"{DAY}", "--until", f"{DAY}")
    now = NOW + timedelta(days=60)
    (gap,) = [each for each in problems(product.store, now) if each.kind == "gap"]
    product("waive", "hf-daily", "--since", f"{DAY}", "--until", f"{DAY}", "--reason", "a test", now=now)
    (stored,) = all_stored_series(product.store)
    days = {day.day: day for day in series_status(product.store, stored, now).days}
    assert (days[DAY].is_waived, days[DAY].is_gap, days[DAY].glyph) == (True, False, "waived")
    following = days[DAY + timedelta(days=1)]
    assert (following.is_waived, following.is_gap, following.glyph) == (False, True, "out of reach")
    (rest,) = [each for each in problems(product.store, now) if each.kind == "gap"]
    assert (rest.day, rest.until) == (following.day, gap.until)
