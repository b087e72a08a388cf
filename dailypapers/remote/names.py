"""The names in a mirror. They are those of a store; a listing is foreign data, so any other name is refused."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from ingest.sources.model import Source
from ingest.sources.registry import SOURCES
from snapshots.store.atomic import TEMPORARY_SUFFIX
from snapshots.store.layout import ARCHIVE_SUFFIX, CERTIFICATE_SUFFIX

from .mirror import Mirror, RemoteFile

DECISIONS: Final = ("joins.txt", "waived.txt")
"""What a human decided: files of lines."""
TOPS: Final = ("pages", "snapshots")

_LOCAL: Final = {".lock", ".push.lock", "attempts", "catalog", "runs"}
"""What else is in a mirror that is a folder and a store itself."""
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}-[0-9a-f]{8}", re.ASCII)
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)
_ARCHIVE: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}" + re.escape(ARCHIVE_SUFFIX), re.ASCII)
_DERIVED: Final = (".jsonl", CERTIFICATE_SUFFIX, ".rejects.jsonl", ".metrics.jsonl")


class Year(NamedTuple):
    """A year of a series in a mirror."""

    folder: str
    """The folder of the series below `pages/` and `snapshots/`, with slashes."""
    year: str


class MirrorDay(NamedTuple):
    """The files of a source-day in a mirror."""

    folder: str
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
        return snapshot_name(self.folder, self.day, CERTIFICATE_SUFFIX)


def snapshot_name(folder: str, day: date, suffix: str) -> str:
    """The name of a file of a day."""
    return f"snapshots/{folder}/{day:%Y}/{day}{suffix}"


def pages_folder(folder: str, day: date) -> str:
    """The folder of the archives of a day."""
    return f"pages/{folder}/{day:%Y}/{day}"


def years(mirror: Mirror) -> tuple[list[Year], list[str]]:
    """The years of all series in a mirror, and the names that do not belong into one."""
    found: set[Year] = set()
    refused = sorted(set(mirror.names()) - {*TOPS, *DECISIONS} - _LOCAL)
    for top in TOPS:
        for source in mirror.names(top):
            if source not in SOURCES:
                refused.append(f"{top}/{source}")
                continue
            for folder in _series(mirror, top, source, refused):
                for year in mirror.names(f"{top}/{folder}"):
                    if _YEAR.fullmatch(year):
                        found.add(Year(folder, year))
                    elif year not in _LOCAL and not _is_series(SOURCES[source], folder, year):
                        refused.append(f"{top}/{folder}/{year}")
    return sorted(found), refused


def _series(mirror: Mirror, top: str, source: str, refused: list[str]) -> Iterator[str]:
    if SOURCES[source].is_plain:
        yield source
    if not SOURCES[source].takes_query:
        return
    for slug in mirror.names(f"{top}/{source}"):
        if SOURCES[source].is_plain and _YEAR.fullmatch(slug):
            continue
        if _SLUG.fullmatch(slug):
            yield f"{source}/{slug}"
        elif slug not in _LOCAL:
            refused.append(f"{top}/{source}/{slug}")


def _is_series(source: Source, folder: str, name: str) -> bool:
    """Whether a name beside the years is the series of a query."""
    return folder == source.name and source.takes_query and _SLUG.fullmatch(name) is not None


def days_of(mirror: Mirror, year: Year) -> tuple[list[MirrorDay], list[str]]:
    """The days of a year with their files, and the names that do not belong there."""
    files = mirror.all_files(f"{top}/{year.folder}/{year.year}" for top in TOPS)
    return _grouped(year, files)


def _grouped(year: Year, files: Mapping[str, RemoteFile]) -> tuple[list[MirrorDay], list[str]]:
    days: defaultdict[date, dict[str, RemoteFile]] = defaultdict(dict)
    refused: list[str] = []
    for name, file in files.items():
        day = _day_of(year, name)
        if day is not None:
            days[day][name] = file
        elif not name.endswith(TEMPORARY_SUFFIX):
            refused.append(name)
    return [MirrorDay(year.folder, day, days[day]) for day in sorted(days)], refused


def _day_of(year: Year, name: str) -> date | None:
    """The day to which a file belongs; None for any name that a store does not have."""
    text = name.removeprefix(f"snapshots/{year.folder}/{year.year}/")
    if text != name:
        return next((_date(year, text.removesuffix(suffix)) for suffix in _DERIVED if text[10:] == suffix), None)
    text = name.removeprefix(f"pages/{year.folder}/{year.year}/")
    day, _, file = text.partition("/")
    return _date(year, day) if text != name and _ARCHIVE.fullmatch(file) else None


def _date(year: Year, text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if text == day.isoformat() and text[:4] == year.year else None
