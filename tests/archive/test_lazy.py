"""Sequences whose items are made when they are asked for."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.ingest.archive.content_encoding import Lazy, lazy_members
from dailypapers.ingest.errors import DamagedArchive

PARTS = [b"first" * 20, b"", b"third" * 40]


@given(items=st.lists(st.integers(), max_size=5), data=st.data())
def test_it_is_the_list_of_its_items(items: list[int], data: st.DataObject) -> None:
    lazy = Lazy(items.__getitem__, len(items))
    assert (len(lazy), [*lazy], [*reversed(lazy)]) == (len(items), items, items[::-1])
    which = data.draw(st.slices(len(items)))
    assert lazy[which] == items[which]
    for index in range(-len(items), len(items)):
        assert lazy[index] == items[index]
    for index in (len(items), -len(items) - 1):
        with pytest.raises(IndexError):
            lazy[index]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of three gzip members, and bytes after them."""
    path = tmp_path / "file.gz"
    path.write_bytes(b"".join(map(gzip.compress, PARTS)) + b"more")
    return path


def offsets() -> list[int]:
    ends = [0]
    for part in PARTS:
        ends.append(ends[-1] + len(gzip.compress(part)))
    return ends


def test_the_members_of_a_file_are_read_at_their_places(path: Path) -> None:
    assert [*lazy_members(path, offsets())] == PARTS
    assert [*lazy_members(path, offsets()[1:])] == PARTS[1:]
    assert len(lazy_members(path, offsets()[:1])) == 0


def test_a_file_that_changed_meanwhile_is_damaged(path: Path) -> None:
    members, content = lazy_members(path, offsets()), path.read_bytes()
    for begin, end in pairwise(offsets()):
        path.write_bytes(content[: (begin + end) // 2])
        with pytest.raises(DamagedArchive) as raised:
            members[offsets().index(begin)]
        assert str(raised.value).startswith(f"{path}: damaged archive (compressed body is cut short")
        assert str(raised.value).endswith("); it was changed while it was read")
    path.write_bytes(content[: offsets()[2]])
    with pytest.raises(DamagedArchive, match=r"\(it is cut short\)"):
        members[2]
    path.unlink()
    with pytest.raises(DamagedArchive, match="No such file"):
        members[0]
