"""The reports of runs: what each command writes, however it ends, and how `runs` shows them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dailypapers.ingest.clock import Clock
from dailypapers.ingest.errors import USAGE
from dailypapers.ingest.runs.reader import KEEP_ALL, PastRun, past_runs, read_run, thin
from dailypapers.ingest.runs.report import MAX_WARNINGS, SCHEMA, RunReport
from dailypapers.snapshots.store.locks import file_lock
from tests.papersite import PaperSite, switches
from tests.product import BUSY, DAY, NOW, Product

ROOT = Path(__file__).parents[2]


def the_report(product: Product) -> dict[str, Any]:
    """The only report, validated with the schema."""
    (report,) = product.runs()
    jsonschema.validate(report, SCHEMA)
    return report


def test_a_run_reports_what_it_did(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.times(1, "/api/", switches.down("/api/", 500)))
    product("run", "--since", f"{BUSY}", "--until", f"{DAY}")
    report = the_report(product)
    assert (report["command"], report["exit"], report["error"]) == ("run", 0, None)
    assert report["arguments"][-5:] == ["run", "--since", f"{BUSY}", "--until", f"{DAY}"]
    assert report["started"] == report["ended"] == "2025-12-19T12:00:00Z"
    assert [(day["day"], day["new"], day["state"]) for day in report["days"]] == [
        ("2025-12-08", 130, "settling"),
        ("2025-12-09", 18, "settling"),
        ("2025-12-10", 12, "settling"),
    ]
    (traffic,) = report["sites"]
    assert (traffic["site"], traffic["retries"]) == (site.url, 1)
    assert sum(traffic["requests"].values()) == len(site.log)
    assert traffic["requests"]["500"] == 1
    assert traffic["waited_seconds"] > 0
    assert traffic["bytes"] > 1000
    assert report["peak_memory_bytes"] > 10_000_000


def test_unmodified_pages_are_counted_as_such(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    with PaperSite(seed=1, now=NOW, sizes={DAY: 12}, etag=True) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        product("run", "--day", f"{DAY}")
        product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=1))
    assert product.runs()[-1]["sites"][0]["requests"] == {"304": 2}
    assert product.runs()[-1]["days"][0]["new"] == 0


def test_nothing_due_leaves_a_small_report(product: Product, site: PaperSite) -> None:
    product("run")
    product("run")
    report = max(product.runs(), key=lambda report: not report["days"])
    jsonschema.validate(report, SCHEMA)
    assert (report["days"], report["sites"], report["exit"]) == ([], [], 0)


def test_a_day_that_fails_is_in_the_report_alone(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert product("run").status == 3
    report = the_report(product)
    assert (report["exit"], report["attention"]) == (3, 1)
    assert "refused" in report["days"][0]["failed"]
    # Without its robots.txt a site is asked for nothing else.
    assert report["sites"][0]["requests"] == {"fault": 4}
    assert list(product.files()) == ["attempts/hf-daily/2025-12-19.json"]


def test_import_and_build_and_backfill_leave_reports(product: Product, site: PaperSite, tmp_path: Path) -> None:
    saved = tmp_path / f"{DAY}.json"
    saved.write_text(json.dumps(site.papers(DAY)))
    (tmp_path / "rubbish.json").write_text("rubbish")
    product("import", "hf-daily", tmp_path / "rubbish.json", saved)
    product("build", "--all", now=NOW + timedelta(seconds=1))
    product("backfill", "hf-daily", "--since", f"{DAY}", "--until", f"{DAY}", now=NOW + timedelta(seconds=2))
    imported, built, filled = product.runs()
    for report in (imported, built, filled):
        jsonschema.validate(report, SCHEMA)
    assert [report["command"] for report in (imported, built, filled)] == ["import", "build", "backfill"]
    assert "rubbish.json" in imported["warnings"][0]
    assert [report["days"][0]["fetched"] for report in (imported, built, filled)] == [False, False, True]


def test_a_run_that_failed_before_any_day_is_listed_with_the_reason(product: Product, tmp_path: Path) -> None:
    (tmp_path / f"{DAY}.json").write_text("rubbish")
    assert product("import", "hf-daily", tmp_path).status == 3
    output = product("runs").out
    assert ("nothing was imported" in output, "nothing to do" in output) == (True, False)


@pytest.mark.parametrize(
    "words", [["run", "--day", "2031-01-01"], ["status"], ["build", "--check"], ["build", "--diff"], ["runs"]]
)
def test_commands_that_do_no_work_write_no_report(product: Product, site: PaperSite, words: list[str]) -> None:
    product("run")
    product(*words)
    assert len(product.runs()) == 1


def test_a_store_that_cannot_be_written_is_reported_once(product: Product, site: PaperSite) -> None:
    product.store.root.mkdir()
    for name in ("pages", "runs"):
        (product.store.root / name).write_bytes(b"a file where a folder should be")
    result = product("run", "--day", f"{DAY}")
    assert (result.status, len(result.err.splitlines())) == (3, 1)


def test_a_report_that_cannot_be_written_does_not_stop_the_run(product: Product, site: PaperSite) -> None:
    product.store.root.mkdir()
    (product.store.root / "runs").write_bytes(b"a file where the reports should be")
    result = product("run", "--day", f"{DAY}")
    assert result.status == 0
    assert "report cannot be written" in result.err
    assert product.certificate()["papers"] == 12


@pytest.fixture
def hanging(product: Product, site: PaperSite) -> Iterator[subprocess.Popen[str]]:
    """A run in a process of its own that waits for an answer, in a store with one day."""
    product("run", "--day", f"{DAY}")
    command = [sys.executable, "-c", "import sys; from dailypapers.cli.main import main; sys.exit(main())"]
    words = ["--store", str(product.store.root), "--now", "2025-12-19T13:00:00Z", "run", "--since", "2025-12-08"]
    with site.refusing():
        process = subprocess.Popen([*command, *words], stderr=subprocess.PIPE, text=True, cwd=ROOT)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            if process.stderr:
                process.stderr.close()


def wait_for_report(product: Product, process: subprocess.Popen[str]) -> Path:
    """The report of the hanging run, once its process has locked it."""
    for _ in range(3000):
        assert process.poll() is None
        for path in product.store.root.glob("runs/*/20251219T130000Z-*.json"):
            if read_run(path).state == "running":
                return path
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.02)
    raise AssertionError("no report was opened")


def test_a_killed_run_is_distinguished_from_a_running_one(product: Product, hanging: subprocess.Popen[str]) -> None:
    path = wait_for_report(product, hanging)
    assert "running    still running" in product("runs").out
    assert "still running" in product("runs", "show", path.stem).out
    hanging.kill()
    hanging.wait()
    assert read_run(path).state == "killed"
    shown = product("runs", "show", "last")
    assert "was killed; the days it had stored are complete" in shown.out
    jsonschema.validate(json.loads(path.read_bytes()), SCHEMA)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_stopped_run_ends_its_report(
    product: Product, hanging: subprocess.Popen[str], number: signal.Signals, status: int
) -> None:
    path = wait_for_report(product, hanging)
    os.kill(hanging.pid, number)
    assert hanging.wait() == status
    report = json.loads(path.read_bytes())
    jsonschema.validate(report, SCHEMA)
    assert (report["exit"], report["error"]) == (status, "stopped; run the same command again to continue")
    assert "stopped" in product("runs").out


def test_runs_lists_and_explains(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{DAY}")
    site.switches.append(switches.down("/api/"))
    product("run", now=NOW + timedelta(hours=2))
    lines = product("runs", now=NOW + timedelta(days=6)).out.splitlines()
    assert "1 day, 12 new papers, 3 requests" in lines[0]
    assert len(lines) == 2
    assert product("runs", now=NOW + timedelta(days=9)).out.startswith("no run in the last week")
    assert len(product("runs", "--since", "2025-12-01", now=NOW + timedelta(days=9)).out.splitlines()) == 2
    first = product.runs()[0]["id"]
    for name in (first, first[:16], first[-8:], first[-8:-3]):
        output = product("runs", "show", name).out
        assert f"hf-daily {DAY}: 12 papers (12 new); settling: whole at 2025-12-19 12:00" in output
        assert "3 requests (3 with 200)" in output
    assert "9 days: " in product("runs", "show", "last").out
    rows = json.loads(product("runs", "--json").out)
    assert [row["status"] for row in rows] == ["done", "done"]
    assert json.loads(product("runs", "show", first, "--json").out)["days"][0]["day"] == f"{DAY}"


def test_an_id_that_matches_no_run_or_several_is_an_error(product: Product, site: PaperSite) -> None:
    (product.store.root / "runs").mkdir(parents=True)
    assert product("runs", "show", "last").status == 2
    assert "no run in the last week" in product("runs").out
    product("run")
    product("run")
    many = product("runs", "show", "2025")
    assert (many.status, "matches 2 runs" in many.err) == (2, True)
    none = product("runs", "show", "2024")
    assert (none.status, "`dailypapers runs` lists them" in none.err) == (2, True)


def test_a_truncated_report_is_named_and_stops_nothing(product: Product, site: PaperSite) -> None:
    product("run")
    (path,) = product.store.root.glob("runs/*/*.json")
    path.write_bytes(path.read_bytes()[:100])
    assert f"unreadable: {path}" in product("runs").out
    assert "cannot be read" in product("runs", "show", "last").out


@pytest.mark.parametrize(
    "content", ["[]", "{}", '{"id": "20251219T120000Z-00000000", "ended": null}', '"text"', "", "\xff"]
)
def test_a_file_that_is_no_report_is_listed_as_unreadable(product: Product, content: str) -> None:
    path = product.store.root / "runs" / "2025-12-19" / "20251219T120000Z-00000000.json"
    path.parent.mkdir(parents=True)
    path.write_text(content, "latin-1")
    assert read_run(path) == PastRun(path, "unreadable", {})
    assert json.loads(product("runs", "--json").out) == [{"id": path.stem, "status": "unreadable"}]
    assert product("runs", "show", path.stem).status == 0


@pytest.mark.parametrize("name", SCHEMA["properties"])
def test_a_report_without_one_of_its_keys_stops_nothing(product: Product, name: str) -> None:
    RunReport(product.store, "run", [], Clock(NOW)).end(0)
    (path,) = product.store.root.glob("runs/*/*.json")
    report = json.loads(path.read_bytes())
    del report[name]
    path.write_text(json.dumps(report))
    # Reports of versions before it have no tracebacks.
    assert (read_run(path).state == "ended") == (name == "tracebacks")
    assert [product(*words).status for words in (["runs"], ["runs", "--json"], ["runs", "show", "last"])] == [0, 0, 0]


def test_the_runs_of_the_first_day_are_listed_and_those_before_it_are_not(product: Product) -> None:
    for hours in (0, 24, 48):
        assert RunReport(product.store, "run", [], Clock(NOW + timedelta(hours=hours))).end(0) is None
    days = [run.id[:8] for run in past_runs(product.store, (NOW + timedelta(days=1)).date())]
    assert days == ["20251220", "20251221"]


def test_a_report_of_a_running_command_has_no_duration_and_then_has_it_in_seconds(product: Product) -> None:
    begun = time.monotonic()
    report = RunReport(product.store, "run", [], Clock(NOW))
    report.open()
    assert product.runs()[0]["seconds"] is None
    report.end(0)
    seconds = product.runs()[0]["seconds"]
    assert isinstance(seconds, float)
    assert 0 <= seconds <= time.monotonic() - begun + 0.001


def test_each_site_has_its_own_counts(product: Product) -> None:
    report = RunReport(product.store, "run", [], Clock(NOW))
    for site, size in (("https://a.example", 10), ("https://b.example", 5), ("https://a.example", 1)):
        report.traffic(site).add("200", size)
    report.end(0)
    counts = {site["site"]: (site["requests"], site["bytes"]) for site in product.runs()[0]["sites"]}
    assert counts == {"https://a.example": ({"200": 2}, 11), "https://b.example": ({"200": 1}, 5)}


def test_temporary_files_are_removed_with_the_old_reports(product: Product) -> None:
    RunReport(product.store, "run", [], Clock(NOW)).end(0)
    (path,) = product.store.root.glob("runs/*/*.json")
    left = path.with_name(f"{path.name}.tmp")
    left.write_text("half")
    thin(product.store, NOW.date() + KEEP_ALL)
    assert left.exists()
    thin(product.store, NOW.date() + KEEP_ALL + timedelta(days=1))
    assert (left.exists(), path.exists()) == (False, True)


def test_the_message_names_what_kept_the_report_from_being_written(product: Product) -> None:
    product.store.root.mkdir()
    (product.store.root / "runs").write_bytes(b"a file where the reports should be")
    message = RunReport(product.store, "run", [], Clock(NOW)).end(0)
    assert message == f"{product.store.root / 'runs'}: the run's report cannot be written (Not a directory)"


def test_no_part_of_a_report_shows_the_secret(product: Product) -> None:
    token = "a secret that looks like none"
    report = RunReport(product.store, "run", ["run", f"--x={token}"], Clock(NOW), token)
    report.warn(f"warning with {token}")
    report.day({"attention": False, "failed": f"day with {token}"})
    report.error, report.tracebacks = f"error with {token}", [f"traceback with {token}"]
    report.end(1)
    (written,) = product.runs()
    assert token not in json.dumps(written)
    shown = [*written["arguments"], *written["warnings"], written["error"], *written["tracebacks"]]
    assert [text.split("***")[0] for text in shown] == [
        "run",
        "--x=",
        "warning with ",
        "error with ",
        "traceback with ",
    ]
    assert written["days"][0]["failed"].startswith("day with ")


def test_the_first_run_of_a_day_removes_old_reports(product: Product, site: PaperSite) -> None:
    product("run")
    for hours in (1, 2):
        product("build", now=NOW + timedelta(hours=hours))
    archive = product.archives(NOW.date())[0]
    whole = archive.read_bytes()
    archive.write_bytes(whole[:-1])
    for minutes in (170, 180):
        assert product("build", now=NOW + timedelta(minutes=minutes)).status == 1
    archive.write_bytes(whole)
    product("build", now=NOW + timedelta(hours=4))
    first = NOW + KEEP_ALL
    product("build", now=first)
    assert len(product.runs()) == 7
    product("build", now=first + timedelta(days=1))
    left = [report["started"][5:16] for report in product.runs()]
    # What failed, and the last one of the day.
    assert left == ["12-19T15:00", "12-19T16:00", "01-23T12:00", "01-24T12:00"]


def test_warnings_are_counted_beyond_a_hundred_and_show_no_secret(product: Product) -> None:
    token = "hf_" + "a" * 34
    report = RunReport(product.store, "run", ["run", token], Clock(NOW), token)
    for number in range(MAX_WARNINGS):
        report.warn(f"warning {number} with {token}")
    assert report.end(0) is None
    (written,) = product.runs()
    assert len(written["warnings"]) == MAX_WARNINGS
    assert token not in json.dumps(written)
    for _ in range(3):
        report.warn("one more")
    report.end(1)
    (written,) = product.runs()
    assert written["warnings"][MAX_WARNINGS - 1].startswith(f"warning {MAX_WARNINGS - 1} with ")
    assert written["warnings"][MAX_WARNINGS:] == ["3 more"]
    assert (written["exit"], written["arguments"][0]) == (1, "run")


def test_wrong_usage_leaves_no_report_unless_work_began(product: Product) -> None:
    report = RunReport(product.store, "run", [], Clock(NOW))
    assert report.end(USAGE) is None
    assert product.runs() == []
    report.open()
    report.end(USAGE)
    assert [written["exit"] for written in product.runs()] == [USAGE]


def test_reports_of_running_runs_stay_whatever_their_age(product: Product, site: PaperSite) -> None:
    product("run")
    (whole,) = product.store.root.glob("runs/*/*.json")
    report = json.loads(whole.read_bytes()) | {"ended": None, "exit": None}
    running, killed = (
        [whole.with_name(f"20251219T13000{number}Z-{kind}.json") for number in (1, 2, 3)] for kind in "ab"
    )
    for path in (*running, *killed):
        path.write_text(json.dumps(report))
    today = NOW.date()
    with ExitStack() as locks:
        for path in running:
            locks.enter_context(file_lock(path))
        thin(product.store, today + KEEP_ALL)
        assert all(path.exists() for path in (*running, *killed))
        thin(product.store, today + KEEP_ALL + timedelta(days=1))
        assert [path.exists() for path in (whole, *running)] == [True, True, True, True]
        assert [path.exists() for path in killed] == [False, False, True]
    # When they are over they are reports like others: the last one of a kind stays.
    thin(product.store, today + KEEP_ALL + timedelta(days=1))
    assert [path.name for path in whole.parent.glob("*.json") if path != whole] == [killed[-1].name]


def test_the_schema_of_reports_is_printed(product: Product) -> None:
    schema = json.loads(product("runs", "schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    documented = (ROOT / "docs" / "monitoring.md").read_text()
    days, sites = (schema["properties"][name]["items"]["properties"] for name in ("days", "sites"))
    assert [name for name in (*schema["properties"], *days, *sites) if f"`{name}`" not in documented] == []
    assert schema["properties"]["command"] == {"enum": ["run", "backfill", "import", "build", "pull"]}
