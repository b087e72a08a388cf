"""Files of the state folder that may be deleted at any time; a damaged one counts as missing."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from dailypapers.snapshots.store.reading import read_whole

log = logging.getLogger(__name__)


def read_disposable(path: Path) -> bytes | None:
    """The content as it was written; None if there is no such file or it is damaged."""
    try:
        digest, _, content = read_whole(path).partition(b"\n")
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            log.warning("%s cannot be read (%s); this run takes longer", path, error.strerror)
        return None
    return content if digest == hashlib.sha256(content).hexdigest().encode() else None


def write_disposable(path: Path, content: bytes) -> None:
    """Replace the file. It is not synced: it has a digest, and a disk that refuses costs the next run its time."""
    aside = path.with_name(f"{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        aside.replace(path)
    except FileNotFoundError:
        # Another process used the same name, and has put its own content in place. Had both written into one file, it
        # would not have its digest and count as missing.
        pass
    except OSError as error:
        log.warning("%s cannot be written (%s); the next run takes longer", path, error.strerror)
