"""What the records of all arXiv formats have in common: identifiers, authors, categories, texts and dates.

An identifier (https://info.arxiv.org/help/arxiv_identifier.html) is `2408.00118` since April 2007, `hep-th/9901001`
before, where `math.GT/0309136` is `math/0309136` with the subject class it had. A version, `v2`, may follow.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from dailypapers.parsers.links import repository
from dailypapers.parsers.model import ItemError
from dailypapers.parsers.text import day_of, squeeze

ABS: Final = "https://arxiv.org/abs/"
PDF: Final = "https://arxiv.org/pdf/"

# The forms of the query API and of OAI-PMH since April 2007, without looking through all others.
_COMMON: Final = re.compile(r"(?:http://arxiv\.org/abs/|oai:arXiv\.org:)(\d{4}\.\d{4,5})(?:v([1-9]\d{0,8}))?", re.ASCII)
_FORM: Final = re.compile(
    r"""
    (?: arxiv: \s*
      | oai:arxiv\.org:
      | (?: doi: \s* | (?:https?://)? (?:dx\.|www\.)? doi\.org/ )? 10\.48550/arxiv\.
      | (?:https?:)?// (?:[a-z0-9-]+\.)*
            (?: (?:arxiv\.org|xxx\.lanl\.gov|ar5iv\.org)
                / (?: abs | pdf | html | format | ps | src | e-print | tb )
              | huggingface\.co/papers ) /
      | / (?: abs | pdf | html | format ) /
    )?
    (\d{4}\.\d{4,5} | ([a-z]+(?:-[a-z]+)*) (?:\.[a-z]{2} | \.[a-z]+-[a-z]+)? /(\d{7}))
    (?: v(\d{1,9}) )?
    (?: \.pdf | \.ps(?:\.gz)? )?
    (?: /? (?:[?\#].*)? | \s* \[ [a-z.-]+ \] )
    """,
    re.ASCII | re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


class Identifier(NamedTuple):
    """An arXiv identifier: `id` without subject class and version, in lower case; `version` if one was given."""

    id: str
    version: int | None = None

    def __str__(self) -> str:
        return self.id if self.version is None else f"{self.id}v{self.version}"

    @property
    def abs_url(self) -> str:
        """Address of the abstract, of this version if there is one."""
        return f"{ABS}{self}"

    @property
    def pdf_url(self) -> str:
        """Address of the PDF, of this version if there is one."""
        return f"{PDF}{self}"

    @property
    def oai(self) -> str:
        """Identifier of the record in OAI-PMH, which has no versions."""
        return f"oai:arXiv.org:{self.id}"

    @property
    def doi(self) -> str:
        """DOI that arXiv registers, for all versions (https://info.arxiv.org/help/doi.html)."""
        return f"10.48550/arXiv.{self.id}"


def parse_identifier(text: str) -> Identifier | None:
    """The identifier that a text consists of; None for any other text.

    It may be bare, or in a URL of arxiv.org and its mirrors, ar5iv or huggingface.co/papers, an OAI identifier, a DOI,
    or `arXiv:2408.00118v2 [cs.CL]`.
    """
    if common := _COMMON.fullmatch(text):
        return Identifier(common[1], int(common[2]) if common[2] else None)
    match = _FORM.fullmatch(text.strip())
    if match is None:
        return None
    arxiv_id = f"{match[2]}/{match[3]}" if match[2] else match[1]
    # Versions count from 1.
    return Identifier(arxiv_id.lower(), int(match[4]) or None if match[4] else None)


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
