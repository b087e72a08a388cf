"""Durations as people write them: `90s`, `15m`, `1h30m`, `2d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from ingest.cron.errors import Mistake

# Four digits of days are 27 years; a thousand times as much leads out of the calendar.
PATTERN: Final = r"^(?=.)([0-9]{1,4}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$"


def duration(text: object) -> timedelta:
    """Read a duration. Raises Mistake, also where a number has no unit."""
    found = re.fullmatch(PATTERN, text) if isinstance(text, str) else None
    if found is None:
        raise Mistake(f"{text!r} is no duration", _instead(str(text)))
    days, hours, minutes, seconds = (int(part[:-1]) if part else 0 for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def words(length: timedelta) -> str:
    """A duration as `duration` reads it."""
    seconds = round(length.total_seconds())
    parts = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
    said = ""
    for unit, size in parts:
        count, seconds = divmod(seconds, size)
        said += f"{count}{unit}" if count else ""
    return said or "0s"


def _instead(text: str) -> str:
    if re.fullmatch(r"[0-9]+", text):
        return f"{text}s for seconds, {text}m for minutes or {text}h for hours"
    return "one such as 90s, 15m, 1h30m or 2d"
