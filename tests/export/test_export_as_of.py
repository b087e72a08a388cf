"""`dailypapers export --as-of`: the dataset as it was, to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.exported_files import differing_exports
from tests.support.hourly_copies import Copy, copies_of_a_run, short_script
from tests.support.scripted_month import HOUR, run_command

HOURS = 54
SOURCES = ("hf-daily", "hf-weekly")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Copy]]:
    """A store, and a copy of it for each hour in which something was fetched."""
    folder = tmp_path_factory.mktemp("history")
    return folder / "store", list(copies_of_a_run(folder, short_script(), HOURS, SOURCES))


def test_an_export_as_of_a_time_is_that_of_the_copy_of_that_time(
    history: tuple[Path, list[Copy]], tmp_path: Path
) -> None:
    root, copies = history
    found = list(differing_exports(root, copies, 2, tmp_path))
    assert len(found) > 8
    assert [each for each in found if each is not None] == []


def test_a_time_before_the_first_fetch_has_no_days(history: tuple[Path, list[Copy]], tmp_path: Path) -> None:
    root, copies = history
    at = (copies[0].at - HOUR).isoformat()
    result = run_command(root, copies[-1].at, "export", "--out", f"{tmp_path / 'out'}", "--as-of", at)
    assert (result.status, result.err) == (3, f"dailypapers: no day in {root} was fetched before {at}\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("at", ["yesterday", "2999-01-01T00:00:00Z"])
def test_what_is_no_time_of_the_past_is_refused(history: tuple[Path, list[Copy]], tmp_path: Path, at: str) -> None:
    root, copies = history
    result = run_command(root, copies[-1].at, "export", "--out", f"{tmp_path / 'out'}", "--as-of", at)
    assert result.status == 2


def test_a_day_that_cannot_be_built_is_left_out_and_named(history: tuple[Path, list[Copy]], tmp_path: Path) -> None:
    root, copies = history
    day = copies[0].at.date()
    archive = min((root / "pages/hf-daily").rglob("*.warc.gz"))
    intact = archive.read_bytes()
    archive.write_bytes(intact[:-1])
    try:
        at = (copies[0].at + 20 * HOUR).isoformat()
        result = run_command(root, copies[-1].at, "export", "--out", f"{tmp_path / 'out'}", "--as-of", at)
    finally:
        archive.write_bytes(intact)
    assert result.status == 1
    assert f"hf-daily {day}: " in result.err
    assert archive.name in result.err
    assert not (tmp_path / "out/data/papers/hf-daily").exists()
    assert (tmp_path / "out/data/papers/hf-weekly").exists()
