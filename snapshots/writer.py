"""The deduplicating writer: the papers of a day, what was refused, and the certificate, as files.

The certificate is written last: while it does not name the archive files at hand, the day counts as not built, so
a build that is killed half way is simply done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from parsers.model import Paper, line
from snapshots.store.atomic import write_together
from snapshots.store.layout import Series, Store

from .certificate import Certificate, certificate_bytes
from .rejects import healed


@dataclass(frozen=True, slots=True)
class Report:
    """What a build changed in the day file: numbers of papers."""

    new: int
    changed: int
    same: int
    gone: int
    """Papers newly marked as having left the day; they are counted in `changed` or `same` too."""
    healed: int = 0
    """Items that were refused before and are no more."""

    @property
    def total(self) -> int:
        """Papers in the day file."""
        return self.new + self.changed + self.same

    def __str__(self) -> str:
        counts = {"new": self.new, "changed": self.changed, "same": self.same, "gone": self.gone}
        return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def day_bytes(papers: Sequence[Paper]) -> bytes:
    """The whole day file: one line a paper, in the order given."""
    return b"".join(line(paper) + b"\n" for paper in papers)


def sha256(content: bytes) -> str:
    """Hex digest, as certificates name files."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A source-day as it should stand in the store: its files."""

    series: Series
    day: date
    content: bytes
    """The day file."""
    rejects: Sequence[bytes]
    metrics: Sequence[bytes]
    certificate: Certificate

    def write(self, store: Store) -> Report:
        """Put it on disk, the certificate last; say what changed. Raises OSError when the store cannot be written."""
        report = self.compare(store)
        write_together(self._files(store))
        return report

    def changed_files(self, store: Store) -> list[str]:
        """The names of the files that writing it would change."""
        return [path.name for path, content in self._files(store).items() if _held(path) != (content or b"")]

    def _files(self, store: Store) -> dict[Path, bytes | None]:
        """In the order of writing; rejects and metrics are there only if they have a line."""
        return {
            store.papers(self.series, self.day): self.content,
            store.rejects(self.series, self.day): _joined(self.rejects) or None,
            store.metrics(self.series, self.day): _joined(self.metrics) or None,
            store.certificate(self.series, self.day): certificate_bytes(self.certificate),
        }

    def compare(self, store: Store) -> Report:
        """What writing it would change in the day file."""
        report = compare(store.papers(self.series, self.day), self.content)
        # The pages are the same as ever, unless some are lost: what is refused no more is a parser's doing.
        if self.certificate["lost"]:
            return report
        held = _held(store.rejects(self.series, self.day)).splitlines()
        return replace(report, healed=healed(held, self.rejects) if held else 0)


def _joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(row + b"\n" for row in lines)


def _held(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def compare(path: Path, content: bytes) -> Report:
    """How `content` differs from the day file that is there, paper by paper. Identity is the key, change any byte."""
    held = _held(path)
    if held in {b"", content}:
        return _plain_report(content, is_new=not held)
    old, new = rows(held), rows(content)
    changed = [key for key in new.keys() & old.keys() if new[key] != old[key]]
    gone = sum(1 for key, row in new.items() if _left(row) and not (key in old and _left(old[key])))
    return Report(len(new.keys() - old.keys()), len(changed), len(new.keys() & old.keys()) - len(changed), gone)


def _plain_report(content: bytes, *, is_new: bool) -> Report:
    """All papers are new, or none changed: that needs no reading of the lines."""
    papers = content.count(b"\n")
    # Inside a string the quotes would be escaped.
    left = papers - content.count(b'"last_seen":null')
    return Report(papers, 0, 0, left) if is_new else Report(0, 0, papers, 0)


def rows(content: bytes) -> dict[str, dict[str, Any]]:
    """The lines of a day file as plain JSON, by key; a line that is none (of a cut file) counts as not there."""
    found = (_row(text) for text in content.splitlines())
    return {row["key"]: row for row in found if row is not None}


def _row(text: bytes) -> dict[str, Any] | None:
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, dict) and "key" in row else None


def _left(row: dict[str, Any]) -> bool:
    return row.get("last_seen") is not None
