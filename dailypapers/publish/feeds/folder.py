"""The feeds of a folder: live documents, archives and feeds of days, of which only what changed is made again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

import orjson

from dailypapers.publish.manifest import OutputFolder, open_output
from snapshots.store.layout import Store

from . import atom, json_feed, rss
from .archives import divide
from .days import days_document
from .document import Head, link_from
from .entry import Entry, urn
from .first_sights import DaySights, FirstSight, first_sights, read_sights, remember
from .papers import entries_of
from .series import FeedSeries

VERSION: Final = "1"
"""Raised with every change of the documents: all are made again."""
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
INDEX: Final = ".feeds"


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
    """One pass over the feeds of a folder."""

    output: OutputFolder
    store: Store
    base_url: str | None
    formats: Collection[str]
    has_pages: bool
    files: list[str] = field(default_factory=list)
    changed: int = 0
    warnings: list[str] = field(default_factory=list)

    def put(self, name: str, inputs: Mapping[str, str], make: Callable[[], bytes]) -> bool:
        """Write one file, unless it was made of the same inputs; returns whether its content changed."""
        self.files.append(name)
        if self.output.is_made(name, inputs):
            return False
        changed = self.output.write(name, make())
        self.output.record(name, inputs)
        self.changed += changed
        return changed


def write_feeds(
    folder: Path,
    store: Store,
    series: Sequence[FeedSeries],
    *,
    base_url: str | None = None,
    formats: Collection[str] = FORMATS,
    has_pages: bool = False,
) -> FeedsResult:
    """Write the feeds of these series below `folder`, which may hold other outputs as well.

    `base_url` is the URL of the folder; without it, links between documents are relative. `has_pages` says that the
    folder has a page for each day, `<series>/<day>.html`. Formats that are not named, and feeds of other series, stay
    as they are. Raises StoreError for a day that cannot be read, OSError where the folder cannot be written.
    """
    base = None if base_url is None else base_url.rstrip("/") + "/"
    with open_output(folder, "feeds", f"{VERSION} {base or ''}") as output:
        run = _Run(output, store, base, formats, has_pages)
        for feed in series:
            _write_series(run, feed)
        _keep_others(run, [feed.name for feed in series])
    return FeedsResult(tuple(run.files), run.changed, tuple(run.warnings))


def _write_series(run: _Run, feed: FeedSeries) -> None:
    index = f"{INDEX}/{feed.name}.json"
    sights = read_sights(run.store, feed, _content(run.output.folder / index))
    run.output.write(index, remember(sights))
    documents = divide(first_sights(sights))
    previous: str | None = None
    for archive in documents.archives:
        _write_papers(run, feed, archive.sights, sights, name=archive.name, previous=previous)
        previous = archive.name
    _write_papers(run, feed, documents.live, sights, name=None, previous=previous)
    if "atom" in run.formats:
        _write_days(run, feed, sights)


def _write_papers(
    run: _Run,
    feed: FeedSeries,
    shown: Sequence[FirstSight],
    days: Mapping[str, DaySights],
    *,
    name: str | None,
    previous: str | None,
) -> None:
    """Write one document in each format: an archive with this name, or the live one."""
    is_archive = name is not None
    entries = cache(partial(entries_of, run.store, feed, days, shown))
    inputs = {day: _version(days[day], with_state=not is_archive) for day in sorted({sight.day for sight in shown})}
    inputs |= {"papers": _digest([list(sight) for sight in shown]), "previous": previous or ""}
    for format_ in run.formats:
        if is_archive and format_ not in ARCHIVED:
            continue
        file = _file(feed.name, name, format_)
        head = _head(run, feed, file, previous=previous, live=_file(feed.name, None, format_) if is_archive else None)
        was_there = file in run.output.made_before()
        changed = run.put(file, inputs, partial(_written, WRITERS[format_], head, entries))
        if changed and was_there and is_archive:
            run.warnings.append(
                f"{file} is an archive of the past and changed: pages of that time were imported, or records were"
                " corrected; readers that have it do not read it again"
            )


def _written(write: Writer, head: Head, entries: Callable[[], Sequence[Entry]]) -> bytes:
    return write(head, entries())


def _head(run: _Run, feed: FeedSeries, file: str, *, previous: str | None, live: str | None) -> Head:
    suffix = PurePosixPath(file).suffix[1:]
    before = _file(feed.name, previous, suffix) if previous is not None and suffix in ARCHIVED else None
    return Head(
        id=urn(f"feed {feed.name}"),
        title=feed.title,
        page=feed.page,
        link=run.base_url and f"{run.base_url}{file}",
        previous=before and link_from(file, before, run.base_url),
        live=live and link_from(file, live, run.base_url),
    )


def _write_days(run: _Run, feed: FeedSeries, sights: Mapping[str, DaySights]) -> None:
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


def _version(known: DaySights, *, with_state: bool) -> str:
    """What the entries of a day depend on, besides its bounds."""
    state = [known.state, known.reason] if with_state else []
    return _digest([known.papers_file, known.first_fetch, *state])


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value)).hexdigest()


def _keep_others(run: _Run, names: Sequence[str]) -> None:
    """Keep the feeds that this pass was not about, and remove documents that are no more."""
    for file, inputs in run.output.made_before().items():
        if file in run.files:
            continue
        if any(_is_of(file, name) for name in names) and PurePosixPath(file).suffix[1:] in run.formats:
            run.output.remove(file)
        else:
            run.output.record(file, inputs)


def _is_of(file: str, name: str) -> bool:
    return file.startswith((f"{FOLDER}/{name}.", f"{FOLDER}/{name}/"))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
