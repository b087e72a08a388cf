"""The folder that a command fills and keeps up to date."""

from __future__ import annotations

import os
from pathlib import Path

from dailypapers.ingest.errors import UsageError
from dailypapers.outputs.folder import LOCK, MANIFEST
from dailypapers.snapshots.store.layout import Store


def require_output_folder(folder: Path, store: Store, inside: str) -> None:
    """Raises UsageError for a folder that holds something else than an output: its files could be overwritten.

    Hidden files, such as those of Git, may be there. In the store it can only be the folder `inside`.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; name a new one with --out")
    require_outside(folder, store, inside)
    if not folder.is_dir() or (folder / MANIFEST).exists() or (folder / LOCK).exists():
        return
    foreign = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    if foreign:
        raise UsageError(f"{folder} holds other files, such as {foreign[0]}; name a new folder with --out")


def require_outside(folder: Path, store: Store, inside: str) -> None:
    """Raises UsageError for a folder that is, holds or lies in the store, but for the folder `inside` of the store."""
    # Not Path.resolve(), which raises RuntimeError for a link that leads to itself.
    root, place = Path(os.path.realpath(store.root)), Path(os.path.realpath(folder))
    is_own = place.is_relative_to(root) and place.relative_to(root).parts[:1] != (inside,)
    if is_own or root.is_relative_to(place):
        there = store.root / inside
        raise UsageError(f"--out {folder}: not in the store, nor around it; name another folder, or {there}")
