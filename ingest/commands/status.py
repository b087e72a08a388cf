"""`dailypapers status`: what each day is and what needs a person. It reads certificates as plain JSON, at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import click
import orjson

from ingest.errors import ATTENTION, DONE
from ingest.held import listed_in
from ingest.options import Settings, global_options, settings_of
from ingest.periods import Period
from ingest.plan import Alarm, alarm_of, next_look, window
from ingest.sources import Source
from snapshots.certificate import read_certificate
from snapshots.errors import CertificateError
from snapshots.layout import Series, Store
from snapshots.state import State, state_of

from .calendar import calendar, legend
from .chosen import bounds, held_or_named


@dataclass(frozen=True, slots=True)
class DayStatus:
    """A source-day with the clock applied to its evidence."""

    series: Series
    day: date
    state: State | None
    """None where the day was never fetched."""
    certificate: dict[str, Any] | None
    next_look: datetime | None
    alarm: Alarm | None

    def as_json(self) -> dict[str, Any]:
        """The day for `--json`; null where there is no certificate."""
        names = ("papers", "gone", "rejects", "as_of", "lost")
        return {
            "source": self.series.source,
            "query": self.series.query,
            "day": self.day,
            "state": self.state.name if self.state else None,
            "reason": self.state.reason if self.state else None,
            **{name: self.certificate[name] if self.certificate else None for name in names},
            "fetches": len(self.certificate["fetches"]) if self.certificate else 0,
            "next_look": self.next_look,
            "alarm": {"kind": self.alarm.kind, "reason": self.alarm.reason} if self.alarm else None,
        }


@click.command()
@click.argument("source", required=False)
@click.option("--query", metavar="WORDS", help="Only the search for these words.")
@click.option("--since", metavar="DAY", help="Only days from this one on.")
@global_options
@settings_of
def command(settings: Settings, source: str | None, query: str | None, since: str | None) -> int:
    """Show what each day is: open, settling, closed, empty or partial; then the days that need attention.

    Exit status 1 if a day of the last five weeks raises the alarm.
    """
    first, _ = bounds(since, None)
    store, now = Store(settings.root), settings.clock.now()
    chosen = held_or_named(store, [source] if source else [], query)
    found = {series: list(_days(store, listing, series, first, now)) for listing, series in chosen}
    days = [day for series in found.values() for day in series]
    if settings.json:
        rows = [day.as_json() for day in days]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS))
    elif not days:
        click.echo(f"no days in {store.root}; begin with: dailypapers run")
    else:
        _print(found)
    return ATTENTION if any(day.alarm for day in days) else DONE


def _days(store: Store, source: Source, series: Series, first: date, now: datetime) -> Iterable[DayStatus]:
    held = store.days_with_snapshots(series)
    wanted = set(held)
    if held and source.fetched and source.period is not Period.NOW:
        wanted |= set(window(source.period, held[0], now.date()))
    for day in sorted(wanted):
        if day >= first:
            yield _day(store, source, series, day, now)


def _day(store: Store, source: Source, series: Series, day: date, now: datetime) -> DayStatus:
    try:
        certificate = read_certificate(store.certificate(series, day))
    except CertificateError as error:
        return DayStatus(series, day, State("partial", str(error)), None, None, Alarm("doubt", str(error)))
    listed = listed_in(source, day, certificate)
    state = state_of(listed.looks, listed.bounds, now) if certificate else None
    if not source.fetched:
        return DayStatus(series, day, state, certificate, None, None)
    return DayStatus(series, day, state, certificate, next_look(listed, now), alarm_of(listed, now))


def _print(found: dict[Series, list[DayStatus]]) -> None:
    for series, days in found.items():
        papers = sum(day.certificate["papers"] for day in days if day.certificate)
        rejects = sum(day.certificate["rejects"] for day in days if day.certificate)
        refused = f", {rejects} rejects" if rejects else ""
        click.echo(f"{series}: {sum(1 for day in days if day.certificate)} days, {papers} papers{refused}")
        for row in calendar({day.day: _letter(day) for day in days}):
            click.echo(row)
    click.echo(legend())
    attention = [day for days in found.values() for day in days if _needs_attention(day)]
    if attention:
        click.echo(f"\n{len(attention)} days need attention:")
    for day in attention:
        click.echo(f"  {day.series} {day.day}: {_why(day)}{_next(day)}")


def _letter(day: DayStatus) -> str:
    return day.state.name if day.state else "missing"


def _needs_attention(day: DayStatus) -> bool:
    lost = bool(day.certificate and day.certificate["lost"])
    return day.alarm is not None or lost or (day.state is not None and day.state.name == "partial")


def _why(day: DayStatus) -> str:
    if day.alarm is not None:
        return f"{day.alarm.kind}: {day.alarm.reason}"
    if day.certificate and day.certificate["lost"]:
        return f"built without {', '.join(day.certificate['lost'])}"
    return f"partial: {day.state.reason if day.state else ''}"


def _next(day: DayStatus) -> str:
    if day.next_look is None:
        return "; it is not looked at again by itself, run --day looks once more"
    return f"; next look {day.next_look:%Y-%m-%d %H:%M} UTC"
