"""The tool for what arrived since an earlier answer, or was first seen after a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from dailypapers.arguments import as_since, source_series
from parsers.model import timestamp
from snapshots.catalog.catalog import Catalog
from snapshots.catalog.model import CatalogPaper, Cursor, Selection
from snapshots.errors import StoreError
from snapshots.store.layout import Series

from .answers import NewPapers
from .arguments import NewSince
from .context import Context
from .errors import ToolError
from .paper_tools import as_of_remarks, brief_of
from .papers import days_of
from .size import fit

DEFAULT: Final = timedelta(hours=24)
_PAGE: Final = re.compile(r"([0-9TZ:-]{20})\+([0-9]{1,9})(?:@(.+))?", re.ASCII)


class _Page(NamedTuple):
    """Papers, what follows them, and how to go on."""

    papers: Sequence[CatalogPaper]
    more: bool
    """There are papers after these."""
    cursor_after: Callable[[int], str | None]
    """The cursor after that many of them; None if there is nothing to ask for."""
    repeated: bool


def new_since(context: Context, arguments: NewSince) -> NewPapers:
    """Papers that arrived since an earlier answer, or that were first seen after a time."""
    as_of = context.instant(arguments.as_of)
    series = source_series(arguments.source, arguments.query).series if arguments.source is not None else None
    with context.catalog() as catalog:
        page = _Reader(catalog, arguments.limit, as_of, series).page(arguments.since, context.now())
        remarks = [*context.remarks(), *as_of_remarks(as_of)]
    entries = [brief_of(paper, as_of, arguments.source, arguments.query) for paper in page.papers]
    coverage = context.days.coverage(as_of, arguments.source)

    def make(count: int) -> NewPapers:
        papers = [entry for entry in entries[:count] if entry is not None]
        return NewPapers(
            days=context.states(days_of(papers), as_of),
            remarks=remarks,
            papers=papers,
            more=page.more or count < len(entries),
            cursor=page.cursor_after(min(count, len(entries))),
            repeated=page.repeated,
            coverage=coverage,
        )

    return fit(make, arguments.limit)


class _Reader(NamedTuple):
    """Reads new papers from the catalog, in all series or in one."""

    catalog: Catalog
    limit: int
    as_of: datetime | None
    series: Series | None

    def page(self, since: str | None, now: datetime) -> _Page:
        """The papers after a cursor or a time. Raises ToolError for any other text."""
        text = since or timestamp((self.as_of or now) - DEFAULT)
        match = _PAGE.fullmatch(text)
        if match is not None:
            if match[3] is not None and _cursor(match[3]) is None:
                raise ToolError(f"{text[:100]!r} is not a cursor; give the `cursor` of an answer, or a time")
            return self._seen_after(_time(match[1]), int(match[2]), match[3])
        cursor = _cursor(text)
        if cursor is None:
            return self._seen_after(_time(text), 0, str(self.catalog.cursor()) if self.as_of is None else None)
        if self.as_of is not None:
            raise ToolError("as_of goes with a time in `since`, not with the cursor of an answer about now")
        return self._arrived_after(cursor)

    def _seen_after(self, since: datetime, start: int, end: str | None) -> _Page:
        """Papers first seen after a time, newest first; `end` is the cursor for what comes later.

        What arrives between two pages moves papers to the next page, where they come again: none is missed.
        """
        last = start + self.limit
        selection = Selection(since=since, known_by=self.as_of, series=self.series, limit=last + 1)
        papers = self.catalog.papers(selection)
        total = len(papers)

        def cursor_after(count: int) -> str | None:
            if start + count >= total:
                return end
            return f"{timestamp(since)}+{start + count}" + (f"@{end}" if end is not None else "")

        return _Page(papers[start:last], total > last, cursor_after, repeated=False)

    def _arrived_after(self, since: Cursor) -> _Page:
        arrivals = self.catalog.arrivals(since, self.series, limit=self.limit)
        entries = arrivals.entries

        def cursor_after(count: int) -> str:
            if count == len(entries):
                return str(arrivals.cursor)
            return str(self.catalog.cursor_after(entries[count - 1], since, is_resync=arrivals.resync))

        return _Page([entry.paper for entry in entries], arrivals.more, cursor_after, arrivals.resync)


def _cursor(text: str) -> Cursor | None:
    try:
        return Cursor.parse(text)
    except ValueError:
        return None


def _time(text: str) -> datetime:
    try:
        return as_since(text)
    except StoreError as error:
        message = f"since {text[:100]!r} is neither the `cursor` of an answer nor a time such as 2025-12-08T10:00:00Z"
        raise ToolError(message) from error
