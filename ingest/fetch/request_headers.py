"""The headers of our requests."""

from __future__ import annotations

from typing import Final

from ingest import __version__
from ingest.errors import UsageError
from parsers.model import Page

from .robots import PRODUCT

PROJECT: Final = "https://github.com/dailypapers/dailypapers"


def user_agent(contact: str | None) -> str:
    """Name, version, the project's address, and a contact: the mail address or URL of `DAILYPAPERS_CONTACT`.

    Raises UsageError if the contact cannot be part of a header.
    """
    contact = contact or f"{PROJECT}/issues"
    if not (contact.isascii() and contact.isprintable()):
        raise UsageError(f"DAILYPAPERS_CONTACT is {contact!r}; a header takes printable ASCII only")
    return f"{PRODUCT}/{__version__} (+{PROJECT}; {contact})"


def check_token(text: str | None) -> str | None:
    """The access token of `HF_TOKEN`, None if it is blank. Raises UsageError, without showing it, if it is invalid."""
    token = (text or "").strip()
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageError("HF_TOKEN must not contain spaces, line breaks or non-ASCII characters")
    return token or None


def validators(page: Page) -> dict[str, str]:
    """The headers that request a page only if it changed (RFC 9110, 13.1)."""
    headers = {"If-None-Match": page.header("etag"), "If-Modified-Since": page.header("last-modified")}
    return {name: value for name, value in headers.items() if value is not None}
