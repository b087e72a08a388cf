"""`joins.txt` and `waived.txt`: what a human decided, merged line by line. No line is ever removed, on either side."""

from __future__ import annotations

from typing import Final

from ingest.errors import IngestError
from snapshots.store.atomic import write_whole
from snapshots.store.layout import Store
from snapshots.store.locks import building

from .mirror import Mirror

_ATTEMPTS: Final = 5


def merged(base: bytes, other: bytes) -> bytes:
    """The first file, then the lines that only the other one has, in their order; blank ones are left out."""
    known = set(_lines(base))
    more = [line for line in dict.fromkeys(_lines(other)) if line.strip() and line not in known]
    if not more:
        return base
    return base + (b"\n" if base and not base.endswith(b"\n") else b"") + b"".join(line + b"\n" for line in more)


def push_decisions(store: Store, mirror: Mirror, name: str) -> bool:
    """Add to a file of the mirror the lines that only the store has; returns whether there were any.

    Another pusher may write at the same time: on S3 its version is never overwritten unread; elsewhere its lines may be
    missing until its next push, since they are still in its store. Raises IngestError if it wrote each time.
    """
    path = store.root / name
    ours = path.read_bytes() if path.exists() else b""
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
        return write_whole(path, merged(path.read_bytes() if path.exists() else b"", theirs))


def _lines(content: bytes) -> list[bytes]:
    return [line.rstrip(b"\r") for line in content.split(b"\n")]
