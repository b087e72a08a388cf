"""Every example in the documents that reads a store runs, on a store of two years whose early days lack fields."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

import dailypapers
from dailypapers.cli.main import main
from dailypapers.parsers.model import Paper
from tests.support.two_year_store import NOW, make_store

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
# What needs a service manager, a container engine or a changed tree is run in tests/deploying and tests/sources.
ELSEWHERE = re.compile(r"^(?:systemctl|docker|pytest|python -m tests)|lantern", re.MULTILINE)


def blocks(language: str) -> list[Any]:
    """The examples in one language, as parameters of a test."""
    found = [
        (page.name, text)
        for page in PAGES
        for text in re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        if not ELSEWHERE.search(text)
    ]
    return [pytest.param(text, id=f"{page}-{number}") for number, (page, text) in enumerate(found)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the store as `data`."""
    folder = tmp_path_factory.mktemp("examples")
    make_store(folder / "data", folder / "state")
    return folder


@pytest.fixture
def papers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Paper]:
    """All papers of the store, whose folder is the current one."""
    monkeypatch.chdir(folder)
    return list(dailypapers.open("data", now=NOW).papers("hf-daily"))


@pytest.fixture(scope="module")
def export(folder: Path) -> None:
    """An export of the store, as `papers` beside it."""
    words = ["--now", NOW.isoformat(), "--store", f"{folder / 'data'}", "export", "--out", f"{folder / 'papers'}"]
    assert main(words) == 0


def not_null(papers: list[Paper]) -> dict[str, int]:
    """How many papers have a value, by field."""
    return {name: sum(getattr(paper, name) is not None for paper in papers) for name in Paper.model_fields}


def test_the_early_days_lack_fields(papers: list[Paper]) -> None:
    early = not_null([paper for paper in papers if paper.day and paper.day.year == 2024])
    counts = not_null(papers)
    assert {"organization", "project_url", "ai_summary"} <= {
        name for name in counts if counts[name] and not early[name]
    }
    assert len({paper.day for paper in papers if paper.day and paper.day.year == 2024}) > 32


PYTHON = blocks("python")
OF_EXPORTS = [each for each in PYTHON if "papers/data/" in each.values[0] or "load_dataset" in each.values[0]]


@pytest.mark.parametrize("program", OF_EXPORTS)
@pytest.mark.usefixtures("export")
def test_python_reads_an_export(
    program: str, papers: list[Paper], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    lines = [line for line in program.splitlines() if line]
    names: dict[str, Any] = {}
    for line in lines:
        # A line that is an expression shows a table.
        exec(compile(line if "=" in line or "import" in line else f"shown = {line}", "example", "exec"), names)
        if "read_parquet" in line:
            assert len(names["shown"]) >= len(papers)
    if "load_dataset" in program:
        listed = [paper.key for paper in papers]
        assert [row["key"] for row in names["papers"] if row["source"] == "hf-daily"] == listed


@pytest.mark.parametrize("program", [each for each in PYTHON if each not in OF_EXPORTS])
def test_python(program: str, folder: Path, papers: list[Paper], capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(compile(program.replace("s3://bucket/papers", (folder / "data").as_uri()), "example", "exec"), names)
    printed = capsys.readouterr().out
    if "pandas" in names:
        listed = [str(paper.arxiv_id) for paper in papers if f"{paper.day}" == "2025-12-10"]
        assert sorted(names["papers"]["arxiv_id"]) == sorted(listed)
    elif "busy" in names:
        assert [line.split()[0] for line in printed.splitlines()[:-1]] == [
            f"{day.day}" for day in names["store"].days("hf-daily", until="2025-12-31")
        ]
        assert printed.splitlines()[-1].startswith("hf-daily 2025-12-08 [")
    elif "cursor" in names:
        known = {paper.key for paper in papers}
        most = sorted({paper.key: paper.upvotes or 0 for paper in papers}.values(), reverse=True)
        found = [line.split()[:3] for line in printed.splitlines()[:5]]
        assert [int(upvotes) for _, _, upvotes in found] == most[:5]
        assert {key for key, *_ in found} <= known
        assert f"[({len(known)},)]" in printed
        assert printed.splitlines()[-1].startswith("[] False ")
    elif "then" in names:
        time = names["paper"].record.first_seen
        known = {paper.key for paper in papers if paper.first_seen and paper.first_seen <= time}
        count, state = printed.split()
        assert (int(count), state in {"open", "settling", "closed"}) == (len(known), True)
    else:
        recent = [paper.key for paper in papers if f"{paper.day}" >= "2025-12-08"]
        assert [line.split()[1] for line in printed.splitlines()] == recent


@pytest.mark.parametrize("query", blocks("sql"))
def test_sql_reads_all_columns_of_all_days(query: str, papers: list[Paper]) -> None:
    with duckdb.connect() as database:
        rows = database.execute(query).fetchall()
        (source,) = re.findall(r"read_json\(.*?\)", query, re.DOTALL)
        columns = ", ".join(f'count("{name}")' for name in Paper.model_fields)
        (counts,) = database.execute(f"SELECT {columns} FROM {source}").fetchall()
    upvotes = sorted((paper.upvotes or 0 for paper in papers), reverse=True)
    assert [row[2] for row in rows] == upvotes[: len(rows)]
    assert dict(zip(Paper.model_fields, counts, strict=True)) == not_null(papers)


@pytest.fixture
def programs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    """A folder with the programs that the shell examples call: `dailypapers`, and a journal of one job."""
    main(["--log-format", "json", "status", "nothing"])
    (tmp_path / "log").write_text('{"level": "info", "message": "a day"}\n' + capfd.readouterr().err)
    commands = {
        "dailypapers": f"{sys.executable} -m dailypapers --now {NOW.isoformat()}",
        "journalctl": f"cat {tmp_path}/log #",
    }
    for name, command in commands.items():
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        path.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("script", blocks("sh"))
def test_shell(script: str, papers: list[Paper], programs: Path) -> None:
    if "jq" in script and shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": f"{ROOT}"}
    command = ["bash", "-euo", "pipefail", "-c", script]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    if "upvotes" in script:
        popular = [paper for paper in papers if f"{paper.day}" >= "2025" and (paper.upvotes or 0) > 50]
        assert sorted(result.stdout.splitlines()) == sorted(f"{p.day}\t{p.arxiv_id}\t{p.title}" for p in popular)
        assert popular
    elif "status --json" in script:
        # The days after the last one of the store are missing, which `jq -e` makes its exit status.
        assert (result.stdout, result.returncode) == ("false\n", 1)
    else:
        assert "nothing" in result.stdout
        assert "a day" not in result.stdout
