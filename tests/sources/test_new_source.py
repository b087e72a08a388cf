"""Follows docs/new-source.md to the letter in a copy of the tree: writes its files, runs its commands."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.copied_tree import ROOT, copy_tree

GUIDE = (ROOT / "docs" / "new-source.md").read_text()
FILES = dict(re.findall(r"^`(\S+/lantern\S*)`\n\n```\w+\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
LINES = re.findall(r"^At the end of `(\w+)` in `(\S+)`[^\n]*\n\n```text\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line for block in re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]
TABLES = ("parsers/versions.py", "ingest/sources/registry.py")
ADDRESS = "http://127.0.0.1:8000"
PROGRAMS = {
    "pytest": ["-m", "pytest", "-p", "no:cacheprovider"],
    "python": [],
    "dailypapers": ["-m", "dailypapers", "--now", "2025-12-10T20:00:00Z"],
}


@dataclass(frozen=True)
class Tree:
    """A copy of the tree in which the guide was followed."""

    root: Path

    def command(self, line: str) -> list[str]:
        program, *words = shlex.split(line)
        return [sys.executable, *PROGRAMS[program], *words]

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "DAILYPAPERS_"))}
        folders = {"DAILYPAPERS_STATE": str(self.root / "state"), "DAILYPAPERS_STORE": str(self.root / "store")}
        return kept | folders | {"PYTHONDONTWRITEBYTECODE": ""}

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(line), cwd=self.root, env=self.environment(), capture_output=True, text=True, check=False
        )

    def files(self) -> dict[str, bytes]:
        # What one program has compiled the next one does not compile again.
        found = (path for path in self.root.rglob("*") if path.is_file() and path.parent.name != "__pycache__")
        return {str(path.relative_to(self.root)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """The parser, the lines of the tables and the fixture; the guide should need nothing else."""
    tree = Tree(copy_tree(tmp_path_factory.mktemp("tree")))
    for name, content in FILES.items():
        path = tree.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    for table, name, line in LINES:
        path = tree.root / name
        head, start, tail = path.read_text().partition(f"\n{table}: Final = {{")
        end = re.search(r"(^    \)\n)?^\}$", tail, re.MULTILINE)
        assert end is not None
        path.write_text(head + start + tail[: end.start()] + line + tail[end.start() :])
    return tree


@pytest.fixture(scope="module")
def updated(tree: Tree) -> subprocess.CompletedProcess[str]:
    """The guide's first run of the tests, which records the expectations."""
    return tree.run(COMMANDS[0])


@pytest.fixture
def address(tree: Tree, updated: subprocess.CompletedProcess[str]) -> Iterator[str]:
    """The address that the guide's server prints."""
    with subprocess.Popen(
        tree.command(COMMANDS[2]), cwd=tree.root, env=tree.environment(), stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def test_the_guide_has_the_parts_that_it_promises() -> None:
    case = "tests/fixtures/lantern-daily/a-day"
    assert sorted(FILES) == ["parsers/lantern.py", f"{case}/meta.json", f"{case}/page.json"]
    assert [line.split()[0] for line in COMMANDS] == ["pytest", "pytest", "python", "dailypapers", "dailypapers"]
    assert [(name, line.count("\n")) for _, name, line in LINES] == [(name, 1) for name in TABLES]


def test_the_first_run_writes_expectations_and_fails(tree: Tree, updated: subprocess.CompletedProcess[str]) -> None:
    assert updated.returncode == pytest.ExitCode.TESTS_FAILED
    assert "3 passed" in updated.stdout, updated.stdout
    assert "written: look at the diff" in updated.stdout
    case = tree.root / "tests" / "fixtures" / "lantern-daily" / "a-day"
    first, second = (json.loads(line) for line in (case / "expected.jsonl").read_bytes().splitlines())
    assert (first["key"], first["title"], first["abstract"]) == (
        "arxiv:2512.99001",
        "Wicks That Learn",
        "A lamp that trims itself.",
    )
    assert (second["rank"], second["upvotes"], second["author_count"]) == (2, 0, 2)
    assert json.loads((case / "claims.json").read_bytes())["unknown"] == {"mood": 1}


def test_the_second_run_is_content(tree: Tree, updated: subprocess.CompletedProcess[str]) -> None:
    again = tree.run(COMMANDS[1])
    assert again.returncode == 0, again.stdout
    assert int(re.findall(r"(\d+) passed", again.stdout)[0]) > 4


def test_nothing_else_is_touched(tree: Tree, updated: subprocess.CompletedProcess[str], tmp_path: Path) -> None:
    before, after = Tree(copy_tree(tmp_path / "tree")).files(), tree.files()
    parts = ("parsers/", "ingest/", "snapshots/", "tests/", "docs/")
    touched = {name for name in after if name.startswith(parts) and after[name] != before.get(name)}
    case = {f"tests/fixtures/lantern-daily/a-day/{name}" for name in ("page.json", "meta.json")}
    written = {f"tests/fixtures/lantern-daily/a-day/{name}" for name in ("expected.jsonl", "claims.json")}
    assert touched == {"parsers/lantern.py", "tests/parsers/versions/lantern.json", *TABLES} | case | written
    for table in TABLES:
        assert len(after[table].splitlines()) == len(before[table].splitlines()) + 1


def test_the_parser_is_in_the_form_of_the_others(tree: Tree) -> None:
    for check in (["check"], ["format", "--check"]):
        words = [sys.executable, "-m", "ruff", *check, "--no-cache", "parsers/lantern.py", *TABLES]
        done = subprocess.run(words, cwd=tree.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_tests_of_every_source_and_parser_hold(tree: Tree, updated: subprocess.CompletedProcess[str]) -> None:
    every = "tests/catalog/test_records.py tests/parsers/test_versions.py tests/test_architecture.py"
    done = tree.run(f'pytest -q {every} -k "source or parser or version or folder"')
    assert done.returncode == 0, done.stdout
    imports = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=tree.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert imports.returncode == 0, imports.stdout


def test_its_list_is_run_built_and_shown(tree: Tree, address: str) -> None:
    run = tree.run(COMMANDS[3].replace(ADDRESS, address))
    assert run.returncode == 0, run.stderr
    assert run.stdout == "lantern-daily 2025-12-10: 2 papers (2 new); list 2; open\n"
    status = tree.run(COMMANDS[4])
    assert "2025-12-10" in status.stdout
    assert "open" in status.stdout
    again = tree.run("dailypapers build --all")
    assert again.stdout == "lantern-daily 2025-12-10: 2 papers (2 same); list 2; open\n"
    captured = tree.run("dailypapers capture lantern-daily --day 2025-12-10 --case from-the-archive --items 2-2")
    assert captured.returncode == 0, captured.stderr
    case = tree.root / "tests/fixtures/lantern-daily/from-the-archive"
    page = (case / "page.json").read_text()
    # The tests of this file may run in any order.
    shutil.rmtree(case)
    assert ("2512.99001" in page, '"name": "Oil or Not"' in page) == (False, True)
