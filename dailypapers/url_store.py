"""A store in a folder, or at a URL: then it is read in place, by paths of universal_pathlib."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from pkgutil import resolve_name
from typing import Final, cast
from urllib.parse import urlsplit

from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.log_lines import redacted
from dailypapers.snapshots.store.layout import Store

from .errors import StoreError

PROTOCOLS: Final = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "file": "fsspec", "memory": "fsspec"}
"""The schemes of URLs, and the package that each needs."""

_FAULTS: Final = {
    "s3fs": (
        "botocore.exceptions:BotoCoreError",
        "botocore.exceptions:ClientError",
        "botocore.parsers:ResponseParserError",
        "aiohttp:ClientError",
        "http.client:HTTPException",
    ),
    "gcsfs": (
        "gcsfs.retry:HttpError",
        "gcsfs.retry:ChecksumError",
        "google.auth.exceptions:GoogleAuthError",
        "aiohttp:ClientError",
    ),
}
"""What a package lets through of the libraries below it: of connections, credentials and answers without a code."""


def check_url(url: str) -> str:
    """The URL without a slash at its end. Raises UsageError if it is none of a mirror, or holds credentials."""
    known = ", ".join(f"{name}://" for name in PROTOCOLS)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UsageError(f"{url}: not the URL of a mirror ({error}); it begins with one of {known}") from error
    if parts.scheme not in PROTOCOLS:
        raise UsageError(f"{url}: not the URL of a mirror; it begins with one of {known}")
    if "@" in parts.netloc:
        raise UsageError(
            "credentials do not belong in a URL; give them by the environment, e.g. AWS_PROFILE, or AWS_ACCESS_KEY_ID"
            " and AWS_SECRET_ACCESS_KEY"
        )
    if parts.query or parts.fragment or ".." in parts.path.split("/"):
        raise UsageError(f"{url}: the URL of a mirror has no ?, # and ..")
    if parts.scheme == "file" and (parts.netloc or not parts.path.strip("/")):
        raise UsageError(f"{url}: write a folder as file:///path/of/the/folder")
    if parts.scheme not in {"file", "memory"} and not parts.netloc:
        raise UsageError(f"{url}: name a bucket, e.g. {parts.scheme}://bucket/papers")
    package = PROTOCOLS[parts.scheme]
    if find_spec(package) is None:
        extra = "gcsfs" if package == "gcsfs" else "'dailypapers[remote]'"
        raise UsageError(f"{parts.scheme}:// needs {package}; install it with: pip install {extra}")
    return url.rstrip("/")


def faults_of(url: str) -> tuple[type[Exception], ...]:
    """What the file system of a checked URL raises where it cannot be used: ValueError is for a wrong endpoint.

    The codes of S3 are OSErrors (https://s3fs.readthedocs.io/en/latest/#errors), and so are timeouts of fsspec.
    """
    package = PROTOCOLS[url.partition("://")[0]]
    return OSError, ValueError, *map(resolve_name, _FAULTS.get(package, ()))


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
