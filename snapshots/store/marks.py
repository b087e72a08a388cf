"""What changes when the certificate of a day does, without opening it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from .layout import CERTIFICATE_SUFFIX, Series, Store


def certificate_marks(store: Store, series: Series) -> dict[str, str]:
    """Size and time of each day's certificate, by the day's name, in the order of days."""
    marks = {}
    for year in _entries(store.root / "snapshots" / series.folder):
        for entry in _entries(year) if year.name.isdigit() else ():
            if entry.name[10:] == CERTIFICATE_SUFFIX:
                stat = entry.stat()
                marks[entry.name[:10]] = f"{stat.st_size} {stat.st_mtime_ns}"
    return dict(sorted(marks.items()))


def _entries(folder: os.PathLike[str]) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except (FileNotFoundError, NotADirectoryError):
        return
