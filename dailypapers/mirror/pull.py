"""Fetch from a mirror the archives that a store does not have. The days are then built from them, not copied."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from dailypapers.ingest.build.staleness import is_stale
from dailypapers.ingest.errors import IngestError
from dailypapers.ingest.plan.inventory import all_stored_series, load_day
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.certificate import Certificate, sha256
from dailypapers.snapshots.errors import CertificateError
from dailypapers.snapshots.store.atomic import read_whole, write_whole
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import building, fetching

from .check import Finding, check_day, each_day, parse_foreign, read_day, unknown_name
from .mirror import Mirror, Transferred, pull_decisions
from .names import DECISIONS, MirrorDay, all_days

_ADDING: Final = Lock()
"""A process holds the lock of one source-day at a time."""


class Expected(NamedTuple):
    """What a build of a day must give, by the certificate in the mirror."""

    inputs: str
    """Digest of the parser versions and the archives from which that was built."""
    certificate: str
    """Digest of its file."""


@dataclass(slots=True)
class PulledDay(Transferred):
    """A day that a mirror holds, and how many archives of it were added."""

    expected: Expected | None = None
    """If archives were added and the certificate in the mirror is whole."""


def pull(store: Store, mirror: Mirror) -> Iterator[PulledDay]:
    """Add the archives that the store does not have; yields every day of the mirror.

    All files are checked of a day of which the store lacks an archive. What is not whole is not added, and no file of
    the store is replaced. Raises IngestError if there is no mirror, or if it cannot be read.
    """
    days, refused = all_days(mirror)
    if not days:
        raise IngestError(f"no store at {mirror.url}; check the URL, or send one there: dailypapers push {mirror.url}")
    yield PulledDay(problems=[f"{unknown_name(name)}" for name in refused])
    for name in DECISIONS:
        pull_decisions(store, mirror, name)
    yield from each_day(partial(_pull_day, store, mirror), days)


def days_to_build(store: Store, certificates: Collection[str]) -> list[SourceDay]:
    """Those of the days that have to be built, also because an earlier pull was killed before it did."""
    days = (series.on(day) for series in all_stored_series(store) for day in store.stored_days(series.series))
    paths = {store.root / name for name in certificates}
    pulled = (day for day in days if store.certificate(day.series, day.day) in paths)
    return [day for day in pulled if is_stale(load_day(store, day))]


def differing(store: Store, expected: Mapping[str, Expected | None]) -> Iterator[Finding]:
    """The days whose certificate in the mirror is not what this version builds from the same archives."""
    for name, mirrored in expected.items():
        if mirrored is None:
            continue
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


def _pull_day(store: Store, mirror: Mirror, day: MirrorDay) -> PulledDay:
    here = [name for name in day.archives.values() if (store.root / name).exists()]
    # Archives of the same name and size are taken to be the same; `verify` reads those of the mirror.
    others = (name for name in here if (store.root / name).stat().st_size != day.files[name].size)
    problem = "not the file of that name in the store; neither is replaced"
    pulled = PulledDay(day.certificate, problems=[f"{Finding(name, problem)}" for name in others])
    if len(here) == len(day.archives):
        return pulled
    contents = read_day(mirror, day, here)
    checked = check_day(day, contents)
    pulled.problems += map(str, checked.findings)
    if checked.series is not None:
        _add_archives(store, day, checked.series, checked.archives, pulled)
    if pulled.files and checked.certificate is not None:
        content = contents[day.certificate]
        pulled.expected = _expected(checked.certificate, content)
        if checked.certificate["lost"]:
            # Of a day built without lost archives, which only its certificate names; the build takes it over.
            _write_new(store, store.root / day.certificate, content)
    return pulled


def _add_archives(
    store: Store, day: MirrorDay, series: Series, archives: Mapping[str, bytes], pulled: PulledDay
) -> None:
    with _ADDING, fetching(store, series, day.day, wait=True):
        for name, content in archives.items():
            path = store.root / name
            if not path.exists():
                write_whole(path, content, temporary=store.aside(series, day.day))
                pulled.add(content)


def _write_new(store: Store, path: Path, content: bytes) -> None:
    with building(store):
        if not path.exists():
            write_whole(path, content)
