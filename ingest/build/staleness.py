"""Whether a day must be built again: decided from its certificate and file names, without loading a parser."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ingest.plan.inventory import StoredDay
from ingest.sources.model import Source
from parsers.versions import SCHEMA, versions
from snapshots.certificate import Certificate

RULES: Final = 2
"""Version of how pages become a day and its certificate (pagination, verdicts, merging, profiles); each change of that
raises it."""


def parser_versions(source: Source) -> dict[str, int]:
    """The versions of a source's parsers and of what they are built on, as a certificate names them."""
    numbers = {"rules": RULES}
    for view in source.views:
        numbers |= versions(view.parser)
    return numbers


def is_stale(stored: StoredDay) -> bool:
    """Whether the day must be built: its certificate names another parser, schema or set of archive files."""
    certificate, source_day = stored.certificate, stored.source_day
    if certificate is None or _size(stored.store.papers(source_day.series, source_day.day)) != certificate["size"]:
        return True
    sizes = {file.path.name: file.size for file in stored.files.archives if file.path.name not in certificate["lost"]}
    return (
        certificate["schema"] != SCHEMA
        or certificate["parsers"] != parser_versions(source_day.source)
        or sizes != {fetch["file"]: fetch["bytes"] for fetch in certificate["fetches"]}
        or _is_restored(stored, certificate)
    )


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.exists() else None


def _is_restored(stored: StoredDay, certificate: Certificate) -> bool:
    """Whether a file that was given up as lost is back and can be read."""
    if not any(path.name in certificate["lost"] for path in stored.archives):
        return False
    from ingest.archive.reader import read_archives  # noqa: PLC0415 - rarely needed, and it loads the WARC reader

    folder = read_archives(stored.archives, stored.source_day.series, stored.source_day.day)
    return any(archived.path.name in certificate["lost"] for archived in folder.fetches)
