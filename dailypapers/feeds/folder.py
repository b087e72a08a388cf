"""The feeds of a folder: live documents, archives and feeds of days, of which only what changed is made again; and
single documents, of the newest papers or of those after a cursor."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple, TypeAlias

import orjson

from dailypapers.outputs.folder import OutputFolder, open_output
from dailypapers.outputs.topics import FeedSeries, SavedSearch
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.catalog.model import Arrival, Cursor, Listing
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.marks import certificate_marks

from . import atom, json_feed, rss
from .day_events import DayFacts, facts_of, read_facts
from .days import days_document
from .document import (
    LIVE_MAX,
    FirstSight,
    Head,
    chosen,
    divide,
    first_sights,
    link_from,
    newest,
    papers_files,
    with_slash,
)
from .entry import Entry, entries_of, urn

VERSION: Final = "3"
"""Raised with every change of the documents, or of what is recorded of them: all are made again."""
FORMATS: Final = ("atom", "rss", "json")
ARCHIVED: Final = ("atom", "json")
"""The formats that have archives."""
Writer: TypeAlias = Callable[[Head, Sequence[Entry]], bytes]
WRITERS: Final[Mapping[str, Writer]] = {
    "atom": atom.papers_document,
    "rss": rss.papers_document,
    "json": json_feed.papers_document,
}
FOLDER: Final = "feeds"
PART: Final = "-part-"


@dataclass(frozen=True, slots=True)
class FeedsResult:
    """What `write_feeds` left in the folder."""

    files: tuple[str, ...]
    """The names of the feeds that it wrote or found up to date, relative to the folder; archives included."""
    changed: int
    """How many of them have new content."""
    warnings: tuple[str, ...]
    """Sentences for the user: archives of past months that changed."""


@dataclass(slots=True)
class _Run:
    """The feeds that were written or found up to date, and what is known of the days that they are made of."""

    output: OutputFolder
    store: Store
    base_url: str | None
    formats: Collection[str]
    has_pages: bool
    marks: Callable[[Series], Mapping[str, str]]
    files: list[str] = field(default_factory=list)
    changed: int = 0
    warnings: list[str] = field(default_factory=list)
    _days: dict[str, dict[str, DayFacts]] = field(default_factory=dict)
    """By series."""
    _sights: dict[tuple[str, str], list[FirstSight]] = field(default_factory=dict)

    @property
    def archived(self) -> list[str]:
        """The formats of archives."""
        return [each for each in ARCHIVED if each in self.formats]

    def put(self, name: str, inputs: Mapping[str, str], make: Callable[[], bytes]) -> bool:
        """Write one file, unless it was made of the same inputs; returns whether its content changed."""
        self.files.append(name)
        if self.output.is_made(name, inputs):
            return False
        changed = self.output.write(name, make())
        self.output.record(name, inputs)
        self.changed += changed
        return changed

    def days_of(self, feed: FeedSeries) -> dict[str, DayFacts]:
        """What is known of the days of a series; the manifest keeps it."""
        if feed.name not in self._days:
            marks, read = self.marks(feed.series), partial(read_facts, self.store, feed)
            self._days[feed.name] = self.output.facts(feed.series, marks, read, DayFacts)
        return self._days[feed.name]

    def sights_of(self, feed: FeedSeries, since: str = "") -> list[FirstSight]:
        """When the papers of a series were first seen, of the days that are known; not all before `since`."""
        if (feed.name, since) not in self._sights:
            files = {day: known.papers_file for day, known in self.days_of(feed).items()}
            self._sights[feed.name, since] = first_sights(self.store, feed, files, since)
        return self._sights[feed.name, since]


class _Document(NamedTuple):
    """One document, in each format."""

    feed: FeedSeries
    name: str
    """The name of the files of its feed, without suffix."""
    id: str
    title: str
    sights: Sequence[FirstSight]
    archive: str | None = None
    """Its own name, if it is an archive."""
    previous: str | None = None
    """The name of the archive before it."""
    until: str = ""
    """Of an archive of a month that is over: a digest of all days that may have a paper first seen by then."""


def write_feeds(  # noqa: PLR0913 - each has a default
    folder: Path,
    store: Store,
    series: Sequence[FeedSeries],
    *,
    searches: Sequence[SavedSearch] = (),
    base_url: str | None = None,
    formats: Collection[str] = FORMATS,
    has_pages: bool = False,
    prune: bool = False,
    marks: Callable[[Series], Mapping[str, str]] | None = None,
) -> FeedsResult:
    """Write the feeds of these series, and of searches in a series, below `folder`, which may hold other outputs too.

    `base_url` is the URL of the folder; without it, links between documents are relative. `has_pages` says that the
    folder has a page for each day, `<series>/<day>.html`. Formats that are not named stay as they are, and so do other
    feeds, unless `prune` is set, which removes them. `marks` are those of the certificates of a series, if they were
    read before. Raises StoreError for a day that cannot be read, OSError where the folder cannot be written.
    """
    base = None if base_url is None else with_slash(base_url)
    with open_output(folder, "feeds", f"{VERSION} {base or ''}") as output:
        run = _Run(output, store, base, formats, has_pages, marks or partial(certificate_marks, store))
        for feed in series:
            _write_series(run, feed)
        if searches:
            _write_searches(run, searches)
        names = [*(feed.name for feed in series), *(search.name for search in searches)]
        _keep_others(run, None if prune else names)
    return FeedsResult(tuple(run.files), run.changed, tuple(run.warnings))


def _write_series(run: _Run, feed: FeedSeries) -> None:
    untils = _untils(run.days_of(feed))
    since, settled = _settled(run, feed, untils)
    sights = run.sights_of(feed, since)
    documents = divide(sights)
    live = _Document(feed, feed.name, urn(f"feed {feed.name}"), feed.title, documents.live)
    previous = None
    if settled and sights and sights[0].first_seen > since:
        previous = settled[-1]
        run.files += [_file(feed.name, name, each) for name in settled for each in run.archived]
    for archive in documents.archives:
        until = "" if PART in archive.name else _until(untils, archive.name)
        _write_papers(run, live._replace(sights=archive.sights, archive=archive.name, previous=previous, until=until))
        previous = archive.name
    _write_papers(run, live._replace(previous=previous))
    if "atom" in run.formats:
        _write_days(run, feed, run.days_of(feed))


def _settled(run: _Run, feed: FeedSeries, untils: Mapping[str, str]) -> tuple[str, list[str]]:
    """A time until which all archives are as they were, empty if there is none, and their names.

    The last month that is over does not count: the live document may have papers of it.
    """
    since, settled, months = "", list[str](), dict[str, set[str]]()
    for path in map(PurePosixPath, run.output.made_before()):
        if f"{path.parent}" == f"{FOLDER}/{feed.name}" and path.suffix[1:] in run.archived and PART not in path.stem:
            months.setdefault(path.stem[:7], set()).add(path.stem)
    for month in sorted(months)[:-1]:
        # `2025-11` is before `2025-11-2`, and that before `2025-11-10`.
        names = sorted(months[month], key=lambda name: (len(name), name))
        known = {"until": _until(untils, month), "head": _head_digest(feed, feed.title)}
        for name, previous in zip(names, [settled[-1] if settled else "", *names], strict=False):
            files = [_file(feed.name, name, each) for each in run.archived]
            if not all(_has(run, file, {**known, "previous": previous}) for file in files):
                return since, settled
        settled += names
        since = f"{month}~"
    return since, settled


def _has(run: _Run, file: str, known: Mapping[str, str]) -> bool:
    """Whether a file is there, and what it was made of is known to be as it was."""
    inputs = run.output.made_before().get(file, {})
    return known.items() <= inputs.items() and run.output.is_made(file, inputs)


def _untils(days: Mapping[str, DayFacts]) -> dict[str, str]:
    """By month a digest of the days that were first fetched by its end: others have no paper first seen in it."""
    digest, untils = hashlib.sha256(), {}
    for day, known in sorted(days.items(), key=lambda item: (item[1].first_fetch, item[0])):
        digest.update(f"{day} {known.papers_file} {known.first_fetch}\n".encode())
        untils[known.first_fetch[:7]] = digest
        digest = digest.copy()
    return {month: digest.hexdigest() for month, digest in untils.items()}


def _until(untils: Mapping[str, str], archive: str) -> str:
    return untils.get(max((month for month in untils if month <= archive[:7]), default=""), "")


def _write_searches(run: _Run, searches: Sequence[SavedSearch]) -> None:
    """The newest papers that the searches find, without archives."""
    from dailypapers.snapshots.catalog.catalog import open_catalog

    with open_catalog(run.store) as catalog:
        for search in searches:
            keys = catalog.matching_keys(search.search, search.series.series)
            found = newest(chosen(run.sights_of(search.series), keys))
            _write_papers(run, _Document(search.series, search.name, urn(f"search {search.name}"), search.title, found))


def _write_papers(run: _Run, document: _Document) -> None:
    days, is_archive = run.days_of(document.feed), document.archive is not None
    entries = cache(partial(entries_of, run.store, document.feed, days, document.sights))
    shown = sorted({sight.day for sight in document.sights})
    inputs = {
        "days": _digest([[day, *_version(days[day], with_state=not is_archive)] for day in shown]),
        "papers": _digest([list(sight) for sight in document.sights]),
        "previous": document.previous or "",
        "head": _head_digest(document.feed, document.title),
    }
    until = {"until": document.until} if document.until else {}
    for format_ in run.formats:
        if is_archive and format_ not in ARCHIVED:
            continue
        file = _file(document.name, document.archive, format_)
        was_there = file in run.output.made_before()
        make = partial(_written, WRITERS[format_], _head(run, document, format_), entries)
        # An archive is not made again for a day of which it has no paper.
        before = {name: run.output.made_before().get(file, {}).get(name, "") for name in until}
        changed = run.put(file, inputs | before, make)
        run.output.record(file, inputs | until)
        if changed and was_there and is_archive:
            run.warnings.append(
                f"{file} is an archive of the past and changed: pages of that time were imported, or records were"
                " corrected; readers that have it do not read it again"
            )


def _head_digest(feed: FeedSeries, title: str) -> str:
    return _digest([title, feed.page])


def _written(write: Writer, head: Head, entries: Callable[[], Sequence[Entry]]) -> bytes:
    return write(head, entries())


def _head(run: _Run, document: _Document, format_: str) -> Head:
    name, base = document.name, run.base_url
    file = _file(name, document.archive, format_)
    previous = _file(name, document.previous, format_) if document.previous and format_ in ARCHIVED else None
    return Head(
        id=document.id,
        title=document.title,
        page=document.feed.page,
        link=base and f"{base}{file}",
        previous=previous and link_from(file, previous, base),
        live=link_from(file, _file(name, None, format_), base) if document.archive else None,
    )


def _write_days(run: _Run, feed: FeedSeries, sights: Mapping[str, DayFacts]) -> None:
    file = f"{FOLDER}/{feed.name}.days.atom"
    head = Head(
        id=urn(f"days {feed.name}"),
        title=f"Days of {feed.title}",
        page=feed.page,
        link=run.base_url and f"{run.base_url}{file}",
    )
    pages = link_from(file, feed.name, run.base_url) if run.has_pages else None
    states = [[day, known.state, known.since, known.reason, known.papers] for day, known in sorted(sights.items())]
    run.put(file, {"days": _digest(states), "pages": pages or ""}, lambda: days_document(head, feed, sights, pages))


def _file(feed: str, archive: str | None, format_: str) -> str:
    return f"{FOLDER}/{feed}.{format_}" if archive is None else f"{FOLDER}/{feed}/{archive}.{format_}"


def _version(known: DayFacts, *, with_state: bool) -> list[str]:
    """What the entries of a day depend on, besides its bounds."""
    state = [known.state, known.reason] if with_state else []
    return [known.papers_file, known.first_fetch, *state]


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value)).hexdigest()


def _keep_others(run: _Run, names: Sequence[str] | None) -> None:
    """Remove documents of these feeds (None: of all) that are no more, and keep the others."""
    for file, inputs in {**_archives_there(run), **run.output.made_before()}.items():
        if file in run.files:
            continue
        is_ours = names is None or any(_is_of(file, name) for name in names)
        if is_ours and PurePosixPath(file).suffix[1:] in run.formats:
            run.output.remove(file)
        else:
            run.output.record(file, inputs)


def _archives_there(run: _Run) -> Mapping[str, Mapping[str, str]]:
    """The archives in the folder after a run that did not end, which may have written some that no manifest names."""
    if not run.output.is_repeated:
        return {}
    root = run.output.folder
    there = (path for suffix in ARCHIVED for path in (root / FOLDER).rglob(f"*/*.{suffix}"))
    return {path.relative_to(root).as_posix(): {} for path in there}


def _is_of(file: str, name: str) -> bool:
    return file.startswith((f"{FOLDER}/{name}.", f"{FOLDER}/{name}/"))


class Continued(NamedTuple):
    """A document of the papers that arrived after a cursor."""

    content: bytes
    cursor: Cursor
    """Where the next document begins."""
    resync: bool
    """Whether it may repeat papers: the catalog is another one than that of the cursor."""
    more: bool
    """Whether more papers have arrived already."""


def live_document(
    store: Store, feed: FeedSeries, format_: str, *, base_url: str | None = None, search: str | None = None
) -> bytes:
    """The newest papers of a series as its live document has them, in `atom`, `rss` or `json`; or those of a search.

    Raises StoreError for a day that cannot be read.
    """
    sights = first_sights(store, feed, papers_files(store, feed.series))
    if search is not None:
        sights = chosen(sights, _matching_keys(store, feed, search))
    shown = newest(sights)
    entries = entries_of(store, feed, facts_of(store, feed, {sight.day for sight in shown}), shown)
    return WRITERS[format_](_document_head(feed, format_, base_url, search), entries)


def arrivals_document(
    store: Store, feed: FeedSeries, format_: str, since: Cursor | None, *, search: str | None = None
) -> Continued:
    """The papers of which the store learned after a cursor (None: all), 1,000 at most, the newest first.

    Raises StoreError for a day that cannot be read.
    """
    with open_catalog(store) as catalog:
        arrivals = catalog.arrivals(since, feed.series, limit=LIVE_MAX)
        keys = None if search is None else catalog.matching_keys(search, feed.series)
    listings = [_first_listing(arrival) for arrival in arrivals.entries]
    sights = sorted(FirstSight(timestamp(each.first_seen), f"{each.day}", [each.key]) for each in listings)
    days = facts_of(store, feed, {f"{listing.day}" for listing in listings})
    entries = entries_of(store, feed, days, sights if keys is None else chosen(sights, keys))
    place = {"cursor": f"{arrivals.cursor}", "resync": arrivals.resync, "more": arrivals.more}
    head = replace(_document_head(feed, format_, None, search), arrivals=place)
    return Continued(WRITERS[format_](head, entries), arrivals.cursor, arrivals.resync, arrivals.more)


def _first_listing(arrival: Arrival) -> Listing:
    """The listing that first showed a paper in the series in which it arrived."""
    own: Iterable[Listing] = (listing for listing in arrival.paper.listings if listing.series == arrival.series)
    return min(own, key=lambda listing: (listing.first_seen, listing.day))


def _matching_keys(store: Store, feed: FeedSeries, search: str) -> frozenset[str]:
    with open_catalog(store) as catalog:
        return catalog.matching_keys(search, feed.series)


def _document_head(feed: FeedSeries, format_: str, base_url: str | None, search: str | None) -> Head:
    """A document of a search has no address: it is not the feed of the series."""
    address = f"{with_slash(base_url)}feeds/{feed.name}.{format_}" if base_url is not None else None
    return Head(
        id=urn(f"feed {feed.name}" if search is None else f"search {feed.name} {search}"),
        title=feed.title if search is None else f"{search} - {feed.title}",
        page=feed.page,
        link=address if search is None else None,
    )
