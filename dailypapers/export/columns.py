"""The files of a day as columns: JSON Lines to Arrow, by Arrow's own JSON reader, which refuses values of other types.

The digests of the files were verified (`dailypapers.snapshots.reader`), so their lines are records and are not validated again.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Final

import orjson
import pyarrow as pa
from pyarrow import json as arrow_json

from dailypapers.snapshots.certificate import Certificate
from dailypapers.snapshots.store.layout import Series

from .schema import CERTIFICATES, METRICS, PAPERS

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
