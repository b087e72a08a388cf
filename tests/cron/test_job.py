"""What a run leaves behind: messages at their level, its state on disk, and the end of its output."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dailypapers.cron.job import run_job
from dailypapers.cron.process import ProcessResult, run_process
from dailypapers.cron.state import CronState
from dailypapers.ingest.errors import IngestError
from dailypapers.snapshots.errors import StoreError
from tests.cron.bench import NOON, Bench, tick

HOUR = timedelta(hours=1)
FAILS = "on:\n  success: exit 7\n  attention: exit 8"


def levels(bench: Bench, *, slot: bool = False, stop: bool = False) -> tuple[list[str], list[str]]:
    """The messages of a run for information, and its warnings."""
    infos: list[str] = []
    warnings: list[str] = []
    context = replace(bench.context, info=infos.append, warn=warnings.append, stop=lambda: stop)
    run_job(bench.jobs[0], NOON + HOUR if slot else None, context)
    return infos, warnings


@pytest.mark.parametrize(
    ("script", "stop", "infos", "warnings"),
    [
        ("pass", False, ["job: success after 0s (exit 0)"], []),
        ("os._exit(1)", False, [], ["job: attention after 0s (exit 1)"]),
        ("os._exit(3)", False, [], ["job: failure after 0s (exit 3)"]),
        ("import time; time.sleep(600)", True, ["job: stopped after 0s"], []),
    ],
)
def test_only_what_needs_attention_is_a_warning(
    bench: Bench, script: str, stop: bool, infos: list[str], warnings: list[str]
) -> None:
    bench.write(script=script)
    assert levels(bench, stop=stop) == (infos, warnings)


def test_a_hook_that_fails_is_a_warning_with_its_name(bench: Bench) -> None:
    bench.write(FAILS, "print('odd', flush=True); os._exit(1)")
    assert levels(bench)[1][1:] == ["job: on success: exit 7", "job: on attention: exit 8"]


@pytest.mark.parametrize(
    ("slot", "words"), [(False, "not started again"), (True, "the slot 2026-01-15 13:00 UTC is skipped")]
)
def test_a_run_of_a_job_that_runs_already(bench: Bench, slot: bool, words: str) -> None:
    bench.write()
    with bench.state.running(bench.jobs[0]):
        assert levels(bench, slot=slot) == ([], [f"job: still running; {words}"])
    assert bench.state.handled(bench.jobs[0]) is None


def test_a_run_by_hand_handles_no_slot(bench: Bench) -> None:
    bench.write()
    bench.run()
    assert bench.state.handled(bench.jobs[0]) is None
    run_job(bench.jobs[0], NOON + HOUR, bench.context)
    assert bench.state.handled(bench.jobs[0]) == NOON + HOUR


@pytest.mark.parametrize("error", [StoreError("the store is odd"), IngestError("the lock is odd"), OSError(28, "full")])
def test_a_run_that_cannot_be_noted_does_not_end_the_scheduler(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    bench.write()
    scheduler = bench.scheduler()
    scheduler.load()
    bench.now += timedelta(minutes=1)
    monkeypatch.setattr(CronState, "mark_handled", fail)
    tick(scheduler)
    assert bench.messages[-1] == f"job: {error}"


def test_the_files_of_the_state(bench: Bench) -> None:
    bench.write()
    with bench.state.only_scheduler():
        run_job(bench.jobs[0], NOON, bench.context)
    names = sorted(path.name for path in bench.state.path.parent.iterdir())
    stem = bench.state.path.stem
    assert re.fullmatch("cron-[0-9a-f]{8}", stem)
    assert names == sorted([f"{stem}-job.lock", f"{stem}.json", f"{stem}.json.lock", f"{stem}.lock"])
    assert bench.state.path.read_bytes().endswith(b"}\n")


def test_a_store_has_one_state_however_it_is_named(tmp_path: Path) -> None:
    store, other = tmp_path / "store", tmp_path / "other"
    store.mkdir()
    (tmp_path / "link").symlink_to(store)
    paths = {CronState(tmp_path, root).path for root in (store, tmp_path / "link", tmp_path / "other" / ".." / "store")}
    assert len(paths) == 1
    assert CronState(tmp_path, other).path not in paths


def test_the_states_of_two_jobs_stay_apart(bench: Bench) -> None:
    bench.write(name="one")
    (one,) = bench.jobs
    bench.write(name="two", schedule="0 9 * * *")
    (two,) = bench.jobs
    bench.state.mark_handled(one, NOON)
    bench.state.mark_notified(one, ["a", "b"])
    bench.state.mark_handled(two, NOON + HOUR)
    assert (bench.state.handled(one), bench.state.handled(two)) == (NOON, NOON + HOUR)
    assert (bench.state.notified(one), bench.state.notified(two)) == (["a", "b"], [])
    bench.state.mark_handled(one, NOON + 2 * HOUR)
    assert bench.state.notified(one) == ["a", "b"]


def ran(*command: str) -> ProcessResult:
    return run_process(command, os.environ, lambda *_: None, limit=None, stop=lambda: False)


def test_the_end_of_the_output_is_text_whatever_the_job_writes() -> None:
    assert ran("printf", r"a\000b\377\n").tail == "ab\ufffd\n"


def test_a_command_that_is_not_there_is_named() -> None:
    reason = "could not be started: [Errno 2] No such file or directory: '/nowhere/python'"
    assert ran("/nowhere/python") == ProcessResult(126, reason, timed_out=False, stopped=False)


def test_a_command_that_may_not_be_run_is_named(tmp_path: Path) -> None:
    assert ran(f"{tmp_path}").tail.startswith("could not be started: [Errno 13] Permission denied")


def test_a_job_has_the_variables_of_the_scheduler_and_its_own(bench: Bench) -> None:
    bench.write(script="print(os.environ['ONE'], os.environ['NOTES'], os.environ['DAILYPAPERS_STORE'], flush=True)")
    context = replace(bench.context, variables={"ONE": "1", "NOTES": "elsewhere", "DAILYPAPERS_STORE": "x"})
    result = run_job(bench.jobs[0], None, context)
    assert result is not None
    assert result.tail == f"1 {bench.notes} {bench.store}\n"
