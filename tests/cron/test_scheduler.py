"""The loop with real processes: what is started and skipped, and what a killed scheduler leaves behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from dailypapers.cron.diagnostics import JobsFileError
from dailypapers.cron.jobs import load
from dailypapers.cron.scheduler import stop_on_signals
from dailypapers.cron.state import CronState, StateFile
from dailypapers.ingest.errors import IngestError
from dailypapers.snapshots.store.atomic import write_whole
from dailypapers.snapshots.store.locks import is_locked
from tests.cron.bench import LONG, NOON, Bench, alive, tick, until
from tests.cron.jobs import CHECK

MINUTE = timedelta(minutes=1)
HOOKED = """
on:
  success: echo "$DAILYPAPERS_SLOT $DAILYPAPERS_STATUS" >> $NOTES
"""
NOTE = "open(os.environ['NOTES'], 'a').write(f'{os.getpid()}\\n')"
SLEEPER = NOTE + "; import time; time.sleep(600)"


def test_a_slot_is_started_and_is_on_disk_before_its_process_starts(bench: Bench) -> None:
    bench.write(HOOKED, f"open(os.environ['NOTES'], 'w').write(open({str(bench.state.path)!r}).read())")
    scheduler = bench.scheduler()
    scheduler.load()
    tick(scheduler)
    assert bench.noted() == []
    bench.now += MINUTE
    tick(scheduler)
    tick(scheduler)
    *state, hook = bench.noted()
    assert orjson.loads("\n".join(state))["jobs"]["job"]["handled"] == "2026-01-15T12:01:00Z"
    assert hook == "2026-01-15T12:01:00Z success"
    assert bench.messages == [
        f"{bench.file}: 1 job, next job at 2026-01-15 12:01 UTC",
        "job: success after 0s (exit 0)",
    ]


@pytest.mark.parametrize(
    ("catch_up", "slots", "outcome"),
    [
        ("60s", [], "were missed; dropped, since they are more than catch_up (1m) late"),
        ("1h", ["2026-01-15T12:50:00Z success"], "were missed; one run makes up for them"),
    ],
)
def test_missed_slots_are_one_run_or_dropped_also_after_a_restart(
    bench: Bench, catch_up: str, slots: list[str], outcome: str
) -> None:
    bench.write(f"catch_up: {catch_up}" + HOOKED, schedule="*/10 * * * *")
    bench.scheduler().load()
    bench.now += 58 * MINUTE
    scheduler = bench.scheduler()
    scheduler.load()
    tick(scheduler)
    assert bench.noted() == slots
    assert f"job: slots from 2026-01-15 12:10 UTC on {outcome}" in bench.messages


def test_a_job_that_is_running_is_not_started_again(bench: Bench) -> None:
    bench.write(HOOKED, NOTE)
    scheduler = bench.scheduler()
    scheduler.load()
    bench.now += MINUTE
    with bench.state.running(scheduler.jobs[0]) as lock:
        assert lock is not None
        tick(scheduler)
    assert bench.noted() == []
    assert bench.messages[-1] == "job: still running; the slot 2026-01-15 12:01 UTC is skipped"


def test_a_changed_file_is_reloaded_and_a_broken_one_is_not(bench: Bench) -> None:
    bench.write(HOOKED)
    scheduler = bench.scheduler()
    scheduler.load()
    good = bench.file.read_text()
    bench.file.write_text(good.replace("* * * * *", "5/2 * * * *"))
    bench.now += MINUTE
    tick(scheduler)
    tick(scheduler)
    assert len(bench.noted()) == 1
    assert sum("5/2" in line for line in bench.messages) == 1
    assert bench.messages[1] == (
        f"{bench.file}:3: schedule: minute '5/2': a step is allowed only after * or a range; write 5-59/2\n"
        "the jobs stay as they were until this is fixed"
    )
    bench.file.unlink()
    tick(scheduler)
    assert "the jobs stay as they were until this is fixed" in bench.messages[-1]
    bench.file.write_text(good.replace("* * * * *", "0 9 * * *"))
    tick(scheduler)
    assert bench.messages[-1] == f"{bench.file}: 1 job, next job at 2026-01-16 09:00 UTC"
    assert len(bench.noted()) == 1


def test_a_failed_reload_is_retried(bench: Bench) -> None:
    bench.write(schedule="0 9 * * *")
    scheduler = bench.scheduler()
    scheduler.load()
    in_the_way = bench.state.path.with_name(f"{bench.state.path.name}.tmp")
    in_the_way.mkdir()
    bench.write(schedule="0 10 * * *")
    tick(scheduler)
    tick(scheduler)
    (message,) = bench.messages[1:]
    assert message.startswith(str(in_the_way))
    in_the_way.rmdir()
    tick(scheduler)
    assert bench.messages[2:] == [f"{bench.file}: 1 job, next job at 2026-01-16 10:00 UTC"]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_new_schedule_has_no_missed_slots(bench: Bench, restarted: bool) -> None:
    bench.write(schedule="0 13 * * *")
    scheduler = bench.scheduler()
    scheduler.load()
    bench.now += 30 * MINUTE
    bench.write(schedule="15 12 * * *")
    if restarted:
        scheduler = bench.scheduler()
        scheduler.load()
    tick(scheduler)
    assert bench.messages[1:] == [f"{bench.file}: 1 job, next job at 2026-01-16 12:15 UTC"]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_new_zone_has_no_missed_slots(bench: Bench, restarted: bool) -> None:
    bench.write("timezone: Asia/Tokyo\ncatch_up: 1h" + HOOKED, schedule="15 12 * * *")
    scheduler = bench.scheduler()
    scheduler.load()
    bench.now += 30 * MINUTE
    # The same schedule in UTC had a slot a quarter of an hour ago, before the file said so.
    bench.write("timezone: UTC\ncatch_up: 1h" + HOOKED, schedule="15 12 * * *")
    if restarted:
        scheduler = bench.scheduler()
        scheduler.load()
    tick(scheduler)
    assert bench.messages[1:] == [f"{bench.file}: 1 job, next job at 2026-01-16 12:15 UTC"]
    assert bench.noted() == []


def test_the_state_is_read_and_written_under_its_lock(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads, or two processes, that each add a job to the file would lose one of them."""
    bench.write()
    locked: list[bool] = []
    read = CronState._read

    def spied_read(state: CronState) -> StateFile:
        locked.append(is_locked(state.path.with_suffix(".json.lock")))
        return read(state)

    def spied_write(path: Path, content: bytes) -> bool:
        locked.append(is_locked(path.with_suffix(".json.lock")))
        return write_whole(path, content)

    monkeypatch.setattr(CronState, "_read", spied_read)
    monkeypatch.setattr("dailypapers.cron.state.write_whole", spied_write)
    (job,) = bench.jobs
    bench.state.mark_handled(job, NOON)
    bench.state.mark_notified(job, ["problem"])
    assert locked == [True, True, True, True]
    assert not is_locked(bench.state.path.with_suffix(".json.lock"))
    assert (bench.state.handled(job), bench.state.notified(job)) == (NOON, ["problem"])


def test_a_dropped_slot_is_logged_once_even_when_the_file_changes(bench: Bench) -> None:
    bench.write(schedule="15 12 * * *")
    scheduler = bench.scheduler()
    scheduler.load()
    bench.now += 30 * MINUTE
    tick(scheduler)
    assert "dropped" in bench.messages[1]
    bench.write(schedule="15 12 * * *", keys="timeout: 1h")
    tick(scheduler)
    assert bench.messages[2:] == [f"{bench.file}: 1 job, next job at 2026-01-16 12:15 UTC"]


def test_the_scheduler_does_not_start_with_a_broken_file(bench: Bench) -> None:
    bench.file.write_text("jobs: []")
    with pytest.raises(JobsFileError, match="the list is empty"):
        bench.scheduler().run()


def test_a_second_scheduler_is_refused(bench: Bench) -> None:
    bench.write()
    with (
        bench.state.only_scheduler(),
        pytest.raises(IngestError, match=r"another scheduler holds .*cron-[0-9a-f]{8}\.lock"),
    ):
        bench.scheduler().run()


def test_an_invalid_state_file_is_replaced(bench: Bench) -> None:
    bench.write(HOOKED)
    bench.state.path.parent.mkdir()
    bench.state.path.write_text('{"jobs": {"job": {"handled": "yesterday"}}}')
    scheduler = bench.scheduler()
    scheduler.load()
    bench.now += MINUTE
    tick(scheduler)
    assert len(bench.noted()) == 1


def test_a_state_file_that_cannot_be_written_starts_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.write(HOOKED)
    scheduler = bench.scheduler()
    scheduler.load()
    bench.state.path.with_name(f"{bench.state.path.name}.tmp").mkdir()
    bench.now += MINUTE
    tick(scheduler)
    assert bench.noted() == []
    assert bench.messages[-1].startswith("job: ")
    assert ".json.tmp" in bench.messages[-1]


def begun(bench: Bench, **environment: str) -> subprocess.Popen[bytes]:
    """A scheduler in a process of its own; the slot of 12:01 is still ahead however slowly it starts."""
    bench.scheduler().load()
    bench.now = NOON + timedelta(seconds=59)
    # The tests themselves may have been started under nohup.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        scheduler = subprocess.Popen(bench.command(), env={**os.environ, **environment}, stderr=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGHUP, before)
    bench.started.append(scheduler)
    return scheduler


def test_lines_of_the_scheduler_and_of_its_jobs_have_time_and_job(bench: Bench) -> None:
    bench.write(script="print('done', flush=True); open(os.environ['NOTES'], 'a').write('ran')")
    bench.scheduler().load()
    bench.now = NOON + timedelta(seconds=59)
    command = bench.command()
    scheduler = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    bench.started.append(scheduler)
    until(bench.noted)
    scheduler.terminate()
    out, err = scheduler.communicate(timeout=LONG)
    assert re.fullmatch(rb"2026-01-15 12:0\d:\d\d job: done\n", out)
    lines = err.decode().splitlines()
    assert all(re.match(r"2026-01-15 12:\d\d:\d\d ", line) for line in lines)
    assert any(re.match(r"2026-01-15 12:0\d:\d\d job: ", line) for line in lines)


def killed(pids: list[str]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_scheduler_with_the_groups_of_all_jobs(bench: Bench, number: int) -> None:
    bench.write(HOOKED, f"os.fork(); {SLEEPER}")
    scheduler = begun(bench)
    until(lambda: len(bench.noted()) == 2)
    scheduler.send_signal(number)
    _, stderr = scheduler.communicate(timeout=LONG)
    assert scheduler.returncode == 0
    assert b"job: stopped after" in stderr
    assert not any(alive(int(pid)) for pid in bench.noted())
    # No hook is called for a job that we ended.
    assert len(bench.noted()) == 2


def test_under_nohup_a_terminal_may_close() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_on_signals() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop()
            os.kill(os.getpid(), signal.SIGTERM)
            assert stop()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_scheduler_killed_between_the_slot_and_its_process_starts_nothing_twice(bench: Bench) -> None:
    bench.write("catch_up: 1h" + HOOKED, NOTE)
    patched = bench.folder / "patched"
    patched.mkdir()
    (patched / "sitecustomize.py").write_text(
        "import os, dailypapers.cron.job as job\njob.run_process = lambda *words, **keys: os.kill(os.getpid(), 9)\n"
    )
    scheduler = begun(bench, PYTHONPATH=str(patched))
    scheduler.communicate(timeout=LONG)
    assert scheduler.returncode == -signal.SIGKILL
    assert bench.state.handled(load(bench.file, CHECK).jobs[0]) == NOON + MINUTE
    assert bench.noted() == []
    bench.now = NOON + MINUTE + timedelta(seconds=10)
    again = bench.scheduler()
    again.load()
    tick(again)
    assert bench.noted() == []
    bench.now = NOON + 2 * MINUTE
    tick(again)
    assert bench.noted()[1:] == ["2026-01-15T12:02:00Z success"]


def test_a_job_that_outlives_a_killed_scheduler_is_not_started_again(bench: Bench) -> None:
    bench.write(HOOKED, SLEEPER)
    scheduler = begun(bench)
    until(bench.noted)
    scheduler.kill()
    scheduler.communicate(timeout=LONG)
    try:
        bench.now = NOON + timedelta(seconds=119)
        again = bench.scheduler()
        again.load()
        bench.now = NOON + 2 * MINUTE
        tick(again)
        assert bench.messages[-1] == "job: still running; the slot 2026-01-15 12:02 UTC is skipped"
        assert len(bench.noted()) == 1
    finally:
        killed(bench.noted())
