"""A store as a folder of Parquet files, a dataset card, views for DuckDB and checksums.

Each month is a task that any worker can do: it is handed names, and reads the days from the store. In this process, or
in another one of this machine, a task hands over the files. On a cluster, whose scheduler should carry no data, it
writes them beside their places and hands over names and digests.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from dailypapers.outputs.folder import DayVersion, OutputFolder, checksum_lines, open_output
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.atomic import TEMPORARY_SUFFIX, read_whole, replace_unsynced
from dailypapers.snapshots.store.layout import Series, Store

from .card import TABLES, VIEWS, readme
from .month import certificates_file, month_files
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


Run = Callable[[Callable[[MonthTask], MadeMonth], Sequence[MonthTask]], Generator[MadeMonth, None, None]]
"""Does the tasks and gives their results in order, as `map` does; closed before its end, it does no other task."""


@dataclass
class ExportResult:
    """What an export did."""

    files: int = 0
    """Files that the folder holds: tables, card, views and checksums."""
    tables: int = 0
    """Of these, Parquet files."""
    written: int = 0
    """Of these, files with new content."""
    failed: list[str] = field(default_factory=list)
    """Why a month or the certificates of a series could not be exported; their files are as they were."""


def export(
    store: Store, all_series: Sequence[Series], folder: Path, run: Run | None = None, *, on_cluster: bool = False
) -> ExportResult:
    """Make the folder hold the built days of these series, and no file of others.

    Only files are written of which a day changed. `run` does the tasks, one for each month (default: one after the
    other, in this process); on a cluster its workers share the store and the folder. Raises StoreError for a damaged
    certificate, OSError where the folder cannot be written.
    """
    with open_output(folder, "export", VERSION, has_checksums=True) as output:
        for path in list(left_over(folder)):
            path.unlink()
        return _Export(store, output, run or _one_after_the_other, on_cluster=on_cluster).export(all_series)


def _one_after_the_other(
    work: Callable[[MonthTask], MadeMonth], tasks: Sequence[MonthTask]
) -> Generator[MadeMonth, None, None]:
    yield from map(work, tasks)


class _Export:
    def __init__(self, store: Store, output: OutputFolder, run: Run, *, on_cluster: bool) -> None:
        self._store = store
        self._output = output
        self._run = run
        self._aside = str(output.folder.absolute()) if on_cluster else None
        self._result = ExportResult()

    def export(self, all_series: Sequence[Series]) -> ExportResult:
        days_by_series = {series: self._output.days(self._store, series) for series in all_series}
        for series, days in days_by_series.items():
            self._certificates(series, days)
        with closing(self._run(make_month, list(self._tasks(days_by_series)))) as results:
            for made in results:
                self._month(made)
        self._write("views.sql", VIEWS, {})
        shown = {series: list(days) for series, days in days_by_series.items() if days}
        self._write("README.md", readme(shown, {table: self._digest(table) for table in TABLES}), {})
        self._result.files = len(self._output.digests) + 1
        self._result.tables = sum(name.endswith(".parquet") for name in self._output.digests)
        self._result.written += self._output.write_checksums()
        for name in self._output.unrecorded():
            self._output.remove(name)
        if self._output.is_repeated:
            self._output.sweep(f"data/{table}" for table in TABLES)
        return self._result

    def _certificates(self, series: Series, days: Mapping[date, DayVersion]) -> None:
        name = f"data/certificates/{series.folder.as_posix()}.parquet"
        if days and not self._is_made([name], days):
            with self._failures([name]):
                content, inputs = certificates_file(self._store, series, days)
                self._write(name, content, inputs)

    def _tasks(self, days_by_series: Mapping[Series, Mapping[date, DayVersion]]) -> Iterator[MonthTask]:
        """A task for each month of which a day changed."""
        root = str(self._store.root.absolute())
        for series, days in days_by_series.items():
            for month, month_days in groupby(days, key=lambda day: f"{day:%Y-%m}"):
                task = MonthTask(root, series.source, series.query, month, tuple(month_days), self._aside)
                if not self._is_made(task.names, {day: days[day] for day in task.days}):
                    yield task

    def _month(self, made: MadeMonth) -> None:
        with self._failures(made.task.names):
            if made.failed is not None:
                raise StoreError(made.failed)
            # Both are read before one is written: a month has new files, or those that it had.
            for file, content in [(file, file.read(self._output.folder)) for file in made.files]:
                self._write(file.name, content, made.inputs)

    def _is_made(self, names: Sequence[str], days: Mapping[date, DayVersion]) -> bool:
        inputs = {f"{day}": version.certificate for day, version in days.items()}
        return all(self._output.is_made(name, inputs) for name in names)

    def _digest(self, table: str) -> str:
        """One digest for all files of a table."""
        files = {name: digest for name, digest in self._output.digests.items() if name.startswith(f"data/{table}/")}
        return hashlib.sha256(checksum_lines(files)).hexdigest()

    def _write(self, name: str, content: bytes, inputs: Mapping[str, str]) -> None:
        self._result.written += self._output.write(name, content)
        self._output.record(name, inputs)

    @contextmanager
    def _failures(self, names: Sequence[str]) -> Iterator[None]:
        """Note a day that cannot be read, and keep the files of its month, if there are any, as they were."""
        try:
            yield
        except StoreError as error:
            self._result.failed.append(str(error))
            for name in names:
                self._output.keep(name)
