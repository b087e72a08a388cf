"""Papers that are packed in memory are those that were given, in their order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.parsers.model import Paper
from dailypapers.snapshots import merge as merging
from dailypapers.snapshots.merge import Merge, Sighting, merge
from dailypapers.snapshots.reader import PackedPapers, Place, Stack, keys_of

AT = datetime(2026, 8, 14, 12, tzinfo=UTC)


def paper(number: int, **fields: object) -> Paper:
    author = {"name": f"Ada {number}", "user": None, "hidden": None, "affiliation": "Łódź"}
    known = {
        "title": f"Paper {number}",
        "authors": [author],
        "published": date(2026, 8, 1),
        "extra": {"report-no": "L"},
    }
    return Paper.model_validate({"key": f"arxiv:2608.{number:05}", "source": "arxiv-oai", **known, **fields})


@given(st.lists(st.lists(st.integers(0, 99_999), max_size=4), max_size=5))
def test_packed_papers_are_the_pages_one_after_the_other(pages: list[list[int]]) -> None:
    packed, plain = PackedPapers(), [paper(number) for page in pages for number in page]
    for number, page in enumerate(pages):
        papers = [paper(each) for each in page]
        packed.extend(PackedPapers(papers) if number % 2 else papers)
    assert list(packed) == list(packed) == plain
    assert (len(packed), keys_of(packed)) == (len(plain), keys_of(plain))
    assert packed[1:] == plain[1:]
    assert [packed[-1]] == plain[-1:] if plain else not packed


@given(st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=40)), max_size=60), st.integers(1, 64))
def test_a_stack_gives_back_what_was_put_last(puts: list[tuple[int, bytes]], block: int) -> None:
    stack, places, expected = Stack(), dict[int, Place](), dict[int, bytes]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dailypapers.snapshots.reader._BLOCK", block)
        for name, content in puts:
            places[name], expected[name] = stack.put(content, places.get(name)), content
    assert {name: stack.get(place) for name, place in places.items()} == expected


@given(st.lists(st.lists(st.integers(0, 9), unique=True, max_size=8), min_size=1, max_size=4), st.integers(0, 10))
def test_a_merge_does_not_depend_on_what_is_packed(sightings: list[list[int]], plain: int) -> None:
    seen = [
        Sighting(AT + timedelta(hours=2 * hour), whole=True, listings=([paper(n, upvotes=hour + n) for n in numbers],))
        for hour, numbers in enumerate(sightings)
    ]
    expected, state = merge(seen), Merge()
    for sighting in seen:
        state.add(sighting)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "MAX_PLAIN", plain)
        packed = Merge()
        for sighting in seen:
            packed.add(sighting)
        assert merge(seen) == expected
        assert packed.state == state.state
        assert list(Merge(packed.state).papers()) == list(Merge(state.state).papers())
