"""`dailypapers status`: what each day is and what needs a person. It reads certificates as plain JSON, at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Final

import click
import orjson

from dailypapers.cli.calendar import calendar, legend
from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.options import global_options, metrics_option
from dailypapers.cli.selection import bounds, counted, named_or_stored, no_store
from dailypapers.cli.settings import Settings
from ingest.exit_status import ATTENTION, DONE
from ingest.monitor.problems import Problem, in_words, series_troubles
from ingest.monitor.status import DayStatus, SeriesStatus, series_status
from snapshots.store.layout import Store

VERSION: Final = 1
"""Of the object that `--json` prints; it grows when a name goes or changes its meaning, not when one is added."""
_OPTIONS: Final = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


@click.command()
@click.argument("source", required=False)
@click.option("--query", metavar="WORDS", help="Only the search for these words.")
@click.option("--since", metavar="DAY", help="Only days from this one on.")
@metrics_option
@global_options
@pass_settings
def command(settings: Settings, source: str | None, query: str | None, since: str | None) -> int:
    """Show what each day is: open, settling, closed, empty or partial; then the days that need attention.

    Exit status 1 if a day of the last five weeks raises the alarm, or a listing is not looked at any more.
    """
    first, _ = bounds(since, None)
    store, now = Store(settings.root), settings.clock.now()
    chosen = named_or_stored(store, [source] if source else [], query)
    found = [series_status(store, source_series, now) for source_series in chosen]
    needing = [one for status in found for one in series_troubles(status, now) if one.day is None or one.day >= first]
    alarms = [trouble for trouble in needing if trouble.kind != "lost"]
    if settings.json:
        click.echo(orjson.dumps(_as_json(found, needing, first, now), option=_OPTIONS))
    elif settings.quiet:
        for trouble in alarms:
            click.echo(_named(trouble))
    elif not store.root.is_dir():
        click.echo(no_store(store))
    elif not any(status.days for status in found):
        click.echo(f"no days in {store.root}; begin with: dailypapers run")
    else:
        _print(found, needing, first, now)
    return ATTENTION if alarms else DONE


def _as_json(
    found: Sequence[SeriesStatus], needing: Sequence[Problem], first: date, now: datetime
) -> dict[str, object]:
    """What programs read; docs/monitoring.md says what each name means."""
    return {
        "version": VERSION,
        "now": now,
        "sources": [_series_row(status, now) for status in found],
        "days": [_day_row(day) for status in found for day in status.days if day.day >= first],
        "troubles": needing,
    }


def _series_row(status: SeriesStatus, now: datetime) -> dict[str, object]:
    return {
        "source": status.series.source,
        "query": status.series.query,
        "days": sum(1 for day in status.days if day.state),
        "papers": status.total("papers"),
        "rejects": status.total("rejects"),
        "last_fetch": status.fetched,
        "last_success": status.succeeded,
        "due_since": status.due_since(now),
        "late_seconds": int(status.late(now).total_seconds()),
    }


def _day_row(day: DayStatus) -> dict[str, object]:
    names = ("papers", "gone", "rejects", "as_of", "lost")
    return {
        "source": day.series.source,
        "query": day.series.query,
        "day": day.day,
        "state": day.state.name if day.state else None,
        "reason": day.state.reason if day.state else None,
        **{name: day.counts[name] if day.counts else None for name in names},
        "fetches": day.counts["fetches"] if day.counts else 0,
        "last_fetch": day.fetched,
        "last_success": day.succeeded,
        "next_look": day.next_look,
        "alarm": {"kind": day.alarm.kind, "reason": day.alarm.reason} if day.alarm else None,
    }


def _print(found: Sequence[SeriesStatus], needing: Sequence[Problem], first: date, now: datetime) -> None:
    for status in found:
        days = [day for day in status.days if day.day >= first]
        rejects = f", {counted(count, 'reject')}" if (count := status.total("rejects", first)) else ""
        held = sum(1 for day in days if day.state)
        papers = counted(status.total("papers", first), "paper")
        click.echo(f"{status.series}: {counted(held, 'day')}, {papers}{rejects}{_looked_at(status, now)}")
        for row in calendar({day.day: day.state.name if day.state else "missing" for day in days}):
            click.echo(row)
    click.echo(legend())
    lines = [line for status in found for line in _attention(status, needing, first, now)]
    if lines:
        click.echo(f"\n{len(lines)} need{'s' * (len(lines) == 1)} attention:")
    for line in lines:
        click.echo(f"  {line}")


def _looked_at(status: SeriesStatus, now: datetime) -> str:
    if status.fetched is None:
        return ""
    late = status.late(now)
    return f"; looked at {status.fetched:%Y-%m-%d %H:%M} UTC" + (f", {in_words(late)} late" if late else "")


def _attention(status: SeriesStatus, needing: Sequence[Problem], first: date, now: datetime) -> Iterator[str]:
    """A line for each trouble of a series, and for each day in doubt that raises no alarm (yet, or any more).

    Days in a row that were never fetched are one line.
    """
    ours = [one for one in needing if one.series == str(status.series)]
    for one in ours:
        if one.day is None or one.kind == "drift":
            yield _named(one)
    mine = {one.day: one for one in ours if one.kind != "drift"}
    for missing, group in groupby(status.days, lambda day: day.day in mine and mine[day.day].kind == "missing"):
        days = list(group)
        if missing and len(days) > 1:
            span = f"{days[0].series} {days[0].day} to {days[-1].day}"
            yield f"{span}: missing: {len(days)} days were never fetched; the next run looks at them"
        else:
            yield from _each(status, days, mine, first, now)


def _each(
    status: SeriesStatus, days: Sequence[DayStatus], mine: Mapping[date | None, Problem], first: date, now: datetime
) -> Iterator[str]:
    for day in days:
        if day.day in mine:
            yield f"{day.series} {day.day}: {mine[day.day].kind}: {mine[day.day].reason}{_next(status, day, now)}"
        elif day.state and day.state.name == "partial" and day.day >= first:
            yield f"{day.series} {day.day}: partial: {day.state.reason}{_next(status, day, now)}"


def _named(trouble: Problem) -> str:
    place = f"{trouble.series} {trouble.day}" if trouble.day else trouble.series
    return f"{place}: {trouble.kind}: {trouble.reason}"


def _next(status: SeriesStatus, day: DayStatus, now: datetime) -> str:
    if day.unreadable is not None or not status.source.fetched:
        return ""
    if day.next_look is None:
        return "; it is not looked at again by itself, run --day looks once more"
    if day.next_look <= now:
        return "; the next run looks at it"
    return f"; next look {day.next_look:%Y-%m-%d %H:%M} UTC"
