"""A bug of ours: one sentence, exit 70, and the days that it does not touch are done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import dailypapers.__main__
from dailypapers.cron.job import FinishedRun
from dailypapers.cron.jobs import Job
from dailypapers.cron.process import ProcessResult
from dailypapers.ingest.build.day import build_day
from dailypapers.ingest.fetch.day import DayFetcher
from tests.papersite import PaperSite
from tests.product import BUSY, DAY, NOW, SERIES, Product

ROOT = Path(__file__).parents[2]
REPORT_IT = "please report it at https://github.com/dailypapers/dailypapers/issues with what"
RANGE = ("--since", "2025-12-08", "--until", f"{DAY}")


class BugError(Exception):
    pass


def break_on(monkeypatch: pytest.MonkeyPatch, name: str, work: Callable[..., Any], broken: date) -> None:
    """Plant a bug in a function that takes a StoredDay, or in a method that takes a SourceDay."""

    def call(*arguments: Any, **options: Any) -> Any:
        source_day = next(
            getattr(argument, "source_day", argument)
            for argument in arguments
            if hasattr(argument, "source_day") or hasattr(argument, "day")
        )
        if source_day.day == broken:
            raise BugError("no such\nluck")
        return work(*arguments, **options)

    monkeypatch.setattr(name, call)


@pytest.mark.parametrize("words", ["run", "backfill hf-daily"])
def test_a_bug_on_one_day_costs_that_day_alone(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    break_on(monkeypatch, "dailypapers.ingest.fetch.day.DayFetcher.fetch", DayFetcher.fetch, date(2025, 12, 9))
    result = product(*words.split(), *RANGE)
    assert result.status == 70
    assert "hf-daily 2025-12-09: failed: a bug in dailypapers (BugError: no such luck)" in result.out + result.err
    assert (len(product.papers(BUSY)), len(product.papers(DAY))) == (130, 12)
    assert REPORT_IT in result.err
    assert "Traceback" not in result.out + result.err


@pytest.mark.parametrize("words", ["build --all --jobs 1", "build --diff", "build --check"])
def test_a_bug_in_the_build_of_one_day_costs_that_day_alone(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    product("run", *RANGE)
    product.store.papers(SERIES, DAY).unlink()
    for module in ("diff", "write"):
        break_on(monkeypatch, f"dailypapers.ingest.build.{module}.build_day", build_day, date(2025, 12, 9))
    result = product(*words.split())
    assert result.status == 70
    assert "hf-daily 2025-12-09: " in result.out + result.err
    assert REPORT_IT in result.err
    assert product.store.papers(SERIES, DAY).exists() is ("--all" in words)


def test_stale_days_are_built_around_a_bug(product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch) -> None:
    product("run", *RANGE)
    for day in (date(2025, 12, 9), DAY):
        product.store.papers(SERIES, day).unlink()
    break_on(monkeypatch, "dailypapers.ingest.build.write.build_day", build_day, date(2025, 12, 9))
    assert product("run").status == 70
    assert product.store.papers(SERIES, DAY).exists()
    assert product.store.papers(SERIES, date(2025, 12, 19)).exists()


def test_the_report_of_the_run_has_the_traceback(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_on(monkeypatch, "dailypapers.ingest.fetch.day.DayFetcher.fetch", DayFetcher.fetch, DAY)
    result = product("run", "--day", f"{DAY}")
    (report,) = product.runs()
    assert (report["exit"], result.status) == (70, 70)
    assert report["error"].startswith("a bug in dailypapers (BugError: no such luck); please report it")
    assert f"`dailypapers runs show {report['id']}`" in report["error"]
    assert "BugError: no such\nluck" in report["tracebacks"][0]
    jsonschema.validate(report, json.loads(product("runs", "schema").out))
    assert "  crashed  " in product("runs").out
    shown = product("runs", "show", "last").out
    assert "exit 70: a bug in dailypapers stopped it" in shown
    assert "Traceback (most recent call last):" in shown


@pytest.mark.parametrize("words", ["status", "runs", "sources", "cron list"])
def test_a_bug_in_a_command_without_a_report_is_one_sentence(
    product: Product, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    def fail(*_: object) -> None:
        raise BugError

    monkeypatch.setattr("dailypapers.cli.main.cli.invoke", fail)
    result = product(*words.split())
    assert (result.status, result.out) == (70, "")
    assert result.err == (
        f"dailypapers: a bug in dailypapers (BugError); {REPORT_IT} the same command prints with --verbose\n"
    )


def test_the_scheduler_calls_it_a_failure() -> None:
    job = Job(name="hf-daily", schedule="@daily", run="run")
    finished = FinishedRun(job, NOW, NOW, NOW, ProcessResult(70, ""))
    assert (finished.status, finished.hook[0]) == ("failure", "failure")


def test_verbose_shows_the_traceback(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise BugError("hf_abcdefghijkl")

    monkeypatch.setattr("dailypapers.commands.status.Store", fail)
    result = product("status", "--verbose")
    assert result.status == 70
    assert "Traceback (most recent call last):" in result.err
    assert "hf_abcdefghijkl" not in result.err


def test_a_bug_while_the_report_is_written_is_one_sentence(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise BugError

    monkeypatch.setattr("dailypapers.ingest.runs.report.RunReport.end", fail)
    result = product("run", "--day", f"{DAY}")
    assert (result.status, len(product.papers())) == (70, 12)
    assert result.err.endswith("prints\n")


def test_modules_that_cannot_be_loaded_are_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "dailypapers.cli.main", None)
    assert dailypapers.__main__.main() == 70
    assert "install it again" in capsys.readouterr().err


def test_an_interrupt_while_modules_are_loaded_is_silent(tmp_path: Path) -> None:
    # A module of that name stands before ours, and says when it is being loaded.
    (tmp_path / "click.py").write_text("import time\nprint('loading', flush=True)\ntime.sleep(600)\n")
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from dailypapers.__main__ import main; sys.exit(main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "loading\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=120) == ("", "")
    assert process.returncode == 130


@pytest.mark.parametrize("module", ["orjson.orjson", "pydantic_core._pydantic_core"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_a_compiled_module_is_loaded_ends_the_process(module: str, number: signal.Signals) -> None:
    # The first import inside of the module finds nothing loaded, and is interrupted.
    code = f"""
import os, signal, sys

class Finder:
    loads = False

    def find_spec(self, name, path=None, target=None):
        if self.loads:
            os.kill(os.getpid(), {number:d})
        if name == {module!r}:
            self.loads = True
            for other in ("datetime", "enum", "types", "uuid"):
                sys.modules.pop(other, None)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Finder())
from dailypapers.cli.main import main
sys.exit(main(["parse", "pyproject.toml", "--as", "hf-daily"]))
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (128 + number, "", "")


def test_a_signal_while_a_command_ends_is_one_sentence(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("dailypapers.cli.main._finish", end)
    result = product("status")
    assert (result.status, result.err.splitlines()[-1]) == (
        128 + signal.SIGTERM,
        "dailypapers: stopped; run the same command again to continue",
    )


def test_a_signal_after_the_command_ends_the_process_without_a_traceback() -> None:
    code = "import os, sys; from dailypapers.__main__ import main; main(); os.kill(os.getpid(), 15)"
    ran = subprocess.run(
        [sys.executable, "-c", code, "schema"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert (ran.returncode, ran.stderr) == (-signal.SIGTERM, "")
