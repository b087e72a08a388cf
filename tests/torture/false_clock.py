"""The tests at other hours and dates: with a false clock, in the first and last hour of a day, on 29 February, at the
end of a year.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.torture.crash.shim import missing
from tests.torture.verdict import Verdict

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).with_suffix(".c")
TIMES = (
    datetime(2027, 3, 9, 0, 30, tzinfo=UTC),
    datetime(2027, 3, 9, 23, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2027, 12, 31, 23, 59, 30, tzinfo=UTC),
)
# The kernel writes the time stamps of files by its own clock. The catalog compares them with the time of day, to tell
# whether a folder may change again without another time stamp; a file changed in place is then overlooked.
STAMPED = (
    "test_a_damaged_day_is_left_out_and_named",
    "test_a_certificate_with_values_of_another_type_leaves_its_day_out",
)
TESTS = (
    "tests",
    *(f"--ignore=tests/{name}" for name in ("torture", "fuzz", "benchmarks")),
    *(f"--deselect=tests/catalog/test_damage.py::{name}" for name in STAMPED),
)


def at_all_times(tests: Sequence[str] = TESTS) -> list[Verdict]:
    """The tests pass at each time; they end some minutes later."""
    unable = missing()
    if unable is not None:
        return [Verdict("a false clock", unable, "can be made", passed=False)]
    with tempfile.TemporaryDirectory() as folder:
        library = built(Path(folder))
        return [_passes(at, environment(library, at), tests) for at in TIMES]


def built(folder: Path) -> Path:
    """Build the library with the false clock in that folder."""
    library = folder / "false_clock.so"
    command = ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", f"{library}", f"{SOURCE}"]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return library


def environment(library: Path, at: datetime) -> dict[str, str]:
    """The environment of a process whose clock begins at that time."""
    offset = int((at - datetime.now(UTC)).total_seconds())
    return {**os.environ, "LD_PRELOAD": f"{library}", "FALSE_CLOCK": f"{offset}", "TZ": "UTC"}


def _passes(at: datetime, variables: Mapping[str, str], tests: Sequence[str]) -> Verdict:
    with tempfile.TemporaryDirectory() as cache:
        options = ["-q", "-n", "auto", "-o", f"cache_dir={cache}", "--tb=short"]
        command = [sys.executable, "-m", "pytest", *options, *tests]
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines() or [done.stderr[-300:]]
    failed = tuple(line for line in lines if line.startswith(("FAILED", "ERROR")))
    return Verdict(f"begun at {at:%Y-%m-%d %H:%M:%S} UTC", lines[-1], "all pass", done.returncode == 0, failed)
