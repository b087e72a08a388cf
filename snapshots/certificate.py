"""`<day>.day.json`: what is known of a day and by which evidence. Derived from the archive alone.

Plain dataclasses over plain JSON, so that reading hundreds of certificates needs no pydantic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, cast

import orjson

from .drift.facts import FactsJson, ProfileJson
from .errors import CertificateError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

StateName = Literal["open", "settling", "closed", "empty", "partial"]
"""What a day is; `snapshots.completeness.state` decides it."""

_OPTIONS: Final = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class ViewEvidence:
    """What one view showed in one fetch."""

    view: str
    parser: str
    version: int
    reading: str | None
    """How the last page was read (`api`, `blob`, `cards`); null if none could be."""
    pages: int
    items: int
    papers: int
    """Different papers among the items."""
    rejects: int
    promised: int | None
    exhausted: bool
    """The walk came to the end of the listing."""
    served: date | None
    """The day that the pages claim to list; null where they claim none."""
    failed: str | None
    """Why this view gave no answer that counts, in words."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FetchEvidence:
    """One pass over the views of a source-day, and the archive file that holds it."""

    file: str
    bytes: int
    sha256: str
    at: datetime
    at_known: bool
    """False for an imported page that does not say when it was served."""
    kind: str
    """`fetch` or `import`."""
    whole: bool
    doubt: str | None
    """`failed`, `apart`, `nothing`, `fall` or `cut`; null for a whole fetch and for one of a single view."""
    reason: str | None
    """Why it is doubtful, or which doubt was believed, in words."""
    papers: int
    """Different papers that any view showed."""
    new: int
    """Papers that no earlier fetch of the day showed."""
    left: int
    """Papers of the fetch before that this one does not show."""
    elsewhere: bool
    """The page answered with the papers of another day."""
    views: list[ViewEvidence]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A field in which two views, or two forms of a page, differ, with an example."""

    papers: int
    """Papers in which it differs ..."""
    compared: int
    """... of those in which both views have a value."""
    key: str
    values: dict[str, object]
    """The example, by view."""


@dataclass(frozen=True, slots=True)
class ViewProfile:
    """How the listing looked through one view, and how its page was built: what drift is told from."""

    file: str
    """The archive file of the fetch: the newest before the listing's end, else the first after it."""
    at: datetime
    at_known: bool
    timely: bool
    """Fetched a day after the listing's end at the latest; what is later says nothing of when the site changed."""
    reading: str | None
    items: int
    keys: str
    """Names beside the items, of the hydration blob, with blanks between."""
    matched: dict[str, int]
    """How many places of the page each part of a card was found in."""
    fields: dict[str, FactsJson]
    """The facts of each raw field by its path (`snapshots.drift.profile`)."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A day: what was found, by which parser, out of which archive files."""

    schema: int
    source: str
    query: str | None
    day: date
    state: StateName
    """At the time of the newest fetch; `status` and the plan apply the same rule with the clock."""
    reason: str
    as_of: datetime
    papers: int
    gone: int
    rejects: int
    parsers: dict[str, int]
    """Versions of the parsers that read the pages, and of the rules that made the day of them."""
    size: int
    """Bytes of the day file."""
    sha256: str
    coverage: dict[str, int]
    """Papers of the day that have a value in a field, by field."""
    unknown_fields: dict[str, int]
    """Names of the listing's own fields that no parser knows, and in how many items they were."""
    only_in: dict[str, list[str]]
    """Keys of papers that one view alone showed in the newest fetch, by view."""
    disagreements: dict[str, dict[str, Disagreement]]
    """By two views (`api/html`) or two forms of one page (`html: blob/cards`), by field."""
    agreement: dict[str, dict[str, list[int]]]
    """By the same, of each field: in how many papers they agree, of how many in which both have a value."""
    profiles: dict[str, ViewProfile]
    """By view."""
    notes: list[str]
    fetches: list[FetchEvidence]
    lost: list[str] = field(default_factory=list)
    """Archive files that could not be read when the day was built without them."""

    def to_json(self) -> bytes:
        """Indented JSON with a newline at its end, a field of a profile in one line; the same gives the same bytes."""
        profiles = {view: replace(one, fields=_lines(one.fields)) for view, one in self.profiles.items()}
        agreement = {pair: _lines(counts) for pair, counts in self.agreement.items()}
        return orjson.dumps(replace(self, profiles=profiles, agreement=agreement), option=_OPTIONS)


class ViewJson(TypedDict):
    """A `ViewEvidence` as a certificate file holds it."""

    view: str
    parser: str
    version: int
    reading: str | None
    pages: int
    items: int
    papers: int
    rejects: int
    promised: int | None
    exhausted: bool
    served: str | None
    failed: str | None
    notes: list[str]


class FetchJson(TypedDict):
    """A `FetchEvidence` as a certificate file holds it."""

    file: str
    bytes: int
    sha256: str
    at: str
    at_known: bool
    kind: str
    whole: bool
    doubt: str | None
    reason: str | None
    papers: int
    new: int
    left: int
    elsewhere: bool
    views: list[ViewJson]


class DisagreementJson(TypedDict):
    """A `Disagreement` as a certificate file holds it."""

    papers: int
    compared: int
    key: str
    values: dict[str, object]


class CertificateJson(TypedDict):
    """A `Certificate` as its file holds it; what each value is stands there. Dates and instants are ISO 8601."""

    schema: int
    source: str
    query: str | None
    day: str
    state: str
    reason: str
    as_of: str
    papers: int
    gone: int
    rejects: int
    parsers: dict[str, int]
    size: int
    sha256: str
    coverage: dict[str, int]
    unknown_fields: dict[str, int]
    only_in: dict[str, list[str]]
    disagreements: dict[str, dict[str, DisagreementJson]]
    agreement: dict[str, dict[str, list[int]]]
    profiles: dict[str, ProfileJson]
    notes: list[str]
    fetches: list[FetchJson]
    lost: list[str]


def _lines(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: orjson.Fragment(orjson.dumps(one)) for name, one in facts.items()}


def read_certificate(path: Path) -> CertificateJson | None:
    """A certificate with all its parts, as its file holds it; None if there is no such file.

    Raises CertificateError for anything else, also a certificate of another version: a build makes it again.
    """
    content = _read(path)
    if content is None:
        return None
    lost, fetches = content.get("lost"), content.get("fetches")
    # These came later: a certificate without them is stale, and reads as one that has none.
    content = {"agreement": {}, "profiles": {}} | content
    is_complete = (
        _has_fields(content, Certificate)
        and isinstance(lost, list)
        and all(isinstance(name, str) for name in lost)
        and isinstance(fetches, list)
        and all(map(_is_fetch, fetches))
    )
    if not is_complete:
        raise CertificateError(f"{path}: not a certificate of this version; run dailypapers build")
    return cast(CertificateJson, content)


def schema_of(path: Path) -> int | None:
    """The schema number of a certificate of any version; None if there is no such file. Raises CertificateError."""
    content = _read(path)
    schema = content.get("schema") if content is not None else None
    return schema if isinstance(schema, int) else None


def _read(path: Path) -> dict[str, object] | None:
    try:
        content = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except orjson.JSONDecodeError as error:
        raise CertificateError(f"{path}: not JSON ({error}); run dailypapers build") from error
    if not isinstance(content, dict):
        raise CertificateError(f"{path}: not a certificate; run dailypapers build")
    return content


def _is_fetch(value: object) -> bool:
    views = value.get("views") if isinstance(value, dict) else None
    has_views = isinstance(views, list) and all(_has_fields(view, ViewEvidence) for view in views)
    return has_views and _has_fields(value, FetchEvidence)


def _has_fields(value: object, kind: type[DataclassInstance]) -> bool:
    return isinstance(value, dict) and value.keys() >= kind.__dataclass_fields__.keys()
