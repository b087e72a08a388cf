"""Send a store to a mirror: of each day the archives, then the derived files, then the certificate.

So no certificate in the mirror names an archive that is not there, wherever a push is killed, and archives are never
removed or replaced. A day is only sent if the store has every archive that the mirror has of it: like a push of git
that is not a fast-forward, anything else would hide what another store found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from dailypapers.ingest.archive.seal import archive_identity
from dailypapers.ingest.errors import DamagedArchive
from dailypapers.ingest.plan.inventory import StoredDay, all_stored_series, load_day
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.certificate import Certificate, sha256
from dailypapers.snapshots.errors import CertificateError
from dailypapers.snapshots.store.atomic import read_whole
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import file_lock

from .check import archive_digests, derived_digests, parse_foreign, unknown_name
from .mirror import Mirror, RemoteFile, Transferred, at_once, push_decisions
from .names import DECISIONS, TOPS, MirrorDay, days_in

OTHER_ARCHIVES: Final = "the mirror has fetches of it that this store does not have; run dailypapers pull, then push"


def push(store: Store, mirror: Mirror) -> Iterator[Transferred]:
    """Send what a mirror does not have; yields each day of which anything was sent or is wrong, and what else is wrong.

    Another push of the store is waited for. Raises IngestError where the mirror cannot be used: what was sent stays,
    and the same call continues.
    """
    with file_lock(store.push_lock), mirror.pushing():
        yield from (Transferred(files=1) for name in DECISIONS if push_decisions(store, mirror, name))
        for source_series in all_stored_series(store):
            days = map(source_series.on, store.stored_days(source_series.series))
            for _, days_of_year in groupby(days, key=lambda each: each.day.year):
                yield from _push_year(store, mirror, list(days_of_year))


def _push_year(store: Store, mirror: Mirror, days: Sequence[SourceDay]) -> Iterator[Transferred]:
    folder = days[0].series.folder.as_posix()
    mirrored, refused = days_in(mirror, *(f"{top}/{folder}/{days[0].day:%Y}" for top in TOPS))
    yield from (Transferred(problems=[f"{unknown_name(name)}"]) for name in refused)
    there = {each.day: each for each in mirrored if each.folder == folder}

    def push_one(day: SourceDay) -> Transferred:
        return push_day(mirror, load_day(store, day), there.get(day.day) or MirrorDay(folder, day.day, {}))

    yield from (each for each in at_once(push_one, days) if each.files or each.problems)


class _DayError(Exception):
    """Why nothing derived of a day was sent."""


def push_day(mirror: Mirror, stored: StoredDay, there: MirrorDay) -> Transferred:
    """Send what is left of a day, of which the mirror has the files in `there`.

    Its archives are sent in any case: none hides another one. The rest is sent if nothing speaks against it.
    """
    pushed = Transferred(there.certificate)
    archives = {file: there.files[name] for file, name in there.archives.items()}
    try:
        _send_archives(pushed, mirror, stored, archives)
        _refuse_other_archives(stored, archives)
        if stored.certificate is not None:
            _send_built(pushed, mirror, stored, stored.certificate, there)
    except _DayError as error:
        pushed.problems = [f"{stored.source_day.series} {stored.source_day.day}: {error}"]
    return pushed


def _send_archives(pushed: Transferred, mirror: Mirror, stored: StoredDay, there: Container[str]) -> None:
    problem = ""
    digests = archive_digests(stored.certificate)
    for path in stored.archives:
        if path.name in there:
            continue
        name = path.relative_to(stored.store.root).as_posix()
        try:
            content = _archive(path, digests.get(path.name))
        except (DamagedArchive, OSError) as error:
            problem = f"{error}"
            continue
        if mirror.create(name, content):
            pushed.add(content)
        else:
            problem = f"the mirror has another {name}; neither is replaced"
    if problem:
        raise _DayError(problem)


def _archive(path: Path, digest: str | None) -> bytes:
    content = read_whole(path)
    archive_identity(path, content)
    if digest is not None and digest != sha256(content):
        raise DamagedArchive(f"{path}: not the bytes that the certificate names; run dailypapers build --check")
    return content


def _refuse_other_archives(stored: StoredDay, there: Mapping[str, RemoteFile]) -> None:
    sizes = {file.path.name: file.size for file in stored.files.archives}
    for file, remote in there.items():
        if sizes.get(file, remote.size) != remote.size:
            other = f"another {file} of {remote.size} bytes"
            raise _DayError(f"the mirror has {other}; neither is replaced, remove the wrong one")
    if there.keys() - sizes.keys():
        raise _DayError(OTHER_ARCHIVES)
    if stored.files.certificate is not None and not stored.has_intact_certificate:
        raise _DayError("its certificate is damaged; run dailypapers build, then push")
    missing = sorted(archive_digests(stored.certificate).keys() - sizes.keys())
    if missing:
        raise _DayError(f"its archive {missing[0]} is missing; run dailypapers build --check")


def _send_built(
    pushed: Transferred, mirror: Mirror, stored: StoredDay, certificate: Certificate, there: MirrorDay
) -> None:
    """Send the derived files, then the certificate, which names them all, and remove what it does not name."""
    ours, theirs = stored.certificate_content, _certificate_there(mirror, stored, there)
    known = _parsed(theirs)
    if known is not None and theirs != ours:
        _refuse_newer(certificate, known)
    paths = _to_send(stored, certificate, known, there)
    if paths or theirs != ours:
        contents = _built_files(stored, certificate, paths)
        _look_again(mirror, stored, certificate, there)
        for name, content in [*contents.items(), (there.certificate, ours)]:
            mirror.write(name, content)
            pushed.add(content)
    for file in there.derived.keys() - derived_digests(certificate) - {there.certificate.rpartition("/")[2]}:
        mirror.remove(there.derived[file])


def _certificate_there(mirror: Mirror, stored: StoredDay, there: MirrorDay) -> bytes | None:
    """The certificate in the mirror, which is only read if the listing does not show that it is ours."""
    listed, ours = there.files.get(there.certificate), stored.certificate_content
    if listed is None:
        return None
    digest = hashlib.md5(ours, usedforsecurity=False).hexdigest()
    return ours if listed == RemoteFile(len(ours), digest) else mirror.read(there.certificate)


def _parsed(content: bytes | None) -> Certificate | None:
    """None for no certificate, and for a damaged one, which is replaced."""
    try:
        return parse_foreign(content) if content is not None else None
    except CertificateError:
        return None


def _refuse_newer(ours: Certificate, theirs: Certificate) -> None:
    versions = {**theirs["parsers"], "schema": theirs["schema"]}
    if any(number > {**ours["parsers"], "schema": ours["schema"]}.get(name, 0) for name, number in versions.items()):
        raise _DayError("the mirror has it as a newer version of dailypapers built it; upgrade, or push from there")
    digests = archive_digests(ours)
    for file, digest in archive_digests(theirs).items():
        if digests.get(file, digest) != digest:
            raise _DayError(f"the mirror has another {file}; neither is replaced, remove the wrong one")


def _to_send(
    stored: StoredDay, certificate: Certificate, known: Certificate | None, there: MirrorDay
) -> dict[str, Path]:
    """The derived files by name that the listing and the certificate there do not show to be the same."""
    paths = stored.store.derived(stored.source_day.series, stored.source_day.day)
    digests = derived_digests(known) if known is not None else {}
    different: dict[str, Path] = {}
    for kind, file in certificate["files"].items():
        name = f"{there.certificate.rpartition('/')[0]}/{file['file']}"
        listed = there.files.get(name)
        if listed is None or listed.size != file["bytes"] or digests.get(file["file"]) != file["sha256"]:
            different[name] = paths[kind]
    return different


def _built_files(stored: StoredDay, certificate: Certificate, paths: Mapping[str, Path]) -> dict[str, bytes]:
    digests = derived_digests(certificate)
    contents: dict[str, bytes] = {}
    for name, path in paths.items():
        contents[name] = read_whole(path) if path.exists() else b""
        if sha256(contents[name]) != digests[path.name]:
            is_rebuilt = stored.refreshed().certificate_content != stored.certificate_content
            remedy = "it was built in the meantime; push again" if is_rebuilt else "run dailypapers build, then push"
            raise _DayError(f"{path} is not the file that its certificate names; {remedy}")
    return contents


def _look_again(mirror: Mirror, stored: StoredDay, certificate: Certificate, there: MirrorDay) -> None:
    """Leave a day alone of which another pusher sent archives in the meantime.

    Both send archives before they look, so that at least one of them sees those of the other.
    """
    listed = {name.rpartition("/")[2] for name in mirror.files(there.pages)}
    if listed - {path.name for path in stored.archives}:
        raise _DayError(OTHER_ARCHIVES)
    if archive_digests(certificate).keys() - listed:
        raise _DayError("an archive was removed from the mirror in the meantime; push again")
