"""Send a store to a mirror: of each day the archives, then the derived files, then the certificate.

So no certificate in the mirror names an archive that is not there, wherever a push is killed, and archives are never
removed or replaced. A day is only sent if the store has every archive that the mirror has of it: like a push of git
that is not a fast-forward, anything else would hide what another store found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

from ingest.archive.reader import archive_identity
from ingest.errors import DamagedArchive
from ingest.plan.inventory import StoredDay, all_stored_series, load_day
from ingest.sources.model import SourceDay
from snapshots.certificate import Certificate, parse_certificate, sha256
from snapshots.errors import CertificateError
from snapshots.store.layout import Series, Store
from snapshots.store.locks import file_lock

from .check import BATCH, unknown_name
from .decisions import push_decisions
from .mirror import Mirror, RemoteFile
from .names import DECISIONS, MirrorDay, Year, days_of, pages_folder

_OTHER_ARCHIVES: Final = "the mirror has fetches of it that this store does not have; run dailypapers pull, then push"


@dataclass(slots=True)
class PushedDay:
    """What a push did with a day."""

    series: Series | None
    """None for what is no day: a refused name, or a file of decisions."""
    day: date | None
    sent: list[str] = field(default_factory=list)
    """Names of the files that were sent."""
    bytes: int = 0
    problem: str | None = None
    """Why the day, or a part of it, was not sent."""


@dataclass(slots=True, eq=False)
class _Plan:
    """What is left to send of a day."""

    stored: StoredDay
    mirrored: MirrorDay
    result: PushedDay
    archives: list[Path]
    derived: dict[str, Path] = field(default_factory=dict)
    """By name in the mirror; without the certificate."""
    certificate: str | None = None
    """Its name, if it has to be sent."""
    strays: list[str] = field(default_factory=list)
    """Derived files that the day no longer has."""

    @property
    def is_done(self) -> bool:
        return not (self.archives or self.derived or self.certificate or self.strays)

    @property
    def size(self) -> int:
        paths = [*self.archives, *self.derived.values()]
        return sum(path.stat().st_size for path in paths if path.exists())

    def give_up(self, problem: str) -> None:
        """Send nothing that is derived."""
        self.result.problem = problem
        self.derived, self.certificate, self.strays = {}, None, []


def push(store: Store, mirror: Mirror) -> Iterator[PushedDay]:
    """Send what a mirror does not have; yields each day of which anything was sent or is wrong, and what else is wrong.

    Another push of the store is waited for. Raises IngestError where the mirror cannot be used: what was sent stays,
    and the same call continues.
    """
    with file_lock(store.push_lock), mirror.pushing():
        for name in DECISIONS:
            if push_decisions(store, mirror, name):
                yield PushedDay(None, None, [name])
        for source_series in all_stored_series(store):
            days = store.stored_days(source_series.series)
            for year, days_of_year in groupby(days, key=lambda day: f"{day:%Y}"):
                yield from _push_year(store, mirror, year, [source_series.on(day) for day in days_of_year])


def _push_year(store: Store, mirror: Mirror, year: str, days: Sequence[SourceDay]) -> Iterator[PushedDay]:
    folder = days[0].series.folder.as_posix()
    mirrored, refused = days_of(mirror, Year(folder, year))
    for name in refused:
        yield PushedDay(None, None, problem=str(unknown_name(name)))
    by_day = {day.day: day for day in mirrored}
    stored = [load_day(store, day) for day in days]
    pairs = [(day, by_day.get(day.source_day.day, MirrorDay(folder, day.source_day.day, {}))) for day in stored]
    certificates = mirror.read(pair[1].certificate for pair in pairs if not _is_same_certificate(*pair))
    plans = (_plan(day, there, certificates) for day, there in pairs)
    for batch in _batches(plan for plan in plans if not plan.is_done or plan.result.problem):
        _send(mirror, batch)
        yield from (plan.result for plan in batch)


def _batches(plans: Iterator[_Plan]) -> Iterator[list[_Plan]]:
    batch: list[_Plan] = []
    size = 0
    for plan in plans:
        batch.append(plan)
        size += plan.size
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _plan(stored: StoredDay, there: MirrorDay, certificates: Mapping[str, bytes]) -> _Plan:
    result = PushedDay(stored.source_day.series, stored.source_day.day)
    listed = {file: there.files[name] for file, name in there.archives.items()}
    plan = _Plan(stored, there, result, [path for path in stored.archives if path.name not in listed])
    problem = _conflict(stored, listed)
    content = certificates.get(there.certificate)
    if problem is None and content is not None and content != stored.certificate_content:
        problem = _newer_or_other(stored, content)
    if problem is None and stored.certificate is not None:
        _plan_derived(plan, stored.certificate, stored.certificate_content if content is None else content)
    elif problem is not None:
        plan.give_up(problem)
    return plan


def _conflict(stored: StoredDay, listed: Mapping[str, RemoteFile]) -> str | None:
    """Why the derived files of a day cannot be sent."""
    sizes = {file.path.name: file.size for file in stored.files.archives}
    for file, remote in listed.items():
        if sizes.get(file, remote.size) != remote.size:
            return f"the mirror has another {file} of {remote.size} bytes; neither is replaced, remove the wrong one"
    if listed.keys() - sizes.keys():
        return _OTHER_ARCHIVES
    if stored.files.certificate is not None and not stored.has_intact_certificate:
        return "its certificate is damaged; run dailypapers build, then push"
    named = {fetch["file"] for fetch in stored.certificate["fetches"]} if stored.certificate else set()
    missing = sorted(named - sizes.keys())
    if missing:
        return f"its archive {missing[0]} is missing; run dailypapers build --check"
    return None


def _newer_or_other(stored: StoredDay, content: bytes) -> str | None:
    """Why the certificate in the mirror must not be replaced by ours; None if it may be, or is damaged."""
    try:
        theirs = parse_certificate(Path("mirror"), content)
    except CertificateError:
        return None
    ours = stored.certificate
    if ours is None:
        return None
    versions = {**theirs["parsers"], "schema": theirs["schema"]}
    if any(number > {**ours["parsers"], "schema": ours["schema"]}.get(name, 0) for name, number in versions.items()):
        return "the mirror has it as a newer version of dailypapers built it; upgrade, or push from there"
    digests = {fetch["file"]: fetch["sha256"] for fetch in ours["fetches"]}
    other = [each["file"] for each in theirs["fetches"] if digests.get(each["file"], each["sha256"]) != each["sha256"]]
    if other:
        return f"the mirror has another {other[0]}; neither is replaced, remove the wrong one"
    return None


def _is_same_certificate(stored: StoredDay, there: MirrorDay) -> bool:
    """Whether the listing alone shows that the mirror has our certificate, or none."""
    listed = there.files.get(there.certificate)
    content = stored.certificate_content
    if listed is None:
        return True
    return listed.size == len(content) and listed.md5 == hashlib.md5(content, usedforsecurity=False).hexdigest()


def _plan_derived(plan: _Plan, certificate: Certificate, theirs: bytes) -> None:
    stored, there = plan.stored, plan.mirrored
    paths = stored.store.derived(stored.source_day.series, stored.source_day.day)
    known = _digests(theirs) if there.certificate in there.files else {}
    folder = there.certificate.rpartition("/")[0]
    for kind, file in certificate["files"].items():
        name = f"{folder}/{file['file']}"
        listed = there.files.get(name)
        if listed is None or listed.size != file["bytes"] or known.get(file["file"]) != file["sha256"]:
            plan.derived[name] = paths[kind]
    if plan.derived or there.certificate not in there.files or theirs != stored.certificate_content:
        plan.certificate = there.certificate
    expected = {f"{folder}/{file['file']}" for file in certificate["files"].values()} | {there.certificate}
    plan.strays = [name for name in there.derived.values() if name not in expected]


def _digests(content: bytes) -> dict[str, str]:
    try:
        certificate = parse_certificate(Path("mirror"), content)
    except CertificateError:
        return {}
    return {file["file"]: file["sha256"] for file in certificate["files"].values()}


def _send(mirror: Mirror, plans: Sequence[_Plan]) -> None:
    archives = {name: content for plan in plans for name, content in _archives(plan).items()}
    others = set(mirror.create(archives))
    for plan in plans:
        names = [name for name in _archive_names(plan).values() if name in archives]
        _note(plan, {name: archives[name] for name in names if name not in others})
        if others.intersection(names):
            plan.give_up(f"the mirror has another {sorted(others.intersection(names))[0]}; neither is replaced")
    _look_again(mirror, [plan for plan in plans if plan.certificate])
    derived = {plan: _derived(plan) for plan in plans}
    mirror.write({name: content for files in derived.values() for name, content in files.items()})
    # The certificates are sent when everything that they name is there.
    certificates = {plan.certificate: plan.stored.certificate_content for plan in plans if plan.certificate}
    mirror.write(certificates)
    mirror.remove(name for plan in plans for name in plan.strays)
    for plan, files in derived.items():
        _note(plan, files)
        if plan.certificate:
            _note(plan, {plan.certificate: plan.stored.certificate_content})


def _note(plan: _Plan, sent: Mapping[str, bytes]) -> None:
    plan.result.sent += sent
    plan.result.bytes += sum(map(len, sent.values()))


def _archive_names(plan: _Plan) -> dict[Path, str]:
    return {path: path.relative_to(plan.stored.store.root).as_posix() for path in plan.archives}


def _archives(plan: _Plan) -> dict[str, bytes]:
    """The archives to send by name; one that is not as it was written is left out."""
    certificate = plan.stored.certificate
    digests = {fetch["file"]: fetch["sha256"] for fetch in certificate["fetches"]} if certificate else {}
    contents: dict[str, bytes] = {}
    for path, name in _archive_names(plan).items():
        try:
            content = path.read_bytes()
            archive_identity(path, content)
        except (DamagedArchive, OSError) as error:
            plan.give_up(str(error))
            continue
        if digests.get(path.name, sha256(content)) == sha256(content):
            contents[name] = content
        else:
            plan.give_up(f"{path}: not the bytes that the certificate names; run dailypapers build --check")
    return contents


def _look_again(mirror: Mirror, plans: Sequence[_Plan]) -> None:
    """Leave days alone of which another pusher sent archives in the meantime.

    Both send archives before they look, so that at least one of them sees those of the other.
    """
    folders = {plan: pages_folder(plan.mirrored.folder, plan.mirrored.day) for plan in plans}
    listed = mirror.all_files(folders.values())
    for plan, folder in folders.items():
        there = {name.rpartition("/")[2] for name in listed if name.startswith(f"{folder}/")}
        if there - {path.name for path in plan.stored.archives}:
            plan.give_up(_OTHER_ARCHIVES)
        elif plan.stored.certificate and {fetch["file"] for fetch in plan.stored.certificate["fetches"]} - there:
            plan.give_up("an archive was removed from the mirror in the meantime; push again")


def _derived(plan: _Plan) -> dict[str, bytes]:
    certificate = plan.stored.certificate
    digests = {file["file"]: file["sha256"] for file in certificate["files"].values()} if certificate else {}
    contents: dict[str, bytes] = {}
    for name, path in plan.derived.items():
        content = path.read_bytes() if path.exists() else b""
        if sha256(content) != digests[path.name]:
            is_rebuilt = plan.stored.refreshed().certificate_content != plan.stored.certificate_content
            remedy = "it was built in the meantime; push again" if is_rebuilt else "run dailypapers build, then push"
            plan.give_up(f"{path} is not the file that its certificate names; {remedy}")
            return {}
        contents[name] = content
    return contents
