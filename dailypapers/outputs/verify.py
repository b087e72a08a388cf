"""Whether the files of an output are as they were written, by `SHA256SUMS` or by the certificates of a site."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from dailypapers.snapshots.errors import CertificateError
from dailypapers.snapshots.reader import intact_certificate
from dailypapers.snapshots.store.atomic import read_whole
from dailypapers.snapshots.store.layout import CERTIFICATE_SUFFIX, Series, Store

from .folder import CHECKSUMS, checksum_lines, read_checksums

DATA: Final = "data"


class Difference(NamedTuple):
    """A file, or a day of a series, that is not what it should be, and why."""

    name: str
    problem: str

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}"


def changed_files(folder: Path) -> Iterator[Difference]:
    """The files of `SHA256SUMS` that are missing or have other content, and Parquet files that it does not list.

    Raises OSError if there is no such file.
    """
    checksums = read_checksums(folder)
    if checksum_lines(checksums) != read_whole(folder / CHECKSUMS):
        yield Difference(CHECKSUMS, "changed since it was written: it has lines that are not checksums")
    for name, digest in checksums.items():
        path = folder / name
        if not _is_inside(folder, path):
            yield Difference(CHECKSUMS, f"names a file outside the folder, {name}")
        elif not path.is_file():
            yield Difference(name, "missing")
        elif _sha256(path) != digest:
            yield Difference(name, f"changed since it was written: its digest is not the one in {CHECKSUMS}")
    for path in sorted((folder / DATA).rglob("*.parquet")):
        name = path.relative_to(folder).as_posix()
        if name not in checksums:
            yield Difference(name, f"not listed in {CHECKSUMS}")


def site_days(folder: Path) -> list[Path]:
    """The certificates below `data/` of a site, with the suffix `.day.json`."""
    return sorted((folder / DATA).rglob("*" + CERTIFICATE_SUFFIX))


def changed_days(folder: Path) -> Iterator[Difference]:
    """The certificates of a site that are not as they were written, and day files that are not what they name."""
    for path in site_days(folder):
        day_file = path.with_name(path.name.removesuffix(CERTIFICATE_SUFFIX) + ".jsonl")
        try:
            digest = intact_certificate(path, read_whole(path))["files"]["papers"]["sha256"]
        except CertificateError:
            yield Difference(path.relative_to(folder).as_posix(), "changed since it was written")
            continue
        if not day_file.is_file():
            yield Difference(day_file.relative_to(folder).as_posix(), "missing")
        elif _sha256(day_file) != digest:
            problem = "changed since it was written: its digest is not the one in its certificate"
            yield Difference(day_file.relative_to(folder).as_posix(), problem)


def site_against_store(folder: Path, store: Store, all_series: Iterable[Series]) -> Iterator[Difference]:
    """The days of which the site and the store hold different certificates, or of which only one of them holds any.

    Series that the site does not hold are left out.
    """
    sites = {path.relative_to(folder / DATA): read_whole(path) for path in site_days(folder)}
    series_of_site = {path.parent for path in sites}
    for series in all_series:
        for day in store.days_with_snapshots(series) if series.folder in series_of_site else ():
            path = store.certificate(series, day)
            name = series.folder / path.name
            shown = sites.pop(name, None)
            if shown != read_whole(path):
                problem = "in the store, not in the site" if shown is None else "the store holds another version"
                yield Difference(f"{DATA}/{name.as_posix()}", problem)
    for name in sites:
        yield Difference(f"{DATA}/{name.as_posix()}", "in the site, not in the store")


def _is_inside(folder: Path, path: Path) -> bool:
    # Not Path.resolve(), which raises RuntimeError for a link that leads to itself.
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
