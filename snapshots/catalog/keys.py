"""Keys as nodes of identity: an arXiv id, a DOI, or a title."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

ARXIV: Final = "arxiv:"
DOI: Final = "doi:"
TITLE: Final = "title:"

# `math.GT/0309136` is the paper math/0309136 (https://info.arxiv.org/help/arxiv_identifier.html).
_ARXIV_FORM = re.compile(
    r"""
    (?: arxiv:\s*
      | (?: doi:\s* | (?:https?://)? (?:dx\.|www\.)? doi\.org/ )? 10\.48550/arxiv\.
      | (?:https?://)? (?: (?:[a-z]+\.)? arxiv\.org/ (?:abs|pdf|html|format|e-print) | (?:huggingface|hf)\.co/papers ) /
    )?
    (\d{4}\.\d{4,5} | ([a-z-]+) (?:\.[a-z]{2})? / (\d{7}))
    (?: v\d+ )? (?: \.pdf )?
    """,
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_ARXIV_DOI = re.compile(r"(?:doi:)?10\.48550/arxiv\.", re.ASCII | re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+", re.ASCII)
_DOI_PREFIX = re.compile(r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)", re.ASCII | re.IGNORECASE)
_NEXT_DOI = re.compile(r"[\s,;]+(?=(?:doi:\s*)?10\.\d{4,9}/)", re.ASCII | re.IGNORECASE)


def node_of(key: str) -> str:
    """The key, but for a DOI that arXiv gave (https://info.arxiv.org/help/doi.html) the key of its arXiv id."""
    return _arxiv_key(key) or key if _ARXIV_DOI.match(key) else key


def stated_doi(doi: str | None) -> str | None:
    """The DOI of a record as a key, `doi:10.1000/x`; None for none, for no DOI, and for one that arXiv gave.

    Of several, which arXiv has for a paper and its errata, the first.
    """
    if not doi:
        return None
    bare = _DOI_PREFIX.sub("", _NEXT_DOI.split(doi.strip(), maxsplit=1)[0], count=1).lower()
    return DOI + bare if _DOI.fullmatch(bare) and not _ARXIV_DOI.match(bare) else None


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
    key = _arxiv_key(bare)
    if key is not None:
        return key
    doi = _DOI_PREFIX.sub("", bare, count=1)
    return DOI + doi.lower() if _DOI.fullmatch(doi) else bare


def _arxiv_key(text: str) -> str | None:
    """The key of an arXiv id in any form, without subject class and version; None for any other text."""
    match = _ARXIV_FORM.fullmatch(text)
    if match is None:
        return None
    return ARXIV + (f"{match[2]}/{match[3]}".lower() if match[2] else match[1])


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
