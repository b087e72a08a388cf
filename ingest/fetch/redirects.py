"""Where a redirect leads, and whether it is followed: hop by hop, within one site."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import urljoin, urlsplit

from dailypapers.ingest.archive.model import Entry, Fault

MAX_REDIRECTS: Final = 5


def redirect_location(entry: Entry) -> str | None:
    """The Location header of a redirect; None for any other answer."""
    if isinstance(entry, Fault) or entry.page.status not in {301, 302, 303, 307, 308}:
        return None
    return entry.page.header("location")


def follow_redirect(url: str, location: str, site: str, visited: Collection[str]) -> tuple[str | None, str | None]:
    """The address that a redirect of `url` leads to, or None and why it is not followed."""
    try:
        target = urljoin(url, location)
        if _origin(target) != _origin(site):
            return None, f"redirected off the site, to {target}"
    except ValueError as error:
        return None, f"redirected to {location!r:.200}, which is not an address ({error})"
    if target in visited:
        return None, f"redirected in a circle, to {target}"
    if len(visited) > MAX_REDIRECTS:
        return None, f"redirected more than {MAX_REDIRECTS} times"
    return target, None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
