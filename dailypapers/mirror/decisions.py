"""`joins.txt` and `waived.txt`: what a human decided, merged line by line. No line is ever removed, on either side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final

from dailypapers.ingest.errors import IngestError
from dailypapers.snapshots.store.atomic import write_whole
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import building
from dailypapers.snapshots.store.reading import read_whole

from .mirror import Mirror

_ATTEMPTS: Final = 5


def merged(mirror: bytes, local: bytes) -> bytes:
    """A file that has all lines of both, each in their order; where they differ, those of the mirror come first.

    So the files of all stores become the same, and of two decisions about the same keys the one that was pushed later
    counts. A file that has all lines of the other one in order is the result itself.
    """
    theirs, ours = _lines(mirror), _lines(local)
    if _has_in_order(theirs, ours):
        return mirror
    if _has_in_order(ours, theirs):
        return local
    lines: list[bytes] = []
    for tag, first, last, begin, end in SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        lines += theirs[first:last] + (ours[begin:end] if tag != "equal" else [])
    return b"".join(line + b"\n" for line in lines)


def push_decisions(store: Store, mirror: Mirror, name: str) -> bool:
    """Add to a file of the mirror the lines that only the store has; returns whether there were any.

    Another pusher may write at the same time: on S3 its version is never overwritten unread; elsewhere its lines may be
    missing until its next push, since they are still in its store. Raises IngestError if it wrote each time.
    """
    path = store.root / name
    ours = read_whole(path) if path.exists() else b""
    for _ in range(_ATTEMPTS):
        theirs, tag = mirror.tagged(name)
        both = merged(theirs, ours)
        if both == theirs:
            return False
        if mirror.replace(name, both, tag):
            return True
    raise IngestError(f"{mirror.url}: others write {name} all the time; run the same command again")


def pull_decisions(store: Store, mirror: Mirror, name: str) -> bool:
    """Add to a file of the store the lines that only the mirror has; returns whether there were any."""
    theirs, _ = mirror.tagged(name)
    path = store.root / name
    if not theirs:
        return False
    with building(store):
        return write_whole(path, merged(theirs, read_whole(path) if path.exists() else b""))


def _has_in_order(lines: Sequence[bytes], some: Iterable[bytes]) -> bool:
    left = iter(lines)
    return all(line in left for line in some)


def _lines(content: bytes) -> list[bytes]:
    lines = [line.rstrip(b"\r") for line in content.split(b"\n")]
    return lines if lines[-1] else lines[:-1]
