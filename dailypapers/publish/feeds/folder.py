"""The feeds of a folder: live documents, archives and feeds of days, of which only what changed is made again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple, TypeAlias

import orjson

from dailypapers.publish.manifest import open_output
from snapshots.store.layout import Series, Store
from snapshots.store.marks import certificate_marks

from . import atom, json_feed, rss
from .archives import decides_live, divide, newest
from .days import days_document
from .document import Head, link_from, with_slash
from .entry import Entry, urn
from .first_sights import DaySights, FirstSight, chosen, first_sights
from .papers import entries_of
from .run import INDEX, Run
from .series import FeedSeries, SavedSearch
from .settled import NONE, Settled, settled

VERSION: Final = "2"
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


@dataclass(frozen=True, slots=True)
class FeedsResult:
    """What `write_feeds` left in the folder."""

    files: tuple[str, ...]
    """The names of the feeds that it wrote or found up to date, relative to the folder; archives included."""
    changed: int
    """How many of them have new content."""
    warnings: tuple[str, ...]
    """Sentences for the user: archives of past months that changed."""


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
        run = Run(output, store, base, formats, has_pages, marks or partial(certificate_marks, store))
        for feed in series:
            _write_series(run, feed)
        if searches:
            _write_searches(run, searches)
        names = [*(feed.name for feed in series), *(search.name for search in searches)]
        _keep_others(run, None if prune else names)
    return FeedsResult(tuple(run.files), run.changed, tuple(run.warnings))


def _write_series(run: Run, feed: FeedSeries) -> None:
    past, sights = _past(run, feed)
    documents = divide(sights)
    live = _Document(feed, feed.name, urn(f"feed {feed.name}"), feed.title, documents.live)
    for file, inputs in past.files:
        run.keep(file, inputs)
    previous = past.last
    for archive in documents.archives:
        _write_papers(run, live._replace(sights=archive.sights, archive=archive.name, previous=previous))
        previous = archive.name
    _write_papers(run, live._replace(previous=previous))
    if "atom" in run.formats:
        _write_days(run, feed, run.days_of(feed))
    run.record_index(feed)


def _past(run: Run, feed: FeedSeries) -> tuple[Settled, list[FirstSight]]:
    """The archives that stay as they are, and the papers that are in none of them."""
    days, formats = run.days_of(feed), [each for each in ARCHIVED if each in run.formats]
    head = _digest([feed.title, feed.page])
    past = settled(run.output, f"{FOLDER}/{feed.name}", formats, head, run.changed_since(feed))
    sights = first_sights(days, past.since)
    if past is not NONE and not decides_live(sights):
        return NONE, first_sights(days)
    return past, sights


def _write_searches(run: Run, searches: Sequence[SavedSearch]) -> None:
    """The newest papers that the searches find, without archives."""
    from snapshots.catalog.catalog import open_catalog  # noqa: PLC0415 - slow to load, and most folders have no search

    with open_catalog(run.store) as catalog:
        for search in searches:
            keys = catalog.matching_keys(search.search, search.series.series)
            found = newest(chosen(first_sights(run.days_of(search.series)), keys))
            _write_papers(run, _Document(search.series, search.name, urn(f"search {search.name}"), search.title, found))


def _write_papers(run: Run, document: _Document) -> None:
    days, is_archive = run.days_of(document.feed), document.archive is not None
    entries = cache(partial(entries_of, run.store, document.feed, days, document.sights))
    shown = sorted({sight.day for sight in document.sights})
    inputs = {
        "days": _digest([[day, *_version(days[day], with_state=not is_archive)] for day in shown]),
        "papers": _digest([list(sight) for sight in document.sights]),
        "previous": document.previous or "",
        "head": _digest([document.title, document.feed.page]),
    }
    for format_ in run.formats:
        if is_archive and format_ not in ARCHIVED:
            continue
        file = _file(document.name, document.archive, format_)
        was_there = file in run.output.made_before()
        make = partial(_written, WRITERS[format_], _head(run, document, format_), entries)
        if run.put(file, inputs, make) and was_there and is_archive:
            run.warnings.append(
                f"{file} is an archive of the past and changed: pages of that time were imported, or records were"
                " corrected; readers that have it do not read it again"
            )


def _written(write: Writer, head: Head, entries: Callable[[], Sequence[Entry]]) -> bytes:
    return write(head, entries())


def _head(run: Run, document: _Document, format_: str) -> Head:
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


def _write_days(run: Run, feed: FeedSeries, sights: Mapping[str, DaySights]) -> None:
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


def _version(known: DaySights, *, with_state: bool) -> list[str]:
    """What the entries of a day depend on, besides its bounds."""
    state = [known.state, known.reason] if with_state else []
    return [known.papers_file, known.first_fetch, *state]


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value)).hexdigest()


def _keep_others(run: Run, names: Sequence[str] | None) -> None:
    """Remove documents of these feeds (None: of all) that are no more, and keep the others."""
    for file, inputs in {**_archives_there(run), **run.output.made_before()}.items():
        if file in run.files or file.startswith(f"{INDEX}/"):
            continue
        is_ours = names is None or any(_is_of(file, name) for name in names)
        if is_ours and PurePosixPath(file).suffix[1:] in run.formats:
            run.output.remove(file)
        else:
            run.output.record(file, inputs)


def _archives_there(run: Run) -> Mapping[str, Mapping[str, str]]:
    """The archives in the folder after a run that did not end, which may have written some that no manifest names."""
    if not run.output.is_repeated:
        return {}
    root = run.output.folder
    there = (path for suffix in ARCHIVED for path in (root / FOLDER).rglob(f"*/*.{suffix}"))
    return {path.relative_to(root).as_posix(): {} for path in there}


def _is_of(file: str, name: str) -> bool:
    return file.startswith((f"{FOLDER}/{name}.", f"{FOLDER}/{name}/"))
