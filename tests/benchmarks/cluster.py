"""Row 17: all days built by two processes of this machine, and by two workers of a Dask cluster on it, in turns.

The cluster runs already, as it does where it is used; the processes are started by the command. The two write the same
bytes, which is checked.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from tests.benchmarks.table import Figure, Table, Target
from tests.benchmarks.turns import INSTALL, NotMeasuredError
from tests.support.dask_cluster import dask_cluster
from tests.support.large_store import PAPERS, fill

ROW: Final = 17
DAYS: Final = 120
TURNS: Final = 3
WORKERS: Final = 2


def measure() -> list[Table]:
    program = Path(sys.executable).with_name("dailypapers")
    if not program.exists():
        raise NotMeasuredError(f"there is no {program}; {INSTALL}")
    with TemporaryDirectory() as name, dask_cluster(WORKERS, os.environ) as cluster:
        store = Path(name, "store")
        fill(store, DAYS, None)
        command = [str(program), "--store", str(store), "--quiet", "build", "--all"]
        ways = {"processes": ["--jobs", str(WORKERS)], "dask": ["--dask", cluster.address]}
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        contents = _contents(store)
        for turn in range(TURNS + 1):
            for way in sorted(ways, reverse=turn % 2 == 1):
                shutil.rmtree(store / "snapshots")
                taken = _time([*command, *ways[way]])
                if _contents(store) != contents:
                    raise NotMeasuredError(f"the build by {way} wrote other bytes")
                # The first turn warms up the workers of the cluster.
                if turn:
                    seconds[way].append(taken)
    return [_table(seconds)]


def _table(seconds: dict[str, list[float]]) -> Table:
    other = f"build --all --jobs {WORKERS}"
    figures = (
        Figure("ours", f"build --all --dask, {WORKERS} workers", tuple(seconds["dask"]), "s"),
        Figure("peer", other, tuple(seconds["processes"]), "s"),
    )
    rates = {way: DAYS * PAPERS / median(taken) for way, taken in seconds.items()}
    said = f"{rates['dask']:,.0f} records/s by Dask, {rates['processes']:,.0f} by processes"
    return Table(ROW, f"{DAYS} days of {PAPERS} papers built anew", figures, (Target(other, 1.5),), (said,))


def _time(words: list[str]) -> float:
    begun = perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    seconds = perf_counter() - begun
    if done.returncode != 0:
        raise NotMeasuredError(f"{' '.join(words)}: exit status {done.returncode}: {done.stderr[-500:]}")
    return seconds


def _contents(store: Path) -> dict[str, bytes]:
    files = (path for path in (store / "snapshots").rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files}
