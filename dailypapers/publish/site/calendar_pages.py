"""The pages of the calendar: one a year, the newest also as `calendar.html`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
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
        series = [
            series_year(listing, year, days, changes[listing].get(year, ()), partial(options.is_waived, listing.series))
            for listing, days in states.items()
            if min(days).year <= year <= max(days).year
        ]
        inputs = {"shown": hashlib.sha256(repr((years, series)).encode()).hexdigest()}
        for name in (year_page(year), "calendar.html") if year == years[0] else (year_page(year),):
            if not output.is_made(name, inputs):
                output.write(name, _page(pages, name, year, links, series))
                output.record(name, inputs)


def _page(pages: Pages, name: str, year: int, years: Sequence[Year], series: Sequence[SeriesYear]) -> bytes:
    return pages.render(
        "calendar.html", name, "calendar", year=year, years=years, series=series, states=STATES, weekdays=_WEEKDAYS
    )
