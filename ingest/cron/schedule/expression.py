"""Five fields as Debian's cron reads them (https://manpages.debian.org/bookworm/cron/crontab.5.en.html), checked before
anything computes with them: cronsim takes more than that cron does, and that cron takes what it never runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ingest.cron.errors import Mistake, closest
from ingest.cron.schedule.hints import ranges_over_the_edge, unknown_words

MACROS: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MAX_LENGTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of the months, leap years included."""

_ITEM: Final = re.compile(
    r"(?:(?P<star>\*)|(?P<first>[0-9a-z]+)(?:-(?P<last>[0-9a-z]+))?)(?:/(?P<step>[0-9]+))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Field:
    """One of the five: its name, its numbers, and the names that stand for some of them."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        """The number that a word stands for. Raises Mistake."""
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.low
        if not re.fullmatch(r"[0-9]{1,2}", text):
            raise unknown_words(self.name, text, self.names)
        if not self.low <= int(text) <= self.high:
            raise Mistake(f"{self.name} {text} does not exist", f"{self.low} to {self.high}")
        return int(text)

    def item(self, text: str) -> frozenset[int]:
        """The numbers of `*`, `N` or `N-M`, and of `*/S` or `N-M/S`. Raises Mistake."""
        found = _ITEM.fullmatch(text)
        if found is None:
            raise unknown_words(self.name, text, self.names)
        first, last = self._bounds(found)
        if found["step"] is None:
            return frozenset(range(first, last + 1))
        if not found["star"] and found["last"] is None:
            instead = f"{found['first']}-{self.high}/{found['step']}"
            raise Mistake(f"{self.name} {text!r}: a step stands only after * or a range", instead)
        step = int(found["step"])
        if not 0 < step <= last - first + 1:
            raise Mistake(
                f"{self.name} {text!r}: there are only {last - first + 1} to step over, and each turn begins anew",
                f"a step from 1 to {last - first + 1}",
            )
        return frozenset(range(first, last + 1, step))

    def spelled(self, text: str) -> str:
        """An item for cronsim, which takes `N-N/S` for `N/S`, all numbers from N on."""
        numbers = self.item(text)
        return str(min(numbers)) if len(numbers) == 1 and "-" in text else text

    def _bounds(self, found: re.Match[str]) -> tuple[int, int]:
        if found["star"]:
            return self.low, self.high
        first = self.number(found["first"])
        last = self.number(found["last"] or found["first"])
        if last < first:
            raise ranges_over_the_edge(self.name, found["first"], found["last"], self.low, self.high, self.names)
        return first, last


FIELDS: Final = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of the month", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("week day", 0, 7, WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Expression:
    """What five fields mean; Sunday is 0."""

    text: str
    """The five fields for cronsim: macros and ranges of one number spelled out, names in lower case."""
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    @property
    def wild(self) -> bool:
        """Whether minute or hour begins with `*`: such a job follows the clock through a change of it, and one at a
        certain time is made up for and not repeated (cron(8), on daylight saving).
        """
        minute, hour = self.text.split()[:2]
        return minute.startswith("*") or hour.startswith("*")

    @property
    def every_hour(self) -> bool:
        """Whether the hour begins with `*`."""
        return self.text.split()[1].startswith("*")

    @property
    def both_days(self) -> bool:
        """Whether both day fields must match: one of them begins with `*`. Else either does."""
        _, _, day, _, weekday = self.text.split()
        return day.startswith("*") or weekday.startswith("*")


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """Read five fields or a macro. Raises Mistake, which says what to write instead."""
    words = _fields(text)
    sets = [_numbers(field, word) for field, word in zip(FIELDS, words, strict=True)]
    spelled = " ".join(_spelled(field, word) for field, word in zip(FIELDS, words, strict=True)).lower()
    minutes, hours, days, months, weekdays = sets
    expression = Expression(spelled, minutes, hours, days, months, frozenset(day % 7 for day in weekdays))
    _check_days(expression)
    return expression


def _fields(text: str) -> list[str]:
    words = text.split()
    if words and words[0].startswith("@"):
        words = _macro(words)
    if not words:
        raise Mistake("it is empty", "five fields, such as 17 * * * *")
    if len(words) in {6, 7}:
        raise Mistake(f"it has {len(words)} fields; Debian's cron knows no seconds and no years", _shorter(words))
    if len(words) != 5:
        wanted = "five: minute, hour, day of the month, month, week day, such as 17 * * * *"
        raise Mistake(f"it has {len(words)} field{'s' if len(words) > 1 else ''}", wanted)
    return words


def _shorter(words: list[str]) -> str:
    return " ".join(words[1:6])


def _macro(words: list[str]) -> list[str]:
    name = words[0].lower()
    if name in MACROS and len(words) == 1:
        return MACROS[name].split()
    if name == "@reboot":
        raise Mistake("@reboot is no time", "a time, and start `dailypapers cron run` at boot")
    if name == "@every":
        raise Mistake("Debian's cron does not know @every", "*/15 * * * * for every 15 minutes")
    raise Mistake(f"{' '.join(words)} is no macro", closest(name, MACROS) or f"one of {', '.join(MACROS)}")


def _numbers(field: Field, word: str) -> frozenset[int]:
    return frozenset[int]().union(*(field.item(item) for item in word.split(",")))


def _spelled(field: Field, word: str) -> str:
    return ",".join(field.spelled(item) for item in word.split(","))


def _check_days(expression: Expression) -> None:
    """Raises Mistake where the day of the month never comes in these months."""
    longest = max(MAX_LENGTH[month - 1] for month in expression.months)
    if min(expression.days) <= longest:
        return
    never = f"day {min(expression.days)} never comes in month {_listed(expression.months)}"
    if not expression.both_days:
        raise Mistake(f"{never}; only the week day would count", "* as day of the month")
    raise Mistake(never, f"a day up to {longest}")


def _listed(numbers: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
