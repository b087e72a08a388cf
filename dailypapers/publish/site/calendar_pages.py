"""The pages of the calendar: one a year, the newest also as `calendar.html`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from dailypapers.publish.manifest import OutputFolder

from .calendar import DayState, SeriesYear, SiteChange, series_year
from .certificate_view import STATES
from .listing import Listing, SiteOptions
from .names import year_page
from .render import Pages

_WEEKDAYS = [
    (name[:1], name) for name in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
]


class Year(NamedTuple):
    """A link to the calendar of a year."""

    year: int
    href: str


class CalendarPage(NamedTuple):
    """What the template shows."""

    year: int
    years: Sequence[Year]
    series: Sequence[SeriesYear]
    states: Mapping[str, str]
    weekdays: Sequence[tuple[str, str]]


def write_calendars(
    output: OutputFolder,
    pages: Pages,
    options: SiteOptions,
    states: Mapping[Listing, Mapping[date, DayState]],
    changes: Mapping[Listing, Mapping[int, Sequence[SiteChange]]],
) -> None:
    """Write the calendar of every year in which a series has days. `changes` are by series and year."""
    years = sorted({day.year for days in states.values() for day in days}, reverse=True)
    links = [Year(year, year_page(year)) for year in years]
    for year in years:
        shown = [listing for listing, days in states.items() if min(days).year <= year <= max(days).year]
        facts = [_facts(options, listing, year, states[listing], changes[listing]) for listing in shown]
        inputs = {"shown": hashlib.sha256(repr((years, facts)).encode()).hexdigest()}
        names = (year_page(year), "calendar.html") if year == years[0] else (year_page(year),)
        for name in [each for each in names if not output.is_made(each, inputs)]:
            series = [
                series_year(
                    each, year, states[each], changes[each].get(year, ()), partial(options.is_waived, each.series)
                )
                for each in shown
            ]
            output.write(name, _page(pages, name, year, links, series))
            output.record(name, inputs)


def _facts(
    options: SiteOptions,
    listing: Listing,
    year: int,
    states: Mapping[date, DayState],
    changes: Mapping[int, Sequence[SiteChange]],
) -> tuple[object, ...]:
    """All that a year of a series shows: cheap to compare, so that only years that changed are drawn."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    built = [(day.toordinal(), *state) for day, state in states.items() if first <= day <= last]
    missing = {*range(first.toordinal(), last.toordinal() + 1)} - {ordinal for ordinal, *_ in built}
    waived = [each for each in sorted(missing) if options.is_waived(listing.series, date.fromordinal(each))]
    # Of the bounds of a series, a year shows only whether they are before it, in it or after it.
    begin = max(min(states), first - timedelta(days=1)).toordinal()
    end = min(max(states), last + timedelta(days=1)).toordinal()
    return listing.folder, begin, end, built, waived, changes.get(year, ())


def _page(pages: Pages, name: str, year: int, years: Sequence[Year], series: Sequence[SeriesYear]) -> bytes:
    page = CalendarPage(year, years, series, STATES, _WEEKDAYS)
    return pages.render("calendar.html", name, "calendar", f"Calendar {year}", page)
