"""The false clock moves the time of day, and nothing else."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.torture.crash.shim import missing
from tests.torture.false_clock import TIMES, built, environment

SCRIPT = """
import datetime, json, sqlite3, subprocess, sys, threading, time
start = time.monotonic()
time.sleep(0.05)
threading.Event().wait(0.05)
print(json.dumps({
    "now": datetime.datetime.now(datetime.UTC).isoformat(),
    "time": time.time(),
    "sqlite": sqlite3.connect(":memory:").execute("select strftime('%s')").fetchone()[0],
    "child": subprocess.check_output([sys.executable, "-c", "import time; print(time.time())"], text=True),
    "waited": time.monotonic() - start,
}))
"""

pytestmark = pytest.mark.skipif(missing() is not None, reason=f"{missing()}")


@pytest.mark.parametrize("at", TIMES, ids=str)
def test_every_clock_of_the_day_is_moved_and_waits_are_not(tmp_path: Path, at: datetime) -> None:
    variables = environment(built(tmp_path), at)
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=variables, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    begun, late = at - timedelta(seconds=2), at + timedelta(seconds=120)
    assert begun <= datetime.fromisoformat(found["now"]) <= late
    for name in ("time", "sqlite", "child"):
        assert begun <= datetime.fromtimestamp(float(found[name]), UTC) <= late
    assert 0.1 <= found["waited"] < 120
