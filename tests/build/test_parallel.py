"""Work by several processes ends cleanly, however it ends.

Before a process reads the archive of one day it waits at a named pipe, so that what is done to it is done in the middle
of its work.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.papersite import PaperSite
from tests.product import BUSY, DAY, NOW, Product

PATIENCE = 300
"""Seconds after which what should have happened has not."""


HOOK = """
from pathlib import Path
from dailypapers.ingest.archive.reader import ArchiveReader
read = ArchiveReader._read
def read_later(reader, path):
    if path == Path({archive!r}):
        Path({pipe!r}).read_bytes()
    return read(reader, path)
ArchiveReader._read = read_later
"""
"""A `sitecustomize.py`, which Python runs first in each process: reading one archive waits for the end of a pipe."""


@dataclass
class Stuck:
    """A replay of three days by two processes, one of which waits at a pipe."""

    command: subprocess.Popen[str]
    pipe: BinaryIO

    def workers(self) -> list[int]:
        return [pid for pid in children(self.command.pid) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def ended(self) -> tuple[int, str]:
        _, err = self.command.communicate(timeout=PATIENCE)
        return self.command.returncode, err


@pytest.fixture
def stuck(product: Product, site: PaperSite, tmp_path: Path) -> Iterator[Stuck]:
    product("run", "--since", f"{BUSY}", "--until", f"{DAY}", now=NOW)
    (archive,) = product.archives()
    waiting, patched = tmp_path / "pipe", tmp_path / "patched"
    os.mkfifo(waiting)
    patched.mkdir()
    (patched / "sitecustomize.py").write_text(HOOK.format(archive=str(archive), pipe=str(waiting)))
    program = Path(sys.executable).with_name("dailypapers")
    words = [str(program), "--store", str(product.store.root), "build", "--diff", "--jobs", "2"]
    command = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(patched)},
    )
    try:
        with reader_of(waiting, command) as pipe:
            yield Stuck(command, pipe)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(command.pid, signal.SIGKILL)
        command.communicate()


def reader_of(waiting: Path, command: subprocess.Popen[str]) -> BinaryIO:
    """The writing end of a pipe, as soon as a process of the command reads it."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return os.fdopen(os.open(waiting, os.O_WRONLY | os.O_NONBLOCK), "wb")
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        assert command.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)


def children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc")


@needs_proc
def test_ctrl_c_ends_all_processes_without_a_traceback(stuck: Stuck) -> None:
    workers = stuck.workers()
    assert workers
    os.killpg(stuck.command.pid, signal.SIGINT)
    # What is being done is finished first.
    stuck.pipe.close()
    assert stuck.ended() == (128 + signal.SIGINT, "dailypapers: stopped; run the same command again to continue\n")
    assert not any(map(is_alive, workers))


@needs_proc
def test_a_signal_to_the_whole_group_ends_all_of_it(stuck: Stuck) -> None:
    """As `cron run` and systemd end a command."""
    workers = stuck.workers()
    os.killpg(stuck.command.pid, signal.SIGTERM)
    assert stuck.ended() == (128 + signal.SIGTERM, "dailypapers: stopped; run the same command again to continue\n")
    assert not any(map(is_alive, workers))


@needs_proc
def test_processes_go_when_the_command_is_killed(stuck: Stuck) -> None:
    workers = stuck.workers()
    assert workers
    stuck.command.kill()
    wait_for(lambda: not any(map(is_alive, workers)))


@needs_proc
def test_a_killed_process_is_said(stuck: Stuck) -> None:
    for worker in stuck.workers():
        os.kill(worker, signal.SIGKILL)
    said = "dailypapers: one of 2 processes was killed, perhaps for want of memory; try --jobs 1\n"
    assert stuck.ended() == (3, said)
