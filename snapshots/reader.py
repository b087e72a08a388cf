"""Day files back into papers: one day or a range of days, as an iterator in constant memory."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from parsers.model import Paper
from parsers.versions import SCHEMA
from snapshots.store.layout import Series, Store

from .certificate import schema_of
from .errors import StoreError

log = logging.getLogger(__name__)


def read_day(store: Store, series: Series, day: date) -> Iterator[Paper]:
    """The papers of one day, in the order of their keys; none if the day was never built.

    Raises StoreError for a line that is not a record, and for a store that a newer version wrote. Logs a warning if an
    older version wrote the day: then columns that are new are null.
    """
    return _read(store, series, [day])


def read_range(store: Store, series: Series, since: date | None = None, until: date | None = None) -> Iterator[Paper]:
    """The papers of all built days from `since` to `until` (both included, both open if None), day by day.

    Raises StoreError and warns as `read_day` does; one warning stands for all days.
    """
    return _read(store, series, store.days_with_snapshots(series, since, until))


def _read(store: Store, series: Series, days: Iterable[date]) -> Iterator[Paper]:
    warned = False
    for day in days:
        path = store.papers(series, day)
        if path.exists():
            certificate = store.certificate(series, day)
            schema = _checked_schema(certificate)
            if schema < SCHEMA and not warned:
                message = "%s has schema %s, older than %s: new columns are null; run dailypapers build"
                log.warning(message, certificate, schema, SCHEMA)
                warned = True
            yield from _papers(path)


def _checked_schema(certificate: Path) -> int:
    schema = schema_of(certificate)
    if schema is not None and schema > SCHEMA:
        raise StoreError(f"{certificate}: schema {schema} is newer than this program's {SCHEMA}; upgrade dailypapers")
    return SCHEMA if schema is None else schema


def _papers(path: Path) -> Iterator[Paper]:
    with path.open("rb") as lines:
        for number, text in enumerate(lines, 1):
            try:
                yield Paper.model_validate_json(text)
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(map(str, first["loc"]))
                reason = f"{place}: {first['msg']}"
                raise StoreError(f"{path}:{number}: not a record ({reason}); run dailypapers build") from error
