"""A sample of the cuts and flips, a flip that no record shows, and a judge that refuses what it is there to refuse."""

from pathlib import Path

import pytest

from dailypapers.ingest.archive.content_encoding import members
from tests.torture.damage import StoredDay, cut, damaged, flip, flipped


@pytest.fixture
def stored(tmp_path: Path) -> StoredDay:
    return StoredDay.at(tmp_path / "store")


def test_a_sample_of_all_damage_is_refused_by_name() -> None:
    assert [one for one in damaged(flips=200, built=2, step=41) if not one.passed] == []


def test_a_flip_that_no_record_shows_is_named_by_check_alone(stored: StoredDay) -> None:
    """The header of the last gzip member holds a time that nobody reads (RFC 1952, 2.3.1)."""
    was, whole, before = stored.read(), stored.victim.read_bytes(), stored.snapshots()
    *_, (offset, _) = members("", whole, 2**26)
    stored.victim.write_bytes(flip(whole, 8 * (offset + 5)))
    assert stored.read() == was
    assert stored.run("build")[0] == 0
    status, said = stored.run("build", "--check")
    assert status == 1
    assert f"{stored.victim}: not the bytes that the certificate names" in said
    assert stored.snapshots() == before


class Blind(StoredDay):
    """Sees no damage, and builds whatever there is."""

    def read(self) -> str:
        return "all is well"

    def run(self, *words: str) -> tuple[int, str]:
        return 0, ""


def test_the_judge_is_not_blind(stored: StoredDay) -> None:
    blind = Blind(stored.store)
    assert [one.passed for one in cut(blind, built=1, step=500)] == [False, False, True]
    assert [one.passed for one in flipped(blind, flips=2, built=1)] == [False, False, True]
