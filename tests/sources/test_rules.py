"""What the table of sources says of a day: when it must have papers, when it ends, what its list may do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.sources.calendars import Period, arxiv, every_day, hugging_face, no_day
from dailypapers.ingest.sources.model import SourceSeries, bounds_of
from dailypapers.ingest.sources.registry import SOURCES, readable, rules_of, series_named, source_named
from dailypapers.ingest.sources.urls import never, oai_updated_between, same_oai_list
from dailypapers.snapshots.completeness.state import Bounds
from dailypapers.snapshots.completeness.verdict import Rules
from dailypapers.snapshots.store.layout import Series

MONDAY, WEDNESDAY, SATURDAY, MONTH = date(2025, 12, 8), date(2025, 12, 10), date(2025, 12, 13), date(2025, 12, 1)


def midnight(day: int, month: int = 12, year: int = 2025) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "day", "rules"),
    [
        ("hf-daily", WEDNESDAY, Rules(midnight(11), False, midnight(11))),
        ("hf-daily", SATURDAY, Rules(midnight(14), True, None)),
        ("hf-weekly", MONDAY, Rules(midnight(15), False, midnight(9))),
        ("hf-monthly", MONTH, Rules(midnight(1, 1, 2026), False, midnight(2))),
        ("hf-trending", SATURDAY, Rules(midnight(14), False, midnight(13), comparable=False)),
        ("hf-search", WEDNESDAY, Rules(midnight(11), True, midnight(10), comparable=False)),
        ("arxiv-new", WEDNESDAY, Rules(midnight(11), False, midnight(10))),
        ("arxiv-new", SATURDAY, Rules(midnight(14), True, midnight(13))),
        ("arxiv-oai", WEDNESDAY, Rules(midnight(11), True, None, falls=False)),
    ],
)
def test_the_rules_of_a_day(name: str, day: date, rules: Rules) -> None:
    assert rules_of(SOURCES[name], day) == rules


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("hf-daily", Bounds(midnight(14), may_be_empty=True)),
        ("hf-trending", Bounds(midnight(14), may_be_empty=False, at_once=True)),
        ("hf-text", Bounds(midnight(14), may_be_empty=True, at_once=True)),
    ],
)
def test_the_bounds_of_a_day(name: str, bounds: Bounds) -> None:
    assert bounds_of(SOURCES[name], SATURDAY) == bounds


def test_a_month_is_due_on_its_first_working_day() -> None:
    assert SOURCES["hf-monthly"].first_due(date(2025, 11, 1)) == date(2025, 11, 3)
    assert SOURCES["hf-weekly"].first_due(date(2024, 12, 30)) == date(2024, 12, 30)
    assert SOURCES["hf-daily"].first_due(date(2025, 12, 25)) is None


@pytest.mark.parametrize(
    ("day", "hf", "ours"),
    [
        (date(2026, 1, 1), True, True),
        (date(2026, 1, 2), False, False),
        (date(2026, 1, 3), True, True),
        (date(2026, 1, 4), True, True),
        (date(2026, 1, 5), False, False),
        (date(2026, 12, 24), False, False),
        (date(2026, 12, 25), True, True),
        (date(2026, 11, 26), False, True),
        (date(2024, 11, 28), False, False),  # a year whose holidays are not listed
    ],
)
def test_days_without_papers(day: date, hf: bool, ours: bool) -> None:
    assert (hugging_face(day), arxiv(day)) == (hf, ours)
    assert (every_day(day), no_day(day)) == (False, True)


@pytest.mark.parametrize(
    ("period", "first", "following", "days"),
    [
        (Period.DAY, WEDNESDAY, date(2025, 12, 11), 1),
        (Period.NOW, WEDNESDAY, date(2025, 12, 11), 1),
        (Period.WEEK, MONDAY, date(2025, 12, 15), 7),
        (Period.MONTH, date(2024, 2, 1), date(2024, 3, 1), 29),
        (Period.MONTH, MONTH, date(2026, 1, 1), 31),
    ],
)
def test_the_days_of_a_listing(period: Period, first: date, following: date, days: int) -> None:
    listed = period.days(first)
    assert (listed[0], listed[-1], len(listed)) == (first, following - timedelta(days=1), days)
    assert {period.first_day(day) for day in listed} == {first}
    assert period.first_day(following) == period.after(first) == following


def at(hour: int, day: int = 10) -> datetime:
    return datetime(2025, 12, day, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begun", "now", "is_updated"),
    [
        (at(0), at(1), False),
        (at(0), at(2), True),
        (at(4), at(4), True),
        (at(4), at(23), True),
        (at(5), at(23), False),
        (at(5), at(1, day=11), False),
        (at(4), at(1, day=11), True),
        (at(5), at(2, day=11), True),
        (at(5), at(0, day=12), True),
    ],
)
def test_arxiv_updates_its_records_in_the_night_of_new_york(begun: datetime, now: datetime, is_updated: bool) -> None:
    assert oai_updated_between(begun, now) is is_updated
    assert same_oai_list(begun, now) is (not is_updated and begun.day == now.day)
    assert never(begun, now) is False


def test_a_list_of_later_is_not_the_same() -> None:
    assert same_oai_list(at(9), at(9))
    assert not same_oai_list(at(10), at(9))


@pytest.mark.parametrize(
    ("name", "query", "message"),
    [
        ("hf-daily", "x", "hf-daily takes no --query"),
        ("hf-search", None, 'hf-search needs --query, e.g. --query "diffusion language models"'),
        ("hf-search", "  ", 'hf-search needs --query, e.g. --query "diffusion language models"'),
        ("hf-search", "\udcff", "--query '\\udcff' cannot be encoded as UTF-8"),
        ("arxiv-new", "CS", "--query 'CS' is not a category or an archive of arXiv, like cs.CL"),
        ("arxiv-oai", "cs.CL", "--query 'cs.CL' is not a set of arXiv's OAI-PMH, like math:math:NA"),
        ("arxiv-oai", "", 'arxiv-oai needs --query, e.g. --query "math:math:NA"'),
    ],
)
def test_a_query_that_a_source_does_not_take(name: str, query: str | None, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        series_named(SOURCES[name], query)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("name", "query", "words"),
    [
        ("hf-daily", None, None),
        ("arxiv-oai", None, None),
        ("arxiv-oai", "cs", "cs"),
        ("hf-search", "  tiny \t models ", "tiny models"),
        ("arxiv-new", "cond-mat.mes-hall", "cond-mat.mes-hall"),
    ],
)
def test_the_series_of_a_query(name: str, query: str | None, words: str | None) -> None:
    assert series_named(SOURCES[name], query) == Series(name, words)


def test_an_unknown_source_is_answered_with_those_there_are() -> None:
    assert source_named("hf-daily") is SOURCES["hf-daily"]
    assert readable("hf-paper").name == "hf-paper"
    with pytest.raises(UsageError) as raised:
        source_named("hf-dayly")
    there_are = ", ".join(SOURCES)
    assert str(raised.value) == f"no source 'hf-dayly'; there are: {there_are}; did you mean hf-daily?"
    with pytest.raises(UsageError, match=r"^no source 'zzzzzz'; there are: .*, arxiv-abs$"):
        readable("zzzzzz")


def test_an_address_of_a_mirror_counts_where_it_is_the_endpoint() -> None:
    source, series = SOURCES["hf-daily"], Series("hf-daily")
    path = "/papers/date/2025-12-10"
    for endpoint, hosts in (
        (None, ["huggingface.co"]),
        ("http://mirror.example:8000", ["huggingface.co", "mirror.example"]),
    ):
        listed = SourceSeries(source, series, endpoint)
        found = [
            host
            for host in ("huggingface.co", "mirror.example", "x.example")
            if listed.matches(source.views[1], f"https://{host}{path}")
        ]
        assert found == hosts
    assert (str(listed), str(listed.on(WEDNESDAY))) == ("hf-daily", "hf-daily 2025-12-10")


@pytest.mark.parametrize(
    ("name", "endpoint", "hf_endpoint"),
    [
        ("hf-daily", "https://huggingface.co", None),
        ("hf-daily", "http://mirror.example", "http://mirror.example/"),
        ("arxiv-new", "https://arxiv.org", "http://mirror.example/"),
    ],
)
def test_the_endpoint_of_hugging_face_is_that_of_its_sources_alone(
    name: str, endpoint: str, hf_endpoint: str | None
) -> None:
    source = SOURCES[name]
    assert source.endpoint(hf_endpoint) == endpoint
    assert source.robots_bucket == ("hf-pages" if source.is_hugging_face else "arxiv")
