"""The output of a job: in whole lines with a label where that is asked for, and closed before the job ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from dailypapers.cron.job import MAX_PROBLEMS, MAX_QUOTED, FinishedRun, run_job
from dailypapers.cron.process import MAX_LINE, ProcessResult, run_process
from dailypapers.cron.scheduler import SIGNALS, stop_on_signals
from dailypapers.ingest.monitor.problems import Problem
from dailypapers.snapshots.store.layout import Store
from tests.cron.bench import Bench

HOOK = "on:\n  success: echo called"
AFTER_SOME_CHECKS = 4


def labelled(bench: Bench) -> tuple[bytes, list[bool]]:
    """What a run passes on as the scheduler shows it to people, and whether each part is of stderr."""
    parts: list[tuple[bytes, bool]] = []
    context = replace(bench.context, labels_lines=True, output=lambda lines, stderr: parts.append((lines, stderr)))
    assert run_job(bench.jobs[0], None, context) is not None
    return b"".join(lines for lines, _ in parts), [stderr for _, stderr in parts]


def test_each_line_of_a_job_and_of_its_hooks_has_the_time_and_the_name_of_the_job(bench: Bench) -> None:
    bench.write(HOOK, "print('one\\ntwo', flush=True)")
    written, of_stderr = labelled(bench)
    label = b"2026-01-15 12:00:00 job: "
    assert written == b"".join(label + line for line in (b"one\n", b"two\n", b"called\n"))
    assert not any(of_stderr)


def test_lines_of_stderr_stay_apart(bench: Bench) -> None:
    bench.write(script="import sys; print('oops', file=sys.stderr, flush=True)")
    assert labelled(bench) == (b"2026-01-15 12:00:00 job: oops\n", [True])


def test_a_job_that_closed_its_outputs_is_still_ended() -> None:
    checks = count()

    def stop() -> bool:
        return next(checks) >= AFTER_SOME_CHECKS

    result = run_process(
        ["sh", "-c", "exec >&- 2>&-; exec sleep 60"], os.environ, lambda *_: None, limit=None, stop=stop
    )
    assert (result.exit, result.stopped) == (128 + signal.SIGTERM, True)


def test_a_line_without_an_end_is_passed_on_in_parts() -> None:
    parts: list[bytes] = []
    script = f"yes x | tr -d '\\n' | head -c {5 * MAX_LINE}"
    run_process(["sh", "-c", script], os.environ, lambda part, _: parts.append(part), limit=None, stop=lambda: False)
    assert b"".join(parts) == b"x" * 5 * MAX_LINE
    assert all(MAX_LINE < len(part) <= 2 * MAX_LINE for part in parts[:-1])
    assert len(parts) >= 2


@pytest.fixture
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_is_noted_and_has_its_effect_again_afterwards(handlers: None, number: signal.Signals) -> None:
    received: list[int] = []
    for each in SIGNALS:
        signal.signal(each, lambda number, _: received.append(number))
    with stop_on_signals() as stop:
        assert not stop()
        os.kill(os.getpid(), number)
        assert stop()
    assert received == []
    os.kill(os.getpid(), number)
    assert received == [number]


def finished(bench: Bench, exit_: int, tail: str = "", *, timed_out: bool = False) -> FinishedRun:
    bench.write()
    result = ProcessResult(exit_, tail, timed_out=timed_out)
    return FinishedRun(bench.jobs[0], bench.now, bench.now, bench.now + timedelta(seconds=90), result)


@pytest.mark.parametrize(
    ("exit_", "timed_out", "words", "hook"),
    [
        (0, False, "success after 1m30s (exit 0)", "success"),
        (1, False, "attention after 1m30s (exit 1)", "success"),
        (2, False, "failure after 1m30s (exit 2)", "failure"),
        (137, False, "failure after 1m30s (exit 137)", "failure"),
        (0, True, "timeout after 1m30s (exit 0)", "failure"),
    ],
)
def test_the_outcome_of_a_run(bench: Bench, exit_: int, timed_out: bool, words: str, hook: str) -> None:
    run = finished(bench, exit_, timed_out=timed_out)
    assert (run.describe(), run.hook) == (words, (hook, None))


def test_the_problems_of_a_run_are_those_at_its_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    times = []

    def problems(store: Store, now: object) -> list[Problem]:
        times.append(now)
        return [Problem("hf-daily", None, "late", store.root.name)]

    monkeypatch.setattr("dailypapers.cron.job.problems", problems)
    run = finished(bench, 1, "output")
    assert run.problems(bench.context.store) == [Problem("hf-daily", None, "late", "store")]
    assert times == [run.ended]


@pytest.mark.parametrize("exit_", [0, 1, 2])
def test_an_exit_1_without_a_problem_of_the_store_quotes_the_end_of_the_output(bench: Bench, exit_: int) -> None:
    run = finished(bench, exit_, "x" * 100 + "\n" + "y" * (MAX_QUOTED - 1) + "\n")
    reason = f"'sources' ended with: {'y' * (MAX_QUOTED - 1)}"
    assert run.problems(bench.context.store) == ([Problem("job", None, "exit 1", reason)] if exit_ == 1 else [])


@pytest.mark.parametrize("more", [0, 1])
def test_the_problems_for_a_hook_are_cut_at_what_a_variable_holds(bench: Bench, more: int) -> None:
    long = Problem("hf-daily", None, "late", "")
    begin = len(f"{long.identity}: ")
    problem = long._replace(reason="ä" * (MAX_PROBLEMS - begin + more))
    value = finished(bench, 1).environment(bench.context.store, [problem])["DAILYPAPERS_PROBLEMS"]
    whole = f"{long.identity}: {problem.reason}"
    assert value == (f"{whole[:-1]} ...\n1 in all: dailypapers status" if more else whole)
