"""A position in the arrivals of a catalog: `2025-12-10T12:00:00Z.1a2b3c4d.12345` (time, generation, number).

The number counts the arrivals of one catalog, the generation tells which catalog, with which arrivals up to the number.
If that catalog was lost, everything since the time is given again; it is that of the newest day file that it knew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

_CURSOR = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\.(r?)([0-9a-f]{8})\.(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in the arrivals of a catalog."""

    time: datetime
    generation: str
    seq: int
    is_resync: bool = False
    """Everything since `time` is being given again; written as an `r` before the generation."""

    def __str__(self) -> str:
        time = self.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{time}.{'r' * self.is_resync}{self.generation}.{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for text that is not a cursor."""
        match = _CURSOR.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text[:100]!r} is not a cursor like 2025-12-10T12:00:00Z.1a2b3c4d.12345")
        return cls(datetime.fromisoformat(match[1]), match[3], int(match[4]), is_resync=bool(match[2]))
