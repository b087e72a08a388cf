"""Archive -> day: a pure function of the archive files of a source-day and of the parsers. No clock, no network."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from ingest.archive.model import Fetch, Served
from ingest.archive.reader import ArchivedFetch, read_archives
from ingest.errors import DamagedArchive, NothingWhole
from ingest.listing.view_reader import ParseCache
from ingest.plan.inventory import StoredDay
from ingest.sources.model import SourceDay
from ingest.sources.rules import bounds_of, rules_of
from parsers.model import Paper, timestamp
from parsers.versions import SCHEMA
from snapshots.certificate import Certificate, FetchEvidence
from snapshots.completeness.state import state_of, summaries
from snapshots.completeness.verdict import Verdict, judge
from snapshots.merge import merge
from snapshots.metrics import metric_lines
from snapshots.rejects import reject_lines
from snapshots.view_agreement import coverage, only_in
from snapshots.writer import Snapshot, day_bytes, sha256

from .evidence import FetchReading, read_fetch
from .profiles import comparisons, profiles, seen
from .staleness import parser_versions

log = logging.getLogger(__name__)


def build_day(stored: StoredDay, *, memo: ParseCache | None = None, accept_loss: bool = False) -> Snapshot | None:
    """The day as its archive files tell it, or None where nothing was ever fetched of it.

    `memo` holds pages that were parsed already. Raises DamagedArchive, naming the first damaged file, unless
    `accept_loss`: then the day is built from the others and the certificate lists the lost ones. Where no certificate
    is there yet, a damaged file counts as lost too. Raises NothingWhole, a DamagedArchive, where no file is left.
    """
    source_day, certificate = stored.source_day, stored.certificate
    if certificate is None and stored.files.certificate is not None:
        log.warning("%s cannot be read; it is made anew", stored.files.certificate.path)
    folder = read_archives(stored.archives, source_day.series, source_day.day)
    fetches, damaged = folder.fetches, folder.damaged
    readable = {fetch.path.name for fetch in fetches}
    lost = sorted(({path.name for path in stored.archives} | set(_files(certificate))) - readable)
    if not fetches and lost:
        raise NothingWhole(str(damaged[0] if damaged else _missing(stored, lost)))
    if certificate is not None and not accept_loss and set(lost) - set(certificate["lost"]):
        raise damaged[0] if damaged else _missing(stored, lost)
    if not fetches:
        return None
    return _built(source_day, fetches, memo if memo is not None else {}, lost)


def _built(source_day: SourceDay, fetches: Sequence[ArchivedFetch], memo: ParseCache, lost: list[str]) -> Snapshot:
    source, series, day = source_day.source, source_day.series, source_day.day
    readings = [read_fetch(source_day, archived, memo) for archived in fetches]
    verdicts = judge([reading.shown() for reading in readings], rules_of(source, day))
    merged = merge([reading.sighting(verdict) for reading, verdict in zip(readings, verdicts, strict=True)])
    evidence = _evidence(readings, verdicts)
    content = day_bytes(merged.papers)
    rejects = reject_lines(series, day, [refusal for reading in readings for refusal in reading.refusals])
    looks = summaries(evidence)
    state = state_of(looks, bounds_of(source, day), max(look.at for look in looks))
    end = source.period.end(day)
    shown = seen(readings, end)
    newest = next((reading.listings for reading in reversed(readings) if len(reading.listings) > 1), {})
    compared = comparisons(newest, shown)
    certificate = Certificate(
        schema=SCHEMA,
        source=series.source,
        query=series.query,
        day=day.isoformat(),
        state=state.name,
        reason=state.reason + (f"; built without {', '.join(lost)}" if lost else ""),
        as_of=timestamp(max(look.at for look in looks)),
        papers=len(merged.papers),
        gone=sum(1 for paper in merged.papers if paper.last_seen is not None),
        rejects=len(rejects),
        parsers=parser_versions(source),
        size=len(content),
        sha256=sha256(content),
        coverage=coverage(merged.papers),
        unknown_fields=_unknown_fields(readings),
        only_in=only_in(newest),
        disagreements={pair: one.disagreements for pair, one in compared.items() if one.disagreements},
        agreement={pair: one.agreement for pair, one in compared.items()},
        profiles=profiles(shown, end),
        notes=_notes(readings),
        fetches=evidence,
        lost=lost,
    )
    return Snapshot(series, day, content, rejects, metric_lines(merged.metrics), certificate)


def _evidence(readings: Sequence[FetchReading], verdicts: Sequence[Verdict]) -> list[FetchEvidence]:
    evidence: list[FetchEvidence] = []
    seen: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    for reading, verdict in zip(readings, verdicts, strict=True):
        evidence.append(reading.evidence(verdict, seen, before))
        before = reading.shown().keys
        seen |= before
    return evidence


def _unknown_fields(readings: Sequence[FetchReading]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for reader in (reader for reading in readings for reader in reading.readers):
        for name, count in reader.unknown.items():
            counts[name] = max(count, counts.get(name, 0))
    return dict(sorted(counts.items()))


def _notes(readings: Sequence[FetchReading]) -> list[str]:
    notes = [note for reading in readings for papers in reading.listings.values() for note in _doubles(papers)]
    return list(dict.fromkeys(notes + _bad_validators([reading.archived.fetch for reading in readings])))


def _bad_validators(fetches: Sequence[Fetch]) -> list[str]:
    """Views whose ETag changed between two equal bodies: what it says of a change is worth nothing."""
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
    return DamagedArchive(f"{first}: missing archive, named by the certificate of {day}; restore it from a copy")


def _doubles(papers: Sequence[Paper]) -> list[str]:
    """Notes on entries of one listing that share a title key: they are one line, perhaps wrongly."""
    counts = Counter(paper.key for paper in papers if paper.key.startswith("title:"))
    return [f"{count} entries have the key {key}; they are one line" for key, count in counts.items() if count > 1]
