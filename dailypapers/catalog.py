"""The catalog of a store as a Python program reads it: one paper over all sources and days, search, what is new."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from dailypapers.ingest.clock import parse_day, parse_instant
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES, series_named
from dailypapers.snapshots.store.layout import Series

from .errors import (
    InvalidCursor,
    InvalidDay,
    InvalidQuery,
    InvalidTime,
    PaperNotFound,
    StoreError,
    StoreNotFound,
    UnknownSource,
)
from .url_store import UrlStore, is_store, store_at

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.catalog import Catalog
    from dailypapers.snapshots.catalog.model import (
        Arrivals,
        CatalogPaper,
        Cursor,
        QueryResult,
        SearchResult,
        Selection,
        Sort,
    )
    from dailypapers.snapshots.history import PaperHistory


def source_series(source: str, query: str | None, *, is_complete: bool = True) -> SourceSeries:
    """The series of a source. Raises UnknownSource or InvalidQuery.

    Unless the words of a search must be there (`is_complete`), a search without them stands for all of them.
    """
    if source not in SOURCES:
        raise UnknownSource(f"no source {source!r}; there are: {', '.join(SOURCES)}")
    if query is None and not is_complete:
        return SourceSeries(SOURCES[source], Series(source))
    try:
        return SourceSeries(SOURCES[source], series_named(SOURCES[source], query))
    except UsageError as error:
        raise InvalidQuery(str(error).replace("--query", "query")) from error


def day_range(since: date | str | None, until: date | str | None) -> tuple[date | None, date | None]:
    """The first and the last day of a range. Raises InvalidDay."""
    first, last = (None if day is None else as_day(day) for day in (since, until))
    if first is not None and last is not None and last < first:
        raise InvalidDay(f"the range ends on {last}, before it begins on {first}")
    return first, last


def as_day(day: date | str) -> date:
    """A day. Raises InvalidDay."""
    if isinstance(day, datetime):
        raise InvalidDay(f"{day!r} is an instant; give its day, for example {day.date()}")
    try:
        return parse_day(day) if isinstance(day, str) else day
    except UsageError as error:
        raise InvalidDay(str(error)) from error


def as_instant(when: datetime | str) -> datetime:
    """A time in UTC, in whole seconds. Raises InvalidTime."""
    try:
        instant = parse_instant(when) if isinstance(when, str) else when
    except UsageError as error:
        raise InvalidTime(str(error)) from error
    if instant.tzinfo is None:
        raise InvalidTime(f"{when!r} has no zone; add one, for example tzinfo=UTC")
    return instant.astimezone(UTC).replace(microsecond=0)


def as_since(since: datetime | date | str) -> datetime:
    """The time after which a paper must have been first seen; of a day, its first second is included.

    Raises InvalidTime or InvalidDay.
    """
    if isinstance(since, datetime) or (isinstance(since, str) and len(since) > len("2025-12-08")):
        return as_instant(since)
    day = as_day(since)
    # Nothing comes before the first day of the calendar.
    return datetime.combine(day, time(), UTC) - timedelta(seconds=day > date.min)


class PaperCatalog:
    """What `PaperStore` reads from the catalog."""

    def __init__(self, path: str | os.PathLike[str], *, now: datetime | None = None) -> None:
        """Raises StoreNotFound if there is no store. `now` (with a zone) replaces the clock."""
        self._store = store_at(path)
        self._now = now
        if not is_store(self._store):
            raise StoreNotFound(f"no store at {self.path}; make one: dailypapers --store {self.path} run")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The folder; of a store at a URL a `upath.UPath`, which has the methods of a path that reading needs."""
        return self._store.root

    def find(  # noqa: PLR0913 - conditions by name
        self,
        *,
        source: str | None = None,
        query: str | None = None,
        since: datetime | date | str | None = None,
        day: date | str | None = None,
        organization: str | None = None,
        keyword: str | None = None,
        min_upvotes: int | None = None,
        sort: Sort = "new",
        limit: int | None = 50,
        as_of: datetime | str | None = None,
    ) -> list[CatalogPaper]:
        """The papers that meet all conditions, newest first unless `sort` says otherwise; `limit` None gives all.

        since: first seen after that time, or on that day or later.
        day: on the list of that day; of a source with a list a week or a month on the one in which the day lies.
        organization: its handle or display name, in any case. keyword: one of the paper's own, in any case.
        sort: "new", "upvotes", or "rising", which is upvotes a day of papers first listed in the last 30 days.
        as_of: as all of this was known then.
        """
        from dailypapers.snapshots.catalog.model import Selection  # noqa: PLC0415 - with the catalog

        listing = source_series(source, query, is_complete=False) if source is not None else None
        of_all = day is not None and listing is None
        selection = Selection(
            since=None if since is None else as_since(since),
            day=None if day is None else _listing_day(listing, as_day(day)),
            source=None if listing is None or listing.series.query else listing.source.name,
            series=listing.series if listing is not None and listing.series.query else None,
            organization=organization,
            keyword=keyword,
            min_upvotes=min_upvotes,
            sort=sort,
            limit=None if of_all else limit,
        )
        papers = self._select(selection, None if as_of is None else as_instant(as_of))
        # The lists of the week or month that begins on the day are not those of the day.
        return (
            [paper for paper in papers if _is_on(paper, as_day(day))][:limit] if of_all and day is not None else papers
        )

    def paper(self, key: str, *, as_of: datetime | str | None = None) -> CatalogPaper:
        """One paper, by a key or whatever names it: a bare arXiv id, a DOI, a link to it at arXiv or Hugging Face.

        Raises PaperNotFound if the store does not have it, or did not have it at the time `as_of`.
        """
        from dailypapers.snapshots.catalog.catalog import named_paper  # noqa: PLC0415 - with the catalog

        with self._catalog() as catalog:
            paper = named_paper(catalog, key)
        if as_of is None:
            return paper
        with self.as_of(as_of, days=paper.days) as then:
            return then.same_paper(paper)

    def same_paper(self, paper: CatalogPaper) -> CatalogPaper:
        """What this store has of a paper of another one, such as that of another time. Raises PaperNotFound."""
        with self._catalog() as catalog:
            found = (catalog.paper(listing.key) for listing in paper.listings)
            same = next((each for each in found if each is not None), None)
        if same is None:
            first = paper.fields["first_seen"]
            raise PaperNotFound(f"{paper.key} was not known{self._when}; it was first seen at {first}")
        return same

    def search(
        self, text: str, *, source: str | None = None, limit: int = 20, as_of: datetime | str | None = None
    ) -> SearchResult:
        """The papers whose title, abstract or authors have all words of the text, the best first.

        `"words in quotes"` are a phrase, `prefix*` is the beginning of a word, anything else separates words. With
        `as_of`, papers that were known then, by the text of today.
        """
        from dailypapers.snapshots.catalog.model import Selection  # noqa: PLC0415 - with the catalog

        known_by = None if as_of is None else as_instant(as_of)
        name = None if source is None else source_series(source, None, is_complete=False).source.name
        with self._catalog() as catalog:
            return catalog.search(text, limit=limit, selection=Selection(source=name, known_by=known_by))

    def arrivals(
        self,
        since: Cursor | str | None = None,
        *,
        source: str | None = None,
        query: str | None = None,
        limit: int | None = None,
    ) -> Arrivals:
        """The papers that the store learned of after a cursor (None: from the beginning), in that order.

        The result has the cursor to go on with: each paper is given exactly once, or `resync` says that some may come
        again. With a source, once in that source. Raises InvalidCursor.
        """
        from dailypapers.snapshots.catalog.model import Cursor  # noqa: PLC0415 - with the catalog

        try:
            cursor = Cursor.parse(since) if isinstance(since, str) else since
        except ValueError as error:
            raise InvalidCursor(str(error)) from error
        series = None if source is None else source_series(source, query).series
        with self._catalog() as catalog:
            return catalog.arrivals(cursor, series, limit=limit)

    def cursor(self) -> Cursor:
        """The place after all that the store knows now: what arrives after it is new."""
        with self._catalog() as catalog:
            return catalog.cursor()

    def query(self, sql: str, *, as_of: datetime | str | None = None) -> QueryResult:
        """The rows of one SELECT over the catalog: at most 10,000, in at most 10 seconds.

        Raises QueryError, a StoreError, for anything else. docs/catalog.md has the tables.
        """
        if as_of is None:
            with self._catalog() as catalog:
                return catalog.query(sql)
        with self.as_of(as_of) as then:
            return then.query(sql)

    def history(self, key: str, *, as_of: datetime | str | None = None) -> Iterator[PaperHistory]:
        """Every day, of all series, that lists a paper, with its numbers at each fetch that changed one.

        `key` is that of `paper`; of a store at a URL the key of a record, for which every day file is read. Raises
        PaperNotFound, and StoreError at a damaged file, when it is iterated.
        """
        if isinstance(self._store, UrlStore) and as_of is None:
            yield from self._searched_history(key)
            return
        if as_of is None:
            yield from self._histories(self.paper(key))
            return
        paper = self.paper(key)
        with self.as_of(as_of, days=paper.days) as then:
            yield from then._histories(then.same_paper(paper))

    def join(self, key: str, other: str) -> None:
        """Note in `joins.txt` that two keys are one paper. Raises StoreError if that contradicts another decision."""
        self._decide("join", key, other)

    def split(self, key: str, other: str) -> None:
        """Note in `joins.txt` that two keys are two papers. Raises StoreError if that contradicts another decision."""
        self._decide("split", key, other)

    @contextmanager
    def as_of(self, instant: datetime | str, *, days: Collection[tuple[Series, date]] | None = None) -> Iterator[Self]:
        """The store as it was at that time, in a temporary folder that is removed at the end.

        With `days`, only those, such as the `days` of a paper. They are those of `dailypapers build --as-of`, to the
        byte. Raises StoreError if one cannot be built.
        """
        from dailypapers.ingest.build.as_of import temporary_store_as_of  # noqa: PLC0415 - with parsers

        self._require_folder()
        then = as_instant(instant)
        with temporary_store_as_of(self._store, then, days) as aside:
            yield type(self)(aside.root, now=then)

    def _select(self, selection: Selection, instant: datetime | None) -> list[CatalogPaper]:
        if instant is None:
            with self._catalog() as catalog:
                return catalog.papers(selection)
        from dailypapers.ingest.build.as_of import papers_as_of  # noqa: PLC0415 - with parsers

        self._require_folder()
        return papers_as_of(self._store, selection, instant)

    def _catalog(self) -> Catalog:
        from dailypapers.snapshots.catalog.catalog import open_catalog  # noqa: PLC0415 - a reader of days needs none

        self._require_folder()
        return open_catalog(self._store)

    def _histories(self, paper: CatalogPaper) -> Iterator[PaperHistory]:
        from dailypapers.snapshots.history import paper_history  # noqa: PLC0415 - only here

        listings = sorted((str(each.series), each.day, each.key, each.series) for each in paper.listings)
        return paper_history(self._store, [(series, day, key) for _, day, key, series in listings])

    def _searched_history(self, key: str) -> Iterator[PaperHistory]:
        from dailypapers.snapshots.history import paper_history  # noqa: PLC0415 - only here

        all_series = [stored.series for stored in all_stored_series(self._store)]
        days = ((series, day, key) for series in all_series for day in self._store.days_with_snapshots(series))
        count = 0
        for history in paper_history(self._store, days):
            count += 1
            yield history
        if not count:
            raise PaperNotFound(f"no day of {self.path} lists the key {key[:200]!r}")

    def _require_folder(self) -> None:
        if isinstance(self._store, UrlStore):
            raise StoreError(
                f"{self.path} has no catalog, and is only read; make a copy that has one:"
                f" dailypapers --store DIR pull {self.path}"
            )

    @property
    def _when(self) -> str:
        return "" if self._now is None else f" at {self._now:%Y-%m-%dT%H:%M:%SZ}"

    def _decide(self, verb: Literal["join", "split"], key: str, other: str) -> None:
        from dailypapers.snapshots.catalog.joins import decide  # noqa: PLC0415 - with the catalog

        self._require_folder()
        decide(self._store, verb, key, other)


def _listing_day(listing: SourceSeries | None, day: date) -> date:
    return day if listing is None else listing.source.period.first_day(day)


def _is_on(paper: CatalogPaper, day: date) -> bool:
    """Whether a list of that day alone has the paper."""
    periods = (SOURCES[each.series.source].period for each in paper.listings if each.day == day)
    return any(period in {Period.DAY, Period.NOW} for period in periods)
