"""One archived fetch, read through every view of its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.archive.reader import ArchivedFetch
from ingest.listing.view_reader import ParseCache, ViewReader
from ingest.sources.model import SourceDay
from ingest.sources.period import Period
from parsers.model import Paper, timestamp
from snapshots.certificate import FetchEvidence
from snapshots.completeness.verdict import FetchResult, Verdict
from snapshots.merge import Sighting
from snapshots.packed_papers import keys_of
from snapshots.rejects import Refusal


@dataclass(frozen=True, slots=True)
class FetchReading:
    """A fetch with a reader for each view that it has."""

    archived: ArchivedFetch
    readers: Sequence[ViewReader]
    all_asked: bool
    """Whether it has every view of its source."""
    keeps_papers: bool
    """Whether papers stay in the listing."""

    @property
    def listings(self) -> dict[str, Sequence[Paper]]:
        """The papers by view."""
        return {reader.view.name: reader.papers for reader in self.readers}

    @property
    def refusals(self) -> list[Refusal]:
        """The rejects of all views, in order."""
        return [refusal for reader in self.readers for refusal in reader.refusals]

    def result(self) -> FetchResult:
        """What the fetch showed, as input for the verdict."""
        views = {reader.view.name: reader.result() for reader in self.readers}
        return FetchResult(self.archived.fetch.at, views, self.all_asked)

    def sighting(self, verdict: Verdict) -> Sighting:
        """The papers that the fetch showed, as input for the writer; a whole one proves that papers are gone."""
        is_proof = verdict.whole and self.keeps_papers
        return Sighting(self.archived.fetch.at, is_proof, tuple(reader.papers for reader in self.readers))

    def evidence(self, verdict: Verdict, seen: frozenset[str], before: frozenset[str]) -> FetchEvidence:
        """The entry of the certificate; `seen` are the papers of all earlier fetches, `before` of the last one."""
        fetch, keys = self.archived.fetch, self.result().keys
        evidence = FetchEvidence(
            file=self.archived.path.name,
            bytes=self.archived.size,
            sha256=self.archived.sha256,
            at=timestamp(fetch.at),
            at_known=fetch.at_known,
            kind=fetch.kind,
            whole=verdict.whole,
            doubt=verdict.doubt,
            reason=verdict.reason,
            papers=len(keys),
            new=len(keys - seen),
            left=len(before - keys),
            elsewhere=any(reader.elsewhere for reader in self.readers),
            views=[reader.evidence() for reader in self.readers],
        )
        if fetch.witness is not None:
            evidence["witness"] = fetch.witness
        return evidence


def read_fetch(source_day: SourceDay, archived: ArchivedFetch, parse_cache: ParseCache) -> FetchReading:
    """Read all pages of a fetch; `parse_cache` has pages that were parsed before."""
    entries = {view.view: view.entries for view in archived.fetch.views}
    views = source_day.source.views
    readers = [ViewReader(source_day, view, archived.fetch.at, parse_cache) for view in views if view.name in entries]
    for reader in readers:
        for entry in entries[reader.view.name]:
            reader.take(entry)
    if len(views) > 1 and source_day.source.period is not Period.NOW:
        _leave_out_strays(source_day, readers)
    return FetchReading(archived, readers, len(readers) == len(views), source_day.source.keeps_papers)


def _leave_out_strays(source_day: SourceDay, readers: Sequence[ViewReader]) -> None:
    """Take out each paper that says it was listed on another day, unless another view lists it too."""
    period, day = source_day.source.period, source_day.day
    keys = [frozenset(keys_of(reader.papers)) for reader in readers]
    for number, reader in enumerate(readers):
        others = frozenset().union(*keys[:number], *keys[number + 1 :])
        said = {paper.key: paper.listed for paper in reader.papers if paper.listed and paper.key not in others}
        reader.leave_out({key: listed for key, listed in said.items() if period.first_day(listed) != day})
