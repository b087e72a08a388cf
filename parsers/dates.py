"""Dates as pages print them for people, `Nov 8` or `June 15, 2022`: the year is left out where a reader knows it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Final

_NAMES: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTHS: Final = {name[:length]: month for month, name in enumerate(_NAMES, 1) for length in range(3, len(name) + 1)}
_FORM: Final = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:, ?(\d{4}))?", re.ASCII)
# 29 February can be eight years away from the next one (1896 to 1904).
_LEAP: Final = 8


@dataclass(frozen=True, slots=True)
class Printed:
    """A date as printed; a month and a day that some year has, unless the year is printed and has not."""

    month: int
    day: int
    year: int | None = None

    def __str__(self) -> str:
        name = f"{_NAMES[self.month - 1][:3].title()} {self.day}"
        return name if self.year is None else f"{name}, {self.year:04}"

    def on(self, year: int) -> date | None:
        """The date, in that year if none is printed; None if there is no such day."""
        try:
            return date(year if self.year is None else self.year, self.month, self.day)
        except ValueError:
            return None

    def latest(self, until: date) -> date | None:
        """The date as printed, else in the latest year that does not put it after `until`."""
        if self.year is not None:
            return self.on(self.year)
        found = (self.on(year) for year in range(until.year, until.year - _LEAP - 1, -1))
        return next((day for day in found if day and day <= until), None)

    def nearest(self, day: date) -> date | None:
        """The date as printed, else in the year that puts it nearest to `day`."""
        found = (self.on(year) for year in range(day.year - _LEAP, day.year + _LEAP + 1))
        return min((one for one in found if one), key=lambda one: abs(one - day), default=None)


def printed(text: str) -> Printed | None:
    """Read `Nov 8`, `Sept. 8` or `November 8, 2022`; None for all that no calendar has."""
    found = _FORM.fullmatch(text)
    month = _MONTHS.get(found[1].lower()) if found else None
    if not found or not month:
        return None
    when = Printed(month, int(found[2]), int(found[3]) if found[3] else None)
    # 2000 was a leap year.
    return when if when.on(2000) else None


def year_of_list(listed: Printed, shown: Sequence[Printed]) -> int | None:
    """The first year that a list which shows these dates can be of, given that it prints every year but its own.

    None where no year is printed. A 29 February without a year asks for a leap year, unless it is after the list's
    date and so of a year before.
    """
    years = [when.year for when in shown if when.year is not None]
    if not years:
        return None
    own = [when for when in shown if when.year is None and (when.month, when.day) <= (listed.month, listed.day)]
    first = max(years) + 1
    # Whether a year has all of the dates depends on 29 February alone.
    needed = [listed, *[when for when in own if (when.month, when.day) == (2, 29)][:1]]
    candidates = range(first, min(first + _LEAP, MAXYEAR) + 1)
    return next((year for year in candidates if all(when.on(year) for when in needed)), None)
