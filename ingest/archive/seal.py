"""The end of an archive file: a record that says which fetch it is, with a checksum of all bytes before it.

The gzip member of this summary has a CRC and must be the last thing in the file. So truncation, changed bytes and
appended bytes are all detected, which WARC readers do not notice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Final, NotRequired, TypedDict, cast

import orjson
from fastwarc.warc import WarcRecord

from dailypapers.ingest.errors import BodyError, DamagedArchive, damaged_archive
from dailypapers.snapshots.certificate import Witness, parse_witness
from dailypapers.snapshots.store.layout import Series

from .content_encoding import FILE_CAP, MAX_PLAIN, lazy_members, members
from .model import Fetch
from .writer import SUMMARY_SCHEMA, SUMMARY_TYPE

_MAX_RECORDS: Final = 10_000
_RECORD_CAP: Final = 64 * 2**20
"""Bytes of one record, inflated: twice the largest body that is stored."""
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


class ViewSummary(TypedDict):
    """A view and the numbers of its records, from 1."""

    view: str
    records: list[int]


class _Witnessed(TypedDict, total=False):
    witness: Witness


class Summary(_Witnessed):
    """The content of the record: which fetch it is, and the checksum of the bytes before it."""

    schema: int
    source: str
    query: str | None
    day: str
    kind: str
    at: str
    at_known: bool
    views: list[ViewSummary]
    records: int
    bytes: int
    sha256: str
    part: NotRequired[int]


def read_series(path: Path) -> Series:
    """The series named in an archive file. Raises DamagedArchive if the file is not exactly as written."""
    check_is_file(path)
    return archive_identity(path, path.read_bytes())[0]


def archive_identity(path: Path, content: bytes) -> tuple[Series, date]:
    """The series and the day named in the bytes of an archive file; `path` is for messages.

    Raises DamagedArchive if they are not exactly as written.
    """
    with damage_as_error(path):
        summary, _, _ = verified(path, content)
        return Series(summary["source"], summary["query"]), date.fromisoformat(summary["day"])


def check_is_file(path: Path) -> None:
    """Raise DamagedArchive for a pipe, which would never end, a folder, and a link that leads nowhere."""
    if not path.is_file():
        raise DamagedArchive(f"{path}: damaged archive (it is not a regular file); move it away")


@contextmanager
def damage_as_error(path: Path) -> Iterator[None]:
    """Turn any error within a file into DamagedArchive, which names it."""
    try:
        yield
    except (ValueError, LookupError, TypeError, OSError, BodyError) as error:
        raise damaged_archive(path, error, "restore it from a copy") from error


def fetch_of(summary: Summary, series: Series, day: date) -> Fetch:
    """The fetch that a file of a source-day holds, without its views. Raises ValueError if it is of another day."""
    _check_day(summary, series, day)
    at, witness = parse_time(summary["at"]), parse_witness(summary.get("witness"))
    return Fetch(series, day, at, (), kind=summary["kind"], at_known=summary["at_known"], witness=witness)


def verified(path: Path, content: bytes) -> tuple[Summary, Sequence[bytes], str]:
    """The summary of a file, the records before it, and the SHA-256 of the file.

    The records of a large file are read again from `path` when they are asked for. Raises ValueError, TypeError or
    BodyError if it is not exactly as written.
    """
    before, (offset, last) = _scanned(path, content)
    summary, digest = _summary(last), hashlib.sha256(memoryview(content)[:offset])
    if summary["records"] != len(before):
        raise ValueError(f"the summary counts {summary['records']} records, there are {len(before)}")
    if summary["bytes"] != offset or summary["sha256"] != digest.hexdigest():
        raise ValueError("its bytes do not match the checksum in the summary")
    # Continued, so that no byte is hashed twice.
    digest.update(memoryview(content)[offset:])
    return summary, before, digest.hexdigest()


def _scanned(path: Path, content: bytes) -> tuple[Sequence[bytes], tuple[int, bytes]]:
    """All records but the last one, and that with its offset."""
    offsets: list[int] = []
    plain: list[bytes] = []
    size = 0
    for offset, member in members(f"{path}", content, FILE_CAP, max_members=_MAX_RECORDS, member_cap=_RECORD_CAP):
        size += len(member)
        plain.append(member)
        offsets.append(offset)
        if size > MAX_PLAIN:
            del plain[:-1]
    if not offsets:
        raise ValueError("it is empty")
    *before, last = plain
    return before if size <= MAX_PLAIN else lazy_members(path, offsets), (offsets[-1], last)


def _summary(member: bytes) -> Summary:
    record = WarcRecord.from_bytes(member)
    if record.headers.get("Content-Type") != SUMMARY_TYPE:
        raise ValueError("it does not end with the summary of a fetch")
    summary = orjson.loads(record.reader.read())
    if not isinstance(summary, dict):
        raise TypeError(f"its summary is not an object but {summary!r:.40}")
    return cast("Summary", summary)


def view_records(summary: Summary, records: int) -> list[tuple[str, list[int]]]:
    """Each view with the indexes of its records. Raises ValueError for one that is not below `records`."""
    views = [(view["view"], [number - 1 for number in view["records"]]) for view in summary["views"]]
    if any(index not in range(records) for _, indexes in views for index in indexes):
        raise ValueError(f"a view refers to a record that is not among the {records}")
    return views


def _check_day(summary: Summary, series: Series, day: date) -> None:
    if summary["schema"] > SUMMARY_SCHEMA:
        raise ValueError(f"a newer dailypapers wrote it, in schema {summary['schema']}")
    stored_series = Series(summary["source"], summary["query"])
    if (stored_series, summary["day"]) != (series, day.isoformat()):
        raise ValueError(f"it holds {stored_series} {summary['day']} but is in the folder of {series} {day}")


def parse_time(text: str) -> datetime:
    """A time as archives have it, in UTC and whole seconds. Raises ValueError for any other text."""
    if not _TIME.fullmatch(text):
        raise ValueError(f"the time {text!r:.40} is not like 2025-12-08T10:00:00Z")
    return datetime.fromisoformat(text)
