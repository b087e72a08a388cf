"""arXiv identifiers in every form that sites write them, and the forms that arXiv itself uses.

https://info.arxiv.org/help/arxiv_identifier.html: `2408.00118` since April 2007, `hep-th/9901001` before, where
`math.GT/0309136` is `math/0309136` with the subject class it had. A version, `v2`, may follow.
"""

import re
from typing import Final, NamedTuple

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
