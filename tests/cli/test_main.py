"""The command line as such: usage errors, options anywhere, machine-readable output, a disk that refuses."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import orjson
import pytest

from dailypapers.cli.main import COMMANDS, SECTIONS, main
from dailypapers.cli.settings import Environment
from tests.papersite import PaperSite
from tests.product import BUSY, DAY, NOW, Product

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--day", "2025-12-20"], "in the future; today is 2025-12-19"),
        (["run", "--day", "2023-05-03"], "begins on 2023-05-04"),
        (["run", "--day", "tomorrow"], "'tomorrow' is not a day; write it like 2025-12-08, today or yesterday"),
        (["cron", "export"], "\tcrontab,"),
        (["run", "--since", "2025-12-10", "--until", "2025-12-09"], "before it begins"),
        (["run", "--until", "2025-12-09"], "--until needs --since"),
        (["run", "--day", "2025-12-09", "--since", "2025-12-09"], "use one of the two"),
        (["run", "hf-dayly"], "there are: hf-daily"),
        (["import", "hf-daily", "nowhere.json"], "nowhere.json"),
        (["import", "hf-daily", ".", "--fetched-at", "2026-01-01T00:00:00Z"], "in the future"),
        (["build", "--since", "soon"], "write it like"),
        (["parse", "x.json"], "x.json"),
        (["frobnicate"], "frobnicate"),
        (["--now", "noon", "run"], "write it like"),
    ],
)
def test_wrong_usage_is_exit_2_and_touches_nothing(product: Product, words: list[str], said: str) -> None:
    result = product(*words)
    assert result.status == 2
    assert said in result.err
    assert not product.store.root.exists()


def test_an_endpoint_that_is_none_is_wrong_usage(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "huggingface.co")
    result = product("run")
    assert (result.status, "https://huggingface.co" in result.err) == (2, True)


def test_global_options_stand_before_or_after(site: PaperSite, tmp_path: Path) -> None:
    after = ["run", "--day", f"{DAY}", "--now", "2025-12-19T12:00:00Z", "--store", str(tmp_path / "after"), "--quiet"]
    assert main(after) == 0
    assert (tmp_path / "after" / "snapshots").is_dir()


def test_store_comes_from_the_environment(site: PaperSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILYPAPERS_STORE", str(tmp_path / "named"))
    assert main(["run", "--now", "2025-12-19T12:00:00Z", "--day", f"{DAY}"]) == 0
    assert (tmp_path / "named" / "snapshots").is_dir()


def test_the_environment_is_read_once_and_empty_variables_count_as_unset() -> None:
    environment = Environment({"DAILYPAPERS_STORE": "", "HF_TOKEN": " hf_x ", "DAILYPAPERS_LOG_FORMAT": "xml"})
    assert (environment.store, environment.hf_token, environment.log_format) == (None, "hf_x", None)
    assert Environment({"DAILYPAPERS_LOG_FORMAT": "json"}).log_format == "json"


def test_run_without_a_day_is_today(product: Product, site: PaperSite) -> None:
    assert product("run").out.startswith("hf-daily 2025-12-19:")


def test_json_is_one_object_a_day(product: Product, site: PaperSite) -> None:
    rows = [orjson.loads(row) for row in product("run", "--since", "2025-12-09", "--json").out.splitlines()]
    assert [row["day"] for row in rows] == [f"2025-12-{number:02}" for number in range(9, 20)]
    assert {"papers", "new", "changed", "gone", "rejects", "fetch", "failed", "skipped"} < set(rows[0])


def test_status_shows_what_is_held(product: Product, site: PaperSite) -> None:
    product("run", "--since", f"{BUSY}", "--until", f"{DAY}")
    result = product("status", "hf-daily", "--since", "2025-12-09")
    assert "hf-daily: 2 days, 30 papers" in result.out
    assert "2025-12  ········ss?????????···" in result.out
    rows = json.loads(product("status", "--json").out)["days"]
    assert [(row["day"], row["papers"]) for row in rows[:4]] == [
        ("2025-12-08", 130),
        ("2025-12-09", 18),
        ("2025-12-10", 12),
        ("2025-12-11", None),
    ]


LOOKING = [
    "status",
    "status --json",
    "build",
    "build --check",
    "build --diff",
    "drift",
    "drift --json",
    "rejects",
    "rejects --json",
    "runs",
    "runs --json",
    "runs show last",
    "history 2512.00001",
    "waive hf-daily --since 2025-01-01 --until 2025-01-02 --reason none",
]


@pytest.mark.parametrize("words", LOOKING)
def test_a_missing_store_is_exit_3_with_the_first_command_and_is_not_created(product: Product, words: str) -> None:
    result = product(*words.split())
    assert (result.status, result.out) == (3, "")
    assert f"there is no store at {product.store.root}; start with: dailypapers run, or check --store" in result.err
    assert not product.store.root.exists()


@pytest.mark.parametrize("words", LOOKING)
def test_a_folder_that_was_never_filled_is_no_healthy_store(product: Product, words: str) -> None:
    product.store.root.mkdir()
    (product.store.root / "notes.txt").write_text("not ours")
    result = product(*words.split())
    assert (result.status, result.out) == (3, "")
    assert f"no days in {product.store.root}; start with: dailypapers run, or check --store" in result.err
    assert [path.name for path in product.store.root.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("words", ["run", "status", "build", "drift", "cron run", "import hf-daily ."])
def test_a_store_that_is_a_file_is_refused_before_anything_is_done(product: Product, words: str) -> None:
    product.store.root.write_text("notes")
    result = product(*words.split(), now=None if words == "cron run" else NOW)
    assert (result.status, result.out) == (2, "")
    assert f"the store {product.store.root} is not a folder; name one with --store or DAILYPAPERS_STORE" in result.err


def test_sources_and_schema(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{DAY}")
    assert "hf-daily" in product("sources").out
    assert json.loads(product("sources", "--json").out)["sources"][0]["views"] == ["api", "html"]
    schema = json.loads(product("schema").out)
    for paper in product.papers():
        jsonschema.validate(paper, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({name: value for name, value in paper.items() if name != "rank"}, schema)


def test_parse_prints_records_and_stores_nothing(product: Product, site: PaperSite, tmp_path: Path) -> None:
    items = site.papers(DAY)
    items[1]["paper"]["id"] = 2512.1
    saved, rejects = tmp_path / "saved.json", tmp_path / "rejects.jsonl"
    saved.write_bytes(orjson.dumps(items))
    result = product("parse", saved, "--as", "hf-daily", "--rejects", rejects)
    assert result.status == 0
    rows = [orjson.loads(row) for row in result.out.splitlines()]
    assert [row["rank"] for row in rows] == [1, *range(3, 13)]
    assert {row["day"] for row in rows} == {f"{DAY}"}
    assert orjson.loads(rejects.read_bytes())["raw"]["paper"]["id"] == 2512.1
    assert not product.store.root.exists()


@pytest.mark.parametrize("warc", [False, True])
def test_parse_reads_standard_input(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch, warc: bool
) -> None:
    product("run", "--day", f"{DAY}")
    given = product.archives()[0].read_bytes() if warc else orjson.dumps(site.papers(DAY))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    result = product("parse", "-", "--as", "hf-daily")
    assert (result.status, len(result.out.splitlines())) == (0, 24 if warc else 12)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"rubbish")))
    result = product("parse", "-", "--as", "hf-daily")
    assert (result.status, result.err.partition(":")[2][:17]) == (3, " standard input: ")


def test_parse_of_rubbish_is_refused(product: Product, tmp_path: Path) -> None:
    (tmp_path / "saved.json").write_bytes(b"rubbish")
    result = product("parse", tmp_path / "saved.json", "--as", "hf-daily")
    assert (result.status, "saved.json" in result.err) == (3, True)


def test_a_store_that_cannot_be_written_is_named(product: Product, site: PaperSite) -> None:
    product.store.root.mkdir()
    (product.store.root / "pages").write_bytes(b"a file where the pages should be")
    result = product("run", "--day", f"{DAY}")
    assert result.status == 3
    assert str(product.store.root / "pages") in result.err


def test_every_command_has_a_help_text(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        assert main([name, "--help"]) == 0
        assert f"{name} [OPTIONS]" in capsys.readouterr().out
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out
    for title, section in SECTIONS.items():
        lines = listed.partition(f"\n{title}:\n")[2].partition("\n\n")[0].splitlines()
        assert [line.split(maxsplit=1) for line in lines] == [[name, summary] for name, (_, summary) in section.items()]


@pytest.mark.parametrize("words", [[], ["run"], ["build"], ["runs"], ["runs", "show"], ["cron", "list"]])
def test_store_is_the_first_option_in_every_help_text(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main([*words, "-h"]) == 0
    assert capsys.readouterr().out.partition("Options:\n")[2].startswith("  --store DIR ")


@pytest.mark.parametrize("words", [["-m", "dailypapers"]])
def test_the_program_is_a_module_too(words: list[str]) -> None:
    done = subprocess.run([sys.executable, *words, "--store"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--store" in done.stderr
