"""What the fetches of a day add up to, and what a certificate holds of it for `drift`.

Each fetch is read through every view of its source, then added, one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Final, TypedDict

from dailypapers.ingest.archive.model import Served
from dailypapers.ingest.archive.reader import ArchivedFetch, ArchiveFolder
from dailypapers.ingest.listing.view_reader import ParseCache, ViewReader
from dailypapers.ingest.log_lines import redacted
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.registry import rules_of
from dailypapers.parsers.model import Paper, Structure, timestamp
from dailypapers.snapshots.certificate import FetchEvidence
from dailypapers.snapshots.completeness.verdict import FetchResult, Judge, JudgeState, Verdict
from dailypapers.snapshots.drift.facts import ViewProfile
from dailypapers.snapshots.drift.profile import MAX_PATHS, presence, printable, profile
from dailypapers.snapshots.history import metric_lines
from dailypapers.snapshots.merge import Merge, MergeState, Sighting
from dailypapers.snapshots.reader import keys_of
from dailypapers.snapshots.rejects import Refusal, reject_lines
from dailypapers.snapshots.views import Comparison, compare


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


TIMELY: Final = timedelta(hours=26)
"""A listing fetched at most so long after its end shows the site as it was then. A later fetch shows fields that were
added since, and would make every change seem older than it is."""

ProfiledView = tuple[FetchReading, ViewReader, Structure]


def profiled_views(readings: Mapping[str, FetchReading]) -> dict[str, ProfiledView]:
    """What to profile of each view, given the fetch to profile."""
    return {view: _profiled_view(view, reading) for view, reading in readings.items()}


def _profiled_view(view: str, reading: FetchReading) -> ProfiledView:
    reader = next(reader for reader in reading.readers if reader.view.name == view)
    return reading, reader, _structure(reader)


def profiles(views: dict[str, ProfiledView], end: datetime) -> dict[str, ViewProfile]:
    """The profile of each view; only that of the first view also profiles the values of fields."""
    order = sorted(views, key=lambda name: [each.name for each in views[name][1].source_day.source.views].index(name))
    return {name: _profile(*views[name], end, shapes=name == order[0]) for name in order}


def _profile(
    reading: FetchReading, reader: ViewReader, structure: Structure, end: datetime, *, shapes: bool
) -> ViewProfile:
    fetch = reading.archived.fetch
    items = [item for page in reader.parsed for item in page.raw]
    return ViewProfile(
        file=reading.archived.path.name,
        at=timestamp(fetch.at),
        at_known=fetch.at_known,
        timely=fetch.at <= end + TIMELY,
        reading=reader.parsed[0].reading,
        items=len(items),
        keys=" ".join(map(printable, structure.keys[:MAX_PATHS])),
        matched=dict(structure.matched),
        fields=profile(items, fetch.day) if shapes else presence(items),
    )


def _structure(reader: ViewReader) -> Structure:
    """The structure of all pages of a view: the keys of the first page, and the sum of the rest."""
    pages = [page.structure() for page in reader.parsed]
    matched: Counter[str] = Counter()
    for page in pages:
        matched.update(page.matched)
    return Structure(pages[0].keys, dict(matched), [row for page in pages for row in page.second])


def comparisons(listings: dict[str, Sequence[Paper]], views: dict[str, ProfiledView]) -> dict[str, Comparison]:
    """How far the views of one fetch agree (`api/html`), and the forms of a page (`html: blob/cards`), by field."""
    compared = {
        f"{first}/{second}": compare(papers, [paper.__dict__ for paper in others], (first, second))
        for (first, papers), (second, others) in combinations(listings.items(), 2)
    }
    for view, (_, reader, structure) in views.items():
        reading, rows = reader.parsed[0].reading, [row for row in structure.second if row["key"]]
        compared[f"{view}: {reading}/cards"] = compare(reader.papers, rows, (reading, "cards"))
    return {pair: each for pair, each in compared.items() if each.agreement}
