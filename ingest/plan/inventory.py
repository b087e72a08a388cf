"""What a store holds: its series and their days, read from certificates as plain JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from dailypapers.ingest.errors import DamagedArchive
from dailypapers.ingest.sources.model import Source, SourceDay, SourceSeries, bounds_of
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.certificate import Certificate, is_intact, parse_certificate
from dailypapers.snapshots.completeness.state import FetchSummary, summaries
from dailypapers.snapshots.errors import CertificateError
from dailypapers.snapshots.store.atomic import read_whole
from dailypapers.snapshots.store.layout import ARCHIVE_SUFFIX, CERTIFICATE_SUFFIX, Series, Store

from .attempts import query_of, unanswered_passes
from .revisit import DayHistory

_YEAR = re.compile(r"\d{4}")


class FileState(NamedTuple):
    """A file and what changes when it is written again."""

    path: Path
    size: int
    mtime_ns: int
    inode: int


class DayFiles(NamedTuple):
    """The files that a build of a day depends on, without their content."""

    certificate: FileState | None
    archives: tuple[FileState, ...]
    """In the order of their names: fetch time, then digest."""


@dataclass(frozen=True, slots=True)
class StoredDay:
    """A source-day in a store: its certificate and its archive files, loaded once and passed on."""

    store: Store
    source_day: SourceDay
    files: DayFiles
    certificate: Certificate | None
    """None if there is none or if it cannot be read: then the day must be built."""
    certificate_content: bytes = field(repr=False)
    """Its file; empty if there is none."""

    @property
    def archives(self) -> list[Path]:
        """The archive files in the order of their fetches."""
        return [file.path for file in self.files.archives]

    @property
    def has_intact_certificate(self) -> bool:
        """Whether the file of the certificate is exactly as it was written; false if there is none."""
        return is_intact(self.certificate_content)

    @property
    def has_new_archives(self) -> bool:
        """Whether there are archive files that the certificate does not name: their fetch is not built yet."""
        named = {fetch["file"] for fetch in self.certificate["fetches"]} if self.certificate else set()
        lost = set(self.certificate["lost"]) if self.certificate else set()
        return any(path.name not in named | lost for path in self.archives)

    @property
    def history(self) -> DayHistory:
        """The day as the plan sees it."""
        return history_in(self.source_day, self.certificate, unanswered_passes(self.store, self.source_day))

    def refreshed(self) -> StoredDay:
        """The day as it is now; the certificate is read again only if its file changed."""
        files = files_of(self.store, self.source_day)
        unchanged = files.certificate == self.files.certificate
        return replace(self, files=files) if unchanged else load_day(self.store, self.source_day)


def load_day(store: Store, source_day: SourceDay) -> StoredDay:
    """Read the certificate of a day and list its archive files."""
    files = files_of(store, source_day)
    path = store.certificate(source_day.series, source_day.day)
    content = _content(path) if files.certificate else None
    return StoredDay(store, source_day, files, _parsed(path, content) if content is not None else None, content or b"")


def files_of(store: Store, source_day: SourceDay) -> DayFiles:
    """The files of a day as they are now; none of them is opened."""
    series, day = source_day.series, source_day.day
    certificate = store.certificate(series, day)
    archives = tuple(map(_file_state, store.archives(series, day)))
    return DayFiles(_file_state(certificate) if certificate.exists() else None, archives)


def _file_state(path: Path) -> FileState:
    try:
        stat = path.stat()
    except OSError:
        # A link that leads nowhere is damage of its day alone.
        stat = path.lstat()
    return FileState(path, stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _certificate(path: Path) -> Certificate | None:
    content = _content(path)
    return _parsed(path, content) if content is not None else None


def _content(path: Path) -> bytes | None:
    try:
        return read_whole(path)
    except FileNotFoundError:
        return None


def _parsed(path: Path, content: bytes) -> Certificate | None:
    try:
        return parse_certificate(path, content)
    except CertificateError:
        return None


def day_history(store: Store, source_day: SourceDay) -> DayHistory:
    """A source-day as the plan sees it; a certificate that cannot be read counts as none."""
    certificate = _certificate(store.certificate(source_day.series, source_day.day))
    return history_in(source_day, certificate, unanswered_passes(store, source_day))


def history_in(
    source_day: SourceDay, certificate: Certificate | None, unanswered: Sequence[FetchSummary] = ()
) -> DayHistory:
    """A source-day as the plan sees it, from its certificate and the passes that no view answered."""
    source, day = source_day.source, source_day.day
    fetches = summaries(certificate["fetches"]) if certificate else []
    return DayHistory(source.period, day, bounds_of(source, day), fetches, unanswered)


def first_day(store: Store, source_series: SourceSeries) -> date | None:
    """The first day of a series: the first that was built, or that a run began with while nobody answered.

    A day of long ago that a backfill could not reach begins nothing.
    """
    built = store.days_with_snapshots(source_series.series)
    begun = (day for day in store.days_with_attempts(source_series.series) if _was_today(store, source_series.on(day)))
    return min([*built[:1], *begun], default=None)


def _was_today(store: Store, source_day: SourceDay) -> bool:
    passes = unanswered_passes(store, source_day)
    return bool(passes) and source_day.source.period.first_day(passes[0].at.date()) == source_day.day


def all_stored_series(store: Store) -> Iterator[SourceSeries]:
    """Every series of the store with its source, in the order of the table."""
    for source in SOURCES.values():
        for series in stored_series(store, source):
            yield SourceSeries(source, series)


def default_series(store: Store) -> list[SourceSeries]:
    """The series that a run fetches by default: Daily Papers, then whatever else is stored."""
    daily = SourceSeries(SOURCES["hf-daily"], Series("hf-daily"))
    return [daily, *(stored for stored in all_stored_series(store) if stored != daily)]


def stored_series(store: Store, source: Source) -> list[Series]:
    """The series of a source that the store has anything of."""
    series = Series(source.name)
    plain = [series] if source.is_plain and (store.has_days(series) or store.days_with_attempts(series)) else []
    return [*plain, *_stored_queries(store, source)] if source.takes_query else plain


def _stored_queries(store: Store, source: Source) -> list[Series]:
    tops = ("pages", "snapshots", "attempts")
    folders = {folder.name for top in tops for folder in (store.root / top / source.name).glob("*/")}
    stored = (_series_in(store, source, name) for name in sorted(folders) if not _YEAR.fullmatch(name))
    return [series for series in stored if series is not None]


def _series_in(store: Store, source: Source, folder: str) -> Series | None:
    """The series of a folder, whose name is not its query: that is in its certificates and archive files."""
    for path in sorted((store.root / "snapshots" / source.name / folder).glob(f"????/*{CERTIFICATE_SUFFIX}")):
        certificate = _certificate(path)
        if certificate is not None:
            return Series(source.name, certificate["query"])
    archives = (store.root / "pages" / source.name / folder).glob(f"????/*/*{ARCHIVE_SUFFIX}")
    archived = next(_archived_series(sorted(archives)), None)
    if archived is not None:
        return archived
    queries = map(query_of, sorted((store.root / "attempts" / source.name / folder).glob("*.json")))
    return next((Series(source.name, query) for query in queries if query is not None), None)


def _archived_series(archives: Iterable[Path]) -> Iterator[Series]:
    from dailypapers.ingest.archive.seal import read_series  # noqa: PLC0415 - rarely needed, and it loads the WARC reader

    for path in archives:
        with suppress(DamagedArchive):
            yield read_series(path)
