"""Day files back into papers: a day or a range, as an iterator in constant memory."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from parsers.model import Paper
from parsers.versions import SCHEMA
from snapshots.store.layout import Series, Store

from .certificate import schema_of
from .errors import SnapshotError

log = logging.getLogger(__name__)


def read_day(store: Store, series: Series, day: date) -> Iterator[Paper]:
    """The papers of one day, in the order of their keys; nothing where the day was never built.

    Raises SnapshotError on a line that is no record and on a store that a newer version wrote.
    """
    path = store.papers(series, day)
    if path.exists():
        _check_schema(store.certificate(series, day))
        yield from _papers(path)


def read_range(store: Store, series: Series, since: date | None = None, until: date | None = None) -> Iterator[Paper]:
    """The papers of all days held from `since` to `until` (both included, both open if None), day by day."""
    for day in store.days_with_snapshots(series):
        if (since is None or since <= day) and (until is None or day <= until):
            yield from read_day(store, series, day)


def _papers(path: Path) -> Iterator[Paper]:
    with path.open("rb") as lines:
        for number, text in enumerate(lines, 1):
            try:
                yield Paper.model_validate_json(text)
            except ValidationError as error:
                raise SnapshotError(
                    f"{path}:{number}: not a record ({_first(error)}); run dailypapers build"
                ) from error


def _check_schema(path: Path) -> None:
    schema = schema_of(path)
    if schema is None:
        return
    if schema > SCHEMA:
        raise SnapshotError(f"{path}: schema {schema} is newer than this program's {SCHEMA}; upgrade dailypapers")
    if schema < SCHEMA and not _said:
        _said.append(path)
        log.warning(
            "%s has schema %s, older than %s: new columns are null; run dailypapers build", path, schema, SCHEMA
        )


# The files of an older schema that were spoken of: once is enough.
_said: list[Path] = []


def _first(error: ValidationError) -> str:
    first: Any = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
