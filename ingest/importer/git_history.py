"""Imports the files of a git repository: each version of each file is one fetch of one view, with its commit.

So the repository of another collector becomes dated pages. The time of a page is that of its commit (its committer
time): the content was there no later. A fetch counts as made after the end of its day only if the content was also
written after it (its author time): a history that was rewritten later proves nothing about the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from dailypapers.ingest.errors import RefusedFile
from dailypapers.ingest.plan.inventory import StoredDay, load_day
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.parsers.model import Page, timestamp
from dailypapers.snapshots.certificate import Witness
from dailypapers.snapshots.store.layout import Store

from .files import page_in
from .git_repository import FileVersion, GitBlobs, MissingBlob
from .scan import AcceptedPage, FileScan
from .store import FetchGroup
from .warc import FilePage

PAGE_SUFFIXES: Final = (".json", ".json.gz", ".html", ".html.gz", ".htm", ".htm.gz")
"""What the names of files end in that are read by default."""
_SECOND: Final = timedelta(seconds=1)


@dataclass(slots=True)
class GitHistoryScan:
    """Checks the versions of files, and collects the pages accepted and refused in a FileScan."""

    scan: FileScan
    blobs: GitBlobs
    origin: str
    known: frozenset[tuple[str, str]]
    """Commit and path of the versions that the archive has."""
    missing: int = 0
    """Versions whose content the repository does not have."""
    skipped: int = 0
    """Versions that the archive has."""

    def add(self, version: FileVersion) -> None:
        """Check one version of a file."""
        if (version.commit, version.path) in self.known:
            self.skipped += 1
            return
        try:
            page = self._page(version)
            self.scan.scan_plain_page(page, page.load())
        except RefusedFile as error:
            self.missing += isinstance(error, MissingBlob)
            self.scan.refused.append(RefusedFile(f"{version}: {error}"))

    def _page(self, version: FileVersion) -> FilePage:
        author_time, committer_time = version.author_time, version.committer_time
        if author_time is None or committer_time is None:
            raise RefusedFile("the time of its commit is not a time")
        witness = Witness(
            kind="git",
            origin=self.origin,
            commit=version.commit,
            path=version.path,
            blob=version.blob,
            author_time=timestamp(author_time),
            committer_time=timestamp(committer_time),
        )
        path = PurePosixPath(version.path)
        load = partial(self._load, version)
        order = (0, version.path)
        return FilePage(
            str(version), path, order, committer_time, is_plain_file=True, is_resource=True, load=load, witness=witness
        )

    def _load(self, version: FileVersion) -> Page:
        return page_in("its content", self.blobs.read(version.blob))


def known_versions(store: Store, source_series: SourceSeries) -> frozenset[tuple[str, str]]:
    """Commit and path of every version that the archive has, by the certificates of the series."""
    days = (load_day(store, source_series.on(day)) for day in store.days_with_snapshots(source_series.series))
    witnesses = (witness for stored in days for witness in _witnesses(stored))
    return frozenset((witness["commit"], witness["path"]) for witness in witnesses)


def _witnesses(stored: StoredDay) -> Iterator[Witness]:
    names = {path.name for path in stored.archives}
    for fetch in stored.certificate["fetches"] if stored.certificate else ():
        if "witness" in fetch and fetch["file"] in names:
            yield fetch["witness"]


def version_groups(source_series: SourceSeries, accepted: Iterable[AcceptedPage]) -> list[FetchGroup]:
    """A fetch for each accepted version, those of a parent first.

    Versions of one second, as a rewritten history has them, get a second each, so that their order remains.
    """
    taken: Counter[tuple[date, str, datetime]] = Counter()
    groups: list[FetchGroup] = []
    for page in accepted:
        time, latest = _time(source_series, page)
        number = taken[page.day, page.view.name, time]
        taken[page.day, page.view.name, time] += 1
        at = min(time + number * _SECOND, latest)
        groups.append(FetchGroup(page.day, at, time_known=True, pages=[page], witness=page.file_page.witness))
    return groups


def _time(source_series: SourceSeries, page: AcceptedPage) -> tuple[datetime, datetime]:
    """The time of a fetch, and the latest that it may be set to."""
    witness = page.file_page.witness
    if witness is None or page.file_page.fetched_at is None:
        raise AssertionError("the page is a version of a file")
    begin, end = datetime.combine(page.day, datetime.min.time(), UTC), source_series.source.period.end(page.day)
    author_time, committer_time = datetime.fromisoformat(witness["author_time"]), page.file_page.fetched_at
    if author_time < end <= committer_time:
        return max(author_time, begin), end - _SECOND
    return committer_time, end - _SECOND if committer_time < end else datetime.max.replace(tzinfo=UTC)


def is_page_name(path: str) -> bool:
    """Whether a file is read by default, by its name."""
    return path.lower().endswith(PAGE_SUFFIXES)
