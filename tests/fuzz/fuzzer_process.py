"""One target with one of the two fuzzers, in a separate process, and its closing lines."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

HALVES: Final = ("bytes", "structure")
_GRACE = 180  # seconds for starting, the last round and libFuzzer's own minute


@dataclass(frozen=True, slots=True)
class Ran:
    """The result: exit status (None if it had to be killed), figures, the fuzzer's own closing lines."""

    half: str
    target: str
    status: int | None
    figures: dict[str, Any]
    closing: list[str]


def fuzz(half: str, target: str, seconds: float, folder: Path) -> Ran:
    """Run it until the time is over, again if it ended early; the input at work is then among the findings."""
    work, until = folder / half / target, time.monotonic() + seconds
    (folder / "found").mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    (work / "figures.json").unlink(missing_ok=True)
    status: int | None = 1
    while status != 0 and time.monotonic() < until:
        status = _once(half, target, until - time.monotonic(), folder)
        _keep(work / "last", folder / "found", f"fatal-{target}")
    figures = json.loads((work / "figures.json").read_text()) if (work / "figures.json").exists() else {}
    return Ran(half, target, status, figures, _closing(work / "log.txt"))


def _once(half: str, target: str, seconds: float, folder: Path) -> int | None:
    command = [sys.executable, "-m", f"tests.fuzz.by_{half}", target, f"{max(1, round(seconds))}", str(folder)]
    with (folder / half / target / "log.txt").open("a") as out:
        return _wait(subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT), seconds + _GRACE)


def _keep(last: Path, found: Path, name: str) -> None:
    if last.exists():
        last.rename(found / f"{name}-{len([*found.iterdir()])}")


def _wait(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def _closing(log: Path) -> list[str]:
    lines = log.read_text(errors="replace").splitlines()
    return [line[:200] for line in lines if "DONE" in line or line.startswith(("Done ", "stat::", "SUMMARY"))]
