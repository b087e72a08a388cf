"""Pages from files into the archive, so that they are built by the same code as fetched ones.

A file is a page as saved (JSON or HTML, gzipped or not) or a WARC of any crawler. It comes in only if its day is
sure and the page reads as what it should be; every other file is refused by name, and nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from ingest.archive.content_encoding import content
from ingest.errors import BodyError, RefusedFile
from ingest.listing.mismatch import other_listing
from ingest.sources.model import SourceSeries, View
from ingest.sources.period import Period
from parsers import Parsed, ParseError, Reject, parse

from .files import FoundPage, files_below, pages_in


@dataclass(frozen=True, slots=True)
class Accepted:
    """A page that may come in: what it is, where it is, how to get at it again."""

    found: FoundPage
    view: View
    day: date


@dataclass(slots=True)
class FileScan:
    """Looks into files: what may come in, what was refused, what a WARC held besides."""

    source_series: SourceSeries
    said: date | None
    """The day that the user says all these pages list."""
    now: datetime
    accepted: list[Accepted] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    others: int = 0
    """Records of foreign WARC files that are no answers of this source."""

    def look(self, paths: Iterable[Path]) -> None:
        """Sort every file below `paths`."""
        for path in files_below(paths, self.refused.append):
            try:
                self._look_into(path)
            except RefusedFile as error:
                self.refused.append(error)
            except OSError as error:
                self.refused.append(RefusedFile(f"{path}: cannot be read ({error.strerror or error})"))

    def _look_into(self, path: Path) -> None:
        pages = [(_view_of(self.source_series, found), found) for found in pages_in(path, self._wanted)]
        others = sum(1 for view, _ in pages if view is None)
        if others == len(pages):
            raise RefusedFile(f"{path}: none of its {others} records is an answer of {self.source_series}")
        self.others += others
        for view, found in pages:
            if view is not None and found is not None:
                self._judge(view, found)

    def _wanted(self, url: str) -> bool:
        return any(self.source_series.asks_for(view, url) for view in self.source_series.source.views)

    def _judge(self, view: View, found: FoundPage) -> None:
        try:
            self.accepted.append(Accepted(found, view, self._day_of(view, found)))
        except RefusedFile as error:
            self.refused.append(error)

    def _day_of(self, view: View, found: FoundPage) -> date:
        source = self.source_series.source
        day = self.said or _day_asked(self.source_series, view, found) or found.named_day()
        if day is None:
            raise RefusedFile(f"{found.name}: of which day it is nothing says; say it with --day")
        day = source.period.first_day(day)
        parsed = _parsed(source.name, view, found, day)
        if parsed.items and not parsed.papers:
            raise RefusedFile(f"{found.name}: none of its {parsed.items} items is a paper ({_first(parsed.rejects)})")
        other = other_listing(self.source_series.on(day), view, parsed)
        if other is not None and not self._says_nothing_listed(view, found):
            raise RefusedFile(f"{found.name}: taken for {day}, but it lists {other}")
        first, today = source.first_day, self.now.date()
        if not first <= day <= today:
            raise RefusedFile(f"{found.name}: {day} is not between {first}, the first day, and today, {today}")
        if found.at is not None and found.at > self.now:
            raise RefusedFile(f"{found.name}: served at {found.at:%Y-%m-%d %H:%M:%S}, which is in the future")
        return day

    def _says_nothing_listed(self, view: View, found: FoundPage) -> bool:
        """Asked for a day without papers, the site serves another day's page: in a WARC that is evidence."""
        is_daily = self.source_series.source.period is Period.DAY
        return not found.from_file and self.said is None and view.kind == "html" and is_daily


def _day_asked(source_series: SourceSeries, view: View, found: FoundPage) -> date | None:
    """The day in the address; a listing without a date of its own is of the day on which it was served."""
    if source_series.source.period is Period.NOW and found.at is not None:
        return found.at.date()
    return source_series.day_asked(view, found.load().url)


def _view_of(source_series: SourceSeries, found: FoundPage | None) -> View | None:
    """A plain file's view is told by its content, a WARC record's by its address."""
    if found is None:
        return None
    page, source = found.load(), source_series.source
    if not found.from_file:
        asked = (view for view in source.views if source_series.asks_for(view, page.url))
        return next(asked, None) if page.status == 200 else None
    html = page.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
    if len(source.views) == 1:
        return source.views[0]
    return next((view for view in source.views if (view.kind == "html") is html), None)


def _parsed(source: str, view: View, found: FoundPage, day: date | None, offset: int = 0) -> Parsed:
    try:
        return parse(content(found.load()), view.parser, source=source, day=day, offset=offset)
    except BodyError as error:
        raise RefusedFile(str(error)) from error
    except ParseError as error:
        raise RefusedFile(f"{found.name}: {error.reason}") from error


def _first(rejects: Sequence[Reject]) -> str:
    return "; ".join(str(error) for error in rejects[0].errors[:2])


def parsed_pages(source_series: SourceSeries, path: Path, day: date | None) -> Iterator[tuple[str, Parsed]]:
    """The pages of this source in a file, read, each with its name; ranks go on over the pages of one walk.

    Raises RefusedFile for a file that holds none, and for one that cannot be read.
    """
    source = source_series.source
    offsets: dict[tuple[str, date | None], int] = {}
    for found in pages_in(path, lambda url: any(source_series.asks_for(view, url) for view in source.views)):
        view = _view_of(source_series, found)
        if found is None or view is None:
            continue
        asked = day or source_series.day_asked(view, found.load().url)
        walk = (view.name, asked)
        parsed = _parsed(source.name, view, found, asked, offsets.get(walk, 0))
        offsets[walk] = offsets.get(walk, 0) + parsed.items
        yield found.name, parsed
    if not offsets:
        raise RefusedFile(f"{path}: holds no page of {source.name}")
