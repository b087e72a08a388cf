"""The files of one month, and of the certificates of a series, as pure functions of the days that they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.certificate import Certificate
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.reader import VerifiedDay, intact_certificate, verified_day
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.reading import read_whole

from .columns import certificate_columns, metric_columns, paper_columns
from .parquet import ParquetFile
from .schema import CERTIFICATES, FORMAT, METRICS, PAPERS


class MonthFiles(NamedTuple):
    """The Parquet files of a month of a series, and the checksums of the certificates of the days in them."""

    papers: bytes
    metrics: bytes
    inputs: Mapping[str, str]


def month_files(store: Store, series: Series, days: Iterable[date]) -> MonthFiles:
    """The papers and metrics of some days, in order; one day is in memory at a time, and what is written of the others.

    Raises StoreError for a day with a file that is not as it was built.
    """
    papers, metrics = ParquetFile(PAPERS), ParquetFile(METRICS)
    certificates: list[Certificate] = []
    for day in _verified_days(store, series, days):
        with _naming(store.certificate(series, date.fromisoformat(day.certificate["day"]))):
            papers.add(paper_columns(day.papers))
            metrics.add(metric_columns(series, day.certificate["day"], day.metrics))
        certificates.append(day.certificate)
    inputs = {certificate["day"]: certificate["checksum"] for certificate in certificates}
    return MonthFiles(
        papers.finish(_metadata(certificates, "papers")), metrics.finish(_metadata(certificates, "metrics")), inputs
    )


def certificates_file(store: Store, series: Series, days: Iterable[date]) -> tuple[bytes, Mapping[str, str]]:
    """The Parquet file of the certificates of some days, in order, and their checksums.

    Raises StoreError for a certificate that is not as a build writes it.
    """
    file, inputs, states = ParquetFile(CERTIFICATES), {}, {}
    for day in days:
        path = store.certificate(series, day)
        text = read_whole(path)
        certificate = intact_certificate(path, text)
        with _naming(path):
            file.add(certificate_columns(series, certificate, text))
        inputs[f"{day}"] = certificate["checksum"]
        states[f"{day}"] = {"state": certificate["state"], "sha256": certificate["checksum"]}
    return file.finish({"format": FORMAT, "schema": SCHEMA, "days": states}), inputs


@contextmanager
def _naming(certificate: Path) -> Iterator[None]:
    """Values of another type, under checksums that are right, are damage of a day; records are not validated again."""
    try:
        yield
    except ValueError as error:
        problem = f"it or a file of its day has values that no build writes ({error})"
        raise StoreError(f"{certificate}: {problem}; run dailypapers build --all") from error


def _verified_days(store: Store, series: Series, days: Iterable[date]) -> Iterator[VerifiedDay]:
    for day in days:
        verified = verified_day(store, series, day)
        if verified is None:
            raise StoreError(f"{store.certificate(series, day)}: removed while it was read; run the command again")
        yield verified


def _metadata(certificates: Iterable[Certificate], kind: str) -> dict[str, object]:
    """What a file was made of: the versions, and each day with its state and the digest of the file of that kind."""
    days, parsers = {}, dict[str, set[int]]()
    for certificate in certificates:
        file = certificate["files"].get(kind)
        days[certificate["day"]] = {"state": certificate["state"], "sha256": file["sha256"] if file else None}
        for parser, version in certificate["parsers"].items():
            parsers.setdefault(parser, set()).add(version)
    versions = {parser: sorted(numbers) for parser, numbers in sorted(parsers.items())}
    return {"format": FORMAT, "schema": SCHEMA, "parsers": versions, "days": days}
