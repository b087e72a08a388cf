"""Foreign text in an output: which links it may hold, which file names it may become, which characters XML forbids."""

from __future__ import annotations

import hashlib
import re
from typing import Final
from urllib.parse import urlsplit

from parsers.model import ARXIV_ID

_FORBIDDEN: Final = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""What is no `Char` of XML 1.0 (https://www.w3.org/TR/xml/#charsets), and what it discourages: C1 controls."""
_REFUSED_IN_LINKS: Final = re.compile(
    r"[\s\x00-\x20\x7f-\xa0\\<>\"^`{|}\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Separators, controls and marks of writing direction."""


_PLAIN_LINK: Final = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[\w./?&=%+-]*)?", re.ASCII)
"""Most links, told without parsing them."""


def http_link(url: str | None) -> str | None:
    """The URL if it is `http` or `https` with a host and no user part; None for anything else, or None.

    A URL with white space, control characters, marks of writing direction, a backslash or one of `<>"^{|}` is refused
    as well: browsers and feed readers do not agree where it ends or which host it names
    (https://url.spec.whatwg.org/#url-parsing).
    """
    if url is not None and _PLAIN_LINK.fullmatch(url):
        return url
    if url is None or _REFUSED_IN_LINKS.search(url):
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError for a port that is no number
    except ValueError:
        return None
    is_safe = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    return url if is_safe else None


def file_name(key: str) -> str:
    """A name for the file of a paper, without suffix, from its key: safe in any folder, different for each key.

    `arxiv:2408.00118` gives `2408.00118`, `arxiv:hep-th/9901001` gives `hep-th-9901001`, and any other key the first 16
    hex digits of its sha256.
    """
    source, _, identifier = key.partition(":")
    if source == "arxiv" and ARXIV_ID.fullmatch(identifier):
        return identifier.replace("/", "-")
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def clean(text: str) -> str:
    """The text with U+FFFD for every character that XML 1.0 forbids or discourages, lone surrogates included."""
    return text if text.isprintable() else _FORBIDDEN.sub("\ufffd", text)
