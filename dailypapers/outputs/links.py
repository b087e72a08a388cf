"""Foreign text in an output: which links it may hold, which file names it may become, which characters XML forbids."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from dailypapers.parsers.keys import ARXIV_ID
from dailypapers.parsers.links import is_web_link

_FORBIDDEN: Final = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""What is no `Char` of XML 1.0 (https://www.w3.org/TR/xml/#charsets), and what it discourages: C1 controls."""


def http_link(url: str | None) -> str | None:
    """The URL if it is one that a record may hold (see `dailypapers.parsers.links`), else None.

    Days that older versions built may hold others.
    """
    return url if url is not None and is_web_link(url) else None


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
