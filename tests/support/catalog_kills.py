"""Processes that write a catalog and are killed at a step of SQLite's virtual machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from dailypapers.snapshots.catalog import freshness, update
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.catalog.schema import catalog_file, connect_for_writing
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import building
from tests.support.catalog_days import DAILY, NEW, TEXT, paper, write_day

DAY: Final = date(2025, 12, 8)
NEVER: Final = 1 << 62
PATIENCE: Final = 120
"""Seconds for a process that takes less than one."""
TITLE: Final = "Attention over graphs of molecules"


def _forget_fork_server() -> None:
    """Of a process that was forked, as mutmut does for each mutant: the server of its parent cannot be waited for."""
    vars(forkserver.__dict__["_forkserver"]).update(vars(forkserver.ForkServer()))


os.register_at_fork(after_in_child=_forget_fork_server)


def first_days(store: Store) -> None:
    """Days with a paper of two series and one without an id."""
    write_day(
        store, DAILY, DAY, [paper(f"Paper {number}", day=DAY, arxiv_id=f"2512.0000{number}") for number in (1, 2)]
    )
    write_day(store, NEW, DAY, [paper("Paper 1", source="arxiv-new", day=DAY, arxiv_id="2512.00001", doi="10.1000/x1")])
    write_day(store, TEXT, DAY, [paper(TITLE, source="hf-text", day=DAY)])


def later_days(store: Store) -> None:
    """More papers, an earlier day of one that is known, the id of the one that had none, and one paper less."""
    early = DAY - timedelta(days=3)
    write_day(store, DAILY, DAY, [paper("Paper 1, revised", day=DAY, arxiv_id="2512.00001", upvotes=7)])
    write_day(store, DAILY, early, [paper("Paper 1", day=early, arxiv_id="2512.00001")])
    write_day(store, NEW, early, [paper(TITLE, source="arxiv-new", day=early, arxiv_id="2512.00009")])


def build_first(store: Store) -> None:
    """The catalog does not exist yet."""
    open_catalog(store).close()


def follow_all(store: Store) -> None:
    """A reader finds that days changed."""
    open_catalog(store).close()


def take_days(store: Store) -> None:
    """A builder hands over what it wrote."""
    early = DAY - timedelta(days=3)
    with building(store):
        freshness.update_days(store, [(DAILY, DAY), (DAILY, early), (NEW, early)])


def build_again(store: Store) -> None:
    """The catalog is set aside and made again."""
    freshness.rebuild(store)


WAYS: Final[dict[str, Callable[[Store], None]]] = {
    "first": build_first,
    "follow": follow_all,
    "days": take_days,
    "again": build_again,
}


def prepare(store: Store, way: str) -> None:
    """The store as it is before the process starts."""
    store.root.mkdir()
    first_days(store)
    if way != "first":
        open_catalog(store).close()
        later_days(store)


def run(root: Path, way: str, step: int = NEVER) -> tuple[int | None, int]:
    """Write the catalog in a process that is killed before a step; gives its exit code and how many steps it took."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.catalog_kills", "dailypapers.snapshots.catalog.update"])
    ours, theirs = context.Pipe(duplex=False)
    process: ForkServerProcess = context.Process(target=_child, args=(root, way, step, theirs))
    process.start()
    theirs.close()
    process.join(PATIENCE)
    taken = ours.recv() if process.exitcode == 0 else step
    ours.close()
    return process.exitcode, taken


def _child(root: Path, way: str, step: int, pipe: Connection) -> None:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def counted(path: Path) -> sqlite3.Connection:
        connection = connect_for_writing(path)
        connection.set_progress_handler(count, 1)
        return connection

    update.__dict__["connect_for_writing"] = counted
    WAYS[way](Store(root))
    pipe.send(steps)


def is_there(store: Store) -> bool:
    """Whether the store has the file of a catalog."""
    return catalog_file(store).exists()
