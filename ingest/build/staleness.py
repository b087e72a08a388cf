"""Whether a day must be built again: told from its certificate and file names, without loading a parser."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from ingest.sources.model import Source, SourceDay
from parsers.versions import SCHEMA, versions
from snapshots.certificate import CertificateJson, read_certificate
from snapshots.errors import CertificateError
from snapshots.store.layout import Series, Store

log = logging.getLogger(__name__)

RULES: Final = 2
"""Version of how pages become a day and what is told of them (walks, judgement, merging, profiles); it
grows with every change of that."""


def parser_versions(source: Source) -> dict[str, int]:
    """The parsers of a source and what they are built upon, with their versions, as a certificate names them."""
    found = {"rules": RULES}
    for view in source.views:
        found |= versions(view.parser)
    return found


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.exists() else None


def is_stale(store: Store, source_day: SourceDay) -> bool:
    """Whether the day must be built: another parser, schema or set of archive files than its certificate names."""
    series, day = source_day.series, source_day.day
    named = built_certificate(store, series, day)
    if named is None or _size(store.papers(series, day)) != named["size"]:
        return True
    archives = store.archives(series, day)
    sizes = {path.name: path.stat().st_size for path in archives if path.name not in named["lost"]}
    return (
        named["schema"] != SCHEMA
        or named["parsers"] != parser_versions(source_day.source)
        or sizes != {fetch["file"]: fetch["bytes"] for fetch in named["fetches"]}
        or _is_restored(archives, named, series, day)
    )


def _is_restored(archives: Sequence[Path], named: CertificateJson, series: Series, day: date) -> bool:
    """Whether a file that was given up as lost is back and whole."""
    if not any(path.name in named["lost"] for path in archives):
        return False
    from ingest.archive.reader import read_archives  # noqa: PLC0415 - seldom, and it brings the WARC reader

    whole = {archived.path.name for archived in read_archives(archives, series, day).fetches}
    return any(name in whole for name in named["lost"])


def built_certificate(store: Store, series: Series, day: date) -> CertificateJson | None:
    """The certificate of a day, or None where there is none that can be read: then it is made anew."""
    try:
        return read_certificate(store.certificate(series, day))
    except CertificateError:
        log.warning("%s cannot be read; it is made anew", store.certificate(series, day))
        return None


def stale_days(store: Store, days: Iterable[SourceDay]) -> list[SourceDay]:
    """Those of the days that must be built."""
    return [day for day in days if is_stale(store, day)]
