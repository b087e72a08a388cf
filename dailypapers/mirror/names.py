"""The names in a mirror. They are those of a store; a listing is foreign data, so any other name is refused."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.atomic import TEMPORARY_SUFFIX
from dailypapers.snapshots.store.layout import ARCHIVE_SUFFIX, CERTIFICATE_SUFFIX

from .mirror import Mirror, RemoteFile

DECISIONS: Final = ("joins.txt", "waived.txt")
"""What a human decided: files of lines."""
TOPS: Final = ("pages", "snapshots")

_LOCAL: Final = {".lock", ".push.lock", "attempts", "catalog", "runs"}
"""What else is in a mirror that is a folder and a store itself."""
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}-[0-9a-f]{8}", re.ASCII)
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)
_DAY: Final = r"(\d{4}-\d\d-\d\d)"
_IN_YEAR: Final = {
    "pages": re.compile(rf"{_DAY}/\d{{8}}T\d{{6}}Z-[0-9a-f]{{8}}{re.escape(ARCHIVE_SUFFIX)}", re.ASCII),
    "snapshots": re.compile(
        rf"{_DAY}(?:\.jsonl|\.rejects\.jsonl|\.metrics\.jsonl|{re.escape(CERTIFICATE_SUFFIX)})", re.ASCII
    ),
}


class MirrorDay(NamedTuple):
    """The files of a source-day in a mirror."""

    folder: str
    """The folder of the series below `pages/` and `snapshots/`, with slashes."""
    day: date
    files: Mapping[str, RemoteFile]
    """By name relative to the mirror."""

    @property
    def archives(self) -> dict[str, str]:
        """The names of the archive files, by their name in the folder of the day."""
        return {name.rpartition("/")[2]: name for name in sorted(self.files) if name.startswith("pages/")}

    @property
    def derived(self) -> dict[str, str]:
        """The names of the files in `snapshots/`, by their name in the folder of the year."""
        return {name.rpartition("/")[2]: name for name in sorted(self.files) if name.startswith("snapshots/")}

    @property
    def certificate(self) -> str:
        """The name of the certificate, whether or not it is there."""
        return f"snapshots/{self.folder}/{self.day:%Y}/{self.day}{CERTIFICATE_SUFFIX}"

    @property
    def pages(self) -> str:
        """The folder of the archives."""
        return f"pages/{self.folder}/{self.day:%Y}/{self.day}"


def days_in(mirror: Mirror, *folders: str) -> tuple[list[MirrorDay], list[str]]:
    """The days with files in these folders, and the names there that no store has: as long as it takes to see that."""
    days: defaultdict[tuple[str, date], dict[str, RemoteFile]] = defaultdict(dict)
    refused: set[str] = set()
    for name, file in mirror.files(*folders).items():
        place = _place(name)
        if not isinstance(place, str):
            days[place][name] = file
        elif not name.endswith(TEMPORARY_SUFFIX):
            refused.add(place)
    return [MirrorDay(*place, days[place]) for place in sorted(days)], _not_local(refused)


def all_days(mirror: Mirror) -> tuple[list[MirrorDay], list[str]]:
    """All days of a mirror, and all names that no store has."""
    days, refused = days_in(mirror, *TOPS)
    return days, _not_local({*mirror.names()} - {*TOPS, *DECISIONS}) + refused


def _not_local(names: set[str]) -> list[str]:
    return sorted(name for name in names if name.rpartition("/")[2] not in _LOCAL)


def _place(name: str) -> tuple[str, date] | str:
    """The folder of the series and the day of a file; of any other name the part up to what no store has."""
    parts = [*name.split("/"), "", "", ""]
    source = SOURCES.get(parts[1])
    if source is None:
        return "/".join(parts[:2]).rstrip("/")
    at = 3 if source.takes_query and _SLUG.fullmatch(parts[2]) else 2
    if (at == 2 and not source.is_plain) or not _YEAR.fullmatch(parts[at]):
        return "/".join(parts[: at + 1]).rstrip("/")
    in_year = _IN_YEAR.get(parts[0])
    found = in_year.fullmatch("/".join(parts[at + 1 : -3])) if in_year else None
    day = _date(found[1]) if found and found[1].startswith(parts[at]) else None
    return ("/".join(parts[1:at]), day) if day else name


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
