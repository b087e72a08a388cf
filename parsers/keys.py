"""Identity of a paper: the key that its records share in all listings."""

import re
import unicodedata
from hashlib import sha256
from typing import Final

from .text import squeeze

ARXIV_ID: Final = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(\d+))?", re.ASCII)
"""Both styles of arXiv ids (https://info.arxiv.org/help/arxiv_identifier.html): the id, then its version."""


# `math.GT/0309136` is the paper math/0309136 (https://info.arxiv.org/help/arxiv_identifier.html).
_SUBJECT_CLASS = re.compile(r"\.[A-Za-z]{2}/")
# arXiv's own DOIs (https://info.arxiv.org/help/doi.html), in lower case.
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?", re.ASCII)


def key(*, title: str, arxiv_id: str | None = None, doi: str | None = None) -> str:
    """`arxiv:ID`, else `doi:...`, else `title:` and 16 hex digits of the normalised title.

    A DOI that arXiv registered is the paper with that id.
    """
    doi = doi.lower() if doi else None
    if not arxiv_id and doi and (match := _ARXIV_DOI.fullmatch(doi)):
        arxiv_id = match[1]
    if arxiv_id:
        return f"arxiv:{_without_class(arxiv_id)}"
    return f"doi:{doi}" if doi else f"title:{sha256(_bare(title).encode()).hexdigest()[:16]}"


def split_arxiv(text: str) -> tuple[str, int | None] | None:
    """The id, without a subject class, and the version of `2408.00118v2` or `hep-th/9901001`.

    None for text that is not an arXiv id.
    """
    match = ARXIV_ID.fullmatch(text)
    if not match:
        return None
    return _without_class(match[1]), int(match[2]) if match[2] else None


def _without_class(arxiv_id: str) -> str:
    return _SUBJECT_CLASS.sub("/", arxiv_id) if "/" in arxiv_id else arxiv_id


def _bare(title: str) -> str:
    folded = unicodedata.normalize("NFKC", title).casefold()
    return "".join(filter(str.isalnum, folded)) or squeeze(title)
