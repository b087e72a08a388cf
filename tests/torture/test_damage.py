"""A sample of the cuts and flips, a flip that no record shows, and a judge that refuses what it is there to refuse."""

from pathlib import Path

import pytest

from ingest.archive.content_encoding import members
from tests.torture.damage import Held, cut, damaged, flip, flipped


@pytest.fixture
def held(tmp_path: Path) -> Held:
    return Held.at(tmp_path / "store")


def test_a_sample_of_all_damage_is_refused_by_name() -> None:
    assert [one for one in damaged(flips=200, built=2, step=41) if not one.held] == []


def test_a_flip_that_no_record_shows_is_named_by_check_alone(held: Held) -> None:
    """The header of the last gzip member holds a time that nobody reads (RFC 1952, 2.3.1)."""
    was, whole, before = held.read(), held.victim.read_bytes(), held.snapshots()
    *_, (offset, _) = members("", whole, 2**26)
    held.victim.write_bytes(flip(whole, 8 * (offset + 5)))
    assert held.read() == was
    assert held.run("build")[0] == 0
    status, said = held.run("build", "--check")
    assert status == 1
    assert f"{held.victim}: not the bytes that the certificate names" in said
    assert held.snapshots() == before


class Blind(Held):
    """Sees no damage, and builds whatever there is."""

    def read(self) -> str:
        return "all is well"

    def run(self, *words: str) -> tuple[int, str]:
        return 0, ""


def test_the_judge_is_not_blind(held: Held) -> None:
    blind = Blind(held.store)
    assert [one.held for one in cut(blind, built=1, step=500)] == [False, False, True]
    assert [one.held for one in flipped(blind, flips=2, built=1)] == [False, False, True]
