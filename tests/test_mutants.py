"""What `make mutants` measures, and what it judges by."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.mutant_parts import NOT_MUTATED, PARTS, ROOT, SOURCES
from tests.mutant_sample import drawn, wilson
from tests.mutants import (
    MAX_LEFT_OUT,
    MORE_TIME,
    allow_more_time,
    in_words,
    left_out,
    main,
    read_results,
    score,
    settings_for,
)


def test_the_score_is_what_was_killed_of_what_was_tried() -> None:
    assert score(Counter({"killed": 90, "survived": 5, "no tests": 3, "timeout": 2})) == 0.9


def test_a_sample_has_its_share_of_each_function_and_is_the_same_for_the_same_seed() -> None:
    names = [
        f"a.x_{function}__mutmut_{number}"
        for function, size in (("f", 10), ("g", 50), ("h", 40))
        for number in range(size)
    ]
    samples = [drawn(names, 20, seed) for seed in range(50)]
    for sample in samples:
        assert len(set(sample)) == 20
        assert sample == sorted(sample, key=names.index)
        assert Counter(name.split("__")[0] for name in sample) == {"a.x_f": 2, "a.x_g": 10, "a.x_h": 8}
    assert drawn(names, 20, 7) == samples[7]
    assert len({tuple(sample) for sample in samples}) == 5


def test_every_mutant_has_the_same_chance_to_be_in_a_sample() -> None:
    names = [f"{number}" for number in range(7)]
    counts = Counter(name for seed in range(7_000) for name in drawn(names, 3, seed))
    assert counts.total() == 21_000
    assert {name for name in names if not 2_800 <= counts[name] <= 3_200} == set()


@pytest.mark.parametrize("size", [3, 4, 1000])
def test_a_sample_that_is_no_smaller_is_everything(size: int) -> None:
    assert drawn(["a", "b", "c"], size, 1) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [(85, 100, 0.767157, 0.906942), (0, 10, 0.0, 0.277533), (10, 10, 0.722467, 1.0)],
)
def test_the_interval_of_wilson(hits: int, tries: int, low: float, high: float) -> None:
    assert wilson(hits, tries) == pytest.approx((low, high), abs=1e-5)


def test_the_score_of_a_sample_is_printed_with_what_it_is_of_and_its_interval() -> None:
    results = Counter({"killed": 85, "survived": 12, "timeout": 3})
    assert in_words(results, 1234, 7) == (
        "85.0% killed (12 survived, 3 timeout) of a sample of 100 of 1,234 mutants, seed 7: "
        "95 % interval 76.7% to 90.7%"
    )
    assert in_words(results, 100, 7) == "85.0% killed (12 survived, 3 timeout) of 100 mutants"
    assert in_words(Counter({"killed": 2}), 2, 7) == "100.0% killed (no survivor) of 2 mutants"


def test_the_results_are_those_of_the_sample_and_one_that_was_not_tried_is_an_error() -> None:
    printed = "    a.x_f__mutmut_1: killed\n    a.x_f__mutmut_2: no tests\n    a.x_f__mutmut_3: not checked\n"
    chosen = ["a.x_f__mutmut_1", "a.x_f__mutmut_2"]
    assert read_results(printed, chosen) == {"a.x_f__mutmut_1": "killed", "a.x_f__mutmut_2": "no tests"}
    with pytest.raises(ValueError, match="2 mutants were not tried, among them a"):
        read_results(printed, [*chosen, "a.x_f__mutmut_3", "a.x_f__mutmut_4"])


def test_every_file_of_the_sources_is_in_one_part() -> None:
    package = ROOT / "dailypapers"
    files = [path.relative_to("dailypapers").as_posix() for part in PARTS.values() for path in part.files]
    assert len(files) == len(set(files))
    wanted = {path.relative_to(package).as_posix() for name in SOURCES for path in (package / name).rglob("*.py")}
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
    part = PARTS["dailypapers.snapshots.completeness"]
    settings = tomllib.loads(settings_for(part, (ROOT / "pyproject.toml").read_text("utf-8")))["tool"]["mutmut"]
    assert settings["only_mutate"] == [
        "dailypapers/snapshots/completeness/__init__.py",
        "dailypapers/snapshots/completeness/state.py",
        "dailypapers/snapshots/completeness/verdict.py",
        "dailypapers/snapshots/completeness/young_day.py",
    ]
    assert settings["pytest_add_cli_args_test_selection"] == [f"tests/{name}" for name in part.tests]
    assert [name for name in (*settings["source_paths"], *settings["also_copy"]) if not (ROOT / name).exists()] == []
    with pytest.raises(ValueError, match=r"tool\.mutmut"):
        settings_for(part, "")


def test_what_was_too_slow_has_more_time_when_it_is_tried_again(tmp_path: Path) -> None:
    settings = tmp_path / "pyproject.toml"
    before = (ROOT / "pyproject.toml").read_text("utf-8")
    settings.write_text(before, "utf-8")
    allow_more_time(settings)
    tables = [tomllib.loads(text)["tool"]["mutmut"] for text in (before, settings.read_text("utf-8"))]
    assert tables[1] == tables[0] | {"timeout_multiplier": tables[0]["timeout_multiplier"] * MORE_TIME}
    settings.write_text("", "utf-8")
    with pytest.raises(ValueError, match="has 0 lines with timeout_multiplier"):
        allow_more_time(settings)


def test_a_part_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["snapshots"])
    assert raised.value.code == 2
    assert "no part snapshots; there are: dailypapers.parsers, dailypapers.parsers.arxiv" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["0", "-1", "many"])
def test_a_sample_of_nothing_is_refused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--sample", word])
    assert raised.value.code == 2
    assert "--sample" in capsys.readouterr().err


def test_a_line_left_out_without_a_reason_is_named(tmp_path: Path) -> None:
    reason = "x = 1  # pragma: no mutate - no test can tell\n"
    path = tmp_path / "one.py"
    path.write_text(f"y = 2\n{reason}z = 3  # pragma: no mutate\n# pragma: no mutate block\n")
    assert left_out([path]) == (0.75, [f"{path}:3", f"{path}:4"])
