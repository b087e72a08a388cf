"""Whether the tables of an export hold what their own metadata says, and what a store holds now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow as pa
from pyarrow import parquet

from dailypapers.outputs.verify import DATA, Difference
from dailypapers.snapshots.certificate import Certificate, read_certificate
from dailypapers.snapshots.store.layout import Series, Store

from .month import METADATA_KEY
from .schema import METRICS, PAPERS

_LINE: Final = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE

_ROWS: Final = 1_000
"""Rows that are Python objects at once."""

DayMetadata = Mapping[str, Any]
"""What the metadata of a file says of a day: its `state`, and the `sha256` of the file that its rows are from."""


def wrong_rows(folder: Path) -> Iterator[Difference]:
    """The days whose rows, written as JSON Lines, have another sha256 than the metadata of their file names.

    That is the sha256 of the day file, or of the file of metrics, in the store.
    """
    for table, schema in (("papers", PAPERS), ("metrics", METRICS)):
        for path in sorted((folder / DATA / table).rglob("*.parquet")):
            name = path.relative_to(folder).as_posix()
            if not path.is_file():
                yield Difference(name, "cannot be read (not a regular file)")
                continue
            try:
                with parquet.ParquetFile(path, page_checksum_verification=True) as file:
                    yield from _wrong_days(name, file, schema)
            except (pa.ArrowException, OSError, ValueError) as error:
                yield Difference(name, f"cannot be read ({error})")


def against_store(folder: Path, store: Store, all_series: Sequence[Series]) -> Iterator[Difference]:
    """The days of which a table holds something else than the store, or of which only one of them holds anything.

    Series that the export does not hold are left out. Raises CertificateError for a damaged certificate of the store.
    """
    exported = {table: _exported_days(folder / DATA / table) for table in ("certificates", "papers", "metrics")}
    names = {name for days_by_series in exported.values() for name in days_by_series}
    for name in sorted(names):
        series = next((series for series in all_series if series.folder.as_posix() == name), None)
        stored = {} if series is None else _stored_days(store, series)
        for table, days_by_series in exported.items():
            days = days_by_series.get(name, {})
            for day in sorted(days.keys() | stored.keys()):
                expected = stored[day][table] if day in stored else None
                if days.get(day) != expected:
                    yield Difference(f"{table} {name} {day}", _problem(days.get(day), expected))


def _problem(exported: DayMetadata | None, stored: DayMetadata | None) -> str:
    if exported is None:
        return "in the store, not in the export"
    return "in the export, not in the store" if stored is None else "the store holds another version"


def _stored_days(store: Store, series: Series) -> dict[str, dict[str, DayMetadata]]:
    """What the metadata of each table would say of each day of the store."""
    certificates = (read_certificate(store.certificate(series, day)) for day in store.days_with_snapshots(series))
    return {certificate["day"]: _metadata(certificate) for certificate in certificates if certificate is not None}


def _metadata(certificate: Certificate) -> dict[str, DayMetadata]:
    digests = {"certificates": certificate["checksum"], "papers": None, "metrics": None} | {
        kind: file["sha256"] for kind, file in certificate["files"].items()
    }
    return {table: {"state": certificate["state"], "sha256": digest} for table, digest in digests.items()}


def _exported_days(folder: Path) -> dict[str, dict[str, DayMetadata]]:
    """What the files of a table say of their days, by the folder of the series; other files say nothing."""
    days_by_series: dict[str, dict[str, DayMetadata]] = {}
    for path in sorted(folder.rglob("*.parquet")):
        name = path.relative_to(folder)
        series = name.with_suffix("") if folder.name == "certificates" else name.parent
        try:
            days = _days(parquet.read_metadata(path))
        except (pa.ArrowException, OSError, ValueError):
            continue  # `wrong_rows` and `changed_files` name it
        days_by_series.setdefault(series.as_posix(), {}).update(days)
    return days_by_series


def _wrong_days(name: str, file: parquet.ParquetFile, schema: pa.Schema) -> Iterator[Difference]:
    if not file.schema_arrow.equals(schema):
        raise ValueError("its columns are not those of an export")
    digests: dict[str, Any] = {}
    for batch in file.iter_batches(_ROWS):
        for row in batch.to_pylist():
            digests.setdefault(f"{row['day']}", hashlib.sha256()).update(_line(row))
    for day, entry in _days(file.metadata).items():
        digest = digests.pop(day, hashlib.sha256()).hexdigest()
        if digest != (entry["sha256"] or hashlib.sha256().hexdigest()):
            yield Difference(f"{name} {day}", "its rows are not those of the file that the metadata names")
    for day in digests:
        yield Difference(f"{name} {day}", "has rows, but the metadata does not name the day")


def _line(row: dict[str, Any]) -> bytes:
    """The line of the file in the store from which a row comes."""
    if "series" in row:
        row = {name: value for name, value in row.items() if name not in {"series", "day"}}
    else:
        row["extra"] = orjson.Fragment(row["extra"])
    return orjson.dumps(row, option=_LINE)


def _days(metadata: parquet.FileMetaData) -> Mapping[str, DayMetadata]:
    """What the metadata of a file says of its days. Raises ValueError if it is not ours."""
    text = (metadata.metadata or {}).get(METADATA_KEY)
    entries = None if text is None else orjson.loads(text)
    days = entries.get("days") if isinstance(entries, dict) else None
    if not isinstance(days, dict) or not all(isinstance(day, dict) and "sha256" in day for day in days.values()):
        raise ValueError("its metadata is not that of an export")
    return days
