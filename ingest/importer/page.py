"""A page in a file given to `import`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Final

from dailypapers.ingest.errors import RefusedFile
from dailypapers.parsers.model import Page
from dailypapers.snapshots.witness import Witness

Refuse = Callable[[RefusedFile], None]
"""Takes what cannot be imported, and why, while the rest goes on."""

_DATE: Final = re.compile(r"(?<!\d)(\d{4}-\d\d-\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class FilePage:
    """A page in a file. `load` reads it again, so that a large import need not keep all pages in memory."""

    name: str
    """The file, with the address of the record in a WARC."""
    path: PurePath
    order: tuple[int, str]
    """Position among the pages of its view: by page number in the address, then by file name."""
    fetched_at: datetime | None
    is_plain_file: bool
    """A plain file, which has no address of its own."""
    is_resource: bool
    """Not an HTTP answer but a plain file, or a record of one."""
    load: Callable[[], Page]
    witness: Witness | None = None
    """Its version, if the file is in the history of a git repository."""

    def day_in_name(self) -> date | None:
        """The day in the name of the file; in a git repository, else in its path.

        Raises RefusedFile if there are several.
        """
        names = [self.path.name, *([self.path.as_posix()] if self.witness else [])]
        for days in ({day for text in _DATE.findall(name) if (day := _parse_day(text))} for name in names):
            if len(days) > 1:
                raise RefusedFile(f"{self.name}: its name holds {len(days)} days; choose one with --day")
            if days:
                return days.pop()
        return None


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
