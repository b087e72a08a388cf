"""The calendar: every day of every series by its state, and what changed at the site; one page a year.

The newest year is `calendar.html` as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from dailypapers.outputs.folder import OutputFolder

from . import listing as dates
from .certificate_view import STATES
from .listing import Listing, SiteOptions
from .names import listing_page, year_page
from .render import Pages


class DayState(NamedTuple):
    """A built day, as its certificate has it."""

    state: str
    papers: int


class SiteChange(NamedTuple):
    """Something that changed at the site."""

    day: str
    """The first day on which it was so."""
    days: str
    """That day, or the two between which it happened."""
    confidence: str
    words: str


class Cell(NamedTuple):
    """One day, week or month."""

    number: int
    label: str
    state: str | None
    """None outside of the days of the series."""
    words: str
    href: str | None = None
    changed: bool = False


class Month(NamedTuple):
    """The weeks of a month, Monday first; None for the days of the months beside it."""

    name: str
    weeks: Sequence[Sequence[Cell | None]]


@dataclass(frozen=True, slots=True)
class SeriesYear:
    """A year of a series: months for one with a list a day, else its periods in a row."""

    title: str
    summary: str
    months: Sequence[Month]
    periods: Sequence[Cell]
    changes: Sequence[SiteChange]


def series_year(
    listing: Listing,
    year: int,
    states: Mapping[date, DayState],
    changes: Sequence[SiteChange],
    is_waived: Callable[[date], bool],
) -> SeriesYear:
    """A year of a series. Days between its first and its newest that were never built are missing."""
    first, newest = min(states), max(states)
    changed = {change.day for change in changes}

    def cell(day: date) -> Cell:
        return _cell(listing, day, states.get(day), _absence(first < day < newest, is_waived(day)), f"{day}" in changed)

    of_year = [state for day, state in states.items() if day.year == year]
    is_daily = listing.period in {"day", "now"}
    return SeriesYear(
        title=listing.title,
        summary=_summary(of_year, listing),
        months=[_month(year, number, cell) for number in _months(year, first, newest)] if is_daily else [],
        periods=[] if is_daily else [cell(day) for day in _periods(listing, year, first, newest)],
        changes=changes,
    )


def _summary(states: Sequence[DayState], listing: Listing) -> str:
    noun = {"week": "week", "month": "month"}.get(listing.period, "day")
    counts = [
        f"{sum(1 for each in states if each.state == name)} {name}" for name in dict.fromkeys(s.state for s in states)
    ]
    papers = sum(each.papers for each in states)
    plural = "" if len(states) == 1 else "s"
    return (
        f"{len(states)} {noun}{plural} ({', '.join(sorted(counts))}), {papers:,} papers" if states else "nothing stored"
    )


def _absence(is_within: bool, is_waived: bool) -> str | None:  # noqa: FBT001
    return "waived" if is_waived else "missing" if is_within else None


def _cell(listing: Listing, day: date, built: DayState | None, absence: str | None, changed: bool) -> Cell:  # noqa: FBT001
    label = (
        dates.short(listing.period, day) if listing.period in {"week", "month"} else f"{day.day} {day:%B} {day.year}"
    )
    if built is None:
        # Trending and searches have only the days on which somebody looked.
        state = None if listing.period == "now" and absence == "missing" else absence
        return Cell(day.day, label, state, f"{label}: {state}")
    papers = f"{built.papers} paper{'' if built.papers == 1 else 's'}"
    words = f"{label}: {built.state}, {papers}{', the site changed' if changed else ''}"
    return Cell(day.day, label, built.state, words, listing_page(listing.folder, day), changed)


def _months(year: int, first: date, newest: date) -> range:
    """The months of a year from the first to the newest day."""
    return range(first.month if first.year == year else 1, (newest.month if newest.year == year else 12) + 1)


def _month(year: int, number: int, cell: Callable[[date], Cell]) -> Month:
    first = date(year, number, 1)
    days = [first + timedelta(days=offset) for offset in range(31)]
    cells: list[Cell | None] = [None] * first.weekday()
    cells += [cell(day) for day in days if day.month == number]
    cells += [None] * (-len(cells) % 7)
    return Month(f"{first:%B}", [cells[start : start + 7] for start in range(0, len(cells), 7)])


def _periods(listing: Listing, year: int, first: date, newest: date) -> Iterator[date]:
    day = first
    while day <= newest:
        if day.year == year:
            yield day
        day = listing.following(day)


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
