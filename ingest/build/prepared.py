"""A day that a worker of a cluster built: its files lie beside their places, and names and digests are handed over.

Each task writes under names of its own, `<final>.<task>.tmp`, so that a worker that was believed dead does no harm.
The holder of the store's lock checks the digests and renames; the next build removes what was not renamed.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from dailypapers.ingest.plan.inventory import DayFiles
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.certificate import certificate_bytes, parse_certificate, sha256
from dailypapers.snapshots.errors import CertificateError
from dailypapers.snapshots.store.atomic import TEMPORARY_SUFFIX, make_folder, read_whole, sweep, write_aside
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import building
from dailypapers.snapshots.writer import Snapshot

_TASK_FILE: Final = re.compile(rf".+\.[0-9a-f]{{16}}{re.escape(TEMPORARY_SUFFIX)}")

log = logging.getLogger(__name__)


class PreparedFile(NamedTuple):
    """A file of a day."""

    name: str
    """The name that it will have."""
    temporary: str | None
    """The name that it has, in the same folder; None if the file in its place is the same."""
    sha256: str


class PreparedDay(NamedTuple):
    """The files of a day, and what they were built from."""

    built_from: str | None
    """The mark of the files that it was built from; None if it could not be built."""
    files: tuple[PreparedFile, ...]
    """Those that have content."""

    def temporaries(self, folder: Path) -> dict[Path, Path]:
        """By each path, the file that lies beside it."""
        return {folder / file.name: folder / file.temporary for file in self.files if file.temporary}

    def read(self, store: Store, source_day: SourceDay) -> Snapshot | None:
        """The day; None, with a warning, if a file is not there or has another digest."""
        folder = store.certificate(source_day.series, source_day.day).parent
        try:
            return _snapshot(store, source_day, {folder / file.name: _content(folder, file) for file in self.files})
        except (_NotPreparedError, FileNotFoundError, CertificateError) as error:
            log.warning("what a worker prepared for %s cannot be used (%s); the day is built again", source_day, error)
            return None


class _NotPreparedError(Exception):
    """A file is not the one that was handed over."""


def _content(folder: Path, file: PreparedFile) -> bytes:
    path = folder / (file.temporary or file.name)
    content = read_whole(path)
    if sha256(content) != file.sha256:
        raise _NotPreparedError(f"{path}: not the bytes that were handed over")
    return content


def files_mark(files: DayFiles) -> str:
    """A digest of names, sizes, times and inodes of the files that a build depends on."""
    return sha256(repr(files).encode())


def prepare_files(store: Store, snapshot: Snapshot, files: DayFiles, task: str) -> PreparedDay:
    """Write the files of a day beside their places, under the name of a task of 16 hex digits; they are synced.

    Raises OSError if the store cannot be written.
    """
    make_folder(store.certificate(snapshot.series, snapshot.day).parent)
    written = snapshot.files(store).items()
    prepared = (_prepare(path, content, task) for path, content in written if content is not None)
    return PreparedDay(files_mark(files), tuple(prepared))


def sweep_prepared(store: Store, days: Iterable[SourceDay]) -> None:
    """Remove, under the store's lock, what tasks left in the folders of some days."""
    with building(store):
        for folder in sorted({store.certificate(each.series, each.day).parent for each in days}):
            for name in _names(folder):
                sweep(folder / name)


def _names(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            return iter([entry.name for entry in entries if _TASK_FILE.fullmatch(entry.name)])
    except FileNotFoundError:
        return iter(())


def _prepare(path: Path, content: bytes, task: str) -> PreparedFile:
    is_same = path.exists() and read_whole(path) == content
    temporary = None if is_same else write_aside(path, content, task).name
    return PreparedFile(path.name, temporary, sha256(content))


def _snapshot(store: Store, source_day: SourceDay, contents: Mapping[Path, bytes]) -> Snapshot:
    series, day = source_day.series, source_day.day
    path = store.certificate(series, day)
    certificate = parse_certificate(path, contents[path])
    if certificate_bytes(certificate) != contents[path]:
        raise _NotPreparedError(f"{path}: not a certificate as this version writes it")
    rejects, metrics = (contents.get(each(series, day), b"") for each in (store.rejects, store.metrics))
    return Snapshot(series, day, contents[store.papers(series, day)], _rows(rejects), _rows(metrics), certificate)


def _rows(content: bytes) -> list[bytes]:
    return content.split(b"\n")[:-1]
