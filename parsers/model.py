"""The nouns every package shares: pages in, papers and rejects out. A leaf: it imports nothing of this project.

A record is one JSON object a line (https://jsonlines.org): every key always there, in the order of `Paper`.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Final

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

ARXIV_ID: Final = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(\d+))?", re.ASCII)
"""Both styles of arXiv ids (https://info.arxiv.org/help/arxiv_identifier.html): the id, then its version."""

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
    """What a page says of itself.

    `day` is the day, or the first day of the `period` ("day", "week", "month"), that it lists; a `period` of
    "trending", "search" or "mixed" (items of several days) has none. `promised` is the number of items of the whole
    listing; `next_url` the next page; `notes` what an operator should know.
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
    """What a parser's `fields()` raises where nothing of an item can be read; it becomes a `FieldError`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.error = FieldError(path, message)


@dataclass(frozen=True, slots=True)
class Reject:
    """An item that is no valid paper: its 1-based place in the listing, all its errors, the item as found."""

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
    """A page that never was a listing: a challenge, an error page, another page of the site."""


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
    """One author, in the order of the paper; `user` is the account on the site."""

    name: str
    user: str | None
    hidden: bool | None
    affiliation: str | None


@with_config(ConfigDict(extra="forbid", strict=True))
class Organization(TypedDict):
    """The organisation a paper is listed under: handle and display name."""

    name: str
    fullname: str | None


class Paper(BaseModel):
    """One paper as one listing showed it for one day.

    A missing value is None, a missing list []; 0 is a value. Copies (`model_copy(update=...)`) are not validated.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    key: str = Field(pattern="^(arxiv|doi|title):.")
    source: str
    day: date | None = None
    rank: Ordinal | None = None
    title: str = Field(min_length=1)
    abstract: str | None = None
    authors: list[Author] = Field(default_factory=list)
    author_count: Count | None = None
    organization: Organization | None = None
    published: date | None = None
    published_inferred: bool = False
    updated: date | None = None
    listed: date | None = None
    submitter: str | None = None
    upvotes: Count | None = None
    comments: Count | None = None
    github_stars: Count | None = None
    arxiv_id: ArxivId | None = None
    arxiv_version: Ordinal | None = None
    doi: str | None = None
    categories: list[str] = Field(default_factory=list)
    announce_type: str | None = None
    license: str | None = None
    journal_ref: str | None = None
    author_comment: str | None = None
    keywords: list[str] = Field(default_factory=list)
    ai_summary: str | None = None
    url: str | None = None
    pdf_url: str | None = None
    code_url: str | None = None
    project_url: str | None = None
    thumbnail_url: str | None = None
    media_urls: list[str] = Field(default_factory=list)
    withdrawn: bool = False
    first_seen: Instant | None = None
    last_seen: Instant | None = None
    extra: Extra = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Structure:
    """How a page is built: facts by which a redesign is noticed.

    `keys` are the names beside the list of items (of the hydration blob), `matched` says how many places each part
    that a card must have was found in, `second` holds the items as another form on the same page shows them, by the
    names of `Paper`; a value that it does not show is None.
    """

    keys: tuple[str, ...] = ()
    matched: Mapping[str, int] = field(default_factory=dict)
    second: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """All that one page gave.

    `reading` is which of the page's forms was read ("api", "blob", "cards"), `items` how many it had, rejects
    included, `unknown` in how many of them each field name unknown to us was ("name", "paper.name"), `raw` the items
    as found. `structure` looks at the page once more, when it is called. `instead` says why a lesser form than the page
    should have was read: then its papers count, but it is no whole look.
    """

    reading: str
    claims: Claims
    papers: list[Paper]
    rejects: list[Reject]
    items: int
    unknown: dict[str, int]
    raw: Sequence[object] = field(default=(), compare=False, repr=False)
    structure: Callable[[], Structure] = field(default=Structure, compare=False, repr=False)
    instead: str | None = None


def timestamp(at: datetime) -> str:
    """A time as every file of ours has it: UTC, whole seconds, `2025-12-08T10:00:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def line(paper: Paper) -> bytes:
    """The paper as one JSON object in UTF-8, no line end; `Paper.model_validate_json` reads it back."""
    return orjson.dumps(paper.__dict__, option=_LINE)


def reject_line(reject: Reject) -> bytes:
    """The reject as one JSON object in ASCII, no line end: what is no UTF-8 shows as its escapes."""
    return json.dumps(asdict(reject)).encode("ascii")
