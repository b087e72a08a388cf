"""The pages of a walk that is under way, each in a sealed file, until the last one makes them one archive.

A walk is a fetch through one view whose pages name each other. The records of each page but the last are written, as
soon as it is answered, to a file of their own beside the place of the archive and in the form of one. So a process that
is killed costs the page that was on its way. The records are those of the archive, which is therefore, byte for byte,
the one that an undisturbed walk writes. These files are not synced: a power cut may tear one, which its checksum shows,
and the walk continues before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from pathlib import Path

from dailypapers.ingest.errors import DamagedArchive
from dailypapers.snapshots.store.atomic import write_pieces, write_unsynced
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import fetching

from .model import Entry, Fault, Fetch, Served
from .reader import read_part
from .writer import ArchiveWriter, Originals, archive_path


@dataclass(frozen=True, slots=True)
class _Part:
    """A file with the records of one page, and then a summary."""

    path: Path
    size: int
    """Bytes of the records."""
    digests: list[str]
    """Payload digests of the records."""

    def records(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(self.size)


class Walk:
    """The stored pages of one walk; only the holder of the day's lock may have it."""

    def __init__(self, store: Store, series: Series, day: date, view: str, originals: Originals) -> None:
        """`view` is the name of the view; `originals` are the responses that are already archived for the day."""
        self._store, self._series, self._day, self._view = store, series, day, view
        self._originals = originals
        self._parts: list[_Part] = []
        self.begun = self._begun()
        """When the walk of the stored pages began; None if no page is stored."""
        self.has_grown = False
        """Whether a page was added, not only read."""

    @property
    def pages(self) -> int:
        """The number of stored pages that were read or added."""
        return len(self._parts)

    def stored_pages(self) -> Iterator[Sequence[Entry]]:
        """The stored pages in order, each with its redirects; a damaged one and those after it are removed."""
        self._parts = []
        for number, path in enumerate(self._store.parts(self._series, self._day), 1):
            fetch = self._read(path, number)
            if fetch is None or fetch.at != self.begun:
                self._remove(number)
                break
            yield fetch.views[0].entries
        if not self._parts:
            self.begun = None

    def add(self, at: datetime, entries: Sequence[Entry]) -> None:
        """Store a page of the walk that began at `at`. Raises OSError if the store cannot be written."""
        number, before = self.pages + 1, self._digests()
        writer = ArchiveWriter(self._fetch(at), dict(self._originals), list(before))
        for entry in entries:
            writer.add(entry)
        digests, body = writer.digests[len(before) :], writer.buffer.getvalue()
        views = [{"view": self._view, "records": [*range(1, len(digests) + 1)]}]
        writer.seal(views, len(digests), len(body), hashlib.sha256(body).hexdigest(), number)
        path = self._store.part(self._series, self._day, number)
        write_unsynced(path, writer.buffer.getvalue(), self._store.aside(self._series, self._day))
        self._parts.append(_Part(path, len(body), digests))
        self.begun, self.has_grown = at, True

    def seal(self, rest: Sequence[Entry]) -> Path | None:
        """Write the archive of the stored pages and the `rest`, and remove the pages.

        Returns the archive, or None if there is one already. Raises OSError if the store cannot be written.
        """
        if self.begun is None:
            raise ValueError("no page of the walk is stored")
        writer = ArchiveWriter(self._fetch(self.begun), dict(self._originals), self._digests())
        for entry in rest:
            writer.add(entry)
        path = archive_path(self._store, writer.fetch, writer.digests)
        is_new = not path.exists()
        if is_new:
            aside, parts = self._store.aside(self._series, self._day), self._store.parts(self._series, self._day)
            write_pieces(path, self._pieces(writer), temporary=aside, replaced=reversed(parts))
        self.discard()
        return path if is_new else None

    def seal_unfinished(self, reason: str) -> int:
        """Archive the stored pages as a fetch that failed for that reason; returns their number."""
        last = None
        for page in self.stored_pages():
            last = page[-1]
        pages = self.pages
        if isinstance(last, Served):
            self.seal([Fault(last.page.url, f"{last.page.url}: {reason}")])
        return pages

    def discard(self) -> None:
        """Remove the stored pages."""
        self._remove(1)
        self._parts, self.begun, self.has_grown = [], None, False

    def _begun(self) -> datetime | None:
        paths = self._store.parts(self._series, self._day)
        fetch = self._read(paths[0], 1) if paths else None
        self._parts = []
        # Those of a walk that is archived were left by a kill, or came back after a power cut.
        if fetch is not None and not self._is_archived(fetch):
            return fetch.at
        self._remove(1)
        return None

    def _is_archived(self, fetch: Fetch) -> bool:
        begins = archive_path(self._store, fetch, []).name.partition("-")[0]
        return any(path.name.startswith(f"{begins}-") for path in self._store.archives(self._series, self._day))

    def _read(self, path: Path, number: int) -> Fetch | None:
        """A stored page; None if it is not whole, or not the one with that number."""
        with suppress(DamagedArchive):
            part = read_part(path, self._series, self._day, self._originals)
            if part.number == number:
                entries = part.fetch.views[0].entries
                digests = [entry.digest for entry in entries if isinstance(entry, Served)]
                self._parts.append(_Part(path, part.size, digests))
                return part.fetch
        return None

    def _remove(self, first: int) -> None:
        """Remove the stored pages from that number on, the last ones first: what is left is the beginning of a walk."""
        for path in reversed(self._store.parts(self._series, self._day)[first - 1 :]):
            path.unlink()
        del self._parts[first - 1 :]

    def _digests(self) -> list[str]:
        return [digest for part in self._parts for digest in part.digests]

    def _fetch(self, at: datetime) -> Fetch:
        """The fetch without its views: which records they have is in the summaries."""
        return Fetch(self._series, self._day, at, ())

    def _pieces(self, writer: ArchiveWriter) -> Iterator[bytes]:
        """The archive: the records of the stored pages, those of the writer, the summary."""
        size, checksum = 0, hashlib.sha256()
        rest = writer.buffer.getvalue()
        for records in chain((part.records() for part in self._parts), [rest]):
            size += len(records)
            checksum.update(records)
            yield records
        views = [{"view": self._view, "records": [*range(1, len(writer.digests) + 1)]}]
        writer.seal(views, len(writer.digests), size, checksum.hexdigest())
        yield writer.buffer.getvalue()[len(rest) :]


def remove_archived(store: Store, series: Series, day: date) -> bool:
    """Remove the stored pages of a day if their walk is archived, or its first page is damaged; returns whether."""
    return bool(store.parts(series, day)) and Walk(store, series, day, "", {}).begun is None


def remove_abandoned(store: Store, series: Series, fetched: Container[date], before: float) -> list[date]:
    """Remove the stored pages of walks that were stopped before a time and whose days are not `fetched` any more.

    The time is the machine's, in seconds, as files have it. Days that another process holds are left alone. Returns the
    days.
    """
    days = [day for day in _days_with_parts(store, series) if day not in fetched]
    return [day for day in days if _is_removed(store, series, day, before)]


def _days_with_parts(store: Store, series: Series) -> list[date]:
    """The days with stored pages; folders of other names, such as a copy of a day's, are passed over."""
    days = set()
    for path in (store.root / "pages" / series.folder).glob("????/????-??-??/.fetch-[0-9]*.tmp"):
        with suppress(ValueError):
            days.add(date.fromisoformat(path.parent.name))
    return sorted(days)


def _is_removed(store: Store, series: Series, day: date, before: float) -> bool:
    with fetching(store, series, day) as is_free:
        parts = store.parts(series, day) if is_free else []
        is_abandoned = bool(parts) and max(path.stat().st_mtime for path in parts) < before
        for path in reversed(parts) if is_abandoned else ():
            path.unlink()
    return is_abandoned
