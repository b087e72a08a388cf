"""Parquet files from columns that come day by day: the same columns give the same bytes.

What a file was made of is in its metadata, as JSON under the key `dailypapers`.
"""

from __future__ import annotations

from typing import Final

import orjson
import pyarrow as pa
from pyarrow import parquet

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
