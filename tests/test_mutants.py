"""What `make mutants` measures, and what it judges by."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.mutant_parts import NOT_MUTATED, PARTS, ROOT, SOURCES
from tests.mutants import MAX_LEFT_OUT, left_out, main, score, settings_for


def test_the_score_is_what_was_killed_of_what_was_tried() -> None:
    assert score({"killed": 90, "total": 110, "skipped": 10, "survived": 5, "no_tests": 3, "timeout": 2}) == 0.9


def test_every_file_of_the_sources_is_in_one_part() -> None:
    files = [path.as_posix() for part in PARTS.values() for path in part.files]
    assert len(files) == len(set(files))
    wanted = {path.relative_to(ROOT).as_posix() for name in SOURCES for path in (ROOT / name).rglob("*.py")}
    assert set(files) == wanted - NOT_MUTATED
    assert wanted >= NOT_MUTATED


@pytest.mark.parametrize("name", PARTS)
def test_the_tests_of_a_part_exist_and_it_has_a_share_to_reach(name: str) -> None:
    part = PARTS[name]
    assert [test for test in part.tests if not (ROOT / "tests" / test).exists()] == []
    assert part.least >= 0.85


@pytest.mark.parametrize("name", PARTS)
def test_few_lines_of_a_part_are_left_out_and_each_says_why(name: str) -> None:
    share, bare = left_out(PARTS[name].files)
    assert share <= MAX_LEFT_OUT
    assert bare == []


def test_the_settings_of_a_part_are_its_files_and_its_tests() -> None:
    part = PARTS["snapshots.completeness"]
    settings = tomllib.loads(settings_for(part, (ROOT / "pyproject.toml").read_text("utf-8")))["tool"]["mutmut"]
    assert settings["only_mutate"] == [
        "snapshots/completeness/__init__.py",
        "snapshots/completeness/state.py",
        "snapshots/completeness/verdict.py",
        "snapshots/completeness/young_day.py",
    ]
    assert settings["pytest_add_cli_args_test_selection"] == [f"tests/{name}" for name in part.tests]
    assert [name for name in (*settings["source_paths"], *settings["also_copy"]) if not (ROOT / name).exists()] == []
    with pytest.raises(ValueError, match=r"tool\.mutmut"):
        settings_for(part, "")


def test_a_part_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["snapshots"])
    assert raised.value.code == 2
    assert "no part snapshots; there are: parsers, snapshots.completeness" in capsys.readouterr().err


def test_a_line_left_out_without_a_reason_is_named(tmp_path: Path) -> None:
    reason = "x = 1  # pragma: no mutate - no test can tell\n"
    path = tmp_path / "one.py"
    path.write_text(f"y = 2\n{reason}z = 3  # pragma: no mutate\n# pragma: no mutate block\n")
    assert left_out([path]) == (0.75, [f"{path}:3", f"{path}:4"])
