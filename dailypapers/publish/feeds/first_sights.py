"""When each paper of a series was first seen, and for which day: which decides in which documents it is.

The keys of all days are remembered in a file of the output folder with a mark of the certificate that they were read
with, so that only days that changed are read again. The file may be deleted at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

import orjson

from snapshots.errors import StoreError
from snapshots.reader import first_seen_keys, verified_day
from snapshots.store.layout import Store
from snapshots.store.marks import certificate_marks

from .day_events import day_event
from .series import FeedSeries

VERSION: Final = 1


class DaySights(NamedTuple):
    """What the feeds know of one day."""

    mark: str
    """Size and time of the certificate's file when it was read."""
    papers_file: str
    """The sha256 of its day file."""
    first_fetch: str
    """Time of the earliest fetch, as in the certificate."""
    state: str
    since: str | None
    """Since when it has been closed, empty or partial without a break; None in any other state."""
    reason: str
    papers: int
    """At that time."""
    keys: dict[str, list[str]]
    """The keys of its papers by `first_seen`."""


class FirstSight(NamedTuple):
    """Papers that one fetch of one day showed, and no fetch before of any day."""

    first_seen: str
    day: str
    keys: Sequence[str]


def read_sights(
    store: Store,
    feed: FeedSeries,
    known: Mapping[str, DaySights] = MappingProxyType({}),
    days: Collection[str] | None = None,
    marks: Mapping[str, str] | None = None,
) -> dict[str, DaySights]:
    """What the feeds know of days of a series (default: all that are built), by the day's name.

    A day in `known` (what `remembered` gave) is not read again while its certificate's file has the same size and time;
    `marks` are these, if they were read before. Raises StoreError for a day that is not as it was built.
    """
    sights = {}
    for day, mark in (certificate_marks(store, feed.series) if marks is None else marks).items():
        if days is None or day in days:
            before = known.get(day)
            sights[day] = before if before and before.mark == mark else _read(store, feed, day, mark)
    return sights


def remember(sights: Mapping[str, DaySights]) -> bytes:
    """The content of the file that remembers the days; the same days give the same bytes."""
    days = {day: list(known) for day, known in sights.items()}
    return orjson.dumps({"version": VERSION, "days": days}, option=orjson.OPT_SORT_KEYS) + b"\n"


def remembered(content: bytes) -> dict[str, DaySights]:
    """The days of a file of `remember`; none if it is damaged or of another version."""
    try:
        parsed = orjson.loads(content)
        return {day: DaySights(*row) for day, row in parsed["days"].items()} if parsed["version"] == VERSION else {}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return {}


def first_sights(sights: Mapping[str, DaySights], since: str = "") -> list[FirstSight]:
    """Every paper of a series once, in the order of its first sight; of two days at the same time the earlier one's.

    With `since`, the papers first seen from then on.
    """
    groups: list[tuple[str, str, list[str]]] = []
    seen: set[str] = set()
    for day, known in sights.items():
        for first_seen, keys in known.keys.items():
            if first_seen >= since:
                groups.append((first_seen, day, keys))
            else:
                seen.update(keys)
    result = []
    for first_seen, day, keys in sorted(groups):
        fresh = keys if seen.isdisjoint(keys) else [key for key in keys if key not in seen]
        if fresh:
            seen.update(fresh)
            result.append(FirstSight(first_seen, day, fresh))
    return result


def chosen(sights: Iterable[FirstSight], keys: Collection[str]) -> list[FirstSight]:
    """The first sights of the papers with these keys."""
    some = (sight._replace(keys=[key for key in sight.keys if key in keys]) for sight in sights)
    return [sight for sight in some if sight.keys]


def _read(store: Store, feed: FeedSeries, name: str, mark: str) -> DaySights:
    day = date.fromisoformat(name)
    built = verified_day(store, feed.series, day)
    if built is None:
        raise StoreError(f"{store.certificate(feed.series, day)}: gone while it was read; run the same command again")
    certificate = built.certificate
    event = day_event(certificate, feed.bounds(day))
    return DaySights(
        mark=mark,
        papers_file=certificate["files"]["papers"]["sha256"],
        first_fetch=min((fetch["at"] for fetch in certificate["fetches"]), default=certificate["as_of"]),
        state=certificate["state"],
        since=event.since if event else None,
        reason=event.reason if event else certificate["reason"],
        papers=event.papers if event else certificate["papers"],
        keys=first_seen_keys(built.papers),
    )
