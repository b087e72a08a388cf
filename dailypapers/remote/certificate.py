"""Certificates that somebody else may have written: every part that is used has the type that it must have."""

from __future__ import annotations

from pathlib import Path

from ingest.sources.model import Source
from ingest.sources.registry import SOURCES
from snapshots.certificate import Certificate, parse_certificate
from snapshots.errors import CertificateError


def parse_foreign(content: bytes) -> Certificate:
    """A certificate. Raises CertificateError for anything else."""
    certificate = parse_certificate(Path("certificate"), content)
    if not _has_types(certificate):
        raise CertificateError("not a certificate of this version")
    return certificate


def _has_types(certificate: Certificate) -> bool:
    query, parsers = _plain(certificate["query"]), _plain(certificate["parsers"])
    return (
        certificate["source"] in SOURCES
        and _is_query(SOURCES[certificate["source"]], query)
        and isinstance(parsers, dict)
        and all(isinstance(number, int) for number in parsers.values())
        and all(_are_texts(fetch["file"], fetch["sha256"]) for fetch in certificate["fetches"])
        and all(_are_texts(file["file"], file["sha256"]) for file in certificate["files"].values())
        and all(isinstance(_plain(file["bytes"]), int) for file in certificate["files"].values())
    )


def _is_query(source: Source, query: object) -> bool:
    return source.takes_query if isinstance(query, str) else source.is_plain and query is None


def _plain(value: object) -> object:
    """What is typed by hope, as what it is."""
    return value


def _are_texts(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)
