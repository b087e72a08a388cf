"""The deduplicating writer: the papers of a day, what was refused, and the certificate, as files.

The certificate is written last: while it does not name the archive files at hand, the day counts as not built, so
a build that is killed half way is simply done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from parsers.model import Paper, line

from .certificate import Certificate
from .durable import remove, write_whole
from .layout import Series, Store


@dataclass(frozen=True, slots=True)
class Report:
    """What a build changed in the day file: numbers of papers."""

    new: int
    changed: int
    same: int
    gone: int
    """Papers newly marked as having left the day; they are counted in `changed` or `same` too."""

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


def write_day(
    store: Store, series: Series, day: date, content: bytes, rejects: Sequence[bytes], certificate: Certificate
) -> Report:
    """Put a built day on disk and say what changed. Raises OSError when the store cannot be written."""
    path = store.papers(series, day)
    report = compare(path, content)
    write_whole(path, content)
    if rejects:
        write_whole(store.rejects(series, day), b"".join(row + b"\n" for row in rejects))
    else:
        remove(store.rejects(series, day))
    write_whole(store.certificate(series, day), certificate.to_json())
    return report


def compare(path: Path, content: bytes) -> Report:
    """How `content` differs from the day file that is there, paper by paper. Identity is the key, change any byte."""
    old = rows(path.read_bytes() if path.exists() else b"")
    new = rows(content)
    changed = [key for key in new.keys() & old.keys() if new[key] != old[key]]
    gone = sum(1 for key, row in new.items() if _left(row) and not (key in old and _left(old[key])))
    return Report(len(new.keys() - old.keys()), len(changed), len(new.keys() & old.keys()) - len(changed), gone)


def rows(content: bytes) -> dict[str, dict[str, Any]]:
    """The lines of a day file as plain JSON, by key."""
    return {row["key"]: row for row in map(orjson.loads, content.splitlines())}


def _left(row: dict[str, Any]) -> bool:
    return row.get("last_seen") is not None
