"""What the fetches of a day add up to, one after the other, so that a build can continue where an earlier one ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from ingest.archive.model import Served
from ingest.archive.reader import ArchivedFetch, ArchiveFolder
from ingest.listing.view_reader import ParseCache
from ingest.redaction import redacted
from ingest.sources.model import SourceDay
from ingest.sources.rules import rules_of
from parsers.model import Paper
from snapshots.certificate import FetchEvidence
from snapshots.completeness.verdict import Judge, JudgeState
from snapshots.merge import Merge, MergeState
from snapshots.metrics import metric_lines
from snapshots.packed_papers import keys_of
from snapshots.rejects import reject_lines

from .evidence import FetchReading, read_fetch


class Readings:
    """The archived fetches of a day, each parsed when it is needed."""

    def __init__(self, source_day: SourceDay, folder: ArchiveFolder, parse_cache: ParseCache) -> None:
        """`parse_cache` has pages that were parsed before."""
        self.source_day = source_day
        self.folder = folder
        self._parse_cache = parse_cache
        self._readings: dict[int, FetchReading] = {}

    def __getitem__(self, number: int) -> FetchReading:
        if number not in self._readings:
            self._readings[number] = read_fetch(self.source_day, self.folder.fetches[number], self._parse_cache)
        return self._readings[number]

    def after(self, number: int) -> Iterator[FetchReading]:
        """All but the first `number` fetches."""
        return (self[each] for each in range(number, len(self.folder.fetches)))


@dataclass(slots=True)
class Totals:
    """Facts about the fetches so far, in types that JSON has."""

    files: list[list[str]] = field(default_factory=list)
    """Name and SHA-256 of each archive file, in the order of the fetches."""
    evidence: list[FetchEvidence] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)
    """Lines of the metrics file."""
    rejects: dict[str, str] = field(default_factory=dict)
    """Lines of the rejects file by the item and its errors."""
    newest_keys: list[str] = field(default_factory=list)
    """The papers of the newest fetch."""
    unknown: dict[str, int] = field(default_factory=dict)
    """The number of items that have each unknown field, in the view and fetch that has most."""
    duplicates: dict[str, None] = field(default_factory=dict)
    item_notes: dict[str, None] = field(default_factory=dict)
    """Each once, however many views show the item: so it is the same whichever view was read first."""
    strays: dict[str, None] = field(default_factory=dict)
    bad_tags: dict[str, None] = field(default_factory=dict)
    tags: dict[str, str | None] = field(default_factory=dict)
    """The first ETag of each body."""
    profiled: dict[str, int] = field(default_factory=dict)
    """The number of the fetch to profile for each view: the newest before the listing's end that showed items, else
    the first."""
    compared: int | None = None
    """The number of the newest fetch that has several views."""

    @property
    def notes(self) -> list[str]:
        """The notes of the certificate, each once."""
        return list(self.duplicates | self.item_notes | self.strays | self.bad_tags)


class AccumulationState(TypedDict):
    """An accumulation, in types that JSON has."""

    totals: Totals
    judge: JudgeState
    merge: MergeState


class Accumulation:
    """The fetches of a day, added one by one in their order."""

    def __init__(self, source_day: SourceDay, state: AccumulationState | None = None) -> None:
        """`state` is that of an accumulation of the same day, which this one continues."""
        self._source_day = source_day
        self._end = source_day.source.period.end(source_day.day)
        self.totals = Totals() if state is None else state["totals"]
        self._judge = Judge(rules_of(source_day.source, source_day.day), state and state["judge"])
        self._merge = Merge(state and state["merge"])

    @property
    def state(self) -> AccumulationState:
        """All that adding further fetches depends on."""
        return AccumulationState(totals=self.totals, judge=self._judge.state, merge=self._merge.state)

    @property
    def size(self) -> int:
        """The number of papers so far."""
        return self._merge.size

    def papers(self) -> Iterator[Paper]:
        """The papers of the day, ordered by key."""
        return self._merge.papers()

    def add(self, reading: FetchReading) -> None:
        """Add the next fetch."""
        totals, result = self.totals, reading.result()
        verdict = self._judge.judge(result)
        totals.evidence.append(reading.evidence(verdict, self._merge.keys, frozenset(totals.newest_keys)))
        totals.newest_keys = sorted(result.keys)
        totals.metrics += [line.decode() for line in metric_lines(self._merge.add(reading.sighting(verdict)))]
        for item, line in reject_lines(self._source_day.series, self._source_day.day, reading.refusals).items():
            totals.rejects.setdefault(item, line)
        self._add_views(reading)
        _add_notes(totals, reading)
        totals.files.append([reading.archived.path.name, reading.archived.sha256])

    def _add_views(self, reading: FetchReading) -> None:
        totals, number = self.totals, len(self.totals.files)
        if len(reading.listings) > 1:
            totals.compared = number
        for reader in reading.readers:
            counts = sum((Counter(page.unknown) for page in reader.parsed), Counter[str]())
            for name, count in counts.items():
                totals.unknown[name] = max(count, totals.unknown.get(name, 0))
            has_items, view = any(page.items for page in reader.parsed), reader.view.name
            if has_items and (view not in totals.profiled or reading.archived.fetch.at < self._end):
                totals.profiled[view] = number


def _add_notes(totals: Totals, reading: FetchReading) -> None:
    for papers in reading.listings.values():
        totals.duplicates |= dict.fromkeys(_duplicates(papers))
    for reader in reading.readers:
        totals.item_notes |= dict.fromkeys(redacted(note) for page in reader.parsed for note in page.notes)
        totals.strays |= dict.fromkeys(f"{reader.view.name}: {note}" for note in reader.strays)
    _add_tags(totals, reading.archived)


def _duplicates(papers: Sequence[Paper]) -> list[str]:
    """Notes on items of one listing that share a title key: they became one record, perhaps wrongly."""
    counts = Counter(key for key in keys_of(papers) if key.startswith("title:"))
    return [f"{count} entries have the key {key}; they are one line" for key, count in counts.items() if count > 1]


def _add_tags(totals: Totals, archived: ArchivedFetch) -> None:
    """Note views whose ETag changed between two equal bodies, so that it does not show whether a page changed."""
    for view in archived.fetch.views:
        for entry in view.entries:
            if isinstance(entry, Served):
                tag, body = entry.page.header("etag"), f"{view.view} {entry.digest} {entry.page.url}"
                if totals.tags.setdefault(body, tag) != tag:
                    totals.bad_tags[f"{view.view}: its ETag changes though the body does not"] = None
