"""Keys as nodes of identity: an arXiv id, a DOI, or a title."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

ARXIV: Final = "arxiv:"
DOI: Final = "doi:"
TITLE: Final = "title:"

_ID = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}", re.ASCII)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.ASCII | re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+", re.ASCII)
_DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)", re.ASCII | re.IGNORECASE)
_VERSION = re.compile(r"(?<=\d)v\d+$", re.ASCII)
_ARXIV_PREFIX = re.compile(r"(?:https?://(?:[a-z]+\.)?arxiv\.org/(?:abs|pdf|html)/|arxiv:)", re.ASCII | re.IGNORECASE)
_PAPER_PAGE = re.compile(r"https?://huggingface\.co/papers/", re.ASCII | re.IGNORECASE)


def node_of(key: str) -> str:
    """The key, but for a DOI that arXiv gave (https://info.arxiv.org/help/doi.html) the key of its arXiv id."""
    if not key.startswith(DOI):
        return key
    match = _ARXIV_DOI.fullmatch(key, len(DOI))
    return ARXIV + match[1] if match and _ID.fullmatch(match[1]) else key


def stated_doi(doi: str | None) -> str | None:
    """The DOI of a record as a key, `doi:10.1000/x`; None for none, for no DOI, and for one that arXiv gave."""
    if not doi:
        return None
    bare = _DOI_PREFIX.sub("", doi.strip(), count=1).lower()
    key = DOI + bare
    return key if _DOI.fullmatch(bare) and node_of(key) == key and not _ARXIV_DOI.fullmatch(bare) else None


def canonical(key: str) -> tuple[int, str]:
    """Sorts the keys of one paper, the best first: arXiv ids, then DOIs, then titles."""
    kind = 0 if key.startswith(ARXIV) else 1 if key.startswith(DOI) else 2
    return kind, key


def parse_key(text: str) -> str:
    """A key from what people type: `2408.00118v2`, an arXiv or DOI link, `10.1000/x`, or a key; else the text itself.

    >>> parse_key(" https://arxiv.org/abs/2408.00118v2 ")
    'arxiv:2408.00118'
    """
    bare = text.strip()
    if bare.startswith(TITLE):
        return bare
    bare = _PAPER_PAGE.sub("", bare, count=1)
    without = _VERSION.sub("", _ARXIV_PREFIX.sub("", bare, count=1).removesuffix(".pdf"))
    if _ID.fullmatch(without):
        return ARXIV + without
    bare = _DOI_PREFIX.sub("", bare, count=1)
    return node_of(DOI + bare.lower()) if _DOI.fullmatch(bare) else text.strip()


def unicode_of(text: str) -> str:
    """The text with `?` for what is not Unicode (bytes of a command line), which SQLite refuses and no record has."""
    return text.encode("utf-8", "replace").decode()


def title_number(title_key: str) -> int:
    """`title:` and 16 hex digits as a signed number of 64 bits; of a longer key those of its first 16 digits."""
    return int.from_bytes(bytes.fromhex(title_key[len(TITLE) : len(TITLE) + 16]), signed=True)


def title_key(number: int) -> str:
    """The reverse of `title_number`."""
    return TITLE + number.to_bytes(8, signed=True).hex()


def distinct_title_key(key: str, witness: str) -> str:
    """The key of another paper with the same title: the title's key and 8 hex digits of what distinguishes them."""
    return f"{key[: len(TITLE) + 16]}-{sha256(witness.encode()).hexdigest()[:8]}"
