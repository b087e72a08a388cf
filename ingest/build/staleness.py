"""Whether a day must be built again: decided from its certificate and file names, without loading a parser."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from dailypapers.ingest.plan.inventory import StoredDay
from dailypapers.ingest.sources.model import Source
from dailypapers.parsers.versions import SCHEMA, versions
from dailypapers.snapshots.certificate import Certificate, sha256
from dailypapers.snapshots.store.atomic import read_whole

RULES: Final = 4
"""Version of how pages become a day and its certificate (pagination, verdicts, merging, profiles); each change of that
raises it."""


log = logging.getLogger(__name__)


def parser_versions(source: Source) -> dict[str, int]:
    """The versions of a source's parsers and of what they are built on, as a certificate names them."""
    numbers = {"rules": RULES}
    for view in source.views:
        numbers |= versions(view.parser)
    return numbers


def is_stale(stored: StoredDay) -> bool:
    """Whether the day must be built, as far as that shows without reading any file but its certificate.

    The certificate names another parser, schema or set of archive files, or a derived file is missing or of another
    size.
    """
    certificate = stored.certificate
    return certificate is None or _is_outdated(stored, certificate) or _sizes(stored) != _built_sizes(certificate)


def damaged_files(stored: StoredDay) -> list[Path]:
    """The files of a day that are not as they were built; none if the day must be built for another reason.

    Reads all derived files. If the certificate itself was changed, it is the only one named.
    """
    certificate = stored.certificate
    if certificate is None or _is_outdated(stored, certificate):
        return []
    if not stored.has_intact_certificate:
        return [stored.store.certificate(stored.source_day.series, stored.source_day.day)]
    digests = {kind: file["sha256"] for kind, file in certificate["files"].items()}
    return [path for kind, path in _derived(stored).items() if _digest(path) != digests.get(kind)]


def warn_if_damaged(stored: StoredDay) -> bool:
    """Whether any file of a day is damaged; each is named in a warning, which expects that the day is built next."""
    damaged = damaged_files(stored)
    for path in damaged:
        log.warning("%s is not the file that was built; it is rebuilt", path)
    return bool(damaged)


def _is_outdated(stored: StoredDay, certificate: Certificate) -> bool:
    sizes = {file.path.name: file.size for file in stored.files.archives if file.path.name not in certificate["lost"]}
    return (
        certificate["schema"] != SCHEMA
        or certificate["parsers"] != parser_versions(stored.source_day.source)
        or sizes != {fetch["file"]: fetch["bytes"] for fetch in certificate["fetches"]}
        or _is_restored(stored, certificate)
    )


def _derived(stored: StoredDay) -> dict[str, Path]:
    return stored.store.derived(stored.source_day.series, stored.source_day.day)


def _sizes(stored: StoredDay) -> dict[str, int]:
    return {kind: path.stat().st_size for kind, path in _derived(stored).items() if path.exists()}


def _built_sizes(certificate: Certificate) -> dict[str, int]:
    return {kind: file["bytes"] for kind, file in certificate["files"].items()}


def _digest(path: Path) -> str | None:
    return sha256(read_whole(path)) if path.exists() else None


def _is_restored(stored: StoredDay, certificate: Certificate) -> bool:
    """Whether a file that was given up as lost is back and can be read."""
    if not any(path.name in certificate["lost"] for path in stored.archives):
        return False
    from dailypapers.ingest.archive.reader import read_archives  # noqa: PLC0415 - rarely needed, and it loads the WARC reader

    folder = read_archives(stored.archives, stored.source_day.series, stored.source_day.day)
    return any(archived.path.name in certificate["lost"] for archived in folder.fetches)
