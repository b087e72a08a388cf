"""The series that a command line names, and the days of them that it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from ingest.clock import Clock, parse_day
from ingest.errors import UsageError
from ingest.plan.inventory import all_stored_series, stored_series
from ingest.sources.model import Source, SourceSeries
from ingest.sources.period import Period
from ingest.sources.registry import series_named, source_named
from snapshots.store.layout import Store


def chosen_series(store: Store, names: Iterable[str], query: str | None) -> list[SourceSeries]:
    """The series of the sources named; of a source that takes words, without --query all that the store holds.

    Raises UsageError for a source that is none, and for one that takes words and has none.
    """
    chosen: list[SourceSeries] = []
    for source in [source_named(name) for name in names]:
        held = stored_series(store, source) if source.takes_query and query is None else []
        chosen += [SourceSeries(source, series) for series in held or [series_named(source, query)]]
    return chosen


def named_or_stored(store: Store, names: Sequence[str], query: str | None) -> list[SourceSeries]:
    """The series named; where none is, all that the store holds."""
    return chosen_series(store, names, query) if names else list(all_stored_series(store))


def no_store(store: Store) -> str:
    """What to say, and no error, where there is no store yet."""
    return f"there is no store at {store.root}; begin with: dailypapers run"


def counted(count: int, what: str) -> str:
    """So many of something, in words: `1 day`, `2 days`."""
    return f"{count} {what}" + ("" if count == 1 else "s")


def asked_days(source: Source, clock: Clock, day: str | None, since: str | None, until: str | None) -> list[date]:
    """The listings of `--day`, or of `--since` to `--until` (today unless said), each by the day that names it.

    Raises UsageError for a day before the source's first, one in the future, and a range that ends before it begins.
    """
    if day is not None and (since is not None or until is not None):
        raise UsageError("--day is one day and --since/--until are a range: say one of the two")
    if day is None and since is None:
        raise UsageError("--until needs --since, the first day of the range")
    first = check_day(source, _day(day or since, clock), clock)
    last = check_day(source, _day(day or until, clock), clock)
    if last < first:
        raise UsageError(f"the range ends on {last}, before it begins on {first}")
    if source.period is Period.NOW and first != clock.today():
        raise UsageError(f"{source.name} shows only what it is now: today, {clock.today()}, is the one day to ask for")
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return list(dict.fromkeys(source.period.first_day(one) for one in days))


def check_day(source: Source, day: date, clock: Clock) -> date:
    """The day itself. Raises UsageError for a day that the source cannot have listed."""
    if source.period.first_day(day) < source.first_day:
        raise UsageError(f"{source.name} begins on {source.first_day}; {day} is before that")
    if day > clock.today():
        raise UsageError(f"{day} is in the future; today is {clock.today()} (UTC)")
    return day


def bounds(since: str | None, until: str | None) -> tuple[date, date]:
    """The first and the last day that `--since` and `--until` let through. Raises UsageError on what is no day."""
    first, last = parse_day(since) if since else date.min, parse_day(until) if until else date.max
    if last < first:
        raise UsageError(f"the range ends on {last}, before it begins on {first}")
    return first, last


def _day(text: str | None, clock: Clock) -> date:
    return clock.today() if text is None else parse_day(text)
