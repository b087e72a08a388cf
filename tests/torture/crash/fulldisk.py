"""A file system that is really full: a tmpfs of one megabyte, partly filled."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.torture.crash.bench import SCENARIOS, Bench, unlike, unreadable

FREE = (0, 4, 12, 40, 80, 140, 180, 220, 260, 600)
"""KiB left for a run that needs about three hundred."""
RUN = SCENARIOS[0]
FULL = ("No space left on device", "database or disk is full", "disk I/O error")


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A tmpfs of 1 MB at that folder. Raises CalledProcessError if mounting is not allowed."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", f"{folder}"], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", f"{folder}"], check=True, capture_output=True)


def unable(folder: Path) -> str | None:
    """The reason why none can be mounted."""
    try:
        with small_disk(folder):
            return None
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no tmpfs can be mounted here: {error}"


def filled(bench: Bench, free: int) -> tuple[int, list[str]]:
    """A run with few KiB left, then one with enough: the exit status of the first, and what is wrong."""
    calm, disk = bench.undisturbed(RUN), bench.disk()
    with small_disk(disk.parent):
        disk.mkdir()
        ballast = disk.parent / "ballast"
        ballast.write_bytes(bytes(1024 * (1024 - free - 8)))
        ended = bench.run(disk, RUN.words)
        wrong = unlike(disk, calm.files) if ended.status == 0 else []
        if ended.status not in {0, 1, 3} or "Traceback" in ended.err:
            wrong.append(f"ended with {ended.status}: {ended.err}")
        if ended.status and not (f"{disk}" in ended.err and any(cause in ended.err for cause in FULL)):
            wrong.append(f"the message names not path and cause: {ended.err}")
        wrong += unreadable(bench, disk)
        ballast.unlink()
        again = bench.run(disk, RUN.words)
        wrong += [f"the next run ends with {again.status}: {again.err}"] if again.status else []
        wrong += unlike(disk, calm.files)
    return ended.status, wrong
