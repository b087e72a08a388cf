"""Send a store to a mirror: of each day the archives, then the derived files, then the certificate.

So no certificate in the mirror names an archive that is not there, wherever a push is killed, and archives are never
removed or replaced. A day is only sent if the store has every archive that the mirror has of it: like a push of git
that is not a fast-forward, anything else would hide what another store found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from ingest.archive.seal import archive_identity
from ingest.errors import DamagedArchive
from ingest.plan.inventory import StoredDay, all_stored_series, load_day
from ingest.sources.model import SourceDay
from snapshots.certificate import Certificate, sha256
from snapshots.errors import CertificateError
from snapshots.store.layout import Store
from snapshots.store.locks import file_lock
from snapshots.store.reading import read_whole

from .check import archive_digests, derived_digests, parse_foreign, unknown_name
from .decisions import push_decisions
from .mirror import Mirror, RemoteFile, Transferred, at_once
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


def push_day(mirror: Mirror, stored: StoredDay, there: MirrorDay) -> Transferred:
    """Send what is left of a day, of which the mirror has the files in `there`.

    Its archives are sent in any case: none hides another one. The rest is sent if nothing speaks against it.
    """
    pushed = Transferred(there.certificate)
    archives = {name.rpartition("/")[2]: file for name, file in there.files.items() if name in there.archives.values()}
    problem = _send_archives(pushed, mirror, stored, archives) or conflict(stored, archives)
    if problem is None and stored.certificate is not None:
        problem = _send_built(pushed, mirror, stored, stored.certificate, there)
    if problem is not None:
        pushed.problems = [f"{stored.source_day.series} {stored.source_day.day}: {problem}"]
    return pushed


def _send_archives(
    pushed: Transferred, mirror: Mirror, stored: StoredDay, there: Mapping[str, RemoteFile]
) -> str | None:
    """Returns why one was not sent."""
    problem = None
    digests = archive_digests(stored.certificate)
    for path in stored.archives:
        if path.name in there:
            continue
        try:
            content = _archive(path, digests.get(path.name))
        except (DamagedArchive, OSError) as error:
            problem = f"{error}"
            continue
        name = path.relative_to(stored.store.root).as_posix()
        if mirror.create(name, content):
            pushed.add(content)
        else:
            problem = f"the mirror has another {name}; neither is replaced"
    return problem


def _archive(path: Path, digest: str | None) -> bytes:
    content = read_whole(path)
    archive_identity(path, content)
    if digest is not None and digest != sha256(content):
        raise DamagedArchive(f"{path}: not the bytes that the certificate names; run dailypapers build --check")
    return content


def conflict(stored: StoredDay, there: Mapping[str, RemoteFile]) -> str | None:
    """Why the derived files of a day cannot be sent, by the archives of the mirror."""
    sizes = {file.path.name: file.size for file in stored.files.archives}
    for file, remote in there.items():
        if sizes.get(file, remote.size) != remote.size:
            return f"the mirror has another {file} of {remote.size} bytes; neither is replaced, remove the wrong one"
    if there.keys() - sizes.keys():
        return OTHER_ARCHIVES
    if stored.files.certificate is not None and not stored.has_intact_certificate:
        return "its certificate is damaged; run dailypapers build, then push"
    missing = sorted(archive_digests(stored.certificate).keys() - sizes.keys())
    return f"its archive {missing[0]} is missing; run dailypapers build --check" if missing else None


def _send_built(
    pushed: Transferred, mirror: Mirror, stored: StoredDay, certificate: Certificate, there: MirrorDay
) -> str | None:
    """Send the derived files, then the certificate, which names them all. Returns why they were not sent."""
    ours, theirs = stored.certificate_content, _certificate_there(mirror, stored, there)
    known = _parsed(theirs)
    if known is not None and theirs != ours:
        problem = newer_or_other(certificate, known)
        if problem is not None:
            return problem
    paths = _derived(stored, certificate, known, there)
    expected = {there.certificate.rpartition("/")[2], *derived_digests(certificate)}
    strays = [name for file, name in there.derived.items() if file not in expected]
    if not paths and theirs == ours:
        for name in strays:
            mirror.remove(name)
        return None
    contents = {name: read_whole(path) if path.exists() else b"" for name, path in paths.items()}
    problem = _changed_there(mirror, stored, certificate, there) or _changed_here(stored, certificate, contents, paths)
    if problem is None:
        # The certificate is sent when everything that it names is there.
        for name, content in [*contents.items(), (there.certificate, ours)]:
            mirror.write(name, content)
            pushed.add(content)
        for name in strays:
            mirror.remove(name)
    return problem


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


def newer_or_other(ours: Certificate, theirs: Certificate) -> str | None:
    """Why the certificate in the mirror must not be replaced by ours."""
    versions = {**theirs["parsers"], "schema": theirs["schema"]}
    if any(number > {**ours["parsers"], "schema": ours["schema"]}.get(name, 0) for name, number in versions.items()):
        return "the mirror has it as a newer version of dailypapers built it; upgrade, or push from there"
    digests = archive_digests(ours)
    other = [file for file, digest in archive_digests(theirs).items() if digests.get(file, digest) != digest]
    return f"the mirror has another {other[0]}; neither is replaced, remove the wrong one" if other else None


def _derived(
    stored: StoredDay, certificate: Certificate, known: Certificate | None, there: MirrorDay
) -> dict[str, Path]:
    """The files to send by name: those that the listing and the certificate there do not show to be the same."""
    paths = stored.store.derived(stored.source_day.series, stored.source_day.day)
    digests = derived_digests(known) if known is not None else {}
    folder = there.certificate.rpartition("/")[0]
    named = {f"{folder}/{file['file']}": (kind, file) for kind, file in certificate["files"].items()}
    return {
        name: paths[kind]
        for name, (kind, file) in named.items()
        if name not in there.files
        or there.files[name].size != file["bytes"]
        or digests.get(file["file"]) != file["sha256"]
    }


def _changed_there(mirror: Mirror, stored: StoredDay, certificate: Certificate, there: MirrorDay) -> str | None:
    """Why a day is left alone: another pusher sent archives of it in the meantime.

    Both send archives before they look again, so that at least one of them sees those of the other.
    """
    listed = {name.rpartition("/")[2]: file for name, file in mirror.files(there.pages).items()}
    if listed.keys() - {path.name for path in stored.archives}:
        return OTHER_ARCHIVES
    removed = archive_digests(certificate).keys() - listed.keys()
    return "an archive was removed from the mirror in the meantime; push again" if removed else None


def _changed_here(
    stored: StoredDay, certificate: Certificate, contents: Mapping[str, bytes], paths: Mapping[str, Path]
) -> str | None:
    digests = derived_digests(certificate)
    for name, content in contents.items():
        if sha256(content) != digests[paths[name].name]:
            is_rebuilt = stored.refreshed().certificate_content != stored.certificate_content
            remedy = "it was built in the meantime; push again" if is_rebuilt else "run dailypapers build, then push"
            return f"{paths[name]} is not the file that its certificate names; {remedy}"
    return None
