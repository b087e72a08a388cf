"""The days of a store, now or as they were: their states, their files, and which of them there are."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Final, NamedTuple

from ingest.build.as_of import build_day_as_of
from ingest.plan.inventory import all_stored_series
from ingest.sources.bounds import bounds_of
from ingest.sources.model import SourceDay, SourceSeries
from ingest.sources.period import Period
from parsers.model import timestamp
from snapshots.certificate import Certificate, read_certificate
from snapshots.completeness.state import FetchSummary, state_of, summaries
from snapshots.reader import verified_day
from snapshots.store.layout import Series, Store

from .answers import Coverage, DayState
from .errors import ToolError
from .size import short

MAX_DAYS: Final = 7
"""Days of each kind that a coverage names."""
MAX_SERIES: Final = 10
"""Series of which an answer has the coverage."""
REASON: Final = 300
"""Characters of a reason, which may quote what a site answered."""
COMPLETE: Final = frozenset({"closed", "empty"})


class DayContent(NamedTuple):
    """The files of a day: its certificate and the day file."""

    certificate: Certificate
    papers: bytes


@dataclass
class Days:
    """Reads the days of a store. Certificates that did not change are not read again."""

    store: Store
    now: Callable[[], datetime]
    _fetches: dict[tuple[Series, date], tuple[tuple[int, int], list[FetchSummary]]] = field(default_factory=dict)

    def content(self, source_day: SourceDay, as_of: datetime | None) -> DayContent | None:
        """The files of a day; as of a time they are built from its archive. None if it was not fetched by then.

        Raises StoreError or IngestError for a file that is damaged, ToolError if the archive is missing.
        """
        if as_of is None:
            day = verified_day(self.store, source_day.series, source_day.day)
            return None if day is None else DayContent(day.certificate, day.papers)
        snapshot = build_day_as_of(self.store, source_day, as_of)
        if snapshot is not None:
            return DayContent(snapshot.certificate, snapshot.content)
        if any(fetch.at <= as_of for fetch in self._summaries(source_day.series, source_day.day)):
            # As in a copy of a store without its pages.
            raise ToolError(f"{source_day.series} {source_day.day}: its archive is not here; ask without as_of")
        return None

    def state(self, source_day: SourceDay, as_of: datetime | None) -> DayState:
        """What a day is, or was at a time: the evidence of a fetch does not change when later fetches follow.

        Raises CertificateError for a certificate that is damaged.
        """
        fetches = self._summaries(source_day.series, source_day.day)
        known = [fetch for fetch in fetches if as_of is None or fetch.at <= as_of]
        if not known:
            return self._not_fetched(source_day, as_of)
        series, day = source_day.series, source_day.day
        state = state_of(known, bounds_of(source_day.source, day), as_of or self.now())
        return DayState(
            source=series.source,
            query=series.query,
            day=day,
            state=state.name,
            reason=short(state.reason, REASON),
            as_of=known[-1].at,
            papers=sum(fetch.new for fetch in known),
            advice=None if as_of or state.name in {*COMPLETE, "open"} else self._command(source_day),
        )

    def coverage(self, as_of: datetime | None, source: str | None = None) -> list[Coverage]:
        """Which days of each series are stored, of all sources or of one; of the first 10 series."""
        selected = (stored for stored in all_stored_series(self.store) if source in {None, stored.source.name})
        return [self._coverage(series, as_of) for series in islice(selected, MAX_SERIES)]

    def _coverage(self, listing: SourceSeries, as_of: datetime | None) -> Coverage:
        until = as_of or self.now()
        days = [day for day in self.store.days_with_snapshots(listing.series) if day <= until.date()]
        states = [self.state(listing.on(day), as_of) for day in days]
        fetched = [state for state in states if state.state != "not_fetched"]
        incomplete = [state.day for state in fetched if state.state not in COMPLETE]
        missing = list(_days_without(listing, [state.day for state in fetched], until.date()))
        return Coverage(
            source=listing.series.source,
            query=listing.series.query,
            first_day=fetched[0].day if fetched else None,
            last_day=fetched[-1].day if fetched else None,
            days=len(fetched),
            complete=len(fetched) - len(incomplete),
            incomplete_days=incomplete[-MAX_DAYS:],
            not_fetched=len(missing),
            not_fetched_days=missing[-MAX_DAYS:],
        )

    def _summaries(self, series: Series, day: date) -> list[FetchSummary]:
        path = self.store.certificate(series, day)
        try:
            stat = path.stat()
        except FileNotFoundError:
            return []
        mark = stat.st_size, stat.st_mtime_ns
        known = self._fetches.get((series, day))
        if known is None or known[0] != mark:
            certificate = read_certificate(path)
            known = self._fetches[series, day] = mark, summaries(certificate["fetches"]) if certificate else []
        return known[1]

    def _not_fetched(self, source_day: SourceDay, as_of: datetime | None) -> DayState:
        is_ahead = source_day.day > self.now().date()
        reason = "it was not fetched, so nothing is known about its papers"
        if as_of is not None:
            reason = f"it had not been fetched by {timestamp(as_of)}"
        return DayState(
            source=source_day.series.source,
            query=source_day.series.query,
            day=source_day.day,
            state="not_fetched",
            reason="it is in the future" if is_ahead else reason,
            as_of=None,
            papers=None,
            advice=None if is_ahead or as_of is not None else self._command(source_day),
        )

    def _command(self, source_day: SourceDay) -> str | None:
        """The command that fetches a day again; None for a source whose past cannot be fetched."""
        if source_day.source.period is Period.NOW or not source_day.source.fetched:
            return None
        return f"{program_on(self.store)} run {source_day.source.name} --day {source_day.day}"


def program_on(store: Store) -> str:
    """The beginning of a command line about a store."""
    return f"dailypapers --store {shlex.quote(f'{store.root}')}"


def _days_without(listing: SourceSeries, days: Iterable[date], until: date) -> Iterator[date]:
    """The days from the first one until a day that are not among them; none where a listing has no days of its own."""
    period, known = listing.source.period, set(days)
    if not known or period is Period.NOW:
        return
    day = min(known)
    while day <= until:
        if day not in known:
            yield day
        day = period.after(day)
