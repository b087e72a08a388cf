"""Whether the files of a day in a mirror are what the certificate and the archives say of themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from dailypapers.ingest.archive.seal import archive_identity
from dailypapers.ingest.errors import DamagedArchive
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.certificate import Certificate, is_intact, parse_certificate, sha256
from dailypapers.snapshots.errors import CertificateError
from dailypapers.snapshots.store.layout import Series

from .mirror import Mirror, at_once
from .names import MirrorDay, all_days

Result = TypeVar("Result")

MAX_FILE: Final = 2**30
"""Bytes; a store has no larger file."""
LARGE: Final = 32 * 2**20
"""Bytes of a day that is read alone, so that no mirror fills the memory with sixteen of them."""


class Finding(NamedTuple):
    """A file of a mirror, and what is wrong with it."""

    name: str
    problem: str

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}"


@dataclass(slots=True)
class CheckedDay:
    """A day of a mirror: what can be used of it, and what is wrong."""

    findings: list[Finding] = field(default_factory=list)
    certificate: Certificate | None = None
    """None if there is none, or if it is damaged."""
    archives: dict[str, bytes] = field(default_factory=dict)
    """The archive files that are exactly as they were written, by their names in the mirror."""
    series: Series | None = None
    """As the archive files name it; None if none is whole."""


def unknown_name(name: str) -> Finding:
    """The finding for a name that no store has."""
    return Finding(name, "not the name of a file of a store; it is left alone")


def verify(mirror: Mirror) -> Iterator[Finding]:
    """Everything in a mirror that is not as it was pushed. Reads all of it, and writes nothing."""
    days, refused = all_days(mirror)
    yield from map(unknown_name, refused)
    for findings in each_day(lambda day: check_day(day, read_day(mirror, day)).findings, days):
        yield from findings


def each_day(work: Callable[[MirrorDay], Result], days: Iterable[MirrorDay]) -> Iterator[Result]:
    """Work on several days at a time, then on the large ones alone."""
    large = {day.certificate: day for day in days if sum(file.size for file in day.files.values()) > LARGE}
    yield from at_once(work, (day for day in days if day.certificate not in large))
    yield from map(work, large.values())


def read_day(mirror: Mirror, day: MirrorDay, without: Collection[str] = ()) -> dict[str, bytes]:
    """The content of the files of a day, but of those named in `without` and of those that no store has."""
    names = (name for name, file in day.files.items() if name not in without and file.size <= MAX_FILE)
    contents = ((name, mirror.read(name)) for name in names)
    return {name: content for name, content in contents if content is not None}


def check_day(day: MirrorDay, contents: Mapping[str, bytes]) -> CheckedDay:
    """Check the files of a day that were read; those that were not are only looked for."""
    sizes = sorted((name, file.size) for name, file in day.files.items())
    checked = CheckedDay([Finding(name, "larger than any file of a store") for name, size in sizes if size > MAX_FILE])
    try:
        if day.certificate in contents:
            checked.certificate = _certificate(day, contents[day.certificate])
            checked.findings += _named(day, contents, checked.certificate)
    except CertificateError as error:
        checked.findings.append(Finding(day.certificate, f"{error}"))
    digests = archive_digests(checked.certificate)
    for file, name in day.archives.items():
        try:
            if name in contents:
                checked.series = _series(day, name, contents[name], digests.get(file))
                checked.archives[name] = contents[name]
        except DamagedArchive as error:
            checked.findings.append(Finding(name, f"{error}".removeprefix(f"{name}: ")))
    return checked


def archive_digests(certificate: Certificate | None) -> dict[str, str]:
    """The sha256 of the archives that a certificate names, by their names in the folder of the day."""
    return {fetch["file"]: fetch["sha256"] for fetch in certificate["fetches"]} if certificate else {}


def derived_digests(certificate: Certificate) -> dict[str, str]:
    """The sha256 of the derived files that a certificate names, by their names in the folder of the year."""
    return {file["file"]: file["sha256"] for file in certificate["files"].values()}


def parse_foreign(content: bytes) -> Certificate:
    """A certificate that somebody else may have written: every part that is used has the type that it must have.

    Raises CertificateError for anything else.
    """
    try:
        certificate = parse_certificate(Path("certificate"), content)
    except CertificateError as error:
        raise CertificateError("not a certificate of this version") from error
    source, parsers = SOURCES.get(certificate["source"]), _plain(certificate["parsers"])
    takes = source and (source.is_plain if certificate["query"] is None else source.takes_query)
    if not takes or not isinstance(parsers, dict) or not all(isinstance(number, int) for number in parsers.values()):
        raise CertificateError("not a certificate of this version")
    return certificate


def _plain(value: object) -> object:
    """What is typed by hope, as what it is."""
    return value


def _certificate(day: MirrorDay, content: bytes) -> Certificate:
    certificate = parse_foreign(content)
    if not is_intact(content):
        raise CertificateError("changed since it was written: its checksum does not match")
    where = Series(certificate["source"], certificate["query"]).folder.as_posix(), certificate["day"]
    if where != (day.folder, day.day.isoformat()):
        raise CertificateError(f"the certificate of {where[0]} {where[1]}")
    return certificate


def _named(day: MirrorDay, contents: Mapping[str, bytes], certificate: Certificate) -> Iterator[Finding]:
    """What a certificate names and is not there, or is another file."""
    archives, derived = day.archives, day.derived
    for fetch in certificate["fetches"]:
        if fetch["file"] not in archives:
            yield Finding(day.certificate, f"names the archive {fetch['file']}, which is not there")
    for file, digest in derived_digests(certificate).items():
        name = derived.get(file)
        if name is None:
            yield Finding(day.certificate, f"names {file}, which is not there")
        elif name in contents and sha256(contents[name]) != digest:
            yield Finding(name, "not the file that its certificate names")


def _series(day: MirrorDay, name: str, content: bytes, digest: str | None) -> Series:
    """The series that an archive names. Raises DamagedArchive if it is another, or not as it was written."""
    if digest is not None and digest != sha256(content):
        raise DamagedArchive("not the archive that the certificate names")
    series, named = archive_identity(Path(name), content)
    if (series.folder.as_posix(), named) != (day.folder, day.day):
        raise DamagedArchive(f"the archive of {series} {named}")
    return series
