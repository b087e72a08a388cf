"""Days, ISO weeks and months as in the site's URLs, and the days on which it may list nothing."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Kind = Literal["day", "week", "month"]

FIRST_DAY = date(2023, 5, 4)  # the first list ever
ONE_DAY = timedelta(days=1)
SATURDAY = 5

_SHAPES: dict[Kind, re.Pattern[str]] = {
    "day": re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?", re.ASCII),  # the API also accepts a full timestamp
    "week": re.compile(r"(\d{4})-W(\d\d)", re.ASCII),
    "month": re.compile(r"(\d{4})-(\d\d)", re.ASCII),
}


@dataclass(frozen=True)
class Period:
    kind: Kind
    first: date

    @property
    def name(self) -> str:
        if self.kind == "day":
            return self.first.isoformat()
        year, week, _ = self.first.isocalendar()
        return f"{year}-W{week:02d}" if self.kind == "week" else f"{self.first:%Y-%m}"

    @property
    def end(self) -> date:
        """The day after the last."""
        if self.kind == "month":
            return (self.first + timedelta(days=31)).replace(day=1)
        return self.first + timedelta(days=7 if self.kind == "week" else 1)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.end - self.first).days)]

    @property
    def next(self) -> "Period":
        return Period(self.kind, self.end)

    @property
    def previous(self) -> "Period":
        return period_of(self.kind, self.first - ONE_DAY)


def period_of(kind: Kind, day: date) -> Period:
    """The day, week or month that contains `day`."""
    if kind == "week":
        return Period(kind, day - timedelta(days=day.weekday()))
    return Period(kind, day.replace(day=1) if kind == "month" else day)


def parse_period(kind: Kind, text: str) -> Period:
    """`2025-12-08`, `2025-W50` or `2025-12` as a period; ValueError for anything else."""
    found = _SHAPES[kind].fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no {kind}")
    numbers = [int(part) for part in found.groups()]
    if kind == "week":
        return Period(kind, date.fromisocalendar(numbers[0], numbers[1], 1))
    return Period(kind, date(numbers[0], numbers[1], numbers[2] if kind == "day" else 1))


def is_quiet(day: date) -> bool:
    """Saturdays, Sundays, 1 January and 25 December list nothing."""
    return day.weekday() >= SATURDAY or (day.month, day.day) in {(1, 1), (12, 25)}


def stamp(instant: datetime) -> str:
    """A time as JavaScript writes it: `2025-12-08T00:00:00.000Z`."""
    return instant.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def new_york(instant: datetime) -> timedelta:
    """New York's offset: -4 h from the second Sunday of March to the first of November, else -5 h."""
    summer = _sunday(instant.year, 3, 2) + timedelta(hours=7)
    winter = _sunday(instant.year, 11, 1) + timedelta(hours=6)
    return timedelta(hours=-4 if summer <= instant < winter else -5)


def _sunday(year: int, month: int, number: int) -> datetime:
    first = datetime(year, month, 1, tzinfo=UTC)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (number - 1))
