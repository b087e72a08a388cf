"""Fetch from a mirror the archives that a store does not have. The days are then built from them, not copied."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ingest.build.staleness import is_stale
from ingest.errors import IngestError
from ingest.plan.inventory import all_stored_series, load_day
from ingest.sources.model import SourceDay
from snapshots.certificate import Certificate, sha256
from snapshots.errors import CertificateError
from snapshots.store.atomic import write_whole
from snapshots.store.layout import CERTIFICATE_SUFFIX, Series, Store
from snapshots.store.locks import building, fetching
from snapshots.store.reading import read_whole

from .certificate import parse_foreign
from .check import CheckedDay, Finding, batches, check_day, read_days, unknown_name
from .decisions import pull_decisions
from .mirror import Mirror
from .names import DECISIONS, MirrorDay, Year, days_of, pages_folder, snapshot_name, years


class DayName(NamedTuple):
    """A source-day by its folder, as a mirror names it."""

    folder: str
    """Below `pages/` and `snapshots/`."""
    day: date


class Expected(NamedTuple):
    """What a build of a day must give, by the certificate in the mirror."""

    inputs: str
    """Digest of the parser versions and the archives from which that was built."""
    certificate: str
    """Digest of its file."""


@dataclass(frozen=True, slots=True)
class PulledDay:
    """A day that a mirror holds, or what does not belong to one."""

    name: DayName | None
    archives: int = 0
    """How many were added."""
    bytes: int = 0
    findings: tuple[Finding, ...] = ()
    expected: Expected | None = None
    """If archives were added and the certificate in the mirror is whole."""


def pull(store: Store, mirror: Mirror) -> Iterator[PulledDay]:
    """Add the archives that the store does not have; yields every day of the mirror.

    All files are checked of a day of which the store lacks an archive. What is not whole is not added, and no file of
    the store is replaced. Raises IngestError if there is no mirror, or if it cannot be read.
    """
    found, refused = years(mirror)
    if not found:
        raise IngestError(f"no store at {mirror.url}; check the URL, or send one there: dailypapers push {mirror.url}")
    yield PulledDay(None, findings=tuple(map(unknown_name, refused)))
    for name in DECISIONS:
        pull_decisions(store, mirror, name)
    for year in found:
        yield from _pull_year(store, mirror, year)


def days_to_build(store: Store, names: Collection[DayName]) -> list[SourceDay]:
    """Those of the days that have to be built, also because an earlier pull was killed before it did."""
    days = (
        source_series.on(day)
        for source_series in all_stored_series(store)
        for day in store.stored_days(source_series.series)
        if DayName(source_series.series.folder.as_posix(), day) in names
    )
    return [day for day in days if is_stale(load_day(store, day))]


def differing(store: Store, expected: Mapping[DayName, Expected]) -> Iterator[Finding]:
    """The days whose certificate in the mirror is not what this version builds from the same archives."""
    for day, mirrored in expected.items():
        name = snapshot_name(day.folder, day.day, CERTIFICATE_SUFFIX)
        try:
            content = read_whole(store.root / name)
            built = _expected(parse_foreign(content), content)
        except (CertificateError, FileNotFoundError):
            continue
        if built.inputs == mirrored.inputs and built.certificate != mirrored.certificate:
            yield Finding(name, "not what its archives give; the day was built from them")


def _expected(certificate: Certificate, content: bytes) -> Expected:
    files = sorted((fetch["file"], fetch["sha256"]) for fetch in certificate["fetches"])
    inputs = repr((certificate["schema"], sorted(certificate["parsers"].items()), files))
    return Expected(sha256(inputs.encode()), sha256(content))


def _pull_year(store: Store, mirror: Mirror, year: Year) -> Iterator[PulledDay]:
    days, refused = days_of(mirror, year)
    yield PulledDay(None, findings=tuple(map(unknown_name, refused)))
    here = {name for day in days for name in day.archives.values() if (store.root / name).exists()}
    wanted = [day for day in days if not here.issuperset(day.archives.values())]
    for day in days:
        # Archives of the same name and size are taken to be the same; `verify` reads those of the mirror.
        yield PulledDay(DayName(day.folder, day.day), findings=tuple(_other_sizes(store, day, here)))
    for batch in batches(wanted):
        contents = read_days(mirror, batch, here)
        for day in batch:
            yield _add(store, day, check_day(day, contents))


def _other_sizes(store: Store, day: MirrorDay, here: Iterable[str]) -> Iterator[Finding]:
    for name in day.files.keys() & here:
        if (store.root / name).stat().st_size != day.files[name].size:
            yield Finding(name, "not the file of that name in the store; neither is replaced")


def _add(store: Store, day: MirrorDay, checked: CheckedDay) -> PulledDay:
    added = _add_archives(store, day, checked.series, checked.archives) if checked.series is not None else []
    certificate = checked.certificate
    if added and certificate is not None and certificate["lost"]:
        _add_certificate(store, day, checked.certificate_content)
    size = sum(len(checked.archives[file]) for file in added)
    expected = _expected(certificate, checked.certificate_content) if added and certificate is not None else None
    return PulledDay(DayName(day.folder, day.day), len(added), size, tuple(checked.findings), expected)


def _add_archives(store: Store, day: MirrorDay, series: Series, archives: Mapping[str, bytes]) -> list[str]:
    added: list[str] = []
    with fetching(store, series, day.day, wait=True):
        for file, content in archives.items():
            path = store.root / pages_folder(day.folder, day.day) / file
            if not path.exists():
                write_whole(path, content, temporary=store.aside(series, day.day))
                added.append(file)
    return added


def _add_certificate(store: Store, day: MirrorDay, content: bytes) -> None:
    """Of a day built without lost archives, which only its certificate names; the build takes it over from there."""
    path = store.root / day.certificate
    with building(store):
        if not path.exists():
            write_whole(path, content)
