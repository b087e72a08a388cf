"""What is in a feed document, whatever its format: which papers, and what it says of itself.

The papers of a series are in archives by month of first sight, and in the live document. An archive never changes once
it exists (RFC 5005, section 4): papers that come later are first seen later. A month that is over is one archive, or
several if it has very many papers. Of the month of the newest paper, each full number of papers is an archive until the
month is over. So nobody who follows the links misses a paper, and the live document stays small.
"""

from __future__ import annotations

import posixpath
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, takewhile
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from dailypapers.outputs.topics import FeedSeries
from dailypapers.snapshots.certificate import read_certificate
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.reader import first_seen_keys, verified_day
from dailypapers.snapshots.store.layout import Series, Store

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.listing import FirstSeen

MONTH_SIZE: Final = 2000
"""Papers of an archive at most; a month with more has several."""
PART_SIZE: Final = 300
"""Papers of an archive of the month that is not over. The last part is never an archive, even if it is full."""
LIVE_SPAN: Final = timedelta(days=7)
"""The live document has the papers first seen in this time before the newest ..."""
LIVE_MIN: Final = 100
"""The live document has at least this many papers ..."""
LIVE_MAX: Final = 1000
"""... and at most this many, but always those that are in no archive yet."""


class FirstSight(NamedTuple):
    """Papers that one fetch of one day showed, and no fetch before of any day."""

    first_seen: str
    day: str
    keys: Sequence[str]


class Archive(NamedTuple):
    """A document that does not change any more."""

    name: str
    """`2025-11`; the second one of a month is `2025-11-2`, one of a month that is not over `2025-12-part-1`."""
    sights: Sequence[FirstSight]


class Documents(NamedTuple):
    """What the documents of a series hold, each in the order of first sight."""

    archives: Sequence[Archive]
    """Oldest first. Each paper is in one of them, or in none yet and in the live document."""
    live: Sequence[FirstSight]


def first_sights(store: Store, feed: FeedSeries, known: Mapping[str, str], since: str = "") -> list[FirstSight]:
    """Every paper of a series once, in the order of its first sight; of two days at the same time the earlier one's.

    `known` are the digests of the day files that count, by day. Days that the catalog does not have so, and all days
    where no catalog can be read or made, as in a store that one may only read, are read themselves. With `since`,
    papers first seen before it are left out, unless more had to be read or the live document needs them. Raises
    StoreError for a day that is not as it was built.
    """
    found = _first_seen(store, feed.series, since) if known else None
    if found is None:
        return grouped(sorted(_listings(store, feed, known)))
    listings, built = found
    others = {day for day, digest in known.items() if built.get(day) != digest}
    is_whole = not others and built.keys() == known.keys()
    if since:
        recent = grouped(listings) if is_whole else []
        return recent if decides_live(recent, since) else first_sights(store, feed, known)
    if not is_whole:
        of_catalog = (each for each in listings if each[1] in known and each[1] not in others)
        listings = sorted([*of_catalog, *_listings(store, feed, others)])
    return grouped(listings)


def _first_seen(store: Store, series: Series, since: str) -> FirstSeen | None:
    """What the catalog knows; None where the machine refuses to read or write it."""
    from dailypapers.snapshots.catalog.catalog import open_catalog

    try:
        with open_catalog(store) as catalog:
            return catalog.first_seen(series, since)
    except OSError:
        return None
    except StoreError as error:
        if isinstance(error.__cause__, sqlite3.Error):
            return None
        raise


def papers_files(store: Store, series: Series) -> dict[str, str]:
    """The digest of the day file of each built day, as its certificate has it. Raises StoreError for a damaged one."""
    certificates = (
        (day, read_certificate(store.certificate(series, day))) for day in store.days_with_snapshots(series)
    )
    return {f"{day}": found["files"]["papers"]["sha256"] for day, found in certificates if found is not None}


def grouped(listings: Iterable[tuple[str, str, str]]) -> list[FirstSight]:
    """The first listing of each key; listings are (first_seen, day, key) in order."""
    seen: set[str] = set()
    sights = []
    for (first_seen, day), group in groupby(listings, itemgetter(0, 1)):
        keys = [key for _, _, key in group if key not in seen]
        if keys:
            seen.update(keys)
            sights.append(FirstSight(first_seen, day, keys))
    return sights


def chosen(sights: Iterable[FirstSight], keys: Collection[str]) -> list[FirstSight]:
    """The first sights of the papers with these keys."""
    some = (sight._replace(keys=[key for key in sight.keys if key in keys]) for sight in sights)
    return [sight for sight in some if sight.keys]


def _listings(store: Store, feed: FeedSeries, days: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for day in days:
        built = verified_day(store, feed.series, date.fromisoformat(day))
        for first_seen, keys in first_seen_keys(built.papers).items() if built is not None else ():
            yield from ((first_seen, day, key) for key in keys)


def divide(sights: Sequence[FirstSight]) -> Documents:
    """Divide the papers of a series, in the order of their first sight, into documents."""
    if not sights:
        return Documents((), ())
    archives: list[Archive] = []
    rest = 0
    for month, group in groupby(sights, _month):
        if month == _month(sights[-1]):
            *parts, last = _split(list(group), PART_SIZE)
            archives += [Archive(f"{month}-part-{number}", part) for number, part in enumerate(parts, 1)]
            rest = _count(last)
        else:
            chunks = enumerate(_split(list(group), MONTH_SIZE), 1)
            archives += [Archive(month if number == 1 else f"{month}-{number}", chunk) for number, chunk in chunks]
    return Documents(archives, newest(sights, at_least=rest))


def newest(sights: Sequence[FirstSight], at_least: int = 0) -> Sequence[FirstSight]:
    """The papers of the live document, `at_least` that many."""
    if not sights:
        return sights
    begin = _begin(sights)
    recent = _count(takewhile(lambda sight: sight.first_seen >= begin, reversed(sights)))
    return _last(sights, max(min(max(recent, LIVE_MIN), LIVE_MAX), at_least))


def decides_live(sights: Sequence[FirstSight], since: str) -> bool:
    """Whether the papers first seen since a time, at the end of a month, are enough for the live document."""
    return _count(sights) >= LIVE_MIN and _begin(sights) >= since


def _begin(sights: Sequence[FirstSight]) -> str:
    return f"{datetime.fromisoformat(sights[-1].first_seen) - LIVE_SPAN:%Y-%m-%dT%H:%M:%SZ}"


def _last(sights: Sequence[FirstSight], number: int) -> list[FirstSight]:
    """The last papers, as many as that."""
    taken: list[FirstSight] = []
    for sight in reversed(sights):
        if number <= 0:
            break
        taken.append(sight._replace(keys=sight.keys[-number:]))
        number -= len(sight.keys)
    return taken[::-1]


def _split(sights: Sequence[FirstSight], size: int) -> list[list[FirstSight]]:
    """Parts of `size` papers; the last one has the rest, one paper at least."""
    parts: list[list[FirstSight]] = [[]]
    room = size
    for sight in sights:
        keys = sight.keys
        while len(keys) > room:
            if room:
                parts[-1].append(sight._replace(keys=keys[:room]))
            keys, room = keys[room:], size
            parts.append([])
        parts[-1].append(sight if keys is sight.keys else sight._replace(keys=keys))
        room -= len(keys)
    return parts


def _count(sights: Iterable[FirstSight]) -> int:
    return sum(len(sight.keys) for sight in sights)


def _month(sight: FirstSight) -> str:
    return sight.first_seen[:7]


EPOCH: Final = "1970-01-01T00:00:00Z"
"""`updated` of a feed without entries: never the time of the build."""
AUTHOR: Final = "dailypapers"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a document. Links are absolute, or relative to the document."""

    id: str
    """An IRI; all documents of a feed have the same."""
    title: str
    page: str
    """URL of what the feed is of, for people."""
    link: str | None = None
    """URL of the document itself; None if it is not known."""
    previous: str | None = None
    """Link to the archive with the papers before those of this document."""
    live: str | None = None
    """Of an archive: link to the document that is kept up to date."""
    arrivals: Mapping[str, object] | None = None
    """Of a document of arrivals: `cursor` (where the next one begins), `resync` (it may repeat papers, since the cursor
    was of another catalog) and `more` (there are more already)."""

    @property
    def is_archive(self) -> bool:
        """Whether it is an archive, which never changes."""
        return self.live is not None


def with_slash(url: str) -> str:
    """The URL of a folder with a slash at its end."""
    return url if url.endswith("/") else f"{url}/"


def link_from(document: str, target: str, base_url: str | None) -> str:
    """The link to one file of an output folder from another; both are names with `/`."""
    if base_url is not None:
        return f"{base_url}{target}"
    return posixpath.relpath(target, posixpath.dirname(document))
