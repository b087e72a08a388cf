"""What a store holds: its series, and each of their days as the plan sees it. Reads certificates as plain JSON."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import orjson

from ingest.sources.model import Source, SourceDay, SourceSeries
from ingest.sources.registry import SOURCES
from ingest.sources.rules import bounds_of
from snapshots.certificate import CertificateJson, read_certificate
from snapshots.completeness.state import looks_of
from snapshots.errors import CertificateError
from snapshots.store.layout import ARCHIVE_SUFFIX, CERTIFICATE_SUFFIX, Series, Store

from .revisit import DayHistory

_YEAR = re.compile(r"\d{4}")


def stored_series(store: Store, source: Source) -> list[Series]:
    """The series of a source of which the store holds anything."""
    if not source.takes_query:
        series = Series(source.name)
        return [series] if store.stored_days(series) else []
    folders = {folder.name for top in ("pages", "snapshots") for folder in (store.root / top / source.name).glob("*/")}
    found = (_series_of(store, source, name) for name in sorted(folders) if not _YEAR.fullmatch(name))
    return [series for series in found if series is not None]


def all_stored_series(store: Store) -> Iterator[SourceSeries]:
    """Every series of the store with its source, in the order of the table."""
    for source in SOURCES.values():
        for series in stored_series(store, source):
            yield SourceSeries(source, series)


def has_papers(store: Store, series: Series, day: date) -> bool:
    """Whether any fetch of a day that was built showed a paper."""
    try:
        certificate = read_certificate(store.certificate(series, day))
    except CertificateError:
        return False
    return bool(certificate and certificate["papers"])


def whole_fetches(store: Store, series: Series, day: date) -> set[str]:
    """The archive files of a day's fetches that its certificate calls whole."""
    try:
        certificate = read_certificate(store.certificate(series, day))
    except CertificateError:
        return set()
    return {fetch["file"] for fetch in certificate["fetches"] if fetch["whole"]} if certificate else set()


def day_history(store: Store, source_day: SourceDay) -> DayHistory:
    """A source-day as the plan sees it; a certificate that cannot be read counts as none."""
    try:
        certificate = read_certificate(store.certificate(source_day.series, source_day.day))
    except CertificateError:
        certificate = None
    return history_in(source_day, certificate)


def history_in(source_day: SourceDay, certificate: CertificateJson | None) -> DayHistory:
    """A source-day as the plan sees it, from its certificate."""
    source, day = source_day.source, source_day.day
    looks = looks_of(certificate["fetches"]) if certificate else []
    return DayHistory(source.period, day, bounds_of(source, day), looks)


def _series_of(store: Store, source: Source, folder: str) -> Series | None:
    """The words of a search stand in its certificates, and in the summaries of its archives."""
    for path in sorted((store.root / "snapshots" / source.name / folder).glob(f"????/*{CERTIFICATE_SUFFIX}")):
        with suppress(CertificateError):
            certificate = read_certificate(path)
            if certificate is not None:
                return Series(source.name, certificate["query"])
    archives = (store.root / "pages" / source.name / folder).glob(f"????/*/*{ARCHIVE_SUFFIX}")
    return next((Series(source.name, query) for query in _queries(sorted(archives))), None)


def _queries(archives: Iterable[Path]) -> Iterator[str]:
    for path in archives:
        try:
            with gzip.open(path) as records:
                summary = records.read().rpartition(b"\r\n\r\n{")[2].strip()
            yield orjson.loads(b"{" + summary)["query"]
        except (OSError, EOFError, KeyError, orjson.JSONDecodeError):
            continue
