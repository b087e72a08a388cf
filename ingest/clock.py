"""The clock whose times are written to files and compared with days. `--now` replaces it; timeouts never use it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import NamedTuple

from .errors import UsageError


class Clock(NamedTuple):
    """The machine's clock, or a fixed instant."""

    fixed: datetime | None = None

    def now(self) -> datetime:
        """The time in UTC, in whole seconds."""
        return (self.fixed or datetime.now(UTC)).replace(microsecond=0)

    def today(self) -> date:
        """The day in UTC, as the sites count days."""
        return self.now().date()


def parse_instant(text: str) -> datetime:
    """Parse a time such as `2025-12-08T10:00:00Z`, with any offset; UTC by default.

    Raises UsageError on anything else.
    """
    try:
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is not a time; write it like 2025-12-08T10:00:00Z") from error


def parse_day(text: str) -> date:
    """Parse a day such as `2025-12-08`. Raises UsageError on anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a day; write it like 2025-12-08") from error
