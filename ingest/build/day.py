"""Archive -> day: depends only on the archive files of the day and on the parsers, never on clock or network."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from ingest.archive.model import Fetch, Served
from ingest.archive.reader import ArchivedFetch, ArchiveReader
from ingest.errors import DamagedArchive, NothingWhole
from ingest.listing.view_reader import ParseCache
from ingest.plan.inventory import StoredDay
from ingest.redaction import redacted
from ingest.sources.bounds import bounds_of
from ingest.sources.model import SourceDay
from ingest.sources.rules import rules_of
from parsers.model import Paper, timestamp
from parsers.versions import SCHEMA
from snapshots.certificate import Certificate, FetchEvidence, with_checksum
from snapshots.completeness.state import state_of, summaries
from snapshots.completeness.verdict import Verdict, judge
from snapshots.merge import merge
from snapshots.metrics import metric_lines
from snapshots.rejects import reject_lines
from snapshots.view_agreement import coverage, only_in
from snapshots.writer import Snapshot, built_files, day_bytes

from .evidence import FetchReading, read_fetch
from .profiles import comparisons, profiled_views, profiles
from .staleness import parser_versions

log = logging.getLogger(__name__)


def build_day(
    stored: StoredDay,
    *,
    archives: ArchiveReader | None = None,
    parse_cache: ParseCache | None = None,
    accept_loss: bool = False,
) -> Snapshot | None:
    """The day as its archive files have it; None if it was never fetched.

    `archives` and `parse_cache` have files and pages that were read before. With `accept_loss`, or if the day has no
    certificate yet, it is built without damaged and missing archive files, and the certificate lists them. Raises
    DamagedArchive otherwise, and NothingWhole, which is a DamagedArchive, if no archive file can be read.
    """
    source_day, certificate = stored.source_day, stored.certificate
    if certificate is None and stored.files.certificate is not None:
        log.warning("%s cannot be read; it is rebuilt", stored.files.certificate.path)
    folder = (archives or ArchiveReader(source_day.series, source_day.day)).read(stored.archives)
    fetches, damaged = folder.fetches, folder.damaged
    readable = {fetch.path.name for fetch in fetches}
    lost = sorted(({path.name for path in stored.archives} | set(_files(certificate))) - readable)
    if not fetches and lost:
        raise NothingWhole(str(damaged[0] if damaged else _missing(stored, lost)))
    if certificate is not None and not accept_loss and set(lost) - set(certificate["lost"]):
        raise damaged[0] if damaged else _missing(stored, lost)
    if not fetches:
        return None
    return _built(source_day, fetches, parse_cache or ParseCache(), lost)


def _built(
    source_day: SourceDay, fetches: Sequence[ArchivedFetch], parse_cache: ParseCache, lost: list[str]
) -> Snapshot:
    source, series, day = source_day.source, source_day.series, source_day.day
    readings = [read_fetch(source_day, archived, parse_cache) for archived in fetches]
    verdicts = judge([reading.result() for reading in readings], rules_of(source, day))
    merged = merge([reading.sighting(verdict) for reading, verdict in zip(readings, verdicts, strict=True)])
    evidence = _evidence(readings, verdicts)
    content = day_bytes(merged.papers)
    rejects = reject_lines(series, day, [refusal for reading in readings for refusal in reading.refusals])
    metrics = metric_lines(merged.metrics)
    fetched = summaries(evidence)
    as_of = max(fetch.at for fetch in fetched)
    state = state_of(fetched, bounds_of(source, day), as_of)
    end = source.period.end(day)
    profiled = profiled_views(readings, end)
    newest = next((reading.listings for reading in reversed(readings) if len(reading.listings) > 1), {})
    compared = comparisons(newest, profiled)
    certificate = Certificate(
        schema=SCHEMA,
        source=series.source,
        query=series.query,
        day=day.isoformat(),
        state=state.name,
        reason=state.reason + (f"; built without {', '.join(lost)}" if lost else ""),
        as_of=timestamp(as_of),
        papers=len(merged.papers),
        gone=sum(1 for paper in merged.papers if paper.last_seen is not None),
        rejects=len(rejects),
        parsers=parser_versions(source),
        files=built_files(series, day, content, rejects, metrics),
        coverage=coverage(merged.papers),
        unknown_fields=_unknown_fields(readings),
        only_in=only_in(newest),
        disagreements={pair: each.disagreements for pair, each in compared.items() if each.disagreements},
        agreement={pair: each.agreement for pair, each in compared.items()},
        profiles=profiles(profiled, end),
        notes=_notes(readings),
        fetches=evidence,
        lost=lost,
        checksum="",
    )
    return Snapshot(series, day, content, rejects, metrics, with_checksum(certificate))


def _evidence(readings: Sequence[FetchReading], verdicts: Sequence[Verdict]) -> list[FetchEvidence]:
    evidence: list[FetchEvidence] = []
    seen: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    for reading, verdict in zip(readings, verdicts, strict=True):
        evidence.append(reading.evidence(verdict, seen, before))
        before = reading.result().keys
        seen |= before
    return evidence


def _unknown_fields(readings: Sequence[FetchReading]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for reader in (reader for reading in readings for reader in reading.readers):
        for name, count in sum((Counter(page.unknown) for page in reader.parsed), Counter[str]()).items():
            counts[name] = max(count, counts.get(name, 0))
    return dict(sorted(counts.items()))


def _notes(readings: Sequence[FetchReading]) -> list[str]:
    notes = [note for reading in readings for papers in reading.listings.values() for note in _duplicates(papers)]
    readers = [reader for reading in readings for reader in reading.readers]
    # Each once, however many views show the item: so it is the same whichever view was read first.
    notes += [redacted(note) for reader in readers for page in reader.parsed for note in page.notes]
    notes += [f"{reader.view.name}: {note}" for reader in readers for note in reader.strays]
    return list(dict.fromkeys(notes + _bad_etags([reading.archived.fetch for reading in readings])))


def _bad_etags(fetches: Sequence[Fetch]) -> list[str]:
    """Notes on views whose ETag changed between two equal bodies, so that it does not show whether a page changed."""
    tags: dict[tuple[str, str, str], str | None] = {}
    bad: list[str] = []
    for name, entry in ((view.view, entry) for fetch in fetches for view in fetch.views for entry in view.entries):
        if isinstance(entry, Served):
            tag = entry.page.header("etag")
            if tags.setdefault((name, entry.page.url, entry.digest), tag) != tag:
                bad.append(f"{name}: its ETag changes though the body does not")
    return bad


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


def _duplicates(papers: Sequence[Paper]) -> list[str]:
    """Notes on items of one listing that share a title key: they became one record, perhaps wrongly."""
    counts = Counter(paper.key for paper in papers if paper.key.startswith("title:"))
    return [f"{count} entries have the key {key}; they are one line" for key, count in counts.items() if count > 1]
