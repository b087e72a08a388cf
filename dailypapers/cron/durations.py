"""Durations such as `90s`, `15m`, `1h30m` or `2d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from .errors import ConfigError

# Four digits of days are 27 years; three digits more would leave the range of datetime.
PATTERN: Final = r"^(?=.)([0-9]{1,4}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$"
_UNITS: Final = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def parse_duration(text: object) -> timedelta:
    """Read a duration; each number needs a unit. Raises ConfigError."""
    match = re.fullmatch(PATTERN, text) if isinstance(text, str) else None
    if match is None:
        raise ConfigError(f"{text!r} is not a duration", _instead(str(text)))
    days, hours, minutes, seconds = (int(part[:-1]) if part else 0 for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """A duration in the form that `parse_duration` reads, rounded to seconds."""
    seconds, text = round(duration.total_seconds()), ""
    for unit, size in _UNITS:
        count, seconds = divmod(seconds, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def _instead(text: str) -> str:
    if re.fullmatch(r"[0-9]+", text):
        return f"{text}s for seconds, {text}m for minutes or {text}h for hours"
    return "a duration such as 90s, 15m, 1h30m or 2d"
