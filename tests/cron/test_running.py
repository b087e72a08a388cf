"""One run: its output, its limits, and the hooks it calls."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from dailypapers.cron.job import run_job
from dailypapers.cron.process import ProcessResult, run_process
from dailypapers.ingest.monitor.problems import Problem
from tests.cron.bench import Bench, alive, until

SECOND = timedelta(seconds=1)
NOTE = "open(os.environ['NOTES'], 'a').write(f'{os.getpid()}\\n')"
HOOKS = """
on:
  success: echo "success $DAILYPAPERS_EXIT" >> $NOTES
  failure: echo "failure $DAILYPAPERS_STATUS $DAILYPAPERS_EXIT" >> $NOTES
  attention: echo "attention $DAILYPAPERS_PROBLEMS" >> $NOTES
"""


Lines = list[tuple[bytes, bool]]


def watched(script: str, stop: Callable[[Lines], bool] = lambda lines: False) -> tuple[ProcessResult, Lines]:
    """Run a shell script like a job without a time limit."""
    lines: Lines = []

    def output(line: bytes, from_stderr: bool) -> None:
        lines.append((line, from_stderr))

    result = run_process(["sh", "-c", script], os.environ, output, limit=None, stop=lambda: stop(lines))
    return result, lines


def written(lines: Lines, *, of_stderr: bool = False) -> bytes:
    return b"".join(line for line, stderr in lines if stderr is of_stderr)


@pytest.fixture
def over(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour passes as soon as a job has written a note, so its limit is reached once it is prepared."""
    calls = count()

    def monotonic() -> float:
        # Not at the first call, from which the limit counts: a quick job has written its note by then.
        return time.monotonic() + (3600 if next(calls) and bench.noted() else 0)

    monkeypatch.setattr("dailypapers.cron.process.monotonic", monotonic)


def test_output_is_passed_on_in_whole_lines_and_its_end_is_kept() -> None:
    result, lines = watched("printf 'a\nb'; echo oops >&2; sleep 0.1; printf 'c\n\\0d'; exit 5")
    assert (result.exit, result.timed_out, result.stopped) == (5, False, False)
    assert (written(lines), written(lines, of_stderr=True)) == (b"a\nbc\n\0d", b"oops\n")
    assert all(line.endswith((b"\n", b"d")) for line, _ in lines)
    assert "bc\n" in result.tail
    assert "\0" not in result.tail


def test_the_end_of_a_long_output_is_kept() -> None:
    result, lines = watched("yes 0123456789 | head -c 300000; echo; printf '\\303\\244%05000d' 7")
    assert len(result.tail) == 4000
    assert result.tail.endswith("007")
    assert len(written(lines)) == 300001 + 5002


def test_the_end_does_not_wait_for_a_child_that_holds_the_output_open() -> None:
    result, lines = watched("sleep 600 & echo $!; exit 0")
    assert result.exit == 0
    os.kill(int(lines[0][0]), 9)


def test_a_stopped_group_gets_sigterm() -> None:
    script = "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done"
    result, lines = watched(script, bool)
    assert (result.exit, result.stopped, result.timed_out) == (3, True, False)
    assert written(lines) == b"up\nbye\n"


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace_period(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailypapers.cron.process.GRACE", SECOND / 2)
    # The shell itself ends at once; its child ignores the signal.
    script = "sh -c \"trap '' TERM; echo \\$\\$; while :; do sleep 0.05; done\" & wait"
    result, lines = watched(script, bool)
    assert (result.exit, result.stopped) == (143, True)
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


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to recognise zombies")
def test_a_zombie_that_its_parent_does_not_reap_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The parent of one process of the group is outside of it, and sleeps.
    monkeypatch.setattr("dailypapers.cron.process.GRACE", 20 * SECOND)
    sent, real = [], os.killpg

    def killpg(group: int, number: int) -> None:
        sent.append(number)
        real(group, number)

    monkeypatch.setattr(os, "killpg", killpg)
    result, lines = watched(f"exec {sys.executable} -c '{STRANGE}'", lambda lines: written(lines).count(b"\n") == 2)
    (outside,) = (line.split()[0] for line in written(lines).splitlines() if line.endswith(b" 0"))
    os.kill(int(outside), signal.SIGKILL)
    assert (result.exit, result.stopped) == (143, True)
    assert set(sent) == {signal.SIGTERM, 0}


def test_a_job_that_ignores_sigterm_is_killed(bench: Bench, over: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailypapers.cron.process.GRACE", SECOND / 5)
    bench.write(
        "timeout: 1h" + HOOKS, f"import signal, time; signal.signal(15, signal.SIG_IGN); {NOTE}; time.sleep(600)"
    )
    result = bench.run()
    assert result is not None
    assert (result.exit, result.timed_out) == (137, True)
    pid, hook = bench.noted()
    assert not alive(int(pid))
    assert hook == "failure timeout 137"
    assert bench.messages == ["job: timeout after 0s (exit 137)"]


def test_a_stopped_run_calls_no_hook(bench: Bench) -> None:
    bench.write(HOOKS, f"{NOTE}; import time; time.sleep(600)")
    result = run_job(bench.jobs[0], None, replace(bench.context, stop=lambda: bool(bench.noted())))
    assert result is not None
    assert (result.exit, result.stopped) == (143, True)
    assert bench.messages == ["job: stopped after 0s"]
    assert len(bench.noted()) == 1


def test_a_job_that_exits_0_at_its_timeout_is_a_failure(bench: Bench, over: None) -> None:
    bench.write(
        "timeout: 1h" + HOOKS,
        f"import signal, time; signal.signal(15, lambda *_: os._exit(0)); {NOTE}; time.sleep(600)",
    )
    bench.run()
    assert bench.noted()[1] == "failure timeout 0"


def test_a_job_gets_the_store_its_environment_and_a_process_group(bench: Bench) -> None:
    bench.write(
        script="print(os.environ['DAILYPAPERS_STORE'], os.getpgid(0) == os.getpid(), *sys.orig_argv[1:], flush=True)"
    )
    assert bench.run() == ProcessResult(
        0, f"{bench.store} True -P -m dailypapers sources\n", timed_out=False, stopped=False
    )


def test_a_job_really_runs(bench: Bench) -> None:
    bench.file.write_text("jobs:\n  - {name: job, schedule: '@daily', run: sources --json}\n")
    result = bench.run()
    assert result is not None
    assert result.exit == 0
    assert b"hf-daily" in b"".join(bench.written)


def test_the_environment_of_a_hook(bench: Bench) -> None:
    bench.write("on:\n  success: env | grep ^DAILYPAPERS_ | sort >> $NOTES", "print('done')")
    bench.run()
    variables = dict(line.split("=", 1) for line in bench.noted() if "=" in line)
    assert variables == {name: value for name, value in os.environ.items() if name.startswith("DAILYPAPERS_")} | {
        "DAILYPAPERS_JOB": "job",
        "DAILYPAPERS_RUN": "sources",
        "DAILYPAPERS_STATUS": "success",
        "DAILYPAPERS_EXIT": "0",
        "DAILYPAPERS_STORE": str(bench.store),
        "DAILYPAPERS_SLOT": "2026-01-15T12:00:00Z",
        "DAILYPAPERS_STARTED": "2026-01-15T12:00:00Z",
        "DAILYPAPERS_ENDED": "2026-01-15T12:00:00Z",
        "DAILYPAPERS_OUTPUT": "done",
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
def test_which_hooks_a_run_calls(bench: Bench, script: str, called: list[str]) -> None:
    bench.write(HOOKS, script)
    bench.run()
    assert bench.noted() == called


def test_a_problem_is_reported_once_until_it_changes_or_ends(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    late = Problem("hf-daily", None, "late", "not looked at for 31 h")
    doubt = Problem("hf-daily", bench.now.date(), "doubt", "apart")
    current: list[Problem] = []
    monkeypatch.setattr("dailypapers.cron.job.problems", lambda store, now: list(current))
    bench.write('on:\n  attention: echo "$DAILYPAPERS_PROBLEMS" >> $NOTES')

    def notified(*now: Problem) -> list[str]:
        current[:] = now
        before = len(bench.noted())
        bench.run()
        return bench.noted()[before:]

    assert notified() == []
    assert notified(late) == ["hf-daily late: not looked at for 31 h"]
    assert notified(Problem("hf-daily", None, "late", "not looked at for 32 h")) == []
    assert notified(late, doubt) == ["hf-daily 2026-01-15 doubt: apart"]
    assert notified(late, doubt) == []
    assert notified(doubt) == []
    assert notified(late, doubt) == ["hf-daily late: not looked at for 31 h"]
    assert notified() == []
    assert notified(doubt) == ["hf-daily 2026-01-15 doubt: apart"]


def test_a_problem_that_quotes_a_nul_is_reported(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Problem("hf-daily", None, "drift", "a\0b is new")
    monkeypatch.setattr("dailypapers.cron.job.problems", lambda store, now: [odd])
    bench.write('on:\n  attention: echo "$DAILYPAPERS_PROBLEMS" >> $NOTES')
    bench.run()
    assert bench.noted() == ["hf-daily drift: ab is new"]


def test_more_problems_than_fit_into_a_variable(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [Problem(f"hf-search {number}", None, "late", "ä" * 400) for number in range(500)]
    monkeypatch.setattr("dailypapers.cron.job.problems", lambda store, now: many)
    bench.write('on:\n  attention: printf %s "$DAILYPAPERS_PROBLEMS" | tail -n 1 >> $NOTES')
    bench.run()
    assert bench.noted() == ["500 in all: dailypapers status"]


def test_a_problem_whose_hook_failed_is_reported_after_the_next_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = Problem("hf-daily", None, "late", "not looked at")
    monkeypatch.setattr("dailypapers.cron.job.problems", lambda store, now: [problem])
    bench.write("on:\n  attention: test -e fixed && echo notified >> $NOTES")
    monkeypatch.chdir(bench.folder)
    bench.run()
    assert bench.messages[-1] == "job: on attention: exit 1"
    Path("fixed").touch()
    bench.run()
    bench.run()
    assert bench.noted() == ["notified"]


def test_a_hook_that_hangs_is_ended(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailypapers.cron.job.HOOK_LIMIT", SECOND / 2)
    bench.write("on:\n  success: sleep 600")
    bench.run()
    assert bench.messages[-1] == "job: on success: ended after 0s"


def test_a_command_that_cannot_be_started_is_a_failure(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write(HOOKS)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    result = bench.run()
    assert result is not None
    assert result.exit == 126
    assert "/nowhere/python" in result.tail
    assert bench.noted() == ["failure failure 126"]
