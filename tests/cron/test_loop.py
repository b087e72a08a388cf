"""The scheduler's loop until it is told to stop, and what it waits for then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest

from dailypapers.cron.scheduler import Scheduler
from tests.cron.bench import LONG, Bench, until
from tests.cron.jobs import CHECK

MINUTE = timedelta(minutes=1)
SLOW_TO_END = """
import pathlib, signal, time
notes = pathlib.Path(os.environ["NOTES"])
def end(*_):
    while "go on" not in notes.read_text():
        time.sleep(0.01)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
notes.write_text("began\\n")
time.sleep(600)
"""
"""After SIGTERM it waits until the test lets it go on."""


def scheduler(bench: Bench) -> Scheduler:
    return Scheduler(bench.file, CHECK, replace(bench.context, stop=lambda: bench.stop))


def test_it_starts_what_is_due_until_it_is_stopped_and_ends_the_jobs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dailypapers.cron.scheduler.TICK_SECONDS", 0.01)
    bench.write(script=SLOW_TO_END)
    loop = Thread(target=scheduler(bench).run)
    loop.start()
    try:
        until(lambda: bench.messages)
        bench.now += MINUTE
        until(bench.noted)
    finally:
        bench.stop = True
        until(lambda: "ending job" in bench.messages)
        bench.notes.write_text("go on")
        loop.join(LONG)
    assert not loop.is_alive()
    assert bench.messages == [
        f"{bench.file}: 1 job, next job at 2026-01-15 12:01 UTC",
        "ending job",
        "job: stopped after 0s",
    ]


def test_a_scheduler_that_is_stopped_before_it_begins_starts_nothing(bench: Bench) -> None:
    bench.write()
    scheduler(bench).load()
    bench.now += MINUTE
    bench.stop = True
    scheduler(bench).run()
    assert bench.noted() == []
    assert bench.messages[1:] == [f"{bench.file}: 1 job, next job at 2026-01-15 12:02 UTC"]


def test_the_next_of_several_jobs_is_named(bench: Bench) -> None:
    jobs = "".join(
        f"  - {{name: {name}, schedule: '{schedule}', run: run}}\n"
        for name, schedule in (("late", "0 9 * * *"), ("soon", "5 12 * * *"), ("also-soon", "5 12 * * *"))
    )
    bench.file.write_text(f"jobs:\n{jobs}")
    scheduler(bench).load()
    assert bench.messages == [f"{bench.file}: 3 jobs, next also-soon at 2026-01-15 12:05 UTC"]


def test_jobs_of_one_file_are_due_apart(bench: Bench) -> None:
    jobs = "".join(
        f"  - {{name: {name}, schedule: '{minute} * * * *', run: run, catch_up: 1m}}\n"
        for name, minute in (("first", 5), ("second", 10), ("third", 5))
    )
    bench.file.write_text(f"jobs:\n{jobs}")
    loaded = scheduler(bench)
    loaded.load()
    bench.now += 15 * MINUTE
    loaded.tick()
    dropped = "were missed; dropped, since they are more than catch_up (1m) late"
    assert bench.messages[1:] == [
        f"{name}: slots from 2026-01-15 12:{minute} UTC on {dropped}"
        for name, minute in (("first", "05"), ("second", "10"), ("third", "05"))
    ]
    loaded.tick()
    assert len(bench.messages) == 4
