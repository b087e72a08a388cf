"""One month of an export as a task that any worker can do: it is handed names, and reads the days from the store.

In this process, or in another one of this machine, it hands over the files. On a cluster, whose scheduler should carry
no data, it writes them beside their places and hands over names and digests.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.atomic import TEMPORARY_SUFFIX, replace_unsynced
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.reading import read_whole

from .month import month_files
from .schema import VERSION

MONTH_TABLES: Final = ("papers", "metrics")


class MonthTask(NamedTuple):
    """The days of a month of a series."""

    root: str
    """The folder of the store, which every worker sees under this path."""
    source: str
    query: str | None
    month: str
    days: tuple[date, ...]
    aside: str | None = None
    """The folder of the export, if the files are to be written beside their places there."""
    version: str = VERSION

    @property
    def names(self) -> tuple[str, ...]:
        """The files of the month, by their names in the folder of the export."""
        folder = Series(self.source, self.query).folder.as_posix()
        return tuple(f"data/{table}/{folder}/{self.month}.parquet" for table in MONTH_TABLES)


class MadeFile(NamedTuple):
    """A file of a month."""

    name: str
    content: bytes | None
    """None if it was written beside its place."""
    temporary: str | None
    sha256: str

    def read(self, folder: Path) -> bytes:
        """What is in it. Raises StoreError if that is not what the worker wrote."""
        content = self.content
        if content is None and self.temporary is not None:
            path = folder / self.temporary
            content = read_whole(path) if path.exists() else b""
            path.unlink(missing_ok=True)
        if content is None or hashlib.sha256(content).hexdigest() != self.sha256:
            raise StoreError(f"{folder / self.name}: not what a worker wrote; is {folder} shared with every worker?")
        return content


class MadeMonth(NamedTuple):
    """The files of a month, or why there are none."""

    task: MonthTask
    files: tuple[MadeFile, ...] = ()
    inputs: Mapping[str, str] = {}
    failed: str | None = None


def make_month(task: MonthTask) -> MadeMonth:
    """Make the files of a month. Raises StoreError if this worker has another version, or does not see the store."""
    if task.version != VERSION:
        raise StoreError(f"a worker has {VERSION}, not {task.version}; install the same versions on every machine")
    if not Path(task.root).is_dir():
        raise StoreError(f"a worker sees no store at {task.root}; share it with every machine under the same path")
    try:
        made = month_files(Store(Path(task.root)), Series(task.source, task.query), task.days)
    except StoreError as error:
        return MadeMonth(task, failed=str(error))
    files = map(_made_file, [task] * len(MONTH_TABLES), task.names, (made.papers, made.metrics))
    return MadeMonth(task, tuple(files), made.inputs)


def left_over(folder: Path) -> Iterator[Path]:
    """What workers wrote beside its place and nobody took, in the folder of an export."""
    return (folder / "data").rglob(f"*.parquet.{'[0-9a-f]' * 16}{TEMPORARY_SUFFIX}")


def _made_file(task: MonthTask, name: str, content: bytes) -> MadeFile:
    digest = hashlib.sha256(content).hexdigest()
    if task.aside is None:
        return MadeFile(name, content, None, digest)
    temporary = f"{name}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}"
    replace_unsynced(Path(task.aside, temporary), content)
    return MadeFile(name, None, temporary, digest)
