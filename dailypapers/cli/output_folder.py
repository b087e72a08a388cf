"""The folder that a command fills and keeps up to date."""

from __future__ import annotations

from pathlib import Path

from dailypapers.publish.manifest import LOCK, MANIFEST
from ingest.errors import UsageError
from snapshots.store.layout import Store


def require_output_folder(folder: Path, store: Store) -> None:
    """Raises UsageError for a folder that holds something else than an output: its files could be overwritten.

    Hidden files, such as those of Git, may be there.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; name a new one with --out")
    if folder.resolve() == store.root.resolve():
        raise UsageError(f"{folder} is the store; name another folder with --out")
    if not folder.is_dir() or (folder / MANIFEST).exists() or (folder / LOCK).exists():
        return
    foreign = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    if foreign:
        raise UsageError(f"{folder} holds other files, such as {foreign[0]}; name a new folder with --out")
