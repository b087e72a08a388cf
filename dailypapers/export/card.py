"""The dataset card (https://huggingface.co/docs/hub/datasets-cards) and the views for DuckDB (https://duckdb.org)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import pyarrow as pa

from dailypapers.parsers.model import Paper
from dailypapers.snapshots.store.layout import Series

from .schema import CERTIFICATES, METRICS, PAPERS

VIEWS: Final = b"""\
-- For DuckDB, started in the folder of this file: duckdb -init views.sql
CREATE OR REPLACE VIEW papers AS
    SELECT * EXCLUDE (filename),
        regexp_extract(filename, 'data/papers/(.+)/[0-9]{4}-[0-9]{2}[.]parquet$', 1) AS series
    FROM read_parquet('data/papers/**/*.parquet', filename = true);
CREATE OR REPLACE VIEW metrics AS
    SELECT * FROM read_parquet('data/metrics/**/*.parquet');
CREATE OR REPLACE VIEW certificates AS
    SELECT * FROM read_parquet('data/certificates/**/*.parquet');
-- Each paper with the state of its day.
CREATE OR REPLACE VIEW papers_with_state AS
    SELECT papers.*, certificates.state, certificates.reason
    FROM papers JOIN certificates USING (series, day);
"""

TABLES: Final = ("papers", "certificates", "metrics")
"""The tables by the names of their folders and configurations; the first is the default one."""

_CONFIG: Final = """\
- config_name: {table}
  default: {is_default}
  data_files: data/{table}/**/*.parquet
  description: Files with the SHA-256 {digest}"""
_HEAD: Final = """\
---
license: other
pretty_name: Daily papers
tags:
- papers
- arxiv
configs:
{configs}
---

# Daily papers

Every paper that each listing showed, day by day, with the evidence that the day is complete. Made by
`dailypapers export`.

```python
from datasets import load_dataset

papers = load_dataset("PATH", "papers", split="train")
certificates = load_dataset("PATH", "certificates", split="train")
```

`PATH` is this folder, or the name of the dataset on the Hub. For DuckDB: `duckdb -init views.sql`. The files are
Parquet: one for each series and month in `data/papers` and in `data/metrics`, one for each series in
`data/certificates`. `sha256sum --check SHA256SUMS` verifies them.

**A day without papers need not be an empty day.** The table `certificates` has a row for each day that was fetched,
with its state at the time `as_of` of its newest fetch: `closed` (complete), `empty` (confirmed to have no papers),
`open` (the day is not over), `settling` (over, but not confirmed yet) or `partial` (something is missing: see
`reason`). A day without a row was not fetched.

**License.** Titles and abstracts belong to their authors. Each paper has its own license.
"""

_CERTIFICATES: Final = {
    "series": "The source, and for a search its folder: the name of the files in `data/`.",
    "source": "The source.",
    "query": "The query of a search.",
    "day": "The day.",
    "state": "`open`, `settling`, `closed`, `empty` or `partial`.",
    "reason": "Why it is in that state.",
    "as_of": "Time of the newest fetch.",
    "papers": "Papers of the day.",
    "gone": "Papers that the listing no longer shows.",
    "rejects": "Items that failed validation.",
    "fetches": "Number of fetches.",
    "papers_sha256": "SHA-256 of the day's papers as JSON Lines.",
    "metrics_sha256": "SHA-256 of the day's metrics as JSON Lines.",
    "lost": "Archive files that could not be read.",
    "notes": "Remarks.",
    "certificate": "The whole certificate as JSON text.",
}
_METRICS: Final = {
    "series": "As in `certificates`.",
    "day": "The day that lists the paper.",
    "at": "Time of the fetch.",
    "key": "The paper.",
    "upvotes": "Upvotes.",
    "comments": "Comments.",
    "github_stars": "Stars of the GitHub repository.",
}


def readme(days_by_series: Mapping[Series, Sequence[date]], digests: Mapping[str, str]) -> bytes:
    """The card: the series of the export, the columns of its tables, and the digest of the files of each table.

    `datasets` caches what it loads by the configurations of the card alone (`load.py`, `LocalDatasetModuleFactory`), so
    without the digests it would not notice that files have changed.
    """
    series = [
        f"| `{series.folder.as_posix()}` | {days[0]} | {days[-1]} | {len(days)} |"
        for series, days in days_by_series.items()
    ]
    papers = {name: str(Paper.model_fields[name].description) for name in PAPERS.names}
    parts = [
        _HEAD.format(configs="\n".join(_config(table, digests[table]) for table in TABLES)),
        "## Series\n\n| series | first day | last day | days |\n|---|---|---|---:|\n" + "\n".join(series) + "\n",
        "## papers\n\nOrdered by day, then by key. `extra` is JSON text.\n\n" + _columns(PAPERS, papers),
        "## certificates\n\nOne row for each day, ordered by day.\n\n" + _columns(CERTIFICATES, _CERTIFICATES),
        "## metrics\n\nThe numbers of a paper at each fetch that changed one of them.\n\n"
        + _columns(METRICS, _METRICS),
    ]
    return "\n".join(parts).encode()


def _config(table: str, digest: str) -> str:
    return _CONFIG.format(table=table, is_default="true" if table == TABLES[0] else "false", digest=digest)


def _columns(schema: pa.Schema, meanings: Mapping[str, str]) -> str:
    rows = [f"| `{field.name}` | {_type(field)} | {meanings[field.name]} |" for field in schema]
    return "\n".join(["| column | type | meaning |", "|---|---|---|", *rows]) + "\n"


def _type(field: pa.Field) -> str:
    """The type by its name in Arrow, and whether the column can be null."""
    return f"`{field.type}`" + (" or null" if field.nullable else "")
