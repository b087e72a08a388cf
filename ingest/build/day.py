"""Archive -> day: depends only on the archive files of the day and on the parsers, never on clock or network."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from dailypapers.ingest.archive.reader import ArchiveFolder, ArchiveReader
from dailypapers.ingest.errors import DamagedArchive, NothingWhole
from dailypapers.ingest.listing.view_reader import ParseCache
from dailypapers.ingest.plan.inventory import StoredDay
from dailypapers.ingest.sources.model import bounds_of
from dailypapers.parsers.model import Paper, timestamp
from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.certificate import BuiltFile, Certificate, with_checksum
from dailypapers.snapshots.completeness.state import state_of, summaries
from dailypapers.snapshots.views import Coverage, only_in
from dailypapers.snapshots.writer import Snapshot, built_files, day_bytes

from .accumulation import Accumulation, Readings, Totals, comparisons, profiled_views, profiles
from .checkpoint import Checkpoint
from .staleness import parser_versions

_TIME: Final = len("YYYYMMDDTHHMMSSZ")
"""The beginning of an archive file's name: the time of its fetch."""

log = logging.getLogger(__name__)


def build_day(
    stored: StoredDay,
    *,
    archives: ArchiveReader | None = None,
    parse_cache: ParseCache | None = None,
    checkpoint: Checkpoint | None = None,
    accept_loss: bool = False,
    until: datetime | None = None,
) -> Snapshot | None:
    """The day as its archive files have it; None if it was never fetched. With `until`, only from fetches up to then.

    `archives` and `parse_cache` have files and pages that were read before, `checkpoint` what an earlier build made of
    the first of the files. With `accept_loss`, or if the day has no certificate yet, it is built without damaged and
    missing archive files, and the certificate lists them. Raises DamagedArchive otherwise, and NothingWhole, which is a
    DamagedArchive, if no archive file can be read.
    """
    source_day, certificate = stored.source_day, stored.certificate
    if certificate is None and stored.files.certificate is not None:
        log.warning("%s cannot be read; it is rebuilt", stored.files.certificate.path)
    # All files, also with `until`: what an earlier one refers to may be in a later one, if it was imported afterwards.
    folder = (archives or ArchiveReader(source_day.series, source_day.day)).read(stored.archives)
    lost = _lost(stored, folder, until)
    if until is not None:
        folder, checkpoint = replace(folder, fetches=[each for each in folder.fetches if each.fetch.at <= until]), None
    damaged = next((error for error in lost.values() if error is not None), None)
    if not folder.fetches and lost:
        raise NothingWhole(str(damaged or _missing(stored, [*lost])))
    if certificate is not None and not accept_loss and lost.keys() - set(certificate["lost"]):
        raise damaged or _missing(stored, [*lost])
    if not folder.fetches:
        return None
    readings = Readings(source_day, folder, parse_cache or ParseCache())
    return _built(readings, _accumulated(readings, None if lost else checkpoint), [*lost])


@dataclass(slots=True)
class _Papers:
    """What the certificate says about the papers, counted while they are written: they may be too many for memory."""

    number: int = 0
    gone: int = 0
    coverage: Coverage = field(default_factory=Coverage)

    def counted(self, papers: Iterable[Paper]) -> Iterator[Paper]:
        for paper in papers:
            self.number += 1
            self.gone += paper.last_seen is not None
            self.coverage.add(paper)
            yield paper


def _accumulated(readings: Readings, checkpoint: Checkpoint | None) -> Accumulation:
    """All fetches of a day; those that the checkpoint has are not read again."""
    source_day, folder = readings.source_day, readings.folder
    accumulation = Accumulation(source_day, checkpoint.load(folder) if checkpoint is not None else None)
    for reading in readings.after(len(accumulation.totals.files)):
        accumulation.add(reading)
    if checkpoint is not None:
        checkpoint.save(folder, accumulation)
    return accumulation


def _built(readings: Readings, accumulation: Accumulation, lost: list[str]) -> Snapshot:
    series, day = readings.source_day.series, readings.source_day.day
    papers, totals = _Papers(), accumulation.totals
    content = day_bytes(papers.counted(accumulation.papers()))
    rejects, metrics = ([line.encode() for line in lines] for lines in (totals.rejects.values(), totals.metrics))
    files = built_files(series, day, content, rejects, metrics)
    certificate = _certificate(readings, papers, totals, files, lost)
    return Snapshot(series, day, content, rejects, metrics, with_checksum(certificate))


def _certificate(
    readings: Readings, papers: _Papers, totals: Totals, files: dict[str, BuiltFile], lost: list[str]
) -> Certificate:
    """The certificate of a day, still without its checksum."""
    source, series, day = readings.source_day.source, readings.source_day.series, readings.source_day.day
    fetched = summaries(totals.evidence)
    as_of = max(fetch.at for fetch in fetched)
    state = state_of(fetched, bounds_of(source, day), as_of)
    profiled = profiled_views({view: readings[number] for view, number in totals.profiled.items()})
    newest = readings[totals.compared].listings if totals.compared is not None else {}
    compared = comparisons(newest, profiled)
    return Certificate(
        schema=SCHEMA,
        source=series.source,
        query=series.query,
        day=day.isoformat(),
        state=state.name,
        reason=state.reason + (f"; built without {', '.join(lost)}" if lost else ""),
        as_of=timestamp(as_of),
        papers=papers.number,
        gone=papers.gone,
        rejects=len(totals.rejects),
        parsers=parser_versions(source),
        files=files,
        coverage=papers.coverage.counts(),
        unknown_fields=dict(sorted(totals.unknown.items())),
        only_in=only_in(newest),
        disagreements={pair: each.disagreements for pair, each in compared.items() if each.disagreements},
        agreement={pair: each.agreement for pair, each in compared.items()},
        profiles=profiles(profiled, source.period.end(day)),
        notes=totals.notes,
        fetches=totals.evidence,
        lost=lost,
        checksum="",
    )


def _lost(stored: StoredDay, folder: ArchiveFolder, until: datetime | None) -> dict[str, DamagedArchive | None]:
    """The names of the archive files that cannot be read, in order, with what is wrong; None for a missing one."""
    readable = {fetch.path.name for fetch in folder.fetches}
    unreadable = [path.name for path in stored.archives if path.name not in readable]
    errors = dict(zip(unreadable, folder.damaged, strict=True))
    names = sorted({*unreadable, *_files(stored.certificate)} - readable)
    return {name: errors.get(name) for name in names if until is None or name[:_TIME] <= f"{until:%Y%m%dT%H%M%SZ}"}


def _files(certificate: Certificate | None) -> list[str]:
    if certificate is None:
        return []
    return [fetch["file"] for fetch in certificate["fetches"]] + list(certificate["lost"])


def _missing(stored: StoredDay, names: Sequence[str]) -> DamagedArchive:
    day = stored.source_day.day
    first = stored.store.pages(stored.source_day.series, day) / names[0]
    named = f"{first}: missing archive, named by the certificate of {day}"
    if not stored.has_intact_certificate:
        where = stored.store.certificate(stored.source_day.series, day)
        return DamagedArchive(
            f"{named}, which was changed after it was written: {where}; restore one of them from a copy"
        )
    return DamagedArchive(f"{named}; restore it from a copy")
