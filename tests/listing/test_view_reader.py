"""What one view of a fetch shows: its papers and rejects, and what it proves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from dailypapers.ingest.listing import view_reader
from dailypapers.ingest.listing.view_reader import ParseCache, ViewReader
from dailypapers.ingest.sources.urls import ARXIV_OAI
from dailypapers.snapshots.completeness.verdict import ViewResult
from dailypapers.snapshots.reader import PackedPapers
from tests.listing.pages import NOW, OTHER, html, item, items, keys, on, reader, take
from tests.support.written_days import DAY


def test_the_evidence_of_a_view_of_two_pages() -> None:
    reading = reader()
    assert take(reading, items(0, 100), x_total_count="103") == "/api/daily_papers?date=2025-12-10&limit=100&p=1"
    assert not reading.evidence()["exhausted"]
    # A later page may say nothing of its day, and repeats a paper.
    rest = [*orjson.loads(items(99, 102, None)), {"paper": {"id": 5}}]
    assert take(reading, orjson.dumps(rest)) is not None
    evidence = reading.evidence()
    assert (evidence["view"], evidence["parser"], evidence["reading"]) == ("api", "hf_api", "api")
    assert (evidence["version"], evidence["failed"], evidence["notes"]) == (reading.version, None, [])
    counts = (evidence["pages"], evidence["items"], evidence["papers"], evidence["rejects"], evidence["promised"])
    assert (*counts, evidence["served"]) == (2, 104, 102, 1, 103, f"{DAY}")
    assert [paper.rank for paper in reading.papers][-3:] == [101, 102, 103]


def test_a_view_that_says_nothing_of_its_day_has_served_none() -> None:
    reading = reader()
    take(reading, items(0, 2, None))
    assert (reading.evidence()["served"], reading.evidence()["exhausted"]) == (None, True)
    assert reader().evidence()["reading"] is None


def stated_empty(at: datetime) -> ViewReader:
    reading = reader(on(name="arxiv-oai"), at=at)
    take(reading, b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="noRecordsMatch"/></OAI-PMH>')
    return reading


def test_a_site_is_believed_that_a_day_has_no_papers_two_days_after_it() -> None:
    end = datetime(2025, 12, 11, tzinfo=UTC)
    for late, elsewhere in ((timedelta(days=2, seconds=-1), False), (timedelta(days=2), True)):
        reading = stated_empty(end + late)
        assert (reading.elsewhere, reading.is_empty, reading.failed) == (elsewhere, True, None)
    assert isinstance(reading.papers, PackedPapers)


@pytest.mark.parametrize(("view", "body"), [(0, b"[]"), (1, html(DAY))])
def test_an_empty_list_or_the_right_day_says_nothing_of_other_days(view: int, body: bytes) -> None:
    reading = reader(view=view)
    take(reading, body)
    assert (reading.elsewhere, reading.is_empty, reading.evidence()["exhausted"]) == (False, view == 0, True)


def test_the_page_of_another_day_says_that_a_day_lists_nothing() -> None:
    reading = reader(view=1)
    take(reading, html(OTHER))
    assert (reading.elsewhere, reading.is_empty, reading.failed) == (True, True, None)
    evidence = reading.evidence()
    assert (evidence["exhausted"], evidence["papers"], evidence["served"]) == (True, 0, f"{OTHER}")
    assert evidence["notes"] == [f"lists nothing: it answered with the page of the day {OTHER}"]


def test_only_the_first_page_proves_which_day_it_is() -> None:
    reading = reader()
    take(reading, items(0, 100))
    take(reading, items(100, 103, OTHER))
    assert (reading.failed, len(reading.papers)) == (None, 103)


@pytest.mark.parametrize(
    ("body", "promised", "shortfall"),
    [
        (items(0, 2), "2", None),
        (items(0, 2), "1", None),
        (items(0, 100), None, "the listing does not end at 100 items"),
        (orjson.dumps([item(1, title=None), item(2, title=None)]), None, "none of its 2 items is a paper"),
        (orjson.dumps([item(1), item(2, title=None)]), None, None),
        (b"[]", None, None),
    ],
)
def test_what_is_missing_from_a_view(body: bytes, promised: str | None, shortfall: str | None) -> None:
    reading = reader()
    take(reading, body, 200, **({"x_total_count": promised} if promised else {}))
    assert reading.result().failed == shortfall
    assert reading.failed is None


def test_a_promise_is_compared_with_all_items_of_all_pages() -> None:
    reading = reader(on(name="hf-trending"), view=0)
    take(reading, orjson.dumps([item(1), item(2, title=None)]), x_total_count="3")
    assert reading.result() == ViewResult(keys(1, 2), "3 items were promised, 2 shown", 2)
    assert reader().result().failed == "the listing does not end at 0 items"


def identities(*raws: object) -> Sequence[str]:
    reading = reader()
    take(reading, orjson.dumps([item(1), *raws]))
    return [refusal.identity for refusal in reading.refusals]


def test_the_same_reject_is_known_again_in_every_view() -> None:
    """The API nests the paper of an item; the keys of an object may be in any order."""
    first, other = {"id": 5, "title": "x"}, {"id": 6, "title": "x"}
    same = identities({"paper": first, "upvotes": 1}, {"paper": {"title": "x", "id": 5}}, first)
    assert len(same) == 3
    assert len(set(same)) == 1
    assert len({*same, *identities({"paper": other}, ["x"], None)}) == 4


def test_a_paper_of_another_day_is_left_out_and_noted() -> None:
    reading = reader()
    take(reading, items(0, 3))
    (left_out,) = keys(1, 2)
    reading.leave_out({left_out: OTHER})
    assert {paper.key for paper in reading.papers} == keys(0, 3) - {left_out}
    assert reading.evidence()["notes"] == [f"{left_out} says that it was listed on {OTHER}; left out"]


def test_a_view_that_is_fetched_again_begins_with_nothing() -> None:
    cache = ParseCache()
    first = ViewReader(on(), on().source.views[0], NOW, cache)
    take(first, items(0, 3))
    again = first.restarted(NOW + timedelta(hours=1))
    assert (again.at, len(again.papers), again.first) == (NOW + timedelta(hours=1), 0, first.first)
    take(again, items(0, 3))
    # The same page is not parsed again.
    assert again.parsed[0] is first.parsed[0]
    assert (again.source_day, again.view, again.result()) == (on(), first.view, first.result())


def test_a_page_is_parsed_again_where_it_has_another_place_or_promise() -> None:
    reading = reader()
    take(reading, items(0, 100), x_total_count="200")
    take(reading, items(0, 100), x_total_count="201")
    assert [page.papers[0].rank for page in reading.parsed] == [1, 101]
    assert [page.claims.promised for page in reading.parsed] == [200, 201]


def test_of_a_long_listing_the_first_items_are_profiled_and_all_papers_are_packed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(view_reader, "MAX_PROFILED", 3)
    view = on().source.views[0]._replace(paging=ARXIV_OAI)
    reading = ViewReader(on(), view, NOW)
    for number in range(3):
        following = f"/next?token={number}"
        link = {} if number == 2 else {"link": f'<https://huggingface.co{following}>; rel="next"'}
        assert take(reading, items(2 * number, 2 * number + 2), 200, **link) == (following if link else None)
    assert [len(page.raw) for page in reading.parsed] == [2, 2, 0]
    assert all(isinstance(page.papers, PackedPapers) for page in reading.parsed)
    assert reading.result() == ViewResult(keys(0, 6), None, 2)
    reading.leave_out({})
    assert [paper.rank for paper in reading.papers] == [1, 2, 3, 4, 5, 6]
