"""One run: its output, its limits, and whom it calls afterwards."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.cron.run.job import run_job
from ingest.cron.run.process import ProcessResult, run_process
from ingest.monitor.problems import Problem
from tests.cron.bench import Bench, alive, until

SECOND = timedelta(seconds=1)
NOTE = "open(os.environ['NOTES'], 'a').write(f'{os.getpid()}\\n')"
TELLING = """
on:
  success: echo "success $DAILYPAPERS_EXIT" >> $NOTES
  failure: echo "failure $DAILYPAPERS_STATUS $DAILYPAPERS_EXIT" >> $NOTES
  attention: echo "attention $DAILYPAPERS_PROBLEMS" >> $NOTES
"""


Lines = list[tuple[bytes, bool]]


def watched(script: str, stop: Callable[[Lines], bool] = lambda lines: False) -> tuple[ProcessResult, Lines]:
    """Run a shell script as a job would be, without a limit."""
    lines: Lines = []

    def output(line: bytes, from_stderr: bool) -> None:
        lines.append((line, from_stderr))

    result = run_process(["sh", "-c", script], os.environ, output, limit=None, stop=lambda: stop(lines))
    return result, lines


def written(lines: Lines, *, of_stderr: bool = False) -> bytes:
    return b"".join(line for line, stderr in lines if stderr is of_stderr)


@pytest.fixture
def over(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour goes by as soon as a job has noted something, so that its limit is reached when it is ready for it."""
    monkeypatch.setattr("ingest.cron.run.process.monotonic", lambda: time.monotonic() + (3600 if bench.noted() else 0))


def test_output_is_passed_on_in_whole_lines_and_its_end_is_kept() -> None:
    ended, lines = watched("printf 'a\nb'; echo oops >&2; sleep 0.1; printf 'c\n\\0d'; exit 5")
    assert (ended.exit, ended.timed_out, ended.stopped) == (5, False, False)
    assert (written(lines), written(lines, of_stderr=True)) == (b"a\nbc\n\0d", b"oops\n")
    assert all(line.endswith((b"\n", b"d")) for line, _ in lines)
    assert "bc\n" in ended.tail
    assert "\0" not in ended.tail


def test_the_end_of_a_long_output_is_kept() -> None:
    ended, lines = watched("yes 0123456789 | head -c 300000; echo; printf '\\303\\244%05000d' 7")
    assert len(ended.tail) == 4000
    assert ended.tail.endswith("007")
    assert len(written(lines)) == 300001 + 5002


def test_the_end_does_not_wait_for_a_child_that_holds_the_output_open() -> None:
    ended, lines = watched("sleep 600 & echo $!; exit 0")
    assert ended.exit == 0
    os.kill(int(lines[0][0]), 9)


def test_a_group_that_is_to_stop_gets_term() -> None:
    script = "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done"
    ended, lines = watched(script, bool)
    assert (ended.exit, ended.stopped, ended.timed_out) == (3, True, False)
    assert written(lines) == b"up\nbye\n"


def test_what_ignores_term_in_a_group_is_killed_after_the_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.cron.run.process.GRACE", SECOND / 2)
    # The shell itself ends at once; what it started holds out.
    script = "sh -c \"trap '' TERM; echo \\$\\$; while :; do sleep 0.05; done\" & wait"
    ended, lines = watched(script, bool)
    assert (ended.exit, ended.stopped) == (143, True)
    until(lambda: not alive(int(written(lines))))


STRANGE = """
import os, time
group = os.getpid()
if os.fork() == 0:
    os.setpgid(0, 0)
    if os.fork() == 0:
        os.setpgid(0, group)
    os.write(1, f"{os.getpid()} {int(os.getpgid(0) == group)}\\n".encode())
time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc tells who has ended")
def test_who_has_ended_is_not_waited_for_though_its_parent_takes_no_leave_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # One of the group is the child of a process outside of it, which sleeps.
    monkeypatch.setattr("ingest.cron.run.process.GRACE", 3600 * SECOND)
    ended, lines = watched(f"exec {sys.executable} -c '{STRANGE}'", lambda lines: written(lines).count(b"\n") == 2)
    (outside,) = (line.split()[0] for line in written(lines).splitlines() if line.endswith(b" 0"))
    os.kill(int(outside), signal.SIGKILL)
    assert (ended.exit, ended.stopped) == (143, True)


def test_a_job_that_ignores_term_is_killed(bench: Bench, over: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.cron.run.process.GRACE", SECOND / 5)
    bench.write(
        "timeout: 1h" + TELLING, f"import signal, time; signal.signal(15, signal.SIG_IGN); {NOTE}; time.sleep(600)"
    )
    ended = bench.run()
    assert ended is not None
    assert (ended.exit, ended.timed_out) == (137, True)
    pid, hook = bench.noted()
    assert not alive(int(pid))
    assert hook == "failure timeout 137"
    assert bench.said == ["job: timeout after 0s (exit 137)"]


def test_nobody_is_called_for_a_run_that_was_told_to_stop(bench: Bench) -> None:
    bench.write(TELLING, f"{NOTE}; import time; time.sleep(600)")
    ended = run_job(bench.jobs[0], None, replace(bench.context, stop=lambda: bool(bench.noted())))
    assert ended is not None
    assert (ended.exit, ended.stopped) == (143, True)
    assert bench.said == ["job: stopped after 0s"]
    assert len(bench.noted()) == 1


def test_a_job_that_ends_at_its_timeout_is_a_failure_all_the_same(bench: Bench, over: None) -> None:
    bench.write(
        "timeout: 1h" + TELLING,
        f"import signal, time; signal.signal(15, lambda *_: os._exit(0)); {NOTE}; time.sleep(600)",
    )
    bench.run()
    assert bench.noted()[1] == "failure timeout 0"


def test_a_job_is_a_command_of_ours_with_the_store_and_the_environment_of_its_own(bench: Bench) -> None:
    bench.write(
        script="print(os.environ['DAILYPAPERS_STORE'], os.getpgid(0) == os.getpid(), *sys.orig_argv[1:], flush=True)"
    )
    assert bench.run() == ProcessResult(
        0, f"{bench.store} True -P -m dailypapers sources\n", timed_out=False, stopped=False
    )


def test_a_job_really_runs(bench: Bench) -> None:
    bench.file.write_text("jobs:\n  - {name: job, schedule: '@daily', run: sources --json}\n")
    ended = bench.run()
    assert ended is not None
    assert ended.exit == 0
    assert b"hf-daily" in b"".join(bench.written)


def test_a_hook_knows_the_run(bench: Bench) -> None:
    bench.write("on:\n  success: env | grep ^DAILYPAPERS_ | sort >> $NOTES", "print('said')")
    bench.run()
    found = dict(line.split("=", 1) for line in bench.noted() if "=" in line)
    assert found == {name: value for name, value in os.environ.items() if name.startswith("DAILYPAPERS_")} | {
        "DAILYPAPERS_JOB": "job",
        "DAILYPAPERS_RUN": "sources",
        "DAILYPAPERS_STATUS": "success",
        "DAILYPAPERS_EXIT": "0",
        "DAILYPAPERS_STORE": str(bench.store),
        "DAILYPAPERS_SLOT": "2026-01-15T12:00:00Z",
        "DAILYPAPERS_STARTED": "2026-01-15T12:00:00Z",
        "DAILYPAPERS_ENDED": "2026-01-15T12:00:00Z",
        "DAILYPAPERS_OUTPUT": "said",
        "DAILYPAPERS_PROBLEMS": "",
    }


@pytest.mark.parametrize(
    ("script", "called"),
    [
        ("pass", ["success 0"]),
        (
            "print('3 days failed', flush=True); os._exit(1)",
            ["success 1", "attention job exit 1: 'sources' ended with: 3 days failed"],
        ),
        ("os._exit(3)", ["failure failure 3"]),
        ("os.kill(os.getpid(), 9)", ["failure failure 137"]),
    ],
)
def test_whom_a_run_calls(bench: Bench, script: str, called: list[str]) -> None:
    bench.write(TELLING, script)
    bench.run()
    assert bench.noted() == called


def test_a_trouble_is_told_once_until_it_changes_or_ends(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    late = Problem("hf-daily", None, "late", "not looked at for 31 h")
    doubt = Problem("hf-daily", bench.now.date(), "doubt", "apart")
    found: list[Problem] = []
    monkeypatch.setattr("ingest.cron.run.hooks.problems", lambda store, now: list(found))
    bench.write('on:\n  attention: echo "$DAILYPAPERS_PROBLEMS" >> $NOTES')

    def told(*now: Problem) -> list[str]:
        found[:] = now
        before = len(bench.noted())
        bench.run()
        return bench.noted()[before:]

    assert told() == []
    assert told(late) == ["hf-daily late: not looked at for 31 h"]
    assert told(Problem("hf-daily", None, "late", "not looked at for 32 h")) == []
    assert told(late, doubt) == ["hf-daily 2026-01-15 doubt: apart"]
    assert told(late, doubt) == []
    assert told(doubt) == []
    assert told(late, doubt) == ["hf-daily late: not looked at for 31 h"]
    assert told() == []
    assert told(doubt) == ["hf-daily 2026-01-15 doubt: apart"]


def test_a_trouble_that_quotes_a_nul_of_the_site_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Problem("hf-daily", None, "drift", "a\0b is new")
    monkeypatch.setattr("ingest.cron.run.hooks.problems", lambda store, now: [odd])
    bench.write('on:\n  attention: echo "$DAILYPAPERS_PROBLEMS" >> $NOTES')
    bench.run()
    assert bench.noted() == ["hf-daily drift: ab is new"]


def test_more_troubles_than_a_variable_holds(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [Problem(f"hf-search {number}", None, "late", "ä" * 400) for number in range(500)]
    monkeypatch.setattr("ingest.cron.run.hooks.problems", lambda store, now: many)
    bench.write('on:\n  attention: printf %s "$DAILYPAPERS_PROBLEMS" | tail -n 1 >> $NOTES')
    bench.run()
    assert bench.noted() == ["500 in all: dailypapers status"]


def test_what_could_not_be_told_is_told_after_the_next_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    trouble = Problem("hf-daily", None, "late", "not looked at")
    monkeypatch.setattr("ingest.cron.run.hooks.problems", lambda store, now: [trouble])
    bench.write("on:\n  attention: test -e mended && echo told >> $NOTES")
    monkeypatch.chdir(bench.folder)
    bench.run()
    assert bench.said[-1] == "job: on attention: exit 1"
    Path("mended").touch()
    bench.run()
    bench.run()
    assert bench.noted() == ["told"]


def test_a_hook_that_hangs_is_ended(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.cron.run.job.HOOK_LIMIT", SECOND / 2)
    bench.write("on:\n  success: sleep 600")
    bench.run()
    assert bench.said[-1] == "job: on success: ended after 0s"


def test_a_command_that_cannot_be_started_is_a_failure(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write(TELLING)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    ended = bench.run()
    assert ended is not None
    assert ended.exit == 126
    assert "/nowhere/python" in ended.tail
    assert bench.noted() == ["failure failure 126"]
