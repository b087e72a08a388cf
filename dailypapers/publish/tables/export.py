"""A store as a folder of Parquet files, a dataset card, views for DuckDB and checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

import pyarrow as pa

from dailypapers.publish.checksums import CHECKSUMS, checksum_lines, read_checksums
from dailypapers.publish.manifest import DayVersion, OutputFolder, open_output
from parsers.versions import SCHEMA
from snapshots.errors import StoreError
from snapshots.store.layout import Series, Store

from .card import TABLES, VIEWS, readme
from .month import certificates_file, month_files
from .schema import FORMAT

VERSION: Final = f"format {FORMAT}, schema {SCHEMA}, pyarrow {pa.__version__}"
"""What the bytes of the files depend on beside the store."""


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


def export(store: Store, all_series: Sequence[Series], folder: Path) -> ExportResult:
    """Make the folder hold the built days of these series, and no file of others.

    Only files are written of which a day changed. Raises StoreError for a damaged certificate, OSError where the
    folder cannot be written.
    """
    with open_output(folder, "export", VERSION) as output:
        return _Export(store, output).run(all_series)


class _Export:
    def __init__(self, store: Store, output: OutputFolder) -> None:
        self._store = store
        self._output = output
        self._known = read_checksums(output.folder)
        self._checksums: dict[str, str] = {}
        self._result = ExportResult()

    def run(self, all_series: Sequence[Series]) -> ExportResult:
        days_by_series = {series: self._output.days(self._store, series) for series in all_series}
        for series, days in days_by_series.items():
            self._certificates(series, days)
            for month, month_days in groupby(days, key=lambda day: f"{day:%Y-%m}"):
                self._month(series, month, {day: days[day] for day in month_days})
        self._write("views.sql", VIEWS, {})
        shown = {series: list(days) for series, days in days_by_series.items() if days}
        self._write("README.md", readme(shown, {table: self._digest(table) for table in TABLES}), {})
        for name in self._output.made_before().keys() - self._checksums.keys() - {CHECKSUMS}:
            self._output.remove(name)
        self._result.files = len(self._checksums) + 1
        self._result.tables = sum(name.endswith(".parquet") for name in self._checksums)
        self._result.written += self._output.write(CHECKSUMS, checksum_lines(self._checksums))
        self._output.record(CHECKSUMS, {})
        return self._result

    def _certificates(self, series: Series, days: Mapping[date, DayVersion]) -> None:
        name = f"data/certificates/{series.folder.as_posix()}.parquet"
        if days and not self._is_made([name], days):
            with self._failures([name]):
                content, inputs = certificates_file(self._store, series, days)
                self._write(name, content, inputs)

    def _month(self, series: Series, month: str, days: Mapping[date, DayVersion]) -> None:
        names = [f"data/{table}/{series.folder.as_posix()}/{month}.parquet" for table in ("papers", "metrics")]
        if not self._is_made(names, days):
            with self._failures(names):
                files = month_files(self._store, series, days)
                for name, content in zip(names, (files.papers, files.metrics), strict=True):
                    self._write(name, content, files.inputs)

    def _is_made(self, names: Sequence[str], days: Mapping[date, DayVersion]) -> bool:
        inputs = {f"{day}": version.certificate for day, version in days.items()}
        made = all(name in self._known and self._output.is_made(name, inputs) for name in names)
        self._checksums |= {name: self._known[name] for name in names if made}
        return made

    def _digest(self, table: str) -> str:
        """One digest for all files of a table."""
        files = {name: digest for name, digest in self._checksums.items() if name.startswith(f"data/{table}/")}
        return hashlib.sha256(checksum_lines(files)).hexdigest()

    def _write(self, name: str, content: bytes, inputs: Mapping[str, str]) -> None:
        path = self._output.folder / name
        if not path.is_file() or path.read_bytes() != content:
            # Without the checksums, an export that is killed now is made anew: its manifest is that of the one before.
            self._output.remove(CHECKSUMS)
        self._result.written += self._output.write(name, content)
        self._output.record(name, inputs)
        self._checksums[name] = hashlib.sha256(content).hexdigest()

    @contextmanager
    def _failures(self, names: Sequence[str]) -> Iterator[None]:
        """Note a day that cannot be read, and keep the files of its month, if there are any, as they were."""
        try:
            yield
        except StoreError as error:
            self._result.failed.append(str(error))
            for name in self._output.made_before().keys() & set(names) & self._known.keys():
                self._output.record(name, self._output.made_before()[name])
                self._checksums[name] = self._known[name]
