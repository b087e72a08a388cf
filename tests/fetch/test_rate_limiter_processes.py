"""One budget for all processes of the machine, in real time."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROCESS = """
import sys, time
from pathlib import Path
import dailypapers.ingest.fetch.rate_limiter
from dailypapers.ingest.fetch.budgets import Budget

times = []
dailypapers.ingest.fetch.rate_limiter.now = lambda: times.append(time.time()) or times[-1]
limiter = dailypapers.ingest.fetch.rate_limiter.RateLimiter(Path(sys.argv[1]), 60)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(12):
    with limiter.turn("https://site.example", "hf-api", Budget("hf-api", 20, 0.5, alone=sys.argv[2] == "alone")):
        began = time.time()
        time.sleep(0.002)
        print(times[-1], began, time.time())
limiter.close()
"""


def spans(state: Path, alone: str) -> list[tuple[float, float, float]]:
    """When the requests of five processes that start together were granted, began and ended; sorted."""
    command = [sys.executable, "-c", PROCESS, str(state), alone]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) for _ in range(5)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    lines = [line for process in processes for line in process.communicate()[0].splitlines()]
    assert {process.returncode for process in processes} == {0}
    return sorted((float(granted), float(begin), float(end)) for granted, begin, end in map(str.split, lines))


@pytest.mark.parametrize(("alone", "damaged"), [("alone", False), ("together", False), ("together", True)])
def test_five_processes_that_start_together_share_one_budget(tmp_path: Path, alone: str, damaged: bool) -> None:
    if damaged:
        (tmp_path / "budget.sqlite").write_bytes(b"rubbish" * 1000)
    requests = spans(tmp_path, alone)
    assert len(requests) == 60
    for granted, _, _ in requests:
        assert sum(1 for other, _, _ in requests if granted <= other < granted + 0.5) <= 19
    if alone == "alone":
        assert all(end <= begin for (_, _, end), (_, begin, _) in itertools.pairwise(requests))
