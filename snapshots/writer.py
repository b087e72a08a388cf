"""The deduplicating writer: a day's papers, rejects, metrics and certificate, as files.

The certificate is written last. A day whose certificate does not name the archive files at hand counts as not built, so
a build that was killed half way is simply done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import orjson

from dailypapers.parsers.model import Paper, line
from dailypapers.snapshots.store.atomic import read_whole, write_together
from dailypapers.snapshots.store.layout import Series, Store

from .certificate import BuiltFile, Certificate, certificate_bytes, sha256
from .rejects import healed


@dataclass(frozen=True, slots=True)
class Report:
    """The numbers of papers that a build changed in the day file."""

    new: int
    changed: int
    same: int
    gone: int
    """Papers newly marked as having left the day; they also count as `changed` or `same`."""
    healed: int = 0
    """Items that were rejected before and no longer are."""

    @property
    def total(self) -> int:
        """Papers in the day file."""
        return self.new + self.changed + self.same

    def __str__(self) -> str:
        counts = {"new": self.new, "changed": self.changed, "same": self.same, "gone": self.gone}
        return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def day_bytes(papers: Iterable[Paper]) -> bytes:
    """The day file: one line for each paper, in the order given."""
    # Into a buffer: a list of the lines would hold the file twice, and takes four times as long.
    content = BytesIO()
    for paper in papers:
        content.write(line(paper))
        content.write(b"\n")
    return content.getvalue()


def built_files(
    series: Series, day: date, papers: bytes, rejects: Sequence[bytes], metrics: Sequence[bytes]
) -> dict[str, BuiltFile]:
    """The files of a day as its certificate names them; rejects and metrics only if they have a line."""
    contents = {"papers": papers, "rejects": _lines(rejects), "metrics": _lines(metrics)}
    paths = Store(Path()).derived(series, day)
    return {
        kind: BuiltFile(file=paths[kind].name, bytes=len(content), sha256=sha256(content))
        for kind, content in contents.items()
        if content or kind == "papers"
    }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of a source-day as they should be in the store."""

    series: Series
    day: date
    content: bytes
    """The day file."""
    rejects: Sequence[bytes]
    metrics: Sequence[bytes]
    certificate: Certificate

    def changed_files(self, store: Store) -> list[str]:
        """The names of the files that `write` would change."""
        return [path.name for path, content in self.files(store).items() if _content(path) != (content or b"")]

    def compare(self, store: Store) -> Report:
        """What `write` would change in the day file."""
        report = compare(store.papers(self.series, self.day), self.content)
        # An item of a lost archive file is not healed: it is no longer read.
        if self.certificate["lost"]:
            return report
        rejects = _content(store.rejects(self.series, self.day)).splitlines()
        return replace(report, healed=healed(rejects, self.rejects) if rejects else 0)

    def files(self, store: Store) -> dict[Path, bytes | None]:
        """The content of each file, in the order of writing; None for rejects and metrics without a line."""
        return {
            store.papers(self.series, self.day): self.content,
            store.rejects(self.series, self.day): _lines(self.rejects) or None,
            store.metrics(self.series, self.day): _lines(self.metrics) or None,
            store.certificate(self.series, self.day): certificate_bytes(self.certificate),
        }


def write_snapshots(
    store: Store, snapshots: Sequence[Snapshot], temporaries: Mapping[Path, Path] | None = None
) -> list[Report]:
    """Write the files of days, the certificates last; returns what changed in each.

    `temporaries` are files that were written before, by the paths at which they belong (see `write_together`). Raises
    OSError if the store is not writable.
    """
    reports = [snapshot.compare(store) for snapshot in snapshots]
    write_together(*(snapshot.files(store) for snapshot in snapshots), temporaries=temporaries)
    return reports


def _lines(rows: Sequence[bytes]) -> bytes:
    return b"".join([row + b"\n" for row in rows])


def _content(path: Path) -> bytes:
    return read_whole(path) if path.exists() else b""


def compare(path: Path, content: bytes) -> Report:
    """How `content` differs from the day file, paper by paper: papers are matched by key, and any byte is a change."""
    before = _content(path)
    if before in {b"", content}:
        return _plain_report(content, is_new=not before)
    old, new = _marks(before), _marks(content)
    both = new.keys() & old.keys()
    changed = sum(1 for key in both if new[key] != old[key])
    gone = sum(1 for key, mark in new.items() if mark.has_left and not (key in old and old[key].has_left))
    return Report(len(new.keys() - old.keys()), changed, len(both) - changed, gone)


class _Mark(NamedTuple):
    """What is compared of a line; the rows of two large days would be too many for memory."""

    line: int
    has_left: bool


def _marks(content: bytes) -> dict[str, _Mark]:
    decoded = ((text, _row(text)) for text in BytesIO(content))
    return {
        str(row["key"]): _Mark(hash(text.rstrip(b"\n")), _has_left(row)) for text, row in decoded if row is not None
    }


def _plain_report(content: bytes, *, is_new: bool) -> Report:
    """All papers are new, or none changed: the lines need not be decoded."""
    papers = content.count(b"\n")
    # Inside a string the quotes would be escaped.
    left = papers - content.count(b'"last_seen":null')
    return Report(papers, 0, 0, left) if is_new else Report(0, 0, papers, 0)


def rows(content: bytes) -> dict[str, dict[str, object]]:
    """The lines of a day file by key; a damaged line (of a cut file) is left out."""
    decoded = (_row(text) for text in content.splitlines())
    return {str(row["key"]): row for row in decoded if row is not None}


def _row(text: bytes) -> dict[str, object] | None:
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, dict) and "key" in row else None


def _has_left(row: dict[str, object]) -> bool:
    return row.get("last_seen") is not None
