"""docs/environment.md has every variable that the program reads or sets, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from dailypapers.cli.settings import Environment
from dailypapers.cron.export_program import RUN_VARIABLES
from dailypapers.ingest.fetch.budgets import BUDGETS, budgets_from_env

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "environment.md").read_text("utf-8")
OURS = re.compile("_?DAILYPAPERS_[A-Z_]+")
PACKAGES = ("dailypapers", "ingest", "parsers", "snapshots")
READ_BY_LIBRARIES = {"NO_COLOR", "TERM", "_DAILYPAPERS_COMPLETE"}
"""rich and click read these; httpx those of RUN_VARIABLES."""


class Recorder(Mapping[str, str]):
    """An empty environment that notes which variables are read."""

    def __init__(self) -> None:
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_the_table_has_the_variables_of_the_code_and_no_other() -> None:
    environment = Recorder()
    Environment(environment)
    read_by_tests = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r'environ\.get\("(DAILYPAPERS_[A-Z_]+)"', path.read_text("utf-8"))
    }
    run_variables = {name.upper() for name in RUN_VARIABLES}
    expected = environment.read | names_in_the_code() | run_variables | READ_BY_LIBRARIES | read_by_tests
    table = [name for row in rows(3) for name in re.findall("`([^`]*)`", row[0])]
    assert "DAILYPAPERS_BUDGET" in environment.read
    assert sorted(table) == sorted(expected)


def names_in_the_code() -> set[str]:
    """The strings in the code that are the name of one of our variables; hooks get some that nothing reads."""
    return {
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if OURS.fullmatch(node.value)
    }


def test_other_variables_are_read_in_one_module() -> None:
    """So the test above sees all of them."""
    names = {name for tree in trees().values() for node in ast.walk(tree) for name in names_read(node)}
    assert [name for name in names if not OURS.fullmatch(name)] == []


def names_read(node: ast.AST) -> list[str]:
    """The variable that code reads by its name: `os.environ["X"]`, `os.environ.get("X")`, `os.getenv("X")`."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))):
            return [name]
        case ast.Call(func=ast.Attribute(attr="getenv"), args=[ast.Constant(value=str(name)), *_]):
            return [name]
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(attr="environ")), args=[ast.Constant(value=str(name)), *_]
        ):
            return [name]
    return []


@pytest.mark.parametrize("code", ["os.environ['X']", "os.environ.get('X', '')", "os.getenv('X')"])
def test_a_read_elsewhere_would_be_noticed(code: str) -> None:
    assert [name for node in ast.walk(ast.parse(code)) for name in names_read(node)] == ["X"]


def test_the_table_of_budgets_has_the_built_in_ones() -> None:
    table = [(name.strip("`"), int(requests), float(seconds)) for name, requests, seconds, _ in rows(4)]
    assert table == [(budget.name, budget.requests, budget.seconds) for budget in BUDGETS.values()]


def test_the_example_of_a_budget_is_taken() -> None:
    (example,) = re.findall(r"^    DAILYPAPERS_BUDGET=(\S+) dailypapers", PAGE, re.MULTILINE)
    assert {budget.name: budget.requests for budget in budgets_from_env(example).values()} == {
        "hf-api": 500,
        "hf-pages": 50,
    }


def rows(columns: int) -> list[list[str]]:
    """The rows of the table with this number of columns, without its head."""
    cells = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    return [row for row in cells if len(row) == columns]


def trees() -> dict[Path, ast.Module]:
    """The modules of the program."""
    return {path: ast.parse(path.read_text("utf-8")) for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
