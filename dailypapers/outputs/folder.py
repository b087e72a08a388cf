"""A folder that holds an output: its manifest `.made.json`, and `SHA256SUMS` where the output has one.

The manifest says what each file was made of, so that a new day costs a day.

    with open_output(folder, "feeds", version="1") as output:
        days = output.days(store, series)                  # {day: DayVersion}, opens only certificates that changed
        inputs = {f"{day}": days[day].papers for day in month}
        if not output.is_made("hf-daily/2025-12.atom", inputs):
            output.write("hf-daily/2025-12.atom", content)
            output.record("hf-daily/2025-12.atom", inputs)

Several outputs may share a folder: each has its own section, and `version` (of its layout, with that of the program)
makes everything again when it changes. Before the first file changes, the section is marked as unfinished, which goes
when the `with` block ends without an error. So the next run after one that failed or was killed makes everything again,
even if the store went back to what the files had been made of before.

`SHA256SUMS` has the digests of an output's files, as `sha256sum --check SHA256SUMS` reads them; the format is that of
GNU coreutils: https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.certificate import read_certificate
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.atomic import has_content, read_whole, replace_unsynced, sync_file_system, write_whole
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import file_lock
from dailypapers.snapshots.store.marks import certificate_marks

CHECKSUMS: Final = "SHA256SUMS"

_LINE: Final = re.compile(r"([0-9a-f]{64})  ([!-~]+)")


def checksum_lines(digests: Mapping[str, str]) -> bytes:
    """The file, from the sha256 of each file by its name, which is relative and has no blank."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()


def read_checksums(folder: Path) -> dict[str, str]:
    """The sha256 of each file by its name; empty if there is no such file. Lines without a digest are left out."""
    try:
        text = read_whole(folder / CHECKSUMS).decode("utf-8", "replace")
    except FileNotFoundError:
        return {}
    matches = map(_LINE.fullmatch, text.splitlines())
    return {match[2]: match[1] for match in matches if match is not None}


MANIFEST: Final = ".made.json"
LOCK: Final = ".made.lock"
UNFINISHED: Final = "unfinished"
"""The key of a section whose files may be newer than their inputs say."""


class DayVersion(NamedTuple):
    """What identifies the content of a built day."""

    mark: str
    """Size and time of the certificate's file: while they are the same, it is not opened."""
    certificate: str
    """Checksum of the certificate, which covers its day file, metrics and state."""
    papers: str
    """sha256 of the day file, as the certificate has it; empty if it names none."""


Row = TypeVar("Row", bound=NamedTuple)


class OutputFolder:
    """A folder that holds an output, and its section of the manifest. Names of files are relative, with `/`."""

    def __init__(self, folder: Path, output: str, version: str, *, has_checksums: bool = False) -> None:
        """Reads the manifest; one that is damaged, or of another version, counts as empty."""
        self.folder = folder
        self._root = f"{folder}"
        self._output = output
        # Nobody else changes the file while the folder is locked.
        self._sections = _sections(folder)
        section = self._sections.get(output)
        before: dict[str, Any] = {"files": {}, "days": {}}
        if section is not None and _is_section(section, version):
            before = section
        self.is_repeated = isinstance(section, dict) and UNFINISHED in section
        """Whether the run before, of any version, changed files and did not end: no file counts as made."""
        self._before: Mapping[str, Mapping[str, str]] = before["files"]
        self._known: Mapping[str, Mapping[str, list[str]]] = before["days"]
        self._has_checksums = has_checksums
        self._digests_before = read_checksums(folder) if has_checksums and not self.is_repeated else {}
        self.digests: dict[str, str] = {}
        """Of an output with checksums, the sha256 of each file that was written or recorded."""
        self._files: dict[str, Mapping[str, str]] = {}
        self._rows: dict[str, dict[str, list[str]]] = {}
        self._version = version
        self._is_marked = False
        # What a run that was killed has written may not be synced.
        self._changed = self.is_repeated
        self._written: set[str] = set()
        self._names: dict[str, set[str]] = {}
        """The files of folders when one of them was asked for first."""
        self.series_before = (
            frozenset(section["days"]) if isinstance(section, dict) and "days" in section else frozenset()
        )
        """The folders of the series of which the output was made before, by any version; empty if it never was."""

    def days(self, store: Store, series: Series, marks: Mapping[str, str] | None = None) -> dict[date, DayVersion]:
        """The built days of a series in order; `marks` are those of their certificates, if they were read before.

        Raises StoreError for a certificate that is damaged or too new.
        """
        marks = certificate_marks(store, series) if marks is None else marks
        rows = self.facts(series, marks, lambda day: _version_of(store.certificate(series, day)), DayVersion)
        return {date.fromisoformat(day): version for day, version in rows.items()}

    def facts(
        self, series: Series, marks: Mapping[str, str], read: Callable[[date], Sequence[str]], row_type: type[Row]
    ) -> dict[str, Row]:
        """What an output takes from the days of a series, by the day's name: a mark, and what `read` gave for it.

        A day whose mark is as the manifest has it is not read again. An output has one type of rows.
        """
        name = series.folder.as_posix()
        if name not in self._rows:
            known, size = self._known.get(name, {}), len(row_type._fields)
            self._rows[name] = {
                name_of_day: row
                if (row := known.get(name_of_day)) and row[0] == mark and len(row) == size
                else [mark, *read(day)]
                for name_of_day, mark in marks.items()
                if (day := _day(name_of_day))
            }
        return {day: row_type._make(row) for day, row in self._rows[name].items()}

    def is_made(self, name: str, inputs: Mapping[str, str]) -> bool:
        """Whether a file was made of exactly these inputs and is still there; if so it is recorded again.

        A file without inputs is never counted as made, nor is one that should have a checksum and has none.
        """
        if not inputs or self._before.get(name) != inputs or not self._is_there(name):
            return False
        return self.keep(name)

    def _is_there(self, name: str) -> bool:
        """Whether there is a file; each folder is listed once, since thousands of files may be in one."""
        folder, _, base = name.rpartition("/")
        if folder not in self._names:
            try:
                with os.scandir(self.folder / folder) as entries:
                    self._names[folder] = {entry.name for entry in entries if entry.is_file()}
            except (FileNotFoundError, NotADirectoryError):
                self._names[folder] = set()
        return base in self._names[folder]

    def record(self, name: str, inputs: Mapping[str, str]) -> None:
        """Note what a file was made of: a digest for each input."""
        self._files[name] = dict(inputs)

    def keep(self, name: str) -> bool:
        """Record a file with the inputs and the checksum that it had before; returns whether it had them."""
        if name not in self._before or (self._has_checksums and name not in self._digests_before):
            return False
        self._files[name] = self._before[name]
        if self._has_checksums:
            self.digests[name] = self._digests_before[name]
        return True

    def made_before(self) -> Mapping[str, Mapping[str, str]]:
        """The files of the manifest that was read, with their inputs; after an unfinished run, without."""
        return self._before

    def write(self, name: str, content: bytes) -> bool:
        """Write a file whole, unless it has that content; returns whether it changed. Not synced before the end.

        Raises ValueError for a name that leads out of the folder.
        """
        path = self._path(name)
        if self._has_checksums:
            self.digests[name] = hashlib.sha256(content).hexdigest()
        if not self._is_marked:
            if has_content(path, content):
                self._written.add(name)
                return False
            self._mark()
        self._written.add(name)
        return replace_unsynced(path, content)

    def write_checksums(self) -> bool:
        """Write the checksums of all files so far; returns whether they changed."""
        self.record(CHECKSUMS, {})
        return self.write(CHECKSUMS, checksum_lines(self.digests))

    def remove(self, name: str) -> bool:
        """Remove a file; returns whether it was there."""
        path = Path(self._path(name))
        if not path.is_file():
            return False
        self._mark()
        path.unlink()
        self._files.pop(name, None)
        folder, _, base = name.rpartition("/")
        self._names.get(folder, set()).discard(base)
        return True

    def forget(self) -> None:
        """Make everything again, as if nothing had been recorded."""
        self._before = {}

    def sweep(self, names: Iterable[str]) -> None:
        """Remove, of these files and of those below these folders, what was not written since the manifest was read."""
        for path in (path for name in names for path in [Path(self._path(name)), *Path(self._path(name)).rglob("*")]):
            name = path.relative_to(self.folder).as_posix()
            if path.is_file() and name not in self._written:
                self.remove(name)

    def unrecorded(self) -> list[str]:
        """The files of the manifest that was read which were not recorded again: nothing makes them any more."""
        return sorted(self._before.keys() - self._files.keys())

    def save(self) -> None:
        """Sync what was written, then write the manifest with what was recorded since it was read."""
        if self._changed:
            sync_file_system(self.folder)
        self._save({"days": self._rows, "files": self._files}, write_whole)

    def _mark(self) -> None:
        """Before the first change: keep the names of the files, but none of their inputs."""
        if not self._is_marked:
            series: dict[str, object] = {name: {} for name in (*self.series_before, *self._rows)}
            # Synced where a manifest would count files as made after a power cut.
            write = write_whole if (self.folder / MANIFEST).exists() else replace_unsynced
            self._save({"days": series, "files": {name: {} for name in self._before}, UNFINISHED: True}, write)
        self._is_marked = self._changed = True

    def _save(self, section: Mapping[str, object], write: Callable[[Path, bytes], bool]) -> None:
        sections = self._sections | {self._output: {"version": self._version, **section}}
        write(self.folder / MANIFEST, orjson.dumps(sections, option=orjson.OPT_SORT_KEYS) + b"\n")

    def _path(self, name: str) -> str:
        if not name or name.startswith("/") or ".." in name.split("/"):
            raise ValueError(f"{name!r} is not a name inside an output folder")
        # Text: for thousands of small files, objects for paths would take longer than to write them.
        return f"{self._root}/{name}"


@contextmanager
def open_output(folder: Path, output: str, version: str, *, has_checksums: bool = False) -> Iterator[OutputFolder]:
    """An output folder, created if missing and locked against another process; its manifest is saved at the end.

    `output` names the section of the manifest. With `has_checksums`, which one output of a folder may have, the sha256
    of each file is known for `write_checksums`. Raises OSError where the folder cannot be written.
    """
    # Synced with everything in it, before the manifest is written.
    folder.mkdir(parents=True, exist_ok=True)
    with file_lock(folder / LOCK):
        opened = OutputFolder(folder, output, version, has_checksums=has_checksums)
        yield opened
        opened.save()


def _sections(folder: Path) -> dict[str, Any]:
    try:
        sections = orjson.loads(read_whole(folder / MANIFEST))
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
    return sections if isinstance(sections, dict) else {}


def _is_section(section: Any, version: str) -> bool:  # noqa: ANN401 - whatever the file holds
    if not isinstance(section, dict) or section.get("version") != version:
        return False
    tables = [section.get("files"), section.get("days")]
    rows = [row for table in tables if isinstance(table, dict) for row in table.values()]
    return all(isinstance(each, dict) for each in [*tables, *rows]) and all(
        isinstance(known, list) and known and all(isinstance(part, str) for part in known)
        for known_days in section["days"].values()
        for known in known_days.values()
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _version_of(path: Path) -> Sequence[str]:
    certificate = read_certificate(path)
    if certificate is None or certificate["schema"] > SCHEMA:
        raise StoreError(f"{path}: written by a newer version; upgrade dailypapers")
    files = certificate["files"]
    return certificate["checksum"], files["papers"]["sha256"] if "papers" in files else ""
