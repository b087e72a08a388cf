"""A store as a folder of Parquet files, a dataset card, views for DuckDB and checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path

from dailypapers.outputs.checksums import checksum_lines
from dailypapers.outputs.folder import DayVersion, OutputFolder, open_output
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Series, Store

from .card import TABLES, VIEWS, readme
from .month import certificates_file
from .schema import VERSION
from .task import MadeMonth, MonthTask, left_over, make_month

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
