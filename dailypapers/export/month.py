"""The Parquet files of one month, and of the certificates of a series, as pure functions of the days that they hold.

Days become columns by Arrow's own JSON reader, which refuses values of other types. The digests of their files were
verified (`snapshots.reader`), so their lines are records and are not validated again. The same columns give the same
bytes. What a file was made of is in its metadata, as JSON under the key `dailypapers`.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import orjson
import pyarrow as pa
from pyarrow import json as arrow_json
from pyarrow import parquet

from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.certificate import Certificate
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.reader import VerifiedDay, intact_certificate, verified_day
from dailypapers.snapshots.store.atomic import read_whole
from dailypapers.snapshots.store.layout import Series, Store

from .schema import CERTIFICATES, FORMAT, METRICS, PAPERS

_EXTRA: Final = b',"extra":'


def paper_columns(content: bytes) -> pa.Table:
    """The papers of a day file, in its order. Raises ValueError for content that is not a day file."""
    return _columns(map(_with_extra_as_text, content.splitlines()), PAPERS)


def metric_columns(series: Series, day: str, content: bytes) -> pa.Table:
    """The metrics of a day, in the order of their file. Raises ValueError for content that is not such a file."""
    # Each line is an object that is not empty.
    start = orjson.dumps({"series": series.folder.as_posix(), "day": day})[:-1] + b","
    return _columns((start + line[1:] for line in content.splitlines()), METRICS)


def certificate_columns(series: Series, certificate: Certificate, text: bytes) -> pa.Table:
    """One row, with the certificate's file as it is in its last column."""
    files = certificate["files"]
    row = {name: certificate.get(name) for name in CERTIFICATES.names} | {
        "series": series.folder.as_posix(),
        "fetches": len(certificate["fetches"]),
        "papers_sha256": files["papers"]["sha256"],
        "metrics_sha256": files["metrics"]["sha256"] if "metrics" in files else None,
        "certificate": text.decode(),
    }
    return _columns([orjson.dumps(row)], CERTIFICATES)


def _with_extra_as_text(line: bytes) -> bytes:
    # `extra` is the last key. Inside the strings before it the quotes of these bytes would be escaped.
    start, key, extra = line.partition(_EXTRA)
    return b"%b%b%b}" % (start, key, orjson.dumps(extra[:-1].decode()))


def _columns(lines: Iterable[bytes], schema: pa.Schema) -> pa.Table:
    content = b"\n".join(lines)
    if not content:
        return schema.empty_table()
    # One block, since a line cannot be longer than a block.
    reading = arrow_json.ReadOptions(use_threads=False, block_size=len(content) + 1)
    types = pa.schema([pa.field(field.name, _read_as(field.type)) for field in schema])
    parsing = arrow_json.ParseOptions(explicit_schema=types, unexpected_field_behavior="error")
    return arrow_json.read_json(io.BytesIO(content), reading, parsing).cast(schema)


def _read_as(type_: pa.DataType) -> pa.DataType:
    # The reader knows instants, but no dates.
    return pa.timestamp("s") if pa.types.is_date(type_) else type_


METADATA_KEY: Final = b"dailypapers"
ROWS: Final = 5_000
"""Rows of a row group: at least these, of whole days, before they are written; a day with more has several groups."""


class ParquetFile:
    """A Parquet file in memory, compressed; of its columns no more than a row group is held."""

    def __init__(self, schema: pa.Schema) -> None:
        """An empty file. One without rows has no row group: `datasets` cannot read an empty one."""
        self._buffer = pa.BufferOutputStream()
        # Data pages with checksums, cut by content: a file that grows shares most bytes with what it was before.
        self._writer = parquet.ParquetWriter(
            self._buffer, schema, compression="zstd", write_page_checksum=True, use_content_defined_chunking=True
        )
        self._tables: list[pa.Table] = []
        self._rows = 0

    def add(self, columns: pa.Table) -> None:
        """Append the rows of a day."""
        self._tables.append(columns)
        self._rows += columns.num_rows
        if self._rows >= ROWS:
            self._write_group()

    def finish(self, metadata: object) -> bytes:
        """The whole file, with metadata that can be JSON."""
        if self._rows:
            self._write_group()
        text = orjson.dumps(metadata, option=orjson.OPT_SORT_KEYS)
        self._writer.add_key_value_metadata({METADATA_KEY: text})
        self._writer.close()
        return bytes(self._buffer.getvalue())

    def _write_group(self) -> None:
        self._writer.write_table(pa.concat_tables(self._tables), row_group_size=ROWS)
        self._tables, self._rows = [], 0


class MonthFiles(NamedTuple):
    """The Parquet files of a month of a series, and the checksums of the certificates of the days in them."""

    papers: bytes
    metrics: bytes
    inputs: Mapping[str, str]


def month_files(store: Store, series: Series, days: Iterable[date]) -> MonthFiles:
    """The papers and metrics of some days, in order; one day is in memory at a time, and what is written of the others.

    Raises StoreError for a day with a file that is not as it was built.
    """
    papers, metrics = ParquetFile(PAPERS), ParquetFile(METRICS)
    certificates: list[Certificate] = []
    for day in _verified_days(store, series, days):
        with _naming(store.certificate(series, date.fromisoformat(day.certificate["day"]))):
            papers.add(paper_columns(day.papers))
            metrics.add(metric_columns(series, day.certificate["day"], day.metrics))
        certificates.append(day.certificate)
    inputs = {certificate["day"]: certificate["checksum"] for certificate in certificates}
    return MonthFiles(
        papers.finish(_metadata(certificates, "papers")), metrics.finish(_metadata(certificates, "metrics")), inputs
    )


def certificates_file(store: Store, series: Series, days: Iterable[date]) -> tuple[bytes, Mapping[str, str]]:
    """The Parquet file of the certificates of some days, in order, and their checksums.

    Raises StoreError for a certificate that is not as a build writes it.
    """
    file, inputs, states = ParquetFile(CERTIFICATES), {}, {}
    for day in days:
        path = store.certificate(series, day)
        text = read_whole(path)
        certificate = intact_certificate(path, text)
        with _naming(path):
            file.add(certificate_columns(series, certificate, text))
        inputs[f"{day}"] = certificate["checksum"]
        states[f"{day}"] = {"state": certificate["state"], "sha256": certificate["checksum"]}
    return file.finish({"format": FORMAT, "schema": SCHEMA, "days": states}), inputs


@contextmanager
def _naming(certificate: Path) -> Iterator[None]:
    """Values of another type, under checksums that are right, are damage of a day; records are not validated again."""
    try:
        yield
    except ValueError as error:
        problem = f"it or a file of its day has values that no build writes ({error})"
        raise StoreError(f"{certificate}: {problem}; run dailypapers build --all") from error


def _verified_days(store: Store, series: Series, days: Iterable[date]) -> Iterator[VerifiedDay]:
    for day in days:
        verified = verified_day(store, series, day)
        if verified is None:
            raise StoreError(f"{store.certificate(series, day)}: removed while it was read; run the command again")
        yield verified


def _metadata(certificates: Iterable[Certificate], kind: str) -> dict[str, object]:
    """What a file was made of: the versions, and each day with its state and the digest of the file of that kind."""
    days, parsers = {}, dict[str, set[int]]()
    for certificate in certificates:
        file = certificate["files"].get(kind)
        days[certificate["day"]] = {"state": certificate["state"], "sha256": file["sha256"] if file else None}
        for parser, version in certificate["parsers"].items():
            parsers.setdefault(parser, set()).add(version)
    versions = {parser: sorted(numbers) for parser, numbers in sorted(parsers.items())}
    return {"format": FORMAT, "schema": SCHEMA, "parsers": versions, "days": days}
