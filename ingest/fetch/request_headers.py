"""The headers of our requests."""

from __future__ import annotations

import re
from typing import Final

from dailypapers.ingest import __version__
from dailypapers.ingest.errors import UsageError
from dailypapers.parsers.model import Page

from .robots import PRODUCT

PROJECT: Final = "https://github.com/dailypapers/dailypapers"

_FIELD_VALUE: Final = re.compile(r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?")
"""The value of a header (RFC 9110, 5.5)."""
_MAX_VALIDATOR: Final = 4096
"""Characters: servers refuse requests with longer headers."""


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


def validators(page: Page) -> list[tuple[bytes, bytes]]:
    """The headers that request a page only if it changed (RFC 9110, 13.1), with the bytes that the site sent.

    A value that cannot be sent back is left out: then the page is requested without a condition.
    """
    received = {b"If-None-Match": page.header("etag"), b"If-Modified-Since": page.header("last-modified")}
    encoded = ((name, _encode(value)) for name, value in received.items() if value is not None)
    return [(name, value) for name, value in encoded if value is not None]


def _encode(value: str) -> bytes | None:
    """The bytes of a header value, which is decoded as Latin-1; None if no request can hold it."""
    is_sendable = len(value) <= _MAX_VALIDATOR and _FIELD_VALUE.fullmatch(value)
    return value.encode("latin-1") if is_sendable else None
