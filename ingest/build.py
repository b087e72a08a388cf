"""Archive -> day: a pure function of the archive files of a source-day and of the parsers. No clock, no network."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from parsers.driver import module
from parsers.model import SCHEMA, Paper
from snapshots.certificate import Certificate, CertificateError, FetchEvidence, read_certificate
from snapshots.layout import Series, Store
from snapshots.merge import Sighting, merge
from snapshots.rejects import Refusal, reject_lines
from snapshots.writer import Report, compare, day_bytes, sha256, write_day

from .archive_reader import Archived, read_archives
from .errors import DamagedArchive
from .reading import Memo, ViewReader
from .sources import Source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Built:
    """A day as it should stand in the store."""

    series: Series
    day: date
    content: bytes
    rejects: list[bytes]
    certificate: Certificate

    def write(self, store: Store) -> Report:
        """Put it there. Raises OSError when the store cannot be written."""
        return write_day(store, self.series, self.day, self.content, self.rejects, self.certificate)

    def compare(self, store: Store) -> Report:
        """What writing it would change."""
        return compare(store.papers(self.series, self.day), self.content)


@dataclass(slots=True)
class _Day:
    source: Source
    memo: Memo
    sightings: list[Sighting] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    evidence: list[FetchEvidence] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def take(self, archived: Archived) -> None:
        fetch = archived.fetch
        found = [self._read(archived, view.name) for view in self.source.views]
        readers = [reader for reader in found if reader is not None]
        views = [reader.evidence() for reader in readers]
        whole = len(views) == len(found) and all(view.exhausted for view in views)
        listings = tuple(reader.papers for reader in readers)
        self.sightings.append(Sighting(fetch.at, whole, listings))
        shown = {paper.key for listing in listings for paper in listing}
        self.evidence.append(
            FetchEvidence(
                archived.path.name, archived.size, archived.sha256, fetch.at, fetch.at_known, fetch.kind, whole,
                views, new=len(shown - self.keys),
            )
        )  # fmt: skip
        self.keys |= shown
        for reader in readers:
            self._collect(reader)

    def _read(self, archived: Archived, name: str) -> ViewReader | None:
        entries = next((view.entries for view in archived.fetch.views if view.view == name), None)
        if entries is None:
            return None
        reader = ViewReader(self.source, self.source.view(name), archived.fetch.day, archived.fetch.at, self.memo)
        for entry in entries:
            reader.take(entry)
        return reader

    def _collect(self, reader: ViewReader) -> None:
        self.refusals += reader.refusals
        for name, count in reader.unknown.items():
            self.unknown[name] = max(count, self.unknown.get(name, 0))
        self.notes += [note for note in _doubles(reader.papers) if note not in self.notes]


def build_day(
    store: Store, source: Source, series: Series, day: date, *, memo: Memo | None = None, accept_loss: bool = False
) -> Built | None:
    """The day as its archive files tell it, or None where nothing was ever fetched of it.

    `memo` holds pages that were parsed already. Raises DamagedArchive, naming the first damaged file, unless
    `accept_loss`: then the day is built from the others and the certificate lists the lost ones. Where no certificate
    is there yet, a damaged file counts as lost too.
    """
    paths = store.archives(series, day)
    fetches, _, damaged = read_archives(paths)
    named = _certificate(store, series, day)
    whole = {fetch.path.name for fetch in fetches}
    lost = sorted(({path.name for path in paths} | set(_files(named))) - whole)
    if named is not None and not accept_loss and set(lost) - set(_listed(named, "lost")):
        raise damaged[0] if damaged else _missing(store, series, day, lost)
    if not fetches:
        if damaged:
            raise damaged[0]
        return None
    return _built(source, series, day, fetches, memo if memo is not None else {}, lost)


def _built(
    source: Source, series: Series, day: date, fetches: Sequence[Archived], memo: Memo, lost: list[str]
) -> Built:
    state = _Day(source, memo)
    for archived in fetches:
        state.take(archived)
    papers = merge(state.sightings)
    content = day_bytes(papers)
    rejects = reject_lines(series, day, state.refusals)
    certificate = Certificate(
        schema=SCHEMA,
        source=series.source,
        query=series.query,
        day=day,
        as_of=max(fetch.at for fetch in state.evidence),
        papers=len(papers),
        gone=sum(1 for paper in papers if paper.last_seen is not None),
        rejects=len(rejects),
        parsers=parser_versions(source),
        sha256=sha256(content),
        unknown_fields=dict(sorted(state.unknown.items())),
        notes=state.notes,
        fetches=state.evidence,
        lost=lost,
    )
    return Built(series, day, content, rejects, certificate)


def parser_versions(source: Source) -> dict[str, int]:
    """The parsers of a source with their versions, as a certificate names them."""
    return {view.parser: module(view.parser).VERSION for view in source.views}


def is_stale(store: Store, source: Source, series: Series, day: date) -> bool:
    """Whether the day must be built: another parser, schema or set of archive files than its certificate names."""
    named = _certificate(store, series, day)
    if named is None or not store.papers(series, day).exists():
        return True
    # A file that was given up as lost is looked at again by `build --all` only.
    present = {path.name for path in store.archives(series, day)} - set(_listed(named, "lost"))
    return (
        named.get("schema") != SCHEMA
        or named.get("parsers") != parser_versions(source)
        or present != {fetch["file"] for fetch in _listed(named, "fetches")}
    )


def _certificate(store: Store, series: Series, day: date) -> dict[str, Any] | None:
    try:
        return read_certificate(store.certificate(series, day))
    except CertificateError as error:
        log.warning("%s; it is made anew", error)
        return None


def _files(certificate: dict[str, Any] | None) -> list[str]:
    if certificate is None:
        return []
    return [fetch["file"] for fetch in _listed(certificate, "fetches")] + _listed(certificate, "lost")


def _listed(certificate: dict[str, Any], name: str) -> list[Any]:
    found = certificate.get(name)
    return found if isinstance(found, list) else []


def _missing(store: Store, series: Series, day: date, names: Sequence[str]) -> DamagedArchive:
    first = store.pages(series, day) / names[0]
    return DamagedArchive(f"{first}: missing archive, named by the certificate of {day}; restore it from a copy")


def _doubles(papers: Sequence[Paper]) -> list[str]:
    """Notes on entries of one listing that share a title key: they are one line, perhaps wrongly."""
    counts = Counter(paper.key for paper in papers if paper.key.startswith("title:"))
    return [f"{count} entries have the key {key}; they are one line" for key, count in counts.items() if count > 1]
