"""The columns of the three tables, as Arrow types (https://arrow.apache.org/docs/python/api/datatypes.html).

They are written out, not inferred from the data: a column without any value in a month keeps its type.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from dailypapers.parsers.versions import SCHEMA

FORMAT: Final = 1
"""Version of the tables; raised with every change of their columns, of the footer or of how files are written."""

VERSION: Final = f"format {FORMAT}, schema {SCHEMA}, pyarrow {pa.__version__}"
"""What the bytes of the files depend on beside the store."""

_TEXT: Final = pa.string()
_TEXTS: Final = pa.list_(pa.string())
_INTEGER: Final = pa.int64()
_DATE: Final = pa.date32()
_INSTANT: Final = pa.timestamp("us", "UTC")
_AUTHORS: Final = pa.list_(pa.struct({"name": _TEXT, "user": _TEXT, "hidden": pa.bool_(), "affiliation": _TEXT}))
_ORGANIZATION: Final = pa.struct({"name": _TEXT, "fullname": _TEXT})


def _always(name: str, type_: pa.DataType) -> pa.Field:
    """A column that is never null."""
    return pa.field(name, type_, nullable=False)


PAPERS: Final = pa.schema(
    [
        _always("key", _TEXT),
        _always("source", _TEXT),
        pa.field("day", _DATE),
        pa.field("rank", _INTEGER),
        _always("title", _TEXT),
        pa.field("abstract", _TEXT),
        _always("authors", _AUTHORS),
        pa.field("author_count", _INTEGER),
        pa.field("organization", _ORGANIZATION),
        pa.field("published", _DATE),
        _always("published_inferred", pa.bool_()),
        pa.field("updated", _DATE),
        pa.field("listed", _DATE),
        pa.field("submitter", _TEXT),
        pa.field("upvotes", _INTEGER),
        pa.field("comments", _INTEGER),
        pa.field("github_stars", _INTEGER),
        pa.field("arxiv_id", _TEXT),
        pa.field("arxiv_version", _INTEGER),
        pa.field("doi", _TEXT),
        _always("categories", _TEXTS),
        pa.field("announce_type", _TEXT),
        pa.field("license", _TEXT),
        pa.field("journal_ref", _TEXT),
        pa.field("author_comment", _TEXT),
        _always("keywords", _TEXTS),
        pa.field("ai_summary", _TEXT),
        pa.field("url", _TEXT),
        pa.field("pdf_url", _TEXT),
        pa.field("code_url", _TEXT),
        pa.field("project_url", _TEXT),
        pa.field("thumbnail_url", _TEXT),
        _always("media_urls", _TEXTS),
        _always("withdrawn", pa.bool_()),
        pa.field("first_seen", _INSTANT),
        pa.field("last_seen", _INSTANT),
        _always("extra", _TEXT),
    ]
)
"""The record, `parsers.model.Paper`, field by field; `extra`, whose names differ from paper to paper, is JSON text."""

METRICS: Final = pa.schema(
    [
        _always("series", _TEXT),
        _always("day", _DATE),
        _always("at", _INSTANT),
        _always("key", _TEXT),
        pa.field("upvotes", _INTEGER),
        pa.field("comments", _INTEGER),
        pa.field("github_stars", _INTEGER),
    ]
)
"""The numbers of a paper at each fetch that changed one of them."""

CERTIFICATES: Final = pa.schema(
    [
        _always("series", _TEXT),
        _always("source", _TEXT),
        pa.field("query", _TEXT),
        _always("day", _DATE),
        _always("state", _TEXT),
        _always("reason", _TEXT),
        _always("as_of", _INSTANT),
        _always("papers", _INTEGER),
        _always("gone", _INTEGER),
        _always("rejects", _INTEGER),
        _always("fetches", _INTEGER),
        _always("papers_sha256", _TEXT),
        pa.field("metrics_sha256", _TEXT),
        _always("lost", _TEXTS),
        _always("notes", _TEXTS),
        _always("certificate", _TEXT),
    ]
)
"""The certificate of each day: `fetches` is their number, and `certificate` the whole file as JSON text."""
