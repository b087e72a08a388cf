"""What to write instead of an expression that Debian's cron refuses."""

from __future__ import annotations

import re
from typing import Final

from .errors import ConfigError

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
