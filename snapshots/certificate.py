"""`<day>.day.json`: what is known of a day and by which evidence. Derived from the archive alone.

Plain dataclasses over plain JSON, so that reading hundreds of certificates needs no pydantic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from .errors import CertificateError

_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_APPEND_NEWLINE


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
    fields: dict[str, Any]
    """`snapshots.drift.detect.profile`: facts of each raw field by its path."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A day: what was found, by which parser, out of which archive files."""

    schema: int
    source: str
    query: str | None
    day: date
    state: str
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


def _lines(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: orjson.Fragment(orjson.dumps(one)) for name, one in facts.items()}


def read_certificate(path: Path) -> dict[str, Any] | None:
    """A certificate as plain JSON with all its parts, or None where there is none.

    Raises CertificateError on anything else, one of another version included: a build makes it anew.
    """
    found = _read(path)
    if found is None:
        return None
    lost, fetches = found.get("lost"), found.get("fetches")
    # What came later: a certificate without it is stale, and reads as one that has none of it.
    found = {"agreement": {}, "profiles": {}} | found
    whole = (
        _has_all(found, Certificate)
        and isinstance(lost, list)
        and all(isinstance(name, str) for name in lost)
        and isinstance(fetches, list)
        and all(map(_is_fetch, fetches))
    )
    if not whole:
        raise CertificateError(f"{path}: not a certificate of this version; run dailypapers build")
    return found


def schema_of(path: Path) -> int | None:
    """The schema number of a certificate of any version, or None where there is none. Raises CertificateError."""
    found = _read(path)
    schema = found.get("schema") if found is not None else None
    return schema if isinstance(schema, int) else None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except orjson.JSONDecodeError as error:
        raise CertificateError(f"{path}: not JSON ({error}); run dailypapers build") from error
    if not isinstance(found, dict):
        raise CertificateError(f"{path}: not a certificate; run dailypapers build")
    return found


def _is_fetch(found: object) -> bool:
    views = found.get("views") if isinstance(found, dict) else None
    return _has_all(found, FetchEvidence) and isinstance(views, list) and all(_has_all(v, ViewEvidence) for v in views)


def _has_all(found: object, kind: type) -> bool:
    return isinstance(found, dict) and found.keys() >= kind.__dataclass_fields__.keys()  # type: ignore[attr-defined]
