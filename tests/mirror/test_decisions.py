"""The files of a human's decisions are merged without losing a line, and become the same everywhere."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.ingest.errors import IngestError
from dailypapers.mirror.mirror import Mirror, merged, pull_decisions, push_decisions
from dailypapers.snapshots.store.layout import Store
from tests.support.s3_server import S3Server

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


def test_a_line_that_another_pusher_adds_between_reading_and_writing_is_kept(
    s3: S3Server, url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put(f"{prefix}/waived.txt", b"first\n")
    (tmp_path / "waived.txt").write_bytes(b"ours\n")
    tagged, others = Mirror.tagged, iter([b"first\ntheirs\n", b"first\ntheirs\nmore\n"])

    def read_then_write(mirror: Mirror, name: str) -> tuple[bytes, str | None]:
        read = tagged(mirror, name)
        for content in islice(others, 1):
            s3.put(f"{prefix}/{name}", content)
        return read

    monkeypatch.setattr(Mirror, "tagged", read_then_write)
    assert push_decisions(Store(tmp_path), Mirror(url), "waived.txt")
    assert s3.objects(f"{prefix}/") == {"waived.txt": b"first\ntheirs\nmore\nours\n"}


def test_a_file_that_others_write_all_the_time_is_left_to_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[bytes] = []

    def refused(mirror: Mirror, name: str, content: bytes, tag: str | None) -> bool:
        tries.append(content)
        return False

    (tmp_path / "joins.txt").write_bytes(b"ours\n")
    monkeypatch.setattr(Mirror, "replace", refused)
    mirror = Mirror(f"memory://{tmp_path}/mirror")
    with pytest.raises(IngestError) as raised:
        push_decisions(Store(tmp_path), mirror, "joins.txt")
    assert str(raised.value) == f"{mirror.url}: others write joins.txt all the time; run the same command again"
    assert tries == [b"ours\n"] * 5


def test_only_lines_that_the_other_side_lacks_are_written(tmp_path: Path) -> None:
    store, mirror = Store(tmp_path / "store"), Mirror(f"memory://{tmp_path}/mirror")
    assert not push_decisions(store, mirror, "joins.txt")
    assert not pull_decisions(store, mirror, "joins.txt")
    assert not store.root.exists()
    store.root.mkdir()
    (store.root / "joins.txt").write_bytes(b"ours\n")
    assert push_decisions(store, mirror, "joins.txt")
    assert not push_decisions(store, mirror, "joins.txt")
    mirror.write("joins.txt", b"theirs\nours\n")
    assert pull_decisions(store, mirror, "joins.txt")
    assert (store.root / "joins.txt").read_bytes() == b"theirs\nours\n"
    assert not pull_decisions(store, mirror, "joins.txt")
    assert not push_decisions(store, mirror, "joins.txt")


def test_lines_that_end_as_on_windows_are_the_same_lines() -> None:
    assert merged(b"one\r\ntwo\r\n", b"two\nthree\n") == b"one\ntwo\nthree\n"
