"""`dailypapers cron`: jobs listed, checked, and run by hand."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
import yaml

from dailypapers.cron.commands import SUBCOMMANDS
from dailypapers.cron.jobs import default_file, jobs_file
from tests.cron.bench import LONG, Bench
from tests.product import Product

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)
JOBS = """
jobs:
  - name: hourly
    schedule: "17 * * * *"
    run: run
  - name: night
    schedule: "30 2 * * *"
    timezone: Europe/Berlin
    run: run hf-weekly
    timeout: 1h
    catch_up: 1d
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a cron.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cron.yaml").write_text(JOBS)
    return tmp_path


def test_list_describes_the_jobs_and_their_next_times(product: Product) -> None:
    assert product("cron", "list", now=NOW).out.splitlines() == [
        "hourly: dailypapers run",
        "  At minute 17 of every hour (17 * * * *), catch up 1m",
        "  next: 2026-03-28 12:17 UTC, 2026-03-28 13:17 UTC, 2026-03-28 14:17 UTC",
        "night: dailypapers run hf-weekly",
        "  At 02:30 every day, Europe/Berlin (30 2 * * *), timeout 1h, catch up 1d",
        "  next: 2026-03-29 03:00 CEST, 2026-03-30 02:30 CEST, 2026-03-31 02:30 CEST",
    ]
    first, _ = json.loads(product("cron", "list", "--json", now=NOW).out)
    assert (first["words"], first["next"][0]) == ("At minute 17 of every hour", "2026-03-28T12:17:00Z")


def test_secrets_are_not_listed(product: Product) -> None:
    Path("cron.yaml").write_text(
        JOBS + "    env: {HF_TOKEN: secret}\n    on: {success: curl https://hc-ping.com/secret}\n"
    )
    for words in (["list"], ["list", "--json"], ["next"], ["next", "--json"], ["check"]):
        result = product("cron", *words)
        assert "secret" not in result.out + result.err


def test_next_lists_the_runs_of_all_jobs_in_order(product: Product) -> None:
    shown = product("cron", "next", "-n", "14", now=NOW).out.splitlines()
    assert [line for line in shown if "night" in line] == ["2026-03-29 03:00 CEST  night: dailypapers run hf-weekly"]
    assert shown[0] == "2026-03-28 12:17 UTC  hourly: dailypapers run"
    assert len(shown) == 14
    assert json.loads(product("cron", "next", "-n", "1", "--json", now=NOW).out) == {
        "job": "hourly",
        "slot": "2026-03-28T12:17:00Z",
        "run": "run",
    }


def test_check_reports_every_mistake(product: Product) -> None:
    broken = Path(__file__).with_name("broken.yaml")
    result = product("cron", "check", "--file", broken)
    assert (result.status, result.out.count("\n")) == (1, 27)
    assert all(line.startswith(f"{broken}:") for line in result.out.splitlines())
    assert len(json.loads(product("cron", "check", "--file", broken, "--json").out)) == 27


def test_check_warns_about_hours_that_a_clock_change_skips(product: Product) -> None:
    result = product("cron", "check", now=NOW)
    assert result.status == 1
    assert result.out.startswith("cron.yaml:7: schedule: at 02 in Europe/Berlin, where clock changes skip or repeat")
    Path("cron.yaml").write_text(JOBS.replace("Europe/Berlin", "Asia/Tokyo"))
    result = product("cron", "check", now=NOW)
    assert (result.status, result.out, result.err) == (0, "", "cron.yaml: no problems found\n")


@pytest.mark.parametrize("words", [["list"], ["next"], ["run"], ["run", "hourly"], ["export", "crontab"]])
def test_other_subcommands_refuse_a_broken_file(product: Product, words: list[str]) -> None:
    Path("cron.yaml").write_text("jobs: []")
    result = product("cron", *words, now=None)
    assert result.status == 2
    assert "cron.yaml:1: jobs: the list is empty" in result.err


def test_a_missing_file_and_an_unknown_job(product: Product) -> None:
    assert product("cron", "--file", "nowhere.yaml", "list").status == 2
    result = product("cron", "run", "hourli", now=None)
    assert (result.status, result.err.splitlines()[-1]) == (
        2,
        "dailypapers: no job 'hourli' in cron.yaml; there are: hourly, night",
    )


def test_which_file_is_read(folder: Path) -> None:
    assert jobs_file(Path("x.yaml")) == Path("x.yaml")
    assert jobs_file() == Path("cron.yaml")
    Path("cron.yaml").unlink()
    assert jobs_file() == default_file() == ROOT / "cron.yaml"


def test_the_schema_accepts_what_we_accept(product: Product) -> None:
    schema = json.loads(product("cron", "schema").out)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert list(validator.iter_errors(yaml.safe_load(JOBS))) == []
    assert list(validator.iter_errors(yaml.load((ROOT / "cron.yaml").read_text(), yaml.BaseLoader))) == []
    wrong = yaml.load(Path(__file__).with_name("broken.yaml").read_text(), yaml.BaseLoader)
    errors = {".".join(map(str, error.path)) for error in validator.iter_errors(wrong)}
    assert {"jobs.0", "jobs.0.name", "jobs.1.timeout", "jobs.2.on", "jobs.8"} <= errors


def test_a_job_run_by_hand_reports_its_result(product: Product, bench: Bench) -> None:
    for script, status in [("pass", 0), ("os._exit(1)", 1), ("os._exit(3)", 3), ("os._exit(9)", 3)]:
        bench.write(script=script)
        assert product("cron", "run", "job", "--file", bench.file, now=None).status == status
    bench.write("on:\n  success: echo called >> $NOTES", "print('done')")
    result = product("cron", "run", "job", "--file", bench.file, now=None)
    assert (result.status, result.out) == (0, "done\n")
    assert re.fullmatch(r"job: success after [0-9ms]+ \(exit 0\)\n", result.err)
    assert product("cron", "run", "job", "--file", bench.file, "--quiet", now=None).err == ""
    assert bench.noted() == ["called", "called"]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_job_runs_though_the_shell_closed_a_stream(bench: Bench, closed: str) -> None:
    script = "import sys; print('done'); print('oops', file=sys.stderr); open(os.environ['NOTES'], 'a').write('ran')"
    bench.write(script=script)
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *bench.command("job")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LONG,
        check=False,
    )
    assert (done.returncode, bench.noted()) == (0, ["ran"])
    assert b"Traceback" not in done.stderr


def test_a_job_that_is_running_is_not_run_by_hand(product: Product, bench: Bench) -> None:
    bench.write()
    with bench.state.running(bench.jobs[0]):
        result = product("cron", "run", "job", "--file", bench.file, now=None)
    assert (result.status, result.err) == (1, "job: still running; not started again\n")


@pytest.mark.parametrize("stdin", ["</dev/null", "<&-"])
def test_without_a_terminal_a_job_waits_for_its_jitter_and_can_be_stopped(bench: Bench, stdin: str) -> None:
    bench.write("jitter: 100d", "open(os.environ['NOTES'], 'w').write('ran')")
    process = subprocess.Popen(
        ["sh", "-c", f'exec "$@" {stdin}', "sh", *bench.command("job")],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ),
    )
    bench.started.append(process)
    assert process.stderr is not None
    assert process.stderr.readline().startswith(b"job: starts in ")
    process.terminate()
    process.communicate(timeout=LONG)
    assert process.returncode == 3
    assert bench.noted() == []


@pytest.mark.parametrize("words", [["run"], ["run", "hourly"]])
def test_jobs_run_by_the_real_clock(product: Product, words: list[str]) -> None:
    result = product("cron", *words)
    assert (result.status, "cron run takes no --now" in result.err) == (2, True)


def test_every_subcommand_is_in_the_document() -> None:
    text = (ROOT / "docs" / "schedules.md").read_text()
    assert [name for name in SUBCOMMANDS if f"dailypapers cron {name}" not in text] == []
