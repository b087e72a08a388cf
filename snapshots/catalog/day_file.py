"""Finding the built days of a store, and reading one for the catalog."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256 as hash_of
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from dailypapers.parsers.text import squeeze
from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.certificate import sha256
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.atomic import read_whole
from dailypapers.snapshots.store.layout import Series, Store

from .keys import TITLE, title_number
from .listing import ListingRow, parsed, places, row_of
from .model import Record
from .scan import DayMark


@dataclass(frozen=True, slots=True)
class DayRecords:
    """A built day as the catalog takes it in."""

    series: int
    day: str
    mark: DayMark
    sha256: str
    as_of: str
    """Time of the newest look at the day."""
    first_fetch: str
    """Time of its earliest fetch."""
    problem: str | None = None
    """Why its records cannot be read; then there are none."""
    rows: list[ListingRow] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    """By key."""


class NewerStoreError(StoreError):
    """A day that a newer version of this program wrote."""


class _Evidence(NamedTuple):
    """The part of a certificate that the catalog needs."""

    schema: int
    source: str
    query: str | None
    as_of: str
    first_fetch: str
    sha256: str | None


_NO_LETTERS: Final = dict.fromkeys(code for code in range(128) if not chr(code).isalnum())
_UNREADABLE: Final = "run dailypapers build --all"


def mark_of(store: Store, series: Series, day: date) -> DayMark | None:
    """The mark of a day as it is now; None if it is not built."""
    try:
        papers, certificate = (path(series, day).stat() for path in (store.papers, store.certificate))
    except OSError:
        return None
    return DayMark(papers.st_size, papers.st_mtime_ns, certificate.st_size, certificate.st_mtime_ns)


def series_of(certificate: Path) -> Series | None:
    """The series that a certificate names; None if it cannot be read."""
    with suppress(StoreError, OSError):
        evidence = _evidence(certificate)
        return Series(evidence.source, evidence.query)
    return None


def read_day_records(store: Store, number: int, series: Series, day: date) -> DayRecords | None:
    """The records of a built day; None if it is not built.

    Raises StoreError if a newer version of this program wrote it. A day that cannot be read is given with its problem.
    """
    mark = mark_of(store, series, day)
    if mark is None:
        return None
    path = store.papers(series, day)
    try:
        content = read_whole(path)
        evidence = _evidence(store.certificate(series, day))
    except FileNotFoundError:
        return None
    except NewerStoreError:
        raise
    except (StoreError, OSError) as error:
        return DayRecords(number, day.isoformat(), mark, "", "", "", problem=str(error))
    digest = sha256(content)
    days = DayRecords(number, day.isoformat(), mark, digest, evidence.as_of, evidence.first_fetch)
    try:
        _read(days, content, is_trusted=digest == evidence.sha256 and evidence.schema == SCHEMA)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"{path}: line {len(days.rows) + 1} is not a record ({error}); {_UNREADABLE}"
        return replace(days, problem=problem, rows=[], records={})
    return days


def _read(day: DayRecords, content: bytes, *, is_trusted: bool) -> None:
    """A file that is not the one its certificate names is validated, line by line."""
    for text, place in places(content):
        record = parsed(text)
        if not is_trusted:
            _validate(record)
        key = record["key"]
        title = title_number(key) if key.startswith(TITLE) else number_of_title(record["title"])
        if key in day.records:
            raise ValueError(f"{key} has another line")
        day.rows.append(row_of(day.series, day.day, record, title, day.as_of, place))
        day.records[key] = record


def _validate(record: Record) -> None:
    """Raises ValueError for a record that is not as the model wants it."""
    from pydantic import ValidationError  # noqa: PLC0415 - it takes a quarter of a second to load, and is rarely needed

    from dailypapers.parsers.model import Paper  # noqa: PLC0415 - as pydantic

    try:
        Paper.model_validate_json(orjson.dumps(record))
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"]) from error


def number_of_title(title: str) -> int:
    """The number of the key that a record with this title and no id has."""
    if not title.isascii():
        from dailypapers.parsers.keys import key  # noqa: PLC0415 - it loads the record model

        return title_number(key(title=title))
    # The same for nearly all titles, at a fifth of the cost; a test compares the two.
    bare = title.lower().translate(_NO_LETTERS) or squeeze(title)
    return int.from_bytes(hash_of(bare.encode()).digest()[:8], signed=True)


def _evidence(path: Path) -> _Evidence:
    """Raises StoreError for a certificate that cannot be read, or is of a newer version."""
    try:
        content = orjson.loads(read_whole(path))
        files = content.get("files") or {}
        built = files.get("papers", {}).get("sha256")
        as_of = content["as_of"]
        first_fetch = min((fetch["at"] for fetch in content["fetches"]), default=as_of)
        evidence = _Evidence(content["schema"], content["source"], content["query"], as_of, first_fetch, built)
        for time in (as_of, first_fetch):
            datetime.fromisoformat(time)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{path}: not a certificate ({error!r}); {_UNREADABLE}") from error
    if not all(map(isinstance, evidence, (int, str, str | None, str, str, str | None))):
        raise StoreError(f"{path}: not a certificate; {_UNREADABLE}")
    if evidence.schema > SCHEMA:
        raise NewerStoreError(f"{path}: schema {evidence.schema} is newer than this program's {SCHEMA}; upgrade")
    return evidence
