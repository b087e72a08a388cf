"""`make demo` shows a fault that heals, and removes no folder that it did not make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import demo


def states(printed: str) -> list[list[str]]:
    """The rows of the table of the week."""
    rows = re.split(r"Sun 14 *\n", printed)[1].splitlines()
    return [row.split()[3:] for row in rows[:3]]


def test_the_demo_shows_a_week_that_heals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", "")
    monkeypatch.setenv("COLUMNS", "120")
    assert demo.main([]) == 0
    printed = capsys.readouterr().out
    monday, tuesday, *_ = zip(*(row[:2] for row in states(printed)), strict=True)
    assert (monday[-1], tuesday) == ("closed", ("partial", "settling", "closed"))
    assert "api 0; html 18; partial" in printed
    assert "first seen  2025-12-10 18:00 UTC" in printed
    assert "demo-data history arxiv:" in printed
    assert (tmp_path / "demo-data" / "snapshots").is_dir()
    assert "python3 -m http.server --directory demo-data/site" in printed
    assert "<title>" in (tmp_path / "demo-data" / "site" / "index.html").read_text()
    assert demo.main(["demo-data"]) == 0


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of somebody else, in folders that look like arguments of the demo."""
    monkeypatch.chdir(tmp_path)
    for name in ("--help", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    return tmp_path


def test_a_folder_that_the_demo_did_not_make_is_left_alone(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["mine"]) == 3
    assert "mine was not made by the demo" in capsys.readouterr().err
    assert (mine / "mine" / "file").exists()


def test_help_removes_no_folder(mine: Path) -> None:
    with pytest.raises(SystemExit, match="0"):
        demo.main(["--help"])
    assert (mine / "--help" / "file").exists()
