"""Send a store to a mirror: of each day the archives, then the derived files, then the certificate.

So no certificate in the mirror names an archive that is not there, wherever a push is killed, and archives are never
removed or replaced. A day is only sent if the store has every archive that the mirror has of it: like a push of git
that is not a fast-forward, anything else would hide what another store found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from ingest.archive.seal import archive_identity
from ingest.errors import DamagedArchive
from ingest.plan.inventory import all_stored_series, load_day
from ingest.sources.model import SourceDay
from snapshots.certificate import sha256
from snapshots.store.layout import Store
from snapshots.store.locks import file_lock
from snapshots.store.reading import read_whole

from .check import BATCH, unknown_name
from .decisions import push_decisions
from .mirror import Mirror
from .names import DECISIONS, MirrorDay, Year, days_of, pages_folder
from .push_plan import OTHER_ARCHIVES, DayPlan, PushedDay, lists_our_certificate, plan_day


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
    certificates = mirror.read(pair[1].certificate for pair in pairs if not lists_our_certificate(*pair))
    plans = (plan_day(day, there, certificates) for day, there in pairs)
    for batch in _batches(plan for plan in plans if not plan.is_done or plan.result.problem):
        _send(mirror, batch)
        yield from (plan.result for plan in batch)


def _batches(plans: Iterator[DayPlan]) -> Iterator[list[DayPlan]]:
    batch: list[DayPlan] = []
    size = 0
    for plan in plans:
        batch.append(plan)
        size += plan.size
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _send(mirror: Mirror, plans: Sequence[DayPlan]) -> None:
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


def _note(plan: DayPlan, sent: Mapping[str, bytes]) -> None:
    plan.result.sent += sent
    plan.result.bytes += sum(map(len, sent.values()))


def _archive_names(plan: DayPlan) -> dict[Path, str]:
    return {path: path.relative_to(plan.stored.store.root).as_posix() for path in plan.archives}


def _archives(plan: DayPlan) -> dict[str, bytes]:
    """The archives to send by name; one that is not as it was written is left out."""
    certificate = plan.stored.certificate
    digests = {fetch["file"]: fetch["sha256"] for fetch in certificate["fetches"]} if certificate else {}
    contents: dict[str, bytes] = {}
    for path, name in _archive_names(plan).items():
        try:
            content = read_whole(path)
            archive_identity(path, content)
        except (DamagedArchive, OSError) as error:
            plan.give_up(str(error))
            continue
        if digests.get(path.name, sha256(content)) == sha256(content):
            contents[name] = content
        else:
            plan.give_up(f"{path}: not the bytes that the certificate names; run dailypapers build --check")
    return contents


def _look_again(mirror: Mirror, plans: Sequence[DayPlan]) -> None:
    """Leave days alone of which another pusher sent archives in the meantime.

    Both send archives before they look, so that at least one of them sees those of the other.
    """
    folders = {plan: pages_folder(plan.mirrored.folder, plan.mirrored.day) for plan in plans}
    listed = mirror.all_files(folders.values())
    for plan, folder in folders.items():
        there = {name.rpartition("/")[2] for name in listed if name.startswith(f"{folder}/")}
        if there - {path.name for path in plan.stored.archives}:
            plan.give_up(OTHER_ARCHIVES)
        elif plan.stored.certificate and {fetch["file"] for fetch in plan.stored.certificate["fetches"]} - there:
            plan.give_up("an archive was removed from the mirror in the meantime; push again")


def _derived(plan: DayPlan) -> dict[str, bytes]:
    certificate = plan.stored.certificate
    digests = {file["file"]: file["sha256"] for file in certificate["files"].values()} if certificate else {}
    contents: dict[str, bytes] = {}
    for name, path in plan.derived.items():
        content = read_whole(path) if path.exists() else b""
        if sha256(content) != digests[path.name]:
            is_rebuilt = plan.stored.refreshed().certificate_content != plan.stored.certificate_content
            remedy = "it was built in the meantime; push again" if is_rebuilt else "run dailypapers build, then push"
            plan.give_up(f"{path} is not the file that its certificate names; {remedy}")
            return {}
        contents[name] = content
    return contents
