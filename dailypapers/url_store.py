"""A store in a folder, or at a URL: then it is read in place, by paths of universal_pathlib."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.redaction import redacted
from dailypapers.snapshots.store.layout import Store

from .errors import StoreError
from .store_url import check_url, faults_of


class UrlStore(Store):
    """A store at a URL. Its paths are no `Path`, but have the methods of one that reading needs."""

    __slots__ = ()

    def names_in(self, folder: Path) -> list[str]:
        """The names in a folder; none if there is no such folder."""
        try:
            return [entry.name for entry in folder.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []


def store_at(path: str | os.PathLike[str]) -> Store:
    """The store in a folder or at a URL. Raises StoreError for a URL that cannot be used."""
    if not isinstance(path, str) or "://" not in path:
        return Store(Path(path))
    try:
        url = check_url(path)
    except UsageError as error:
        raise StoreError(str(error)) from error
    if url.startswith("file://"):
        return Store(Path(url.removeprefix("file://")))
    from upath import UPath  # noqa: PLC0415 - only a URL needs it

    # A listing that is remembered would hide what was pushed since.
    return UrlStore(cast("Path", UPath(url, use_listings_cache=False)))


def is_store(store: Store) -> bool:
    """Whether there is one. Raises StoreError if its URL cannot be read."""
    if not isinstance(store, UrlStore):
        return any((store.root / name).is_dir() for name in ("snapshots", "pages", "runs"))
    try:
        return bool({"snapshots", "pages"} & set(store.names_in(store.root)))
    except faults_of(f"{store.root}") as error:
        raise StoreError(redacted(f"{store.root}: cannot be read ({type(error).__name__}: {error})")) from error
