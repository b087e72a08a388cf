"""The deduplicating writer: what many looks at one day come to."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.parsers.model import Paper, timestamp
from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.certificate import Certificate, is_intact, read_certificate, with_checksum
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.history import metric_lines
from dailypapers.snapshots.merge import Merge, Sighting, merge
from dailypapers.snapshots.reader import read_day, read_range
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.writer import Report, Snapshot, built_files, compare, day_bytes, write_snapshots
from tests.support.hypothesis_examples import examples

SERIES = Series("hf-daily")
DAY = date(2025, 12, 10)
START = datetime(2025, 12, 10, 8, tzinfo=UTC)


def paper(number: int = 1, **fields: Any) -> Paper:
    """A record of one's own."""
    return Paper(key=f"arxiv:2512.{number:05}", source="hf-daily", day=DAY, title=f"Paper {number}", **fields)


def sighting(hours: float, *listings: list[Paper], whole: bool = True) -> Sighting:
    """A fetch this many hours after the first, its strongest listing first."""
    return Sighting(START + timedelta(hours=hours), whole, listings)


def only(*sightings: Sighting) -> Paper:
    """The one paper that these sightings come to."""
    (merged,) = merge(sightings).papers
    return merged


def test_one_line_a_paper_whatever_is_repeated() -> None:
    merged = merge([sighting(0, [paper(2), paper(1), paper(2)], [paper(1), paper(3)]), sighting(1, [paper(3)])])
    assert [one.key for one in merged.papers] == ["arxiv:2512.00001", "arxiv:2512.00002", "arxiv:2512.00003"]


def test_the_later_fetch_wins_for_what_changes() -> None:
    merged = only(sighting(0, [paper(upvotes=3, comments=0)]), sighting(1, [paper(upvotes=0)]))
    assert (merged.upvotes, merged.comments) == (0, 0)


def test_the_stronger_view_wins_within_a_fetch_and_the_weaker_fills_gaps() -> None:
    api, page = paper(upvotes=5, rank=1), paper(upvotes=4, submitter="ada", github_stars=0)
    merged = only(sighting(0, [api], [page]))
    assert (merged.upvotes, merged.submitter, merged.github_stars, merged.rank) == (5, "ada", 0, 1)


@pytest.mark.parametrize(
    ("name", "known", "absent"),
    [("abstract", "text", None), ("keywords", ["a"], []), ("extra", {"a": 1}, {}), ("upvotes", 0, None)],
)
def test_what_is_absent_never_overwrites(name: str, known: Any, absent: Any) -> None:
    merged = only(sighting(0, [paper(**{name: known})]), sighting(1, [paper(**{name: absent})]))
    assert getattr(merged, name) == known


def test_extra_merges_key_by_key_with_sorted_keys() -> None:
    merged = only(sighting(0, [paper(extra={"b": 1, "c": 1})]), sighting(1, [paper(extra={"a": 2, "c": 2})]))
    assert list(merged.extra.items()) == [("a", 2), ("b", 1), ("c", 2)]


def test_rank_is_of_the_newest_fetch_that_shows_the_paper() -> None:
    first = sighting(0, [paper(rank=7)])
    assert only(first, sighting(1, [], [paper()])).rank is None
    assert only(first, sighting(1, [paper(rank=9)], [paper()])).rank == 9
    assert only(first, sighting(1, [])).rank == 7


def test_an_inferred_date_stays_marked_with_the_date_it_belongs_to() -> None:
    known = paper(published=DAY, published_inferred=True)
    assert only(sighting(0, [known]), sighting(1, [paper()])).published_inferred is True
    assert only(sighting(0, [known]), sighting(1, [paper(published=DAY)])).published_inferred is False


def test_first_seen_is_the_first_fetch_that_shows_it() -> None:
    merged = only(sighting(0, []), sighting(1, [paper()]), sighting(2, [paper()]))
    assert merged.first_seen == START + timedelta(hours=1)


@pytest.mark.parametrize(
    ("later", "left"),
    [
        ([], False),
        ([(1, True)], False),
        ([(1, True), (1.5, True)], False),
        ([(1, True), (2, True)], True),
        ([(1, False), (3, False)], False),
        ([(1, True), (2, False), (3, True)], True),
    ],
)
def test_a_paper_left_when_two_whole_fetches_an_hour_apart_agree(later: list[tuple[float, bool]], left: bool) -> None:
    looks = [sighting(hours, [], whole=whole) for hours, whole in later]
    merged = only(sighting(0, [paper()]), *looks)
    assert merged.last_seen == (START if left else None)
    back = only(sighting(0, [paper()]), *looks, sighting(9, [paper()]))
    assert back.last_seen is None


def test_metrics_have_a_line_where_a_number_changed() -> None:
    first = [paper(1, upvotes=1, rank=1), paper(2)]
    second = [paper(1, upvotes=1, rank=2), paper(2, comments=0)]
    found = merge([sighting(0, first), sighting(1, second), sighting(2, [paper(1, upvotes=3)], [paper(1, upvotes=2)])])
    rows = [(row.at.hour - START.hour, row.key[-1], row.upvotes, row.comments) for row in found.metrics]
    assert rows == [(0, "1", 1, None), (1, "2", None, 0), (2, "1", 3, None)]


papers = st.builds(
    paper,
    st.integers(1, 5),
    upvotes=st.none() | st.integers(0, 9),
    abstract=st.none() | st.sampled_from("ab"),
    rank=st.none() | st.integers(1, 9),
    keywords=st.lists(st.sampled_from("xy"), max_size=2),
    extra=st.dictionaries(st.sampled_from("pq"), st.integers(0, 3)),
)
looks = st.lists(st.tuples(st.lists(papers, max_size=4), st.lists(papers, max_size=4), st.booleans()), max_size=5)


@examples(100)
@given(looks)
def test_merge_loses_no_paper_and_no_value(found: list[tuple[list[Paper], list[Paper], bool]]) -> None:
    sightings = [sighting(n, api, page, whole=whole) for n, (api, page, whole) in enumerate(found)]
    shown = [one for api, page, _ in found for one in (*api, *page)]
    merged = {one.key: one for one in merge(sightings).papers}
    assert merged.keys() == {one.key for one in shown}
    for one in shown:
        kept = merged[one.key]
        assert (kept.upvotes is None) <= (one.upvotes is None)
        assert (not kept.keywords) <= (not one.keywords)
        assert one.extra.keys() <= kept.extra.keys()
        Paper.model_validate(kept.__dict__)


@examples(100)
@given(looks)
def test_merge_is_deterministic_and_a_repeated_fetch_changes_only_what_it_says_again(
    found: list[tuple[list[Paper], list[Paper], bool]],
) -> None:
    sightings = [sighting(n, api, page, whole=whole) for n, (api, page, whole) in enumerate(found)]
    assert day_bytes(merge(sightings).papers) == day_bytes(merge(sightings).papers)
    again = [*sightings, *(sightings[-1:])]
    assert day_bytes(merge(again).papers) == day_bytes(merge(sightings).papers)


@examples(100)
@given(looks, st.integers(0, 9))
def test_a_merge_continues_from_its_state(found: list[tuple[list[Paper], list[Paper], bool]], place: int) -> None:
    sightings = [sighting(n, api, page, whole=whole) for n, (api, page, whole) in enumerate(found)]
    merge_to_place = Merge()
    metrics = [metric for each in sightings[:place] for metric in merge_to_place.add(each)]
    resumed = Merge(json.loads(json.dumps(merge_to_place.state)))
    metrics += [metric for each in sightings[place:] for metric in resumed.add(each)]
    assert (day_bytes(resumed.papers()), metrics) == (day_bytes(merge(sightings).papers), merge(sightings).metrics)


def write(store: Store, day: date, *found: Paper) -> Report:
    """Write a day without evidence."""
    merged = merge([sighting(0, list(found))])
    content, metrics = day_bytes(merged.papers), metric_lines(merged.metrics)
    certificate = Certificate(
        schema=1,
        source="hf-daily",
        query=None,
        day=f"{day}",
        state="open",
        reason="",
        as_of=timestamp(START),
        papers=len(found),
        gone=0,
        rejects=0,
        parsers={},
        files=built_files(SERIES, day, content, [], metrics),
        coverage={},
        unknown_fields={},
        only_in={},
        disagreements={},
        agreement={},
        profiles={},
        notes=[],
        fetches=[],
        lost=[],
        checksum="",
    )
    snapshot = Snapshot(SERIES, day, content, [], metrics, with_checksum(certificate))
    (report,) = write_snapshots(store, [snapshot])
    return report


def test_any_byte_of_a_certificate_is_covered_by_its_checksum(tmp_path: Path) -> None:
    store = Store(tmp_path)
    write(store, DAY, paper(1))
    content = store.certificate(SERIES, DAY).read_bytes()
    assert is_intact(content)
    changed = [content[:n] + bytes([content[n] ^ 1]) + content[n + 1 :] for n in range(len(content))]
    assert not any(map(is_intact, [*changed, content + b" ", content[:-1], b"", b"{}"]))
    assert read_certificate(store.certificate(SERIES, DAY)) == orjson.loads(content)


def test_report_tells_new_changed_same_and_gone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert str(write(store, DAY, paper(1), paper(2))) == "2 new"
    assert str(write(store, DAY, paper(1), paper(2, upvotes=1), paper(3))) == "1 new, 1 changed, 1 same"
    gone = day_bytes(merge([sighting(0, [paper(1)]), sighting(1, []), sighting(3, [])]).papers)
    assert compare(store.papers(SERIES, DAY), gone).gone == 1


def test_unchanged_bytes_are_not_written_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    write(store, DAY, paper(1))
    before = store.papers(SERIES, DAY).stat()
    write(store, DAY, paper(1))
    after = store.papers(SERIES, DAY).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_reader_gives_back_what_was_written_day_by_day(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in (3, 1, 2):
        write(store, DAY + timedelta(days=number), paper(number))
    keys = [one.key for one in read_range(store, SERIES, DAY + timedelta(days=1), DAY + timedelta(days=2))]
    assert keys == ["arxiv:2512.00001", "arxiv:2512.00002"]
    (back,) = read_day(store, SERIES, DAY + timedelta(days=3))
    assert back == only(sighting(0, [paper(3)]))
    assert list(read_day(store, SERIES, DAY)) == []


def test_reader_refuses_a_newer_store_and_names_a_bad_line(tmp_path: Path) -> None:
    store = Store(tmp_path)
    write(store, DAY, paper(1))
    certificate = store.certificate(SERIES, DAY)
    newer = b'"schema": %d' % (SCHEMA + 1)
    certificate.write_bytes(certificate.read_bytes().replace(b'"schema": 1', newer))
    with pytest.raises(StoreError, match=rf"schema {SCHEMA + 1} is newer than this program's {SCHEMA}; upgrade"):
        list(read_day(store, SERIES, DAY))
    certificate.write_bytes(certificate.read_bytes().replace(newer, b'"schema": 1'))
    with store.papers(SERIES, DAY).open("ab") as file:
        file.write(b'{"key": "arxiv:2512.00002"}\n')
    with pytest.raises(StoreError, match=r":2: not a record"):
        list(read_day(store, SERIES, DAY))


def test_reader_fills_the_columns_of_an_older_store_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path)
    for day in (DAY, DAY + timedelta(days=1)):
        write(store, day, paper(1, upvotes=3))
        path, certificate = store.papers(SERIES, day), store.certificate(SERIES, day)
        path.write_bytes(path.read_bytes().replace(b'"upvotes":3,', b""))
        certificate.write_bytes(certificate.read_bytes().replace(b'"schema": 1', b'"schema": 0'))
    assert [found.upvotes for found in read_range(store, SERIES)] == [None, None]
    assert len([record for record in caplog.records if "run dailypapers build" in record.message]) == 1


def test_a_series_with_a_parameter_has_a_folder_of_its_own() -> None:
    first, second = Series("hf-search", "Mixture of Experts!"), Series("hf-search", "mixture of experts")
    assert str(first.folder).startswith("hf-search/mixture-of-experts-")
    assert first.folder != second.folder
    assert Series("hf-search", "日本語").folder.name.startswith("query-")
