"""What is left to send of a day, by comparing the store with the listing and the certificate of the mirror."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from ingest.plan.inventory import StoredDay
from snapshots.certificate import Certificate
from snapshots.errors import CertificateError
from snapshots.store.layout import Series

from .certificate import parse_foreign
from .mirror import RemoteFile
from .names import MirrorDay

OTHER_ARCHIVES: Final = "the mirror has fetches of it that this store does not have; run dailypapers pull, then push"


@dataclass(slots=True)
class PushedDay:
    """What a push did with a day."""

    series: Series | None
    """None for anything but a day: a refused name, or a file of decisions."""
    day: date | None
    sent: list[str] = field(default_factory=list)
    """Names of the files that were sent."""
    bytes: int = 0
    problem: str | None = None
    """Why the day, or a part of it, was not sent."""


@dataclass(slots=True, eq=False)
class DayPlan:
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
        """Whether there is nothing to send or to remove."""
        return not (self.archives or self.derived or self.certificate or self.strays)

    @property
    def size(self) -> int:
        """About how many bytes there are to send."""
        paths = [*self.archives, *self.derived.values()]
        return sum(path.stat().st_size for path in paths if path.exists())

    def give_up(self, problem: str) -> None:
        """Send nothing that is derived."""
        self.result.problem = problem
        self.derived, self.certificate, self.strays = {}, None, []


def plan_day(stored: StoredDay, there: MirrorDay, certificates: Mapping[str, bytes]) -> DayPlan:
    """The plan of a day; `certificates` are those of the mirror that may differ from ours, by name."""
    result = PushedDay(stored.source_day.series, stored.source_day.day)
    listed = {file: there.files[name] for file, name in there.archives.items()}
    plan = DayPlan(stored, there, result, [path for path in stored.archives if path.name not in listed])
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
        return OTHER_ARCHIVES
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
        theirs = parse_foreign(content)
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


def lists_our_certificate(stored: StoredDay, there: MirrorDay) -> bool:
    """Whether the listing alone shows that the mirror has our certificate, or none."""
    listed = there.files.get(there.certificate)
    content = stored.certificate_content
    if listed is None:
        return True
    return listed.size == len(content) and listed.md5 == hashlib.md5(content, usedforsecurity=False).hexdigest()


def _plan_derived(plan: DayPlan, certificate: Certificate, theirs: bytes) -> None:
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
        certificate = parse_foreign(content)
    except CertificateError:
        return {}
    return {file["file"]: file["sha256"] for file in certificate["files"].values()}
