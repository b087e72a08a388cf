"""Identity of a paper: the key that its records share in all listings."""

import unicodedata
from hashlib import sha256

from .model import ARXIV_ID
from .text import squeeze


def key(*, title: str, arxiv_id: str | None = None, doi: str | None = None) -> str:
    """`arxiv:ID`, else `doi:...`, else `title:` and 16 hex digits of the normalised title."""
    if arxiv_id:
        return f"arxiv:{arxiv_id}"
    return f"doi:{doi.lower()}" if doi else f"title:{sha256(_bare(title).encode()).hexdigest()[:16]}"


def split_arxiv(text: str) -> tuple[str, int | None] | None:
    """The id and the version of `2408.00118v2` or `hep-th/9901001`; None for text that is not an arXiv id."""
    match = ARXIV_ID.fullmatch(text)
    if not match:
        return None
    return match[1], int(match[2]) if match[2] else None


def _bare(title: str) -> str:
    folded = unicodedata.normalize("NFKC", title).casefold()
    return "".join(filter(str.isalnum, folded)) or squeeze(title)
