"""`waived.txt`: days that nobody will fetch any more. A human wrote it, by `dailypapers waive` or with an editor."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from snapshots.store.atomic import write_whole
from snapshots.store.layout import Series, Store
from snapshots.store.locks import building

log = logging.getLogger(__name__)


class Waiver(NamedTuple):
    """A range of days of a series, both ends included, and why it is waived."""

    series: str
    since: date
    until: date
    reason: str

    def covers(self, series: Series, day: date) -> bool:
        """Whether a day of a series is waived."""
        return self.series == str(series) and self.since <= day <= self.until

    def __str__(self) -> str:
        return "\t".join((self.series, f"{self.since}", f"{self.until}", self.reason))


def waivers(store: Store) -> Collection[Waiver]:
    """The waivers in the file. A line that is not a range waives nothing, and is logged."""
    if not store.waived.exists():
        return ()
    return list(_parse(store))


def waive(store: Store, waiver: Waiver) -> bool:
    """Add a line; returns whether it is new. Raises OSError if the store cannot be written."""
    with building(store):
        text = store.waived.read_text(encoding="utf-8") if store.waived.exists() else ""
        if f"{waiver}" in text.splitlines():
            return False
        kept = text if text.endswith("\n") or not text else f"{text}\n"
        return write_whole(store.waived, f"{kept}{waiver}\n".encode())


def _parse(store: Store) -> Iterator[Waiver]:
    for number, line in enumerate(store.waived.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            series, since, until, reason = line.split("\t", 3)
            yield Waiver(series, date.fromisoformat(since), date.fromisoformat(until), reason)
        except ValueError:
            log.warning(
                "%s:%d: not waived: expected source, since, until, reason with tabs between", store.waived, number
            )
