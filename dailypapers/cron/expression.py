"""Cron expressions, five fields as Debian's cron reads them, checked before anything computes with them.

cronsim accepts more than that cron does, and that cron accepts expressions that it never runs. The fields:
https://manpages.debian.org/bookworm/cron/crontab.5.en.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Final


class ConfigError(ValueError):
    """An invalid value in `cron.yaml`: one sentence with what is wrong, and what to write instead."""

    def __init__(self, problem: str, instead: str | None = None) -> None:
        super().__init__(f"{problem}; write {instead}" if instead else problem)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


_EXTENSIONS: Final = (
    (r"l", "the last day", "1 (the day after), or 28"),
    (r"[0-9]*l?w", "the nearest working day", "mon-fri as day of the week"),
    (r"([0-7]|[a-z]{3})l", "the last Monday of a month and the like", "the day of the week alone, for every week"),
    (r"[0-9a-z]+#.*", "the first Monday of a month and the like", "the day of the week alone, for every week"),
    (r"\?", "?", "*"),
    (r"[0-9]*~[0-9]*", "random times", "one number, and `jitter: 10m` in the job"),
    (r"h(\(.*\))?(/.*)?", "hashed times", "one number, and `jitter: 10m` in the job"),
)
"""Syntax of other crons (Quartz, Jenkins, cronie, croniter) that Debian's does not have."""


def step_of(match: re.Match[str]) -> int:
    """The step of an item, 1 without one. Of a longer number three digits are enough: no range has that many values."""
    return int((match["step"] or "1").lstrip("0")[:3] or 0)


def invalid_item(field: str, text: str, names: tuple[str, ...]) -> ConfigError:
    """The error for an item that is not valid in a field."""
    if text == "":
        return ConfigError(f"{field}: a comma without a number beside it", "the numbers with one comma between two")
    item = f"{field} {text!r}"
    for pattern, extension, instead in _EXTENSIONS:
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return ConfigError(f"{item}: Debian's cron does not support {extension}", instead)
    name = text[:3].lower()
    if name in names and text.isalpha():
        return ConfigError(f"{item}: a name has three letters", name)
    if re.fullmatch(r"0[0-9]{2,}", text):
        return ConfigError(f"{item} is too long", text.lstrip("0") or "0")
    if names:
        return ConfigError(f"{item} is not valid", f"*, a number, a range such as 1-5, or a name: {', '.join(names)}")
    return ConfigError(f"{item} is not valid", "*, a number or a range such as 1-5")


def reversed_range(
    field: str, match: re.Match[str], numbers: range, low: int, high: int, names: tuple[str, ...]
) -> ConfigError:
    """The error for a range that ends before it begins: Debian's cron accepts it and never runs it.

    `numbers` are those of the range; after the last one of the field it counts on in place of the first.
    """
    spelled = names if match["first"].lower() in names else tuple(map(str, range(low, high + 1)))
    if numbers.step < 2:
        first, last, end, begin = match["first"], match["last"], spelled[-1], spelled[0]
        parts = [first if first == end else f"{first}-{end}", last if last == begin else f"{begin}-{last}"]
    else:
        cycle = len(names) or high - low + 1
        places = [[n - low for n in numbers if n < low + cycle], [n - low - cycle for n in numbers if n >= low + cycle]]
        parts = [_stepped([spelled[place] for place in part], numbers.step) for part in places if part]
    return ConfigError(f"{field} {match[0]} ends before it begins and would never run", ",".join(parts))


def _stepped(numbers: list[str], step: int) -> str:
    return numbers[0] if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}/{step}"


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
MAX_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month in a leap year."""

_ITEM: Final = re.compile(
    r"(?:(?P<star>\*)|(?P<first>[0-9a-z]+)(?:-(?P<last>[0-9a-z]+))?)(?:/(?P<step>[0-9]+))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Field:
    """One of the five fields: its name, its range, and the names for its numbers from `low` on."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    @property
    def cycle(self) -> int:
        """How many numbers it has: seven days of the week, of which Sunday is 0 and 7."""
        return len(self.names) or self.high - self.low + 1

    def numbers(self, text: str) -> frozenset[int]:
        """The numbers of the whole field. Raises ConfigError."""
        return frozenset[int]().union(*map(self._item, text.split(",")))

    def for_cronsim(self, text: str) -> str:
        """The field for cronsim, which reads `N-N/S` as `N/S`: all numbers from N on."""
        return ",".join(self._item_for_cronsim(item) for item in text.split(","))

    def _item_for_cronsim(self, text: str) -> str:
        numbers = self._item(text)
        return str(min(numbers)) if len(numbers) == 1 and "-" in text else text

    def _item(self, text: str) -> frozenset[int]:
        """The numbers of `*`, `N`, `N-M`, `*/S` or `N-M/S`."""
        match = _ITEM.fullmatch(text)
        if match is None:
            raise invalid_item(self.name, text, self.names)
        first, last = self._bounds(match)
        if match["step"] is None:
            return frozenset(range(first, last + 1))
        if not match["star"] and match["last"] is None:
            instead = f"{match['first']}-{self.high}/{match['step']}"
            raise ConfigError(f"{self.name} {text!r}: a step is allowed only after * or a range", instead)
        step, count = step_of(match), last - first + 1
        if not 0 < step <= count:
            raise ConfigError(f"{self.name} {text!r}: the range has {count} values", f"a step from 1 to {count}")
        return frozenset(range(first, last + 1, step))

    def _bounds(self, match: re.Match[str]) -> tuple[int, int]:
        if match["star"]:
            return self.low, self.high
        first = self._number(match["first"])
        last = self._number(match["last"] or match["first"])
        if last < first:
            numbers = range(first, last + self.cycle + 1, step_of(match) or 1)
            raise reversed_range(self.name, match, numbers, self.low, self.high, self.names)
        return first, last

    def _number(self, text: str) -> int:
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.low
        if not re.fullmatch(r"[0-9]{1,2}|[1-9][0-9]+", text):
            raise invalid_item(self.name, text, self.names)
        if len(text) > 2 or not self.low <= int(text) <= self.high:
            raise ConfigError(f"{self.name} {text} does not exist", f"{self.low} to {self.high}")
        return int(text)


FIELDS: Final = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of the month", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("day of the week", 0, 7, WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Expression:
    """The numbers of the five fields; Sunday is 0."""

    text: str
    """The five fields for cronsim: without macros and ranges of one number, names in lower case."""
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    @property
    def follows_clock(self) -> bool:
        """Whether minute or hour begins with `*`: such a job follows the clock through a change of it. A job at fixed
        times is made up for where the change skips it, and is not repeated (cron(8), on daylight saving).
        """
        return self.text.startswith("*") or self.every_hour

    @property
    def every_hour(self) -> bool:
        """Whether the hour begins with `*`."""
        return self.text.split()[1].startswith("*")

    @property
    def both_days(self) -> bool:
        """Whether a day must match both day fields, since one of them begins with `*`; otherwise either is enough."""
        _, _, day, _, weekday = self.text.split()
        return day.startswith("*") or weekday.startswith("*")


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """Read five fields or a macro. Raises ConfigError, which says what to write instead."""
    pairs = list(zip(FIELDS, _split(text), strict=True))
    minutes, hours, days, months, weekdays = (field.numbers(word) for field, word in pairs)
    for_cronsim = " ".join(field.for_cronsim(word) for field, word in pairs).lower()
    expression = Expression(for_cronsim, minutes, hours, days, months, frozenset(day % 7 for day in weekdays))
    _check_days(expression)
    return expression


def _split(text: str) -> list[str]:
    words = text.split()
    if words and words[0].startswith("@"):
        words = _macro(words)
    if not words:
        raise ConfigError("it is empty", "five fields, such as 17 * * * *")
    if len(words) in {6, 7}:
        raise ConfigError(
            f"it has {len(words)} fields; Debian's cron has no seconds and no years", " ".join(words[1:6])
        )
    if len(words) != 5:
        wanted = "five: minute, hour, day of the month, month, day of the week, such as 17 * * * *"
        raise ConfigError(f"it has {len(words)} field{'s' if len(words) > 1 else ''}", wanted)
    return words


def _macro(words: list[str]) -> list[str]:
    name = words[0].lower()
    if name in MACROS and len(words) == 1:
        return MACROS[name].split()
    if name == "@reboot":
        raise ConfigError("@reboot is not a time", "a time, and start `dailypapers cron run` at boot")
    if name == "@every":
        raise ConfigError("Debian's cron does not support @every", "*/15 * * * * for every 15 minutes")
    raise ConfigError(f"{' '.join(words)} is not a macro", closest(name, MACROS) or f"one of {', '.join(MACROS)}")


def _check_days(expression: Expression) -> None:
    """Raises ConfigError if the day of the month never comes in these months."""
    longest = max(MAX_DAYS[month - 1] for month in expression.months)
    if min(expression.days) <= longest:
        return
    months = ", ".join(map(str, sorted(expression.months)))
    never = f"day {min(expression.days)} never comes in month {months}"
    if not expression.both_days:
        raise ConfigError(f"{never}; only the day of the week would count", "* as day of the month")
    raise ConfigError(never, f"a day up to {longest}")
