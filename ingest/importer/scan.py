"""Checks the files given to `import`, page by page.

A file is a page as saved (JSON or HTML, gzipped or not) or a WARC of any crawler. A page is accepted only if its day is
certain and it parses as a page of the source; every other file is refused by name, and nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from dailypapers.ingest.archive.content_encoding import content
from dailypapers.ingest.errors import BodyError, RefusedFile
from dailypapers.ingest.listing.view_reader import other_listing
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import SourceSeries, View
from dailypapers.parsers import Page, Parsed, ParseError, parse

from .files import files_in, pages_in
from .warc import FilePage, Refuse


@dataclass(frozen=True, slots=True)
class AcceptedPage:
    """A page to import, with its view and its day."""

    file_page: FilePage
    view: View
    day: date


@dataclass(slots=True)
class FileScan:
    """Scans files, and collects the pages accepted and the files refused."""

    source_series: SourceSeries
    given_day: date | None
    """The day that the user gave for all pages."""
    now: datetime
    accepted: list[AcceptedPage] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    other_records: int = 0
    """Records in WARC files that are not answers of this source."""

    def scan(self, paths: Iterable[Path]) -> None:
        """Scan every file in `paths`, which may be folders."""
        for path in files_in(paths, self.refused.append):
            try:
                self._scan_file(path)
            except RefusedFile as error:
                self._refuse(error)
            except OSError as error:
                self.refused.append(RefusedFile(f"{path}: cannot be read ({error.strerror or error})"))

    def _scan_file(self, path: Path) -> None:
        others, before = 0, len(self.accepted) + len(self.refused)
        for found in _pages_in(self.source_series, path, self.refused.append):
            view = _view_of(self.source_series, *found) if found is not None else None
            if found is None or view is None:
                others += 1
                continue
            self._scan_page(view, *found)
        if len(self.accepted) + len(self.refused) == before:
            raise RefusedFile(f"{path}: none of its {others} records is an answer of {self.source_series}")
        self.other_records += others

    def scan_plain_page(self, page: FilePage, loaded: Page) -> None:
        """Scan a page without an address of its own."""
        view = _view_of(self.source_series, page, loaded)
        if view is not None:
            self._scan_page(view, page, loaded)

    def _scan_page(self, view: View, page: FilePage, loaded: Page) -> None:
        try:
            self.accepted.append(AcceptedPage(page, view, self._check_day(view, page, loaded)))
        except RefusedFile as error:
            self._refuse(error)

    def _refuse(self, error: RefusedFile) -> None:
        # Not the error itself: its traceback holds the whole page.
        self.refused.append(RefusedFile(str(error)))

    def _check_day(self, view: View, page: FilePage, loaded: Page) -> date:
        """The day of a page. Raises RefusedFile if it is not certain, or cannot be."""
        source = self.source_series.source
        day = self.given_day or _requested_day(self.source_series, view, page, loaded.url) or page.day_in_name()
        if day is None and page.witness is not None:
            day = _parse(source.name, view, page, loaded, None).claims.day
        if day is None:
            raise RefusedFile(f"{page.name}: its day is unknown; give it with --day")
        day = source.period.first_day(day)
        self._check_times(page, day)
        parsed = _parse(source.name, view, page, loaded, day)
        if parsed.items and not parsed.papers:
            errors = "; ".join(str(error) for error in parsed.rejects[0].errors[:2])
            raise RefusedFile(f"{page.name}: none of its {parsed.items} items is a paper ({errors})")
        other = other_listing(self.source_series.on(day), view, parsed)
        if other is not None and not self._may_list_another_day(view, page):
            raise RefusedFile(f"{page.name}: taken for {day}, but it lists {other}")
        return day

    def _check_times(self, page: FilePage, day: date) -> None:
        first, today = self.source_series.source.first_day, self.now.date()
        if not first <= day <= today:
            raise RefusedFile(f"{page.name}: {day} is not between {first}, the first day, and today, {today}")
        served = page.fetched_at
        if served is not None and (served > self.now or served.date() < first):
            problem = "in the future" if served > self.now else f"before {first}, the first day"
            raise RefusedFile(f"{page.name}: served at {served.isoformat(' ', 'seconds')[:19]}, which is {problem}")

    def _may_list_another_day(self, view: View, page: FilePage) -> bool:
        """For a day without papers, the site serves the page of another day: in a WARC that is evidence."""
        is_daily = self.source_series.source.period is Period.DAY
        return not page.is_plain_file and self.given_day is None and view.kind == "html" and is_daily


def parsed_pages(
    source_series: SourceSeries, path: Path, day: date | None, refuse: Refuse
) -> Iterator[tuple[str, Parsed]]:
    """The pages of a source in a file, parsed, each with its name; ranks continue over the pages of one listing.

    A record that cannot be read goes to `refuse`. Raises RefusedFile for a file without any page, for one that cannot
    be read, and for a page that cannot be parsed.
    """
    source = source_series.source
    offsets: dict[tuple[str, date | None], int] = {}
    for found in _pages_in(source_series, path, refuse):
        view = _view_of(source_series, *found) if found is not None else None
        if found is None or view is None:
            continue
        page, loaded = found
        page_day = day or source_series.day_in(view, loaded.url)
        listing = (view.name, page_day)
        parsed = _parse(source.name, view, page, loaded, page_day, offsets.get(listing, 0))
        offsets[listing] = offsets.get(listing, 0) + parsed.items
        yield page.name, parsed
    if not offsets:
        raise RefusedFile(f"{path}: holds no page of {source.name}")


def _requested_day(source_series: SourceSeries, view: View, page: FilePage, url: str) -> date | None:
    """The day in the address; for a listing without a date, the day on which it was served."""
    if source_series.source.period is Period.NOW and page.fetched_at is not None:
        return page.fetched_at.date()
    return source_series.day_in(view, url)


def _pages_in(source_series: SourceSeries, path: Path, refuse: Refuse) -> Iterator[tuple[FilePage, Page] | None]:
    return pages_in(path, lambda url: _view_at(source_series, url) is not None, refuse)


def _view_at(source_series: SourceSeries, url: str) -> View | None:
    return next((view for view in source_series.source.views if source_series.matches(view, url)), None)


def _view_of(source_series: SourceSeries, page: FilePage, loaded: Page) -> View | None:
    """The view that a page belongs to: by the address of a WARC record, by the content of a plain file."""
    views = source_series.source.views
    if not page.is_plain_file:
        return _view_at(source_series, loaded.url) if loaded.status == 200 else None
    if len(views) == 1:
        return views[0]
    is_html = loaded.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
    return next((view for view in views if (view.kind == "html") is is_html), None)


def _parse(source: str, view: View, page: FilePage, loaded: Page, day: date | None, offset: int = 0) -> Parsed:
    try:
        return parse(content(loaded), view.parser, source=source, day=day, offset=offset)
    except BodyError as error:
        raise RefusedFile(str(error)) from error
    except ParseError as error:
        raise RefusedFile(f"{page.name}: {error.reason}") from error
