"""A calendar of day states: one line per month, one letter per day, in colour on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

import click

LETTERS: Final = {
    "closed": ("C", "green"),
    "empty": ("e", "bright_black"),
    "settling": ("s", "yellow"),
    "open": ("o", "cyan"),
    "partial": ("P", "red"),
    "missing": ("?", "magenta"),
    "out of reach": ("!", "red"),
    "waived": ("w", "bright_black"),
}
"""The letter and colour of each state."""


def calendar(states: Mapping[date, str]) -> Iterator[str]:
    """The lines of a calendar with a ruler above; a day without a state is a dot."""
    if not states:
        return
    yield "           " + "".join(str(number % 10) for number in range(1, 32))
    month = min(states).replace(day=1)
    while month <= max(states):
        yield f"  {month:%Y-%m}  " + "".join(_letter(states, day) for day in _days(month))
        month = (month + timedelta(days=31)).replace(day=1)


def legend() -> str:
    """The line that explains the letters."""
    return "  " + "  ".join(f"{click.style(letter, fg=colour)} {name}" for name, (letter, colour) in LETTERS.items())


def _days(month: date) -> Iterator[date]:
    day = month
    while day.month == month.month:
        yield day
        day += timedelta(days=1)


def _letter(states: Mapping[date, str], day: date) -> str:
    if day not in states:
        return "·"
    letter, colour = LETTERS[states[day]]
    return click.style(letter, fg=colour)
