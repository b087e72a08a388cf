"""Pages from files into the archive, so that they are built by the same code as fetched ones.

A file is a page as saved (JSON or HTML, gzipped or not) or a WARC of any crawler. It comes in only if its day is
sure and the page reads as what it should be; every other file is refused by name, and nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

from parsers import Page, Parsed, ParseError, Reject, parse
from snapshots.layout import Series, Store

from .archive import write_fetch
from .archive_reader import read_archives
from .decode import content
from .errors import BodyError, RefusedFile
from .exchange import Fetch, Served, ViewPass, served
from .files import FoundPage, files_below, pages_in
from .periods import Period
from .reading import other_listing
from .sources import Source, View

FetchKey = tuple[date, datetime, bool]
"""Which pages are one fetch: those of a day and a time; whether the time is known."""

_CONTENT_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A page that may come in: what it is, where it is, how to get at it again."""

    found: FoundPage
    view: View
    day: date


@dataclass(slots=True)
class Sorter:
    """Looks into files: what may come in, what was refused, what a WARC held besides."""

    source: Source
    series: Series
    said: date | None
    """The day that the user says all these pages list."""
    today: date
    accepted: list[Accepted] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    others: int = 0
    """Records of foreign WARC files that are no answers of this source."""

    def look(self, paths: Iterable[Path]) -> None:
        """Sort every file below `paths`."""
        for path in files_below(paths):
            try:
                self._look_into(path)
            except RefusedFile as error:
                self.refused.append(error)
            except OSError as error:
                self.refused.append(RefusedFile(f"{path}: cannot be read ({error.strerror or error})"))

    def _look_into(self, path: Path) -> None:
        pages = [(_view_of(self.source, self.series, found), found) for found in pages_in(path)]
        others = sum(1 for view, _ in pages if view is None)
        if others == len(pages):
            raise RefusedFile(f"{path}: none of its {others} records is an answer of {self.series}")
        self.others += others
        for view, found in pages:
            if view is not None:
                self._judge(view, found)

    def _judge(self, view: View, found: FoundPage) -> None:
        try:
            self.accepted.append(Accepted(found, view, self._day_of(view, found)))
        except RefusedFile as error:
            self.refused.append(error)

    def _day_of(self, view: View, found: FoundPage) -> date:
        day = self.said or _day_asked(self.source, self.series, view, found) or found.named_day()
        if day is None:
            raise RefusedFile(f"{found.name}: of which day it is nothing says; say it with --day")
        day = self.source.period.first_day(day)
        parsed = _parsed(self.source, view, found, day)
        if parsed.items and not parsed.papers:
            raise RefusedFile(f"{found.name}: none of its {parsed.items} items is a paper ({_first(parsed.rejects)})")
        other = other_listing(self.source, self.series, view, day, parsed)
        if other is not None:
            raise RefusedFile(f"{found.name}: taken for {day}, but it lists {other}")
        if not self.source.first_day <= day <= self.today:
            first = self.source.first_day
            raise RefusedFile(f"{found.name}: {day} is not between {first}, the first day, and today, {self.today}")
        return day


def _day_asked(source: Source, series: Series, view: View, found: FoundPage) -> date | None:
    """The day in the address; a listing without a date of its own is of the day on which it was served."""
    if source.period is Period.NOW and found.at is not None:
        return found.at.date()
    return source.day_asked(view, series, found.load().url)


def _view_of(source: Source, series: Series, found: FoundPage) -> View | None:
    """A plain file's view is told by its content, a WARC record's by its address."""
    page = found.load()
    if not found.from_file:
        asked = (view for view in source.views if source.asks_for(view, series, page.url))
        return next(asked, None) if page.status == 200 else None
    html = page.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
    if len(source.views) == 1:
        return source.views[0]
    return next((view for view in source.views if (view.kind == "html") is html), None)


def _parsed(source: Source, view: View, found: FoundPage, day: date | None, offset: int = 0) -> Parsed:
    try:
        return parse(content(found.load()), view.parser, source=source.name, day=day, offset=offset)
    except BodyError as error:
        raise RefusedFile(str(error)) from error
    except ParseError as error:
        raise RefusedFile(f"{found.name}: {error.reason}") from error


def _first(rejects: Sequence[Reject]) -> str:
    errors = rejects[0].errors[:2]
    return "; ".join(f"{error.path}: {error.message}" if error.path else error.message for error in errors)


def group(accepted: Iterable[Accepted], fetched_at: datetime | None) -> dict[FetchKey, list[Accepted]]:
    """Pages of one day and time are one fetch: by day, time, and whether the time is known.

    The time is the record's, else `fetched_at`, else unknown: then it counts as the first second of its day.
    """
    groups: dict[FetchKey, list[Accepted]] = {}
    for page in accepted:
        known = page.found.at or fetched_at
        at = known or datetime.combine(page.day, time(), UTC)
        groups.setdefault((page.day, at, known is not None), []).append(page)
    return dict(sorted(groups.items(), key=lambda entry: entry[0]))


def store_fetch(store: Store, source: Source, series: Series, key: FetchKey, pages: Sequence[Accepted]) -> int:
    """Put one fetch into the archive; gives the number of its pages that the archive had not.

    A page whose day, time and payload the archive has already is no act at all.
    """
    day, at, known = key
    fetches, originals, _ = read_archives(store.archives(series, day))
    held = {
        (fetch.fetch.at, entry.digest)
        for fetch in fetches
        for view in fetch.fetch.views
        for entry in view.entries
        if isinstance(entry, Served)
    }
    views = tuple(_view_pass(source, series, view, key, pages, held) for view in source.views)
    present = tuple(view for view in views if view.entries)
    if not present:
        return 0
    write_fetch(store, Fetch(series, day, at, present, kind="import", at_known=known), originals)
    return sum(len(view.entries) for view in present)


def _view_pass(
    source: Source,
    series: Series,
    view: View,
    key: FetchKey,
    pages: Sequence[Accepted],
    held: set[tuple[datetime, str]],
) -> ViewPass:
    day, at, _ = key
    mine = sorted((page.found for page in pages if page.view == view), key=lambda found: found.order)
    entries = [_entry(source.canonical(view, series, day), view, at, found) for found in mine]
    return ViewPass(view.name, tuple(entry for entry in entries if (at, entry.digest) not in held))


def _entry(url: str, view: View, at: datetime, found: FoundPage) -> Served:
    page = found.load()
    if not found.from_file:
        return served(page, from_file=found.resource)
    return served(Page(url, 200, (("Content-Type", _CONTENT_TYPES[view.kind]),), page.body, at), from_file=True)


def parsed_pages(source: Source, series: Series, path: Path, day: date | None) -> Iterator[tuple[str, Parsed]]:
    """The pages of this source in a file, read, each with its name; the walk's place in the ranks is kept.

    Raises RefusedFile for a file that holds none, and for one that cannot be read.
    """
    offset = 0
    for found in pages_in(path):
        view = _view_of(source, series, found)
        if view is None:
            continue
        parsed = _parsed(source, view, found, day or source.day_asked(view, series, found.load().url), offset)
        offset += parsed.items
        yield found.name, parsed
    if not offset:
        raise RefusedFile(f"{path}: holds no items of {source.name}")
