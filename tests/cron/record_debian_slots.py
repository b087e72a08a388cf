"""Record at which times Debian's own cron starts jobs: `python -m tests.cron.record_debian_slots FILE`.

The daemon is the package `cron` of Debian, unchanged, under libfaketime (`apt-get install --no-install-recommends cron
faketime`), as root on Linux, each window in a mount namespace of its own, so that the machine's own stay
as they are. The false clock stands still at second 01 of a minute until the daemon sleeps again and has no child
left; then it moves on by a minute, and SIGHUP (for cron: "open the log again") ends the sleep. So no minute is skipped
and none is late, however slow the machine is. Every slot in the table is a job that ran and wrote the output of `date`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

SCHEDULES: Final = (
    *("*/15 * * * *", "17 * * * *", "0 */6 * * *", "@hourly", "@daily", "@weekly", "@monthly", "@yearly"),
    *("30 1 * * *", "0 2 * * *", "30 2 * * *", "0,30 2 * * *", "*/7 2 * * *", "10-20/5 2 * * *", "0 3 * * *"),
    *("0 1-4 * * *", "45 23 * * mon-fri", "5 4 * * sun", "30 2 * * 7", "0 0 13 * fri", "0 6 */2 * mon-fri"),
    *("0 0 29 2 *", "15 2 29 feb *", "0 12 1 3 *", "30 2 25-31 3,10 *"),
)
WINDOWS: Final = (
    ("Europe/Berlin", "2026-03-22", "2026-04-05"),
    ("Europe/Berlin", "2026-10-18", "2026-11-01"),
    ("America/New_York", "2026-03-01", "2026-03-15"),
    ("America/New_York", "2026-10-25", "2026-11-14"),
    ("Europe/Berlin", "2028-02-22", "2028-03-07"),
    ("America/New_York", "2028-02-22", "2028-03-14"),
)
LIBRARY: Final = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), Path("libfaketime.so.1"))
SLEEPS: Final = {"35", "230"}
"""The numbers of nanosleep and clock_nanosleep on x86-64, as /proc/PID/syscall shows them."""

NAMESPACE: Final = """
mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/spool/cron/crontabs && mount -t tmpfs tmpfs /etc/cron.d &&
mount --bind /dev/null /etc/crontab && install -m 600 crontab /var/spool/cron/crontabs/root && exec cron -f
"""


@dataclass(frozen=True)
class Window:
    """A zone and its local days [first, after)."""

    zone: str
    first: str
    after: str

    @property
    def minutes(self) -> range:
        """The minutes since 1970 in which the window begins and ends."""
        days = (datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(self.zone)) for day in (self.first, self.after))
        return range(*(int(day.timestamp()) // 60 for day in days))

    def jumps(self, minute: int) -> bool:
        """Whether the zone's clock is moved at this minute."""
        offsets = {
            datetime.fromtimestamp(60 * start, ZoneInfo(self.zone)).utcoffset() for start in (minute - 1, minute)
        }
        return len(offsets) > 1


class Daemon:
    """A cron daemon on a clock that we set."""

    def __init__(self, folder: Path, window: Window) -> None:
        self.folder, self.started = folder, folder / "started"
        self.false = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
            "FAKETIME_FMT": "%s",
            "FAKETIME_NO_CACHE": "1",
            "NO_FAKE_STAT": "1",
        }
        self.started.touch()
        (folder / "crontab").write_text(self.crontab())
        self.set_clock(window.minutes.start - 1)
        command = ["unshare", "--mount", "sh", "-c", NAMESPACE.replace("exec cron", f"exec env {self.faked()} cron")]
        self.process = subprocess.Popen(command, cwd=folder, env={**os.environ, "TZ": window.zone})
        self.proc = Path(f"/proc/{self.process.pid}")
        self.wait_until_quiet(-1, 1)

    def faked(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.false.items())

    def crontab(self) -> str:
        """Each job writes its number and what the clock says."""
        clock = [f"{name}={value}" for name, value in self.false.items()]
        jobs = [
            f'{schedule} echo "{index} $(date +\\%s)" >> {self.started}' for index, schedule in enumerate(SCHEDULES)
        ]
        return "\n".join(['MAILTO=""', *clock, *jobs, ""])

    def set_clock(self, minute: int) -> None:
        (self.folder / "clock.tmp").write_text(f"{60 * minute + 1}\n")
        (self.folder / "clock.tmp").replace(self.folder / "clock")

    def step(self, minute: int, *, rest: float) -> None:
        """Let it be this minute, and see the daemon through all that it does in it."""
        before = self.naps()
        self.set_clock(minute)
        self.process.send_signal(signal.SIGHUP)
        self.wait_until_quiet(before, rest)

    def naps(self) -> int:
        """How often the daemon went to sleep."""
        status = (self.proc / "status").read_text()
        return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])

    def wait_until_quiet(self, before: int, rest: float) -> None:
        """Until it has slept anew, has no child, and stayed so for `rest` seconds."""
        since = None
        while since is None or time.monotonic() - since < rest:
            time.sleep(0.0005)
            if self.process.poll() is not None:
                raise SystemExit(f"cron ended with {self.process.returncode}")
            quiet = self.naps() > before and self.asleep()
            since = (since or time.monotonic()) if quiet else None

    def asleep(self) -> bool:
        """In its sleep, without a child."""
        if (self.proc / "comm").read_text() != "cron\n":
            return False
        asleep = (self.proc / "syscall").read_text().split()[0] in SLEEPS
        return asleep and not (self.proc / "task" / self.proc.name / "children").read_text().strip()

    def end(self) -> list[tuple[int, int]]:
        """End it; give the number of each job and the minute at which it started."""
        self.process.terminate()
        self.process.wait()
        lines = [line.split() for line in self.started.read_text().splitlines()]
        return [(int(number), int(seconds) // 60) for number, seconds in lines]


def record(window: Window) -> list[tuple[int, int]]:
    """What the daemon started in this window: (number of the schedule, minute since 1970)."""
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(Path(folder), window)
        try:
            for minute in window.minutes:
                # After a jump forward cron goes through the skipped minutes, with sleeps of 10 s between jobs.
                daemon.step(minute, rest=15 if window.jumps(minute) else 0)
        finally:
            started = daemon.end()
    print(f"{window}: {len(window.minutes)} minutes, {len(started)} jobs", file=sys.stderr)
    return started


def rows(window: Window, started: list[tuple[int, int]]) -> Iterator[str]:
    """The lines of a window, one for each schedule."""
    edges = [utc(window.minutes.start), utc(window.minutes.stop)]
    for number, schedule in enumerate(SCHEDULES):
        slots = sorted(utc(minute) for index, minute in started if index == number)
        yield "\t".join([window.zone, *edges, schedule, " ".join(_by_day(slots))])


def utc(minute: int) -> str:
    """A minute since 1970 as a time."""
    return datetime.fromtimestamp(60 * minute, UTC).strftime("%Y-%m-%dT%H:%MZ")


def _by_day(slots: list[str]) -> Iterator[str]:
    for day, times in groupby(slots, key=lambda slot: slot[:10]):
        yield day
        yield from (slot[11:16] for slot in times)


HEADER: Final = """\
# Jobs that Debian's cron started under libfaketime ({versions}),
# recorded by `python -m tests.cron.record_debian_slots FILE`: the unchanged daemon, on a clock that was moved
# minute by minute through every minute of [from, until). slots: each day, then the times at which a job ran and
# wrote the output of `date`, all in UTC. A time that is listed twice: started twice in that minute (each time of
# a skipped hour is made up for).
zone\tfrom\tuntil\tschedule\tslots
"""


def header() -> str:
    """Describes the table and the versions that it was made with."""
    query = ["dpkg-query", "--show", "--showformat=${Package} ${Version}, ", "cron", "libfaketime", "tzdata"]
    versions = subprocess.run(query, capture_output=True, text=True, check=True).stdout.rstrip(", ")
    return HEADER.format(versions=versions)


def main(target: str) -> None:
    """Record all windows and write the table."""
    windows = [Window(*row) for row in WINDOWS]
    with ThreadPoolExecutor(len(windows)) as pool:
        started = list(pool.map(record, windows))
    lines = [line for window, jobs in zip(windows, started, strict=True) for line in rows(window, jobs)]
    Path(target).write_text(header() + "\n".join([*lines, ""]))


if __name__ == "__main__":
    main(*sys.argv[1:])
