"""URLs of stores on S3, Google Cloud Storage, in a folder or in memory, and what goes wrong with them."""

from __future__ import annotations

from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Final
from urllib.parse import urlsplit

from dailypapers.ingest.errors import UsageError

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
