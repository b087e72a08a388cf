"""Find a paper by what people type; if there is none, suggest those that may be meant."""

from __future__ import annotations

import re
from typing import Final

from snapshots.errors import PaperNotFound

from .catalog import Catalog
from .keys import ARXIV, parse_key
from .model import CatalogPaper

MAX_NEAREST: Final = 3
_ID = re.compile(r"\d{4}\.\d{4,5}", re.ASCII)
_AFTER_PATH = re.compile(r"(?i)(?<=^http)(s?://[^?#]*)[?#].*$")
"""The query and the fragment of a link."""


def named_paper(catalog: Catalog, text: str) -> CatalogPaper:
    """The paper of a key, a bare arXiv id, a DOI, or a link to it at arXiv, doi.org or Hugging Face.

    Raises PaperNotFound, with the papers that may have been meant.
    """
    wanted = _AFTER_PATH.sub(r"\1", text.strip()).rstrip("/")
    paper = catalog.paper(wanted)
    if paper is not None:
        return paper
    key = parse_key(wanted)
    nearest = "; ".join(f'{each.key} "{each.fields["title"]:.60}"' for each in _nearest(catalog, key))
    meant = f"did you mean {nearest}? Or " if nearest else ""
    raise PaperNotFound(f"no paper {key[:200]!r} in the store; {meant}find it by its words: dailypapers search WORDS")


def _nearest(catalog: Catalog, key: str) -> list[CatalogPaper]:
    identifier = key.removeprefix(ARXIV)
    if not _ID.fullmatch(identifier):
        return [] if key.startswith(("doi:", "title:")) else catalog.search(key, limit=MAX_NEAREST).hits
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it

    # Ids with the same year and month: digits only, so that nothing of the text becomes SQL.
    month = f"{ARXIV}{identifier[:5]}"
    rows = catalog.query(f"SELECT key FROM paper WHERE key >= '{month}' AND key < '{month}~'").rows
    identifiers = [str(row[0]).removeprefix(ARXIV) for row in rows]
    # One digit that is wrong, or two that changed places.
    meant = get_close_matches(identifier, identifiers, n=MAX_NEAREST, cutoff=0.9)
    return [paper for paper in map(catalog.paper, meant) if paper is not None]
