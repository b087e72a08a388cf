"""The scheduler in use: minutely jobs against a faulty site, a manual backfill in parallel, jobs that ignore SIGTERM or
take too long; and its loop, second by second, through the weeks recorded from Debian's cron.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from dailypapers.cron.jobs import Jobs
from tests.cron.debian_slots import Recorded, recorded
from tests.cron.loop import SECOND, every_second, started
from tests.papersite import Meter, PaperSite
from tests.papersite.faults import FAULTS, LASTING, mixture
from tests.papersite.rate import most_in_window
from tests.papersite.switches import when
from tests.torture.backfill import BUDGET, LIMITS, PAPERS, PEAK
from tests.torture.expected_store import wrong_days
from tests.torture.processes import EVERY, memory
from tests.torture.verdict import Verdict, at_most, exactly, none_of

FIRST: Final = date(2024, 1, 1)
BY_JOB, BY_HAND = 60, 60
"""Days that the job must complete, and later days for the manual backfill."""
SHARE = 0.3
"""Share of the requests that get a fault ..."""
MET = {name: fault for name, fault in FAULTS.items() if name not in {*LASTING, "charset-latin-1"}}
"""Any but a day's rest, and text that becomes rejects: of so few papers a day they are below what a fetch is doubted
for, and it is `run --day` that a human then types.
"""
HEALTHY = 0.35
"""... until this share of the time is left."""
WAIT = 120.0  # seconds until processes that should have ended are killed
GROWTH = 2.0  # MiB of the scheduler, from a third of the time on
MARK: Final = "DAILYPAPERS_TORTURE"
"""A variable in the environment of all processes that we start, and of their children."""
SITE: Final = """
import os, signal, time
if "STUBBORN" in os.environ:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
if "SLOW" in os.environ:
    time.sleep(90)
"""
"""A sitecustomize that makes a job ignore SIGTERM, or take longer than the time to its next slot."""
JOBS: Final = """
jobs:
  - name: range
    schedule: "* * * * *"
    run: run hf-daily --since FIRST --until LAST --max-wait 20
    on: &noted
      success: echo "$DAILYPAPERS_JOB $DAILYPAPERS_SLOT $DAILYPAPERS_STATUS $DAILYPAPERS_EXIT" >> "$NOTES"
      failure: echo "$DAILYPAPERS_JOB $DAILYPAPERS_SLOT $DAILYPAPERS_STATUS $DAILYPAPERS_EXIT" >> "$NOTES"
  - name: due
    schedule: "* * * * *"
    run: run --max-wait 5
    jitter: 20s
    on: *noted
  - name: stubborn
    schedule: "* * * * *"
    run: sources
    timeout: 5s
    env: {STUBBORN: "1"}
    on: *noted
  - name: slow
    schedule: "* * * * *"
    run: sources
    env: {SLOW: "1"}
    on: *noted
"""
NAMES: Final = ("range", "due", "stubborn", "slow")


@dataclass
class Scheduled:
    """A running scheduler, and what it left behind."""

    site: PaperSite
    folder: Path
    mark: str = field(default_factory=lambda: f"{time.time_ns()}")
    samples: list[float] = field(default_factory=list)
    """Its memory in MiB."""

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def days(self) -> list[date]:
        return [FIRST + timedelta(days=number) for number in range(BY_JOB + BY_HAND)]

    def start(self, *words: str, said: str) -> subprocess.Popen[bytes]:
        """Start a command line on the store."""
        command = [sys.executable, "-P", "-m", "dailypapers", "--store", f"{self.store}", *words]
        with (self.folder / said).open("ab") as log:
            return subprocess.Popen(command, env=self._environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def backfill(self) -> subprocess.Popen[bytes]:
        """The manual backfill."""
        days = self.days[BY_JOB:]
        return self.start(
            "backfill", "hf-daily", "--since", f"{days[0]}", "--until", f"{days[-1]}", said="backfill.log"
        )

    def look(self, pid: int) -> None:
        """Take a sample of the scheduler's memory, if it is still running."""
        found = memory(pid)
        if found is not None:
            self.samples.append(found["VmRSS"])

    def text(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "DAILYPAPERS_"))}
        kept |= {"HF_ENDPOINT": self.site.url, "DAILYPAPERS_STATE": f"{self.folder / 'state'}", MARK: self.mark}
        kept |= {"DAILYPAPERS_BUDGET": BUDGET, "NOTES": f"{self.folder / 'notes'}", "DAILYPAPERS_LOG_FORMAT": "human"}
        return kept | {"PYTHONPATH": f"{self.folder / 'site'}:{Path(__file__).parents[2]}"}


def scheduled(minutes: float) -> list[Verdict]:
    """Some minutes of `dailypapers cron run`, the first of them under faults."""
    trouble = when(lambda request: request.target != "/robots.txt", mixture(11, SHARE, faults=MET))
    site = PaperSite(
        seed=5, sizes=PAPERS, now=datetime.now(UTC), meter=Meter(LIMITS, time.monotonic), switches=[trouble]
    )
    with TemporaryDirectory() as folder, site:
        one = Scheduled(site, Path(folder))
        _write(one)
        begun = datetime.now(UTC)
        scheduler, by_hand = _live(one, minutes)
        return [
            exactly("exit status of the scheduler", scheduler.returncode, 0),
            exactly("exit status of the backfill by hand, once the site is well", by_hand.returncode, 0),
            *right(one),
            *_polite(one),
            *steady(one.samples),
            *accounted(one.text("notes"), one.text("scheduler.log"), begun, minutes),
            none_of("processes left over", list(left_over(one.mark))),
        ]


def _write(one: Scheduled) -> None:
    (one.folder / "site").mkdir()
    (one.folder / "site" / "sitecustomize.py").write_text(SITE)
    text = JOBS.replace("FIRST", f"{FIRST}").replace("LAST", f"{one.days[BY_JOB - 1]}")
    (one.folder / "cron.yaml").write_text(text)


def _live(one: Scheduled, minutes: float) -> tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]:
    """Run it, and end it. A manual backfill runs in parallel, and again when the site is healthy."""
    begun = time.monotonic()
    scheduler = one.start("cron", "--file", f"{one.folder / 'cron.yaml'}", "run", said="scheduler.log")
    ran = [scheduler]
    try:
        _watch(one, scheduler, begun + 6 * minutes)
        ran.append(one.backfill())
        _watch(one, scheduler, begun + 60 * minutes * (1 - HEALTHY))
        one.site.switches.clear()
        one.start("sources", "--reset-rest", one.site.url, said="sources.log").wait(WAIT)
        ran[1].wait(WAIT)
        ran.append(one.backfill())
        _watch(one, scheduler, begun + 60 * minutes)
        scheduler.send_signal(signal.SIGTERM)
        for process in ran:
            process.wait(WAIT)
        return scheduler, ran[2]
    finally:
        for process in ran:
            process.kill()
            process.wait()


def _watch(one: Scheduled, scheduler: subprocess.Popen[bytes], end: float) -> None:
    """Until then, advance the site's clock and sample the scheduler's memory."""
    while time.monotonic() < end and scheduler.poll() is None:
        one.site.now = datetime.now(UTC)
        one.look(scheduler.pid)
        time.sleep(EVERY)


def right(one: Scheduled) -> Iterator[Verdict]:
    today = f"{datetime.now(UTC):%Y}"
    wrong = [line for line in wrong_days(one.store, one.site, one.days) if not line.startswith(today)]
    yield none_of(f"days that are missing or wrong, of {len(one.days)}", wrong)
    checked = one.start("build", "--check", said="check.log")
    yield exactly("exit status of build --check", checked.wait(), 0)
    yield none_of("tracebacks", re.findall("Traceback.*", one.text("scheduler.log") + one.text("backfill.log")))


def _polite(one: Scheduled) -> Iterator[Verdict]:
    for bucket, (quota, window) in LIMITS.items():
        yield at_most(
            f"{bucket}: most requests in any {window:g} s", most_in_window(one.site.log, bucket, window), quota
        )


def steady(samples: Sequence[float]) -> Iterator[Verdict]:
    """The memory of the scheduler stays at its value after a third of the time."""
    third = len(samples) // 3
    before, after = median(samples[third : third + 100]), median(samples[-100:])
    yield at_most(f"growth of the scheduler from {before:.1f} to {after:.1f} MiB", after - before, GROWTH, " MiB")
    yield at_most("peak memory of the scheduler", max(samples), PEAK, " MiB")


def accounted(notes: str, said: str, begun: datetime, minutes: float) -> Iterator[Verdict]:
    """Each minute of each job was run once, or skipped with a message because the job was still running."""
    ran = [line.split() for line in notes.splitlines()]
    slots = Counter((job, slot[:16]) for job, slot, *_ in ran)
    yield none_of("slots that ran twice", [f"{job} {slot}" for (job, slot), times in slots.items() if times > 1])
    found = re.findall(r"(\S+): still running; the slot (.{16})", said)
    left_out = {(job, slot.replace(" ", "T")) for job, slot in found}
    due = _minutes(begun, minutes)
    missing = [
        f"{job} {slot}" for job in NAMES for slot in due if not _told(job, slot, due, {*slots, *left_out}, left_out)
    ]
    yield none_of(f"slots neither run nor left out, of {len(due) * len(NAMES)}", missing)
    spared = [" ".join(row) for row in ran if row[0] == "stubborn" and row[2:] != ["timeout", "137"]]
    yield none_of(f"stubborn jobs not killed, of {sum(row[0] == 'stubborn' for row in ran)}", spared)


def _minutes(begun: datetime, minutes: float) -> list[str]:
    """The minutes of the scheduler's run; in the last one a job may not have finished."""
    first = begun.replace(second=0, microsecond=0)
    return [f"{first + timedelta(minutes=number):%Y-%m-%dT%H:%M}" for number in range(1, int(minutes))]


def _told(job: str, slot: str, due: Sequence[str], told: set[tuple[str, str]], left_out: set[tuple[str, str]]) -> bool:
    """Whether the outcome of a slot is known, or its run is the last one, which had not ended yet."""
    return (job, slot) in told or all((job, later) in left_out for later in due if later > slot)


def left_over(mark: str) -> Iterator[str]:
    """The processes with the mark in their environment."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found = f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if found:
            yield (folder / "cmdline").read_text().replace("\0", " ")


def weeks() -> list[Verdict]:
    """The loop, second by second, through the whole period recorded from Debian's cron."""
    return [_week(list(rows)) for _, rows in groupby(recorded(), key=lambda row: (row.zone, row.start))]


def _week(rows: Sequence[Recorded]) -> Verdict:
    zone, begin, end = rows[0].zone, rows[0].start, rows[0].until
    jobs = Jobs.model_validate(
        {
            "jobs": [
                {"name": f"job-{at}", "schedule": row.schedule, "timezone": zone, "run": "run"}
                for at, row in enumerate(rows)
            ]
        }
    ).jobs
    runs = started(jobs, every_second(begin, end), begin - SECOND, random.Random(9))
    wrong = [row.schedule for row, slots in zip(rows, runs.values(), strict=True) if slots != sorted(set(row.slots))]
    seconds = (end - begin) // SECOND
    return none_of(f"{zone}, {seconds:,} s from {begin:%Y-%m-%d}: schedules that differ, of {len(rows)}", wrong)
