"""The headers of our requests."""

from __future__ import annotations

import os
from typing import Final

from ingest import __version__
from ingest.errors import UsageError
from parsers.model import Page

from .robots import AGENT

PROJECT: Final = "https://github.com/dailypapers/dailypapers"


def user_agent() -> str:
    """Name, version, the project's address, and whom to ask: `DAILYPAPERS_CONTACT` (a mail address or URL).

    Raises UsageError where that cannot stand in a header.
    """
    contact = os.environ.get("DAILYPAPERS_CONTACT") or f"{PROJECT}/issues"
    if not (contact.isascii() and contact.isprintable()):
        raise UsageError(f"DAILYPAPERS_CONTACT is {contact!r}; a header takes printable ASCII only")
    return f"{AGENT}/{__version__} (+{PROJECT}; {contact})"


def token() -> str | None:
    """`HF_TOKEN`, as everywhere in that ecosystem. Raises UsageError, without showing it, where it can be none."""
    found = (os.environ.get("HF_TOKEN") or "").strip()
    if found and not (found.isascii() and found.isprintable() and " " not in found):
        raise UsageError("HF_TOKEN holds what no token has: blanks, line breaks or letters beyond ASCII")
    return found or None


def validators(page: Page) -> dict[str, str]:
    """The headers that ask for a page only if it changed (RFC 9110, 13.1)."""
    etag, modified = page.header("etag"), page.header("last-modified")
    sent = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {name: value for name, value in sent.items() if value is not None}
