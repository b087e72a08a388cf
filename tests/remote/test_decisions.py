"""The files of a human's decisions are merged without losing a line, and become the same everywhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dailypapers.remote.decisions import merged

FILES = st.lists(st.sampled_from(["join a b", "split a b", "join b c", "# why", ""]), max_size=8).map(
    lambda lines: "".join(f"{line}\n" for line in lines).encode()
)


def has_in_order(content: bytes, other: bytes) -> bool:
    left = iter(content.split(b"\n"))
    return all(line in left for line in other.split(b"\n")[:-1])


@given(FILES, FILES)
def test_all_lines_of_both_are_there_in_their_order(mirror: bytes, local: bytes) -> None:
    both = merged(mirror, local)
    assert has_in_order(both, mirror)
    assert has_in_order(both, local)


@given(FILES, FILES)
def test_stores_become_the_same_and_stay_so(mirror: bytes, local: bytes) -> None:
    pushed = merged(mirror, local)
    assert merged(pushed, local) == pushed
    assert merged(pushed, mirror) == pushed
    assert merged(pushed, pushed) == pushed


def test_of_opposite_decisions_the_one_pushed_later_counts_everywhere() -> None:
    first, second = b"join a b\n", b"split a b\n"
    mirror = merged(merged(b"", first), second)
    assert mirror == merged(mirror, first) == merged(mirror, second) == b"join a b\nsplit a b\n"


def test_a_decision_taken_back_and_made_again_counts() -> None:
    assert merged(b"join a b\n", b"join a b\nsplit a b\njoin a b\n") == b"join a b\nsplit a b\njoin a b\n"


def test_a_last_line_without_an_end_stays_a_line() -> None:
    assert merged(b"one", b"two") == b"one\ntwo\n"
