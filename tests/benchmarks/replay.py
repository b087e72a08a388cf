"""Row 9: history reread, as a process of this interpreter on two cores; nothing changed, and every paper changed.

The days are captured ones repeated under other dates if DAILYPAPERS_CAPTURES is set, otherwise those of the paper site.
"""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from tests.benchmarks.table import Figure, Table, Target
from tests.benchmarks.turns import INSTALL, NotMeasuredError
from tests.support.large_store import fill

ROW: Final = 9
DAYS: Final = 600
MIN: Final = 60
"""Days per second."""
CORES: Final = 2
TURNS: Final = 5
LIMIT: Final = f"{MIN} days a second"


def measure() -> list[Table]:
    captures = os.environ.get("DAILYPAPERS_CAPTURES")
    with TemporaryDirectory() as name:
        store = Path(name, "store")
        fill(store, DAYS, Path(captures) if captures else None)
        of = "captured days repeated" if captures else "days of the paper site"
        unchanged = _table(f"{DAYS} {of}, nothing changed", _turns(store))
        _change_every_paper(store)
        return [unchanged, _table(f"{DAYS} {of}, every paper changed", _turns(store))]


def _table(work: str, turns: list[tuple[float, float]]) -> Table:
    """The time compared with its limit, and the speed in days per second.

    On a busy machine the wall time is too long; the processor time shows the work.
    """
    seconds, processor = zip(*turns, strict=True)
    figures = (
        Figure("ours", f"build --diff --jobs {CORES}", seconds, "s"),
        Figure("limit", LIMIT, (DAYS / MIN,) * len(seconds), "s"),
    )
    alone = f"by processor time up to {_alone(processor):.0f} on {CORES} idle cores"
    said = f"{DAYS / median(seconds):.0f} days a second; {alone}"
    return Table(ROW, work, figures, (Target(LIMIT, 1),), (said,))


def _alone(processor: Sequence[float]) -> float:
    return DAYS * CORES / median(processor)


def _turns(store: Path) -> list[tuple[float, float]]:
    program = Path(sys.executable).with_name("dailypapers")
    if not program.exists():
        raise NotMeasuredError(f"there is no {program}; {INSTALL}")
    words = [str(program), "--store", str(store), "build", "--diff", "--jobs", str(CORES)]
    return [_time(words) for _ in range(TURNS)]


def _time(words: list[str]) -> tuple[float, float]:
    """Wall time and processor time in seconds, of all processes together."""
    begun, used = perf_counter(), _used()
    done = subprocess.run(words, capture_output=True, text=True, check=False, preexec_fn=partial(_two_cores, CORES))
    seconds = perf_counter() - begun
    if done.returncode != 0 or f"{DAYS} days read again" not in done.stderr:
        raise NotMeasuredError(f"{' '.join(words)}: exit status {done.returncode}: {done.stderr[-500:]}")
    return seconds, _used() - used


def _used() -> float:
    spent = getrusage(RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _two_cores(number: int) -> None:
    """Use only some of the available cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:number])


def _change_every_paper(store: Path) -> None:
    for path in store.glob("snapshots/hf-daily/*/????-??-??.jsonl"):
        path.write_bytes(re.sub(rb'"upvotes":(\d+)', rb'"upvotes":1\1', path.read_bytes()))
