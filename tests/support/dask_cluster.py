"""A Dask cluster on loopback: a scheduler and separate worker processes, in a process of its own.

python -m tests.support.dask_cluster WORKERS     prints its address, then the number of tasks at each line of stdin
"""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

ROOT = Path(__file__).parents[2]

HOOK = """
import os, signal
import dailypapers.ingest.build.prepared as prepared
write = prepared.write_aside
def write_or_die(path, content, task):
    written = write(path, content, task)
    if path.name.startswith({day!r}):
        try:
            open({marker!r}, "x").close()
        except FileExistsError:
            return written
        os.kill(os.getpid(), signal.SIGKILL)
    return written
prepared.write_aside = write_or_die
"""
"""A `sitecustomize.py`: a worker dies after the first file of one day, unless there is a marker."""


@dataclass(frozen=True)
class Count:
    """What a cluster did so far."""

    tasks: int
    """Different tasks that were finished."""
    lost_workers: int


@dataclass(frozen=True)
class DaskCluster:
    """A running cluster."""

    process: subprocess.Popen[str]
    address: str

    def count(self) -> Count:
        """What it did so far."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return Count(**json.loads(self.process.stdout.readline()))


def killing_hook(folder: Path, day: str, marker: Path) -> None:
    """Make a folder for PYTHONPATH: a worker dies in the middle of a day, unless there is a marker, which it makes."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(HOOK.format(day=day, marker=str(marker)))


@contextmanager
def dask_cluster(workers: int, environment: Mapping[str, str]) -> Iterator[DaskCluster]:
    """A cluster whose processes have an environment."""
    words = [sys.executable, "-m", "tests.support.dask_cluster", str(workers)]
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=dict(environment),
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        try:
            yield DaskCluster(process, json.loads(process.stdout.readline()))
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def _serve(workers: int) -> None:
    # Here, since the tests import this module too.
    from distributed import LocalCluster, SchedulerPlugin  # noqa: PLC0415

    class Counter(SchedulerPlugin):
        def __init__(self) -> None:
            self.tasks: set[Any] = set()
            self.lost = 0

        def transition(self, key: Any, start: str, finish: str, *args: Any, **kwargs: Any) -> None:
            if finish == "memory":
                self.tasks.add(key)

        def remove_worker(self, *args: Any, **kwargs: Any) -> None:
            self.lost += 1

    with LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        counter = Counter()
        cluster.scheduler.add_plugin(counter)
        print(json.dumps(cluster.scheduler_address), flush=True)
        for _ in sys.stdin:
            print(json.dumps({"tasks": len(counter.tasks), "lost_workers": counter.lost}), flush=True)


@dataclass
class CountingProxy:
    """Hands on TCP connections and counts their bytes in both directions."""

    port: int
    bytes: int = 0


@contextmanager
def counting_proxy(address: str) -> Iterator[CountingProxy]:
    """A proxy on loopback for an address such as `tcp://127.0.0.1:8786`."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = CountingProxy(listening.getsockname()[1])

        def hand_on(source: socket.socket, target: socket.socket) -> None:
            try:
                while data := source.recv(65536):
                    proxy.bytes += len(data)
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # one of the two is gone

        def accept() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                server = socket.create_connection((host, int(port)))
                pairs = ((client, server), (server, client))
                threads = [Thread(target=hand_on, args=pair, daemon=True) for pair in pairs]
                Thread(target=_close_after, args=(threads, client, server), daemon=True).start()

        Thread(target=accept, daemon=True).start()
        yield proxy
        listening.shutdown(socket.SHUT_RDWR)


def _close_after(threads: list[Thread], *sockets: Any) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in sockets:
        each.close()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
