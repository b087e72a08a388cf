"""What `make mutants` judges by."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import Phase

from tests.mutants import MAX_LEFT_OUT, ROOT, left_out, score
from tests.support.hypothesis_examples import MUTANT, examples


def test_the_score_is_what_was_killed_of_what_was_tried() -> None:
    assert score({"killed": 90, "total": 110, "skipped": 10, "survived": 5, "no_tests": 3, "timeout": 2}) == 0.9


def test_few_lines_of_the_parsers_are_left_out_and_each_says_why() -> None:
    share, bare = left_out(ROOT / "parsers")
    assert share <= MAX_LEFT_OUT
    assert bare == []


def test_the_files_that_mutmut_runs_and_copies_exist() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    named = [
        *settings["source_paths"],
        *settings["also_copy"],
        *settings["pytest_add_cli_args_test_selection"],
    ]
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_a_line_left_out_without_a_reason_is_named(tmp_path: Path) -> None:
    reason = "x = 1  # pragma: no mutate - no test can tell\n"
    (tmp_path / "one.py").write_text(f"y = 2\n{reason}z = 3  # pragma: no mutate\n# pragma: no mutate block\n")
    assert left_out(tmp_path) == (0.75, ["one.py:3", "one.py:4"])


def test_a_mutant_is_tried_with_few_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MUTANT, raising=False)
    assert examples(150).max_examples == 150
    monkeypatch.setenv(MUTANT, "parsers.text.x_squeeze__mutmut_1")
    assert (examples(150).max_examples, examples(5).max_examples) == (15, 5)
    assert Phase.shrink not in examples(5).phases
