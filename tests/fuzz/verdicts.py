"""The closing lines; each finding is repeated alone before it counts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.fuzzer_process import Ran

_PATIENCE = 60  # seconds until an execution counts as endless


@dataclass(frozen=True, slots=True)
class Finding:
    """A stored input, and its result when repeated alone."""

    line: str
    bad: bool


def closing(ran: Sequence[Ran]) -> Iterator[str]:
    """A line for each target and fuzzer, the fuzzer's own closing lines below it, and the totals."""
    for one in ran:
        said = " ".join(f"{name} {value:,.5g}" for name, value in one.figures.items())
        yield f"{one.half} {one.target}: exit {one.status}, {said}"
        yield from (f"    {line}" for line in one.closing)
    sums = [
        (one.figures.get("executions", 0), one.figures.get("slowest", 0), one.figures.get("peak", 0)) for one in ran
    ]
    most = [max(column) for column in zip(*sums, strict=True)]
    yield f"executions {sum(row[0] for row in sums):,}, slowest {most[1]:.2f} s, most memory {most[2]:.0f} MiB"


def tried_again(path: Path, folder: Path) -> Finding:
    """Whether it crashes, or takes over a second or 200 MiB, in a fresh process."""
    target = path.name.split("-")[1]
    command = [sys.executable, "-m", "tests.fuzz.repeat_input", target, str(path), str(folder / "alone")]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return Finding(f"{path.name}: no end within {_PATIENCE} s", bad=True)
    said = (ran.stdout or ran.stderr).strip().rpartition("\n")[2][:200]
    return Finding(f"{path.name}: {said}", bad=ran.returncode != 0)
