"""What the records of all arXiv formats have in common."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from dailypapers.parsers.github import repository
from dailypapers.parsers.model import ItemError
from dailypapers.parsers.text import day_of, squeeze

from .identifiers import ABS, PDF, parse_identifier

MAX_AUTHORS: Final = 10_000
"""Three times the largest collaboration."""

# A category (https://arxiv.org/category_taxonomy); the API lists MSC and ACM classes (`68T50`, `I.2.7`) among them.
_CATEGORY: Final = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?")
_WITHDRAWN: Final = re.compile(
    r"(?:(?:this|the) (?:[a-z-]+ )?(?:paper|article|manuscript|preprint|submission|version|work|note)"
    r" (?:is|was|has been|have been) (?:being |now |hereby )?)?withdrawn\b",
    re.IGNORECASE,
)


def identity(text: str | None) -> dict[str, object]:
    """Key, id, version and addresses of an identifier in any form; anything else is passed on to validation."""
    identifier = parse_identifier(text) if text else None
    if identifier is None:
        # None would be valid, for a record without an arXiv id; "" is rejected as missing.
        return {"key": None, "arxiv_id": text or ""}
    return {
        "key": f"arxiv:{identifier.id}",
        "arxiv_id": identifier.id,
        "arxiv_version": identifier.version,
        "url": ABS + identifier.id,
        "pdf_url": PDF + identifier.id,
    }


def squeezed(text: str | None) -> str | None:
    """The text with its white space squeezed; None for an absent or blank one."""
    return (squeeze(text) or None) if text else None


def prose(title: str | None, abstract: str | None, comment: str | None) -> dict[str, object]:
    """Title, abstract and comment, and what they tell: the code's repository, and that the paper was withdrawn."""
    abstract, comment = squeezed(abstract), squeezed(comment)
    return {
        "title": squeezed(title),
        "abstract": abstract,
        "author_comment": comment,
        "code_url": repository(abstract) or repository(comment),
        "withdrawn": is_withdrawal(comment) or is_withdrawal(abstract),
    }


def is_withdrawal(text: str | None) -> bool:
    """Whether a comment or abstract begins by saying that the paper is withdrawn.

    A withdrawal is a new version whose comment gives the reason (https://info.arxiv.org/help/withdraw.html).
    """
    return bool(text and _WITHDRAWN.match(text))


def authors(names: Sequence[tuple[str | None, Sequence[str]]]) -> dict[str, object]:
    """Authors and their number, from names with affiliations; raises ItemError for more than any paper has."""
    # Validation would name each of a million wrong values, in half a gigabyte.
    if len(names) > MAX_AUTHORS:
        raise ItemError("authors", f"a list of {len(names)}; no paper has more than {MAX_AUTHORS}")
    found = [
        {
            # Names are short: a split costs less than the scans of `squeeze`.
            "name": " ".join(name.split()) if name else None,
            "user": None,
            "hidden": None,
            "affiliation": "; ".join(map(squeeze, places)) or None if places else None,
        }
        for name, places in names
    ]
    return {"authors": found, "author_count": len(found) or None}


def categories(terms: Sequence[str], primary: str | None = None) -> tuple[list[str], str | None]:
    """The categories among the terms, each once, the primary one first; the MSC and ACM classes among them as text."""
    found, classes = _sorted_terms(tuple(terms), primary)
    return [*found], classes


@lru_cache(maxsize=1024)
def _sorted_terms(terms: tuple[str, ...], primary: str | None) -> tuple[tuple[str, ...], str | None]:
    first = [primary] if primary else []
    found = dict.fromkeys([*first, *filter(_CATEGORY.fullmatch, terms)])
    return tuple(found), "; ".join([term for term in terms if not _CATEGORY.fullmatch(term)]) or None


def day(stamp: str | None) -> object:
    """The UTC date of an ISO time; anything else is passed on to validation."""
    try:
        return day_of(stamp.strip()) if stamp else None
    except ValueError:
        return stamp


def scalars(**values: object) -> dict[str, object]:
    """The values that are there, for `extra`."""
    return {name: value for name, value in values.items() if value is not None}
