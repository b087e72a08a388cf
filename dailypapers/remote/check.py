"""Whether the files of a day in a mirror are what the certificate and the archives say of themselves."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from ingest.archive.seal import archive_identity
from ingest.errors import DamagedArchive
from snapshots.certificate import Certificate, is_intact, sha256
from snapshots.errors import CertificateError
from snapshots.store.layout import Series

from .certificate import parse_foreign
from .mirror import Mirror
from .names import MirrorDay, days_of, years

MAX_FILE: Final = 2**30
"""Bytes; a store has no larger file."""
BATCH: Final = 32 * 2**20
"""Bytes that are read together."""


class Finding(NamedTuple):
    """A file of a mirror, and what is wrong with it."""

    name: str
    problem: str

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}"


@dataclass(slots=True)
class CheckedDay:
    """A day of a mirror: what can be used of it, and what is wrong."""

    certificate: Certificate | None = None
    """None if there is none, or if it is damaged."""
    certificate_content: bytes = b""
    archives: dict[str, bytes] = field(default_factory=dict)
    """The archive files that are exactly as they were written, by their name in the folder of the day."""
    series: Series | None = None
    """As the archive files name it; None if none is whole."""
    findings: list[Finding] = field(default_factory=list)


def unknown_name(name: str) -> Finding:
    """The finding for a name that no store has."""
    return Finding(name, "not the name of a file of a store; it is left alone")


def check_day(day: MirrorDay, contents: Mapping[str, bytes]) -> CheckedDay:
    """Check the files of a day that were read; those that were not are only looked for."""
    checked = CheckedDay()
    checked.findings += [
        Finding(name, "larger than any file of a store") for name, file in day.files.items() if file.size > MAX_FILE
    ]
    checked.certificate = _certificate(day, contents, checked.findings)
    checked.certificate_content = contents.get(day.certificate, b"")
    checked.findings += _missing(day, checked.certificate)
    checked.findings += _derived(day, contents, checked.certificate)
    for file, name in day.archives.items():
        if name in contents:
            _archive(day, name, contents[name], checked)
            if all(finding.name != name for finding in checked.findings):
                checked.archives[file] = contents[name]
    return checked


def verify(mirror: Mirror) -> Iterator[Finding]:
    """Everything in a mirror that is not as it was pushed. Reads all of it, and writes nothing."""
    found, refused = years(mirror)
    yield from map(unknown_name, refused)
    for year in found:
        days, refused = days_of(mirror, year)
        yield from map(unknown_name, refused)
        for batch in batches(days):
            contents = read_days(mirror, batch)
            for day in batch:
                yield from check_day(day, contents).findings


def batches(days: list[MirrorDay]) -> Iterator[list[MirrorDay]]:
    """The days in groups that are read together."""
    batch: list[MirrorDay] = []
    total = 0
    for day in days:
        batch.append(day)
        total += sum(file.size for file in day.files.values() if file.size <= MAX_FILE)
        if total >= BATCH:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def read_days(mirror: Mirror, days: list[MirrorDay], without: Container[str] = ()) -> dict[str, bytes]:
    """The content of the files of some days, but of those named in `without`."""
    files = {name: file for day in days for name, file in day.files.items() if name not in without}
    return mirror.read(name for name, file in files.items() if file.size <= MAX_FILE)


def _certificate(day: MirrorDay, contents: Mapping[str, bytes], findings: list[Finding]) -> Certificate | None:
    name = day.certificate
    content = contents.get(name)
    if content is None:
        return None
    try:
        certificate = parse_foreign(content)
    except CertificateError:
        findings.append(Finding(name, "not a certificate of this version"))
        return None
    if not is_intact(content):
        findings.append(Finding(name, "changed since it was written: its checksum does not match"))
        return None
    where = Series(certificate["source"], certificate["query"]).folder.as_posix(), certificate["day"]
    if where != (day.folder, day.day.isoformat()):
        findings.append(Finding(name, f"the certificate of {where[0]} {where[1]}"))
        return None
    return certificate


def _missing(day: MirrorDay, certificate: Certificate | None) -> Iterator[Finding]:
    archives, derived = day.archives, day.derived
    for fetch in certificate["fetches"] if certificate else ():
        if fetch["file"] not in archives:
            yield Finding(day.certificate, f"names the archive {fetch['file']}, which is not there")
    for file in certificate["files"].values() if certificate else ():
        if file["file"] not in derived:
            yield Finding(day.certificate, f"names {file['file']}, which is not there")


def _derived(day: MirrorDay, contents: Mapping[str, bytes], certificate: Certificate | None) -> Iterator[Finding]:
    for file in certificate["files"].values() if certificate else ():
        name = day.derived.get(file["file"])
        if name is not None and name in contents and sha256(contents[name]) != file["sha256"]:
            yield Finding(name, "not the file that its certificate names")


def _archive(day: MirrorDay, name: str, content: bytes, checked: CheckedDay) -> None:
    fetches = checked.certificate["fetches"] if checked.certificate else ()
    digests = {fetch["file"]: fetch["sha256"] for fetch in fetches}
    if digests.get(name.rpartition("/")[2], sha256(content)) != sha256(content):
        checked.findings.append(Finding(name, "not the archive that the certificate names"))
        return
    try:
        series, named = archive_identity(Path(name), content)
    except DamagedArchive as error:
        checked.findings.append(Finding(name, str(error).removeprefix(f"{name}: ")))
        return
    if (series.folder.as_posix(), named) != (day.folder, day.day):
        checked.findings.append(Finding(name, f"the archive of {series} {named}"))
        return
    checked.series = series
