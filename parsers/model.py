"""The types that every package shares: pages, papers, rejects. A leaf that imports nothing of this project.

A record is one JSON object on a line (https://jsonlines.org), always with every key, in the order of `Paper`.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

_BARE_ARXIV_ID = re.compile(r"([0-9]{4}\.[0-9]{4,5}|[a-z-]+(\.[A-Z]{2})?/[0-9]{7})")
_LINE = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a site; a parser is given its `body` without any content coding."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime | None

    def header(self, name: str) -> str | None:
        """Value of the first header of that name in any case, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a page says about itself.

    `day` is the day, or the first day of the `period` ("day", "week", "month"), that it lists; a `period` of
    "trending", "search" or "mixed" (items of several days) has none. `promised` is the number of items in the whole
    listing, `next_url` the next page, and `notes` are for the operator.
    """

    day: date | None = None
    period: str | None = None
    promised: int | None = None
    next_url: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with an item: where (dotted path, empty for the item itself) and what."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ItemError(ValueError):
    """Raised by a parser's `fields` if nothing of an item can be read; it becomes a `FieldError`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.error = FieldError(path, message)


@dataclass(frozen=True, slots=True)
class Reject:
    """An item that is not a valid paper: its 1-based place in the listing, all its errors, the item as found."""

    position: int
    errors: tuple[FieldError, ...]
    raw: object


class ParseError(Exception):
    """A page that cannot be read as its source's listing."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url or 'page'}: {reason}")
        self.url = url
        self.reason = reason


class NotAListing(ParseError):  # noqa: N818 - it says what the page is
    """A page that was never a listing: a challenge, an error page, another page of the site."""


def _id_as_text(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Pydantic collects ValueErrors only.
        raise ValueError(  # noqa: TRY004
            f"is the number {value!r}, but ids are strings: a number loses its closing zeros"
        )
    if value == "":
        raise ValueError("is missing")
    if isinstance(value, str) and not _BARE_ARXIV_ID.fullmatch(value):
        raise ValueError(f"{value[:100]!a} is no arXiv id like 2408.00118 or hep-th/9901001")
    return value


def _whole_utc_seconds(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(microsecond=0)


def _by_key(value: "dict[str, Scalar]") -> "dict[str, Scalar]":
    return dict(sorted(value.items()))


# Counts fit the signed 64-bit columns of whatever loads the records.
Count = Annotated[int, Field(ge=0, lt=2**63)]
Ordinal = Annotated[int, Field(ge=1, lt=2**63)]
ArxivId = Annotated[str, Field(pattern=f"^{_BARE_ARXIV_ID.pattern}$"), BeforeValidator(_id_as_text)]
Instant = Annotated[AwareDatetime, AfterValidator(_whole_utc_seconds)]
Scalar = str | bool | Annotated[int, Field(ge=-(2**63), lt=2**64)] | Annotated[float, Field(allow_inf_nan=False)]
Extra = Annotated[dict[str, Scalar], AfterValidator(_by_key)]


# Typed dictionaries, not models: a page has hundreds of authors, and these validate and serialise much faster.
@with_config(ConfigDict(extra="forbid", strict=True))
class Author(TypedDict):
    """One author, in the order of the paper."""

    name: Annotated[str, Field(description="Name as listed.")]
    user: Annotated[str | None, Field(description="User name of the author's account on the site.")]
    hidden: Annotated[bool | None, Field(description="Whether the site hides the author.")]
    affiliation: Annotated[str | None, Field(description="Institution of the author.")]


@with_config(ConfigDict(extra="forbid", strict=True))
class Organization(TypedDict):
    """The organization that a paper is listed under."""

    name: Annotated[str, Field(description="Handle on the site.")]
    fullname: Annotated[str | None, Field(description="Display name.")]


class Paper(BaseModel):
    """One paper as one listing showed it for one day.

    A missing value is null, a missing list []; 0 is a value. Copies (`model_copy(update=...)`) are not validated.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    key: str = Field(
        pattern="^(arxiv|doi|title):.",
        description="Identity: `arxiv:` and the id without version, else `doi:` and the DOI in lower case, else"
        " `title:` and 16 hex digits of the SHA-256 of the title (NFKC, casefolded, letters and digits only).",
    )
    source: str = Field(description="The source that listed the paper.")
    day: date | None = Field(default=None, description="The day it was listed for; null only in the output of `parse`.")
    rank: Ordinal | None = Field(
        default=None,
        description="1-based place in the API's whole listing, over all its pages, in the newest fetch that shows it;"
        " null if only the HTML page shows the paper.",
    )
    title: str = Field(min_length=1, description="Title as listed, white space squeezed.")
    abstract: str | None = Field(default=None, description="Abstract as listed, white space squeezed.")
    authors: list[Author] = Field(default_factory=list, description="Authors, in the order of the paper.")
    author_count: Count | None = Field(default=None, description="Number of authors, even if their names are unknown.")
    organization: Organization | None = Field(default=None, description="The organization the paper is listed under.")
    published: date | None = Field(default=None, description="Date of the first version.")
    published_inferred: bool = Field(default=False, description="Whether the year of `published` was inferred.")
    updated: date | None = Field(default=None, description="Date of this version (arXiv).")
    listed: date | None = Field(default=None, description="The day on which the source says it listed the paper.")
    submitter: str | None = Field(default=None, description="User name of who submitted it to the listing.")
    upvotes: Count | None = Field(default=None, description="Upvotes when last seen.")
    comments: Count | None = Field(default=None, description="Comments when last seen.")
    github_stars: Count | None = Field(default=None, description="Stars of the GitHub repository when last seen.")
    arxiv_id: ArxivId | None = Field(default=None, description="arXiv id without version, always a string.")
    arxiv_version: Ordinal | None = Field(default=None, description="arXiv version.")
    doi: str | None = Field(default=None, description="DOI.")
    categories: list[str] = Field(default_factory=list, description="arXiv categories, the primary one first.")
    announce_type: str | None = Field(default=None, description="arXiv: `new`, `cross`, `replace` or `replace-cross`.")
    license: str | None = Field(default=None, description="License (arXiv).")
    journal_ref: str | None = Field(default=None, description="Journal reference (arXiv).")
    author_comment: str | None = Field(default=None, description="Comment of the authors (arXiv).")
    keywords: list[str] = Field(
        default_factory=list, description="Keywords that the source shows, white space squeezed."
    )
    ai_summary: str | None = Field(default=None, description="Summary that the source generated, white space squeezed.")
    url: str | None = Field(
        default=None,
        description="Canonical page of the paper: huggingface.co/papers/ID, or arxiv.org/abs/ID from arXiv's sources.",
    )
    pdf_url: str | None = Field(default=None, description="Canonical address of the PDF: arxiv.org/pdf/ID.")
    code_url: str | None = Field(
        default=None,
        description="`https://github.com/OWNER/NAME`: the linked repository, else a project page on GitHub, else the"
        " first repository named in the abstract, or in the authors' comment.",
    )
    project_url: str | None = Field(default=None, description="Project page.")
    thumbnail_url: str | None = Field(default=None, description="Preview image.")
    media_urls: list[str] = Field(default_factory=list, description="Uploaded images and videos.")
    withdrawn: bool = Field(default=False, description="Whether the paper was withdrawn; its line stays.")
    first_seen: Instant | None = Field(
        default=None,
        description="Time of the first fetch that shows the paper in this day; null only in the output of `parse`.",
    )
    last_seen: Instant | None = Field(
        default=None,
        description="Time of the last fetch that showed the paper, once two later complete fetches, an hour or more"
        " apart, do not; null while it is listed.",
    )
    extra: Extra = Field(
        default_factory=dict, description="Scalar values of the source that have no column, by the source's names."
    )


@dataclass(frozen=True, slots=True)
class Structure:
    """How a page is built, so that a redesign is noticed.

    `keys` are the names beside the list of items (in the hydration blob). `matched` is the number of places where each
    part of a card was found. `second` holds the items as another form on the same page shows them, by the names of
    `Paper`, with None for what it does not show.
    """

    keys: tuple[str, ...] = ()
    matched: Mapping[str, int] = field(default_factory=dict)
    second: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """The result of parsing one page.

    `reading` is the form that was read ("api", "blob", "cards", "text"), `items` the number of items, rejects included,
    `unknown` the number of items that have each unknown field ("name", "paper.name"), and `raw` the items as found.
    `structure` reads the page again when it is called. `instead` says why a lesser form was read than the page should
    have: its papers count, but the fetch is not complete. `notes` are on items, such as a link that was left out.
    `states_empty` says that the page itself says that there are no papers.
    """

    reading: str
    claims: Claims
    papers: Sequence[Paper]
    rejects: list[Reject]
    items: int
    unknown: dict[str, int]
    raw: Sequence[object] = field(default=(), compare=False, repr=False)
    structure: Callable[[], Structure] = field(default=Structure, compare=False, repr=False)
    instead: str | None = None
    notes: tuple[str, ...] = ()
    states_empty: bool = False


def timestamp(at: datetime) -> str:
    """A time as all files of a store have it: UTC, whole seconds, `2025-12-08T10:00:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def line(paper: Paper) -> bytes:
    """The paper as one JSON object in UTF-8, no line end; `Paper.model_validate_json` reads it back."""
    return orjson.dumps(paper.__dict__, option=_LINE)


def reject_line(reject: Reject) -> bytes:
    """The reject as one JSON object in ASCII, no line end; what is not UTF-8 is escaped."""
    return json.dumps(asdict(reject)).encode("ascii")
