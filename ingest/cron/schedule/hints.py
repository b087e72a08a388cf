"""What to write instead of an expression that Debian's cron refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ingest.cron.errors import ConfigError

if TYPE_CHECKING:
    from .expression import Field

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
    """The step of an item, 1 without one. Of a longer number three digits are enough: no range has so many values."""
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


def reversed_range(field: Field, match: re.Match[str], first: int, last: int) -> ConfigError:
    """The error for a range that ends before it begins: Debian's cron accepts it and never runs it."""
    step = step_of(match)
    parts = (
        _split_range(field, match)
        if step < 2
        else _split_steps(field, match, range(first, last + field.cycle + 1, step))
    )
    return ConfigError(f"{field.name} {match[0]} ends before it begins and would never run", ",".join(parts))


def _split_range(field: Field, match: re.Match[str]) -> list[str]:
    """The range up to the end of the field, and on from its begin."""
    first, last, names = match["first"], match["last"], field.names
    end, begin = (names[-1], names[0]) if first.lower() in names else (str(field.high), str(field.low))
    return [first if first == end else f"{first}-{end}", last if last == begin else f"{begin}-{last}"]


def _split_steps(field: Field, match: re.Match[str], numbers: range) -> Iterator[str]:
    """The same with a step, which goes on over the end of the field: `50-9/15` are the minutes 50 and 5.

    `numbers` goes on with the number after the last one of the field in place of the first.
    """
    end = field.low + field.cycle
    names = field.names if match["first"].lower() in field.names else tuple(map(str, range(field.low, end)))
    for part in ([n for n in numbers if n < end], [n - field.cycle for n in numbers if n >= end]):
        spelled = [names[number - field.low] for number in part]
        if spelled:
            yield spelled[0] if len(spelled) == 1 else f"{spelled[0]}-{spelled[-1]}/{numbers.step}"
