"""The option --base-url: where an output will be published."""

from __future__ import annotations

from urllib.parse import urlsplit

from dailypapers.publish.links import http_link
from ingest.errors import UsageError


def checked_base_url(url: str | None) -> str | None:
    """The address with a slash at its end; None for None. Raises UsageError if it is not one of a folder."""
    if url is None:
        return None
    if http_link(url) is None or "?" in url or "#" in url or not _has_possible_port(url):
        raise UsageError(f"--base-url {url!r}: write the address of the folder, as https://papers.example.org/")
    return url.rstrip("/") + "/"


def _has_possible_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:  # it is over 65535
        return False
