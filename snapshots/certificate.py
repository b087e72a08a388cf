"""`<day>.day.json`, the certificate of a day: what is known of it, and from which evidence.

It is derived from the archive alone. A certificate is a plain dictionary, in memory as in its file: reading hundreds of
them needs no pydantic. Days and instants are texts in ISO 8601.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal, TypedDict, cast

import orjson

from dailypapers.snapshots.drift.facts import ViewProfile
from dailypapers.snapshots.store.atomic import read_whole

from .errors import CertificateError


class Witness(TypedDict):
    """One version of a file in a git repository. Times are UTC, `YYYY-MM-DDTHH:MM:SSZ`."""

    kind: Literal["git"]
    origin: str
    """URL of the repository's remote `origin` without user and password; else the name of its folder."""
    commit: str
    path: str
    blob: str
    author_time: str
    committer_time: str
    """The repository had the content at this time, if the clock of whoever committed it was right."""


def parse_witness(value: object) -> Witness | None:
    """A witness read from JSON; None for None. Raises ValueError for anything else."""
    if value is None:
        return None
    names = Witness.__annotations__.keys()
    if (
        not isinstance(value, dict)
        or value.keys() != names
        or not all(isinstance(each, str) for each in value.values())
    ):
        raise ValueError(f"its witness is {value!r:.80}")
    return cast("Witness", value)


def is_witness(value: object) -> bool:
    """Whether a value read from JSON is a witness or None."""
    try:
        parse_witness(value)
    except ValueError:
        return False
    return True


StateName = Literal["open", "settling", "closed", "empty", "partial"]
"""What a day is; `dailypapers.snapshots.completeness.state` decides it."""

_CHECKSUM: Final = b',\n  "checksum": "'
_END: Final = b'"\n}\n'


class ViewEvidence(TypedDict):
    """What one view showed in one fetch."""

    view: str
    parser: str
    version: int
    reading: str | None
    """How the last page was read (`api`, `blob`, `cards`); None if none could be."""
    pages: int
    items: int
    papers: int
    """Different papers among the items."""
    rejects: int
    promised: int | None
    """How many items the pages say that the listing has."""
    exhausted: bool
    """The last page of the listing was reached."""
    served: str | None
    """The day that the pages claim to list; None if they claim none."""
    failed: str | None
    """Why this view gave no answer that counts."""
    notes: list[str]


class _Witnessed(TypedDict, total=False):
    witness: Witness
    """Only of a fetch from a git repository: the version of the file."""


class FetchEvidence(_Witnessed):
    """One pass over the views of a source-day, and the archive file that holds it."""

    file: str
    bytes: int
    sha256: str
    at: str
    at_known: bool
    """False for an imported page that does not say when it was served."""
    kind: str
    """`fetch` or `import`."""
    whole: bool
    doubt: str | None
    """`failed`, `apart`, `nothing`, `fall` or `cut`; None for a whole fetch and for one of a single view."""
    reason: str | None
    """Why it is doubtful, or which doubt was believed."""
    papers: int
    """Different papers that any view showed."""
    new: int
    """Papers that no earlier fetch of the day showed."""
    left: int
    """Papers of the fetch before that this one does not show."""
    elsewhere: bool
    """The page answered with the papers of another day."""
    views: list[ViewEvidence]


class Disagreement(TypedDict):
    """A field in which two views, or two forms of a page, differ, with an example."""

    papers: int
    """Papers in which it differs ..."""
    compared: int
    """... of those in which both views have a value."""
    key: str
    values: dict[str, object]
    """The example, by view."""


class BuiltFile(TypedDict):
    """A file that was built from the same archive files as the certificate."""

    file: str
    bytes: int
    sha256: str


class Certificate(TypedDict):
    """A day: what was found, by which parsers, from which archive files."""

    schema: int
    source: str
    query: str | None
    day: str
    state: str
    """At the time of the newest fetch; `status` and the plan apply the same rule with the clock."""
    reason: str
    as_of: str
    papers: int
    gone: int
    rejects: int
    parsers: dict[str, int]
    """Versions of the parsers that read the pages, and of the rules that made the day of them."""
    files: dict[str, BuiltFile]
    """`papers` (the day file), `rejects` and `metrics`; the last two only if they have a line."""
    coverage: dict[str, int]
    """Papers of the day that have a value in a field, by field."""
    unknown_fields: dict[str, int]
    """Names of the listing's own fields that no parser knows, and in how many items they were."""
    only_in: dict[str, list[str]]
    """Keys of papers that one view alone showed in the newest fetch, by view."""
    disagreements: dict[str, dict[str, Disagreement]]
    """By two views (`api/html`) or two forms of one page (`html: blob/cards`), by field."""
    agreement: dict[str, dict[str, list[int]]]
    """By the same, for each field: in how many papers they agree, of how many in which both have a value."""
    profiles: dict[str, ViewProfile]
    """By view."""
    notes: list[str]
    fetches: list[FetchEvidence]
    lost: list[str]
    """Archive files that could not be read when the day was built without them."""
    checksum: str
    """sha256 of the bytes of the certificate's file before the comma that precedes this entry, which is the last."""


def certificate_bytes(certificate: Certificate) -> bytes:
    """The file: indented JSON, with the facts of a field on one line. The same certificate gives the same bytes.

    Its checksum is computed from the other entries.
    """
    before = _bytes_before_checksum(certificate)
    return before + _CHECKSUM + sha256(before).encode() + _END


def with_checksum(certificate: Certificate) -> Certificate:
    """The certificate with the checksum that its file has."""
    return {**certificate, "checksum": sha256(_bytes_before_checksum(certificate))}


def is_intact(content: bytes) -> bool:
    """Whether the file of a certificate is exactly as it was written, by its checksum."""
    before, _, after = content.rpartition(_CHECKSUM)
    return after == sha256(before).encode() + _END


def _bytes_before_checksum(certificate: Certificate) -> bytes:
    profiles = {
        view: {**view_profile, "fields": _lines(view_profile["fields"])}
        for view, view_profile in certificate["profiles"].items()
    }
    agreement = {pair: _lines(counts) for pair, counts in certificate["agreement"].items()}
    entries = {**certificate, "profiles": profiles, "agreement": agreement}
    del entries["checksum"]
    return orjson.dumps(entries, option=orjson.OPT_INDENT_2).removesuffix(b"\n}")


def sha256(content: bytes) -> str:
    """The hex digest by which certificates identify files."""
    import hashlib  # noqa: PLC0415 - slow to load, and most readers of certificates do not need it

    return hashlib.sha256(content).hexdigest()


def _lines(facts: Mapping[str, object]) -> dict[str, orjson.Fragment]:
    return {name: orjson.Fragment(orjson.dumps(fact)) for name, fact in facts.items()}


def read_certificate(path: Path) -> Certificate | None:
    """A certificate with all its parts, as its file holds it; None if there is no such file.

    Raises CertificateError for anything else, also a certificate of another version: a build makes it again.
    """
    content = _read(path)
    return _certificate(path, content) if content is not None else None


def parse_certificate(path: Path, content: bytes) -> Certificate:
    """The same, for a file that was read already. Raises CertificateError."""
    return _certificate(path, _parse(path, content))


def _certificate(path: Path, content: dict[str, object]) -> Certificate:
    # Some came later: a certificate without them is stale, and reads as one that has none.
    later = {"agreement": {}, "profiles": {}, "files": {}, "checksum": ""}
    # Behind the others: the entries of a complete one keep their order.
    content = content | {name: none for name, none in later.items() if name not in content}
    lost, fetches, files, profiles = (content.get(name) for name in ("lost", "fetches", "files", "profiles"))
    is_complete = (
        content.keys() >= Certificate.__required_keys__
        and isinstance(lost, list)
        and all(isinstance(name, str) for name in lost)
        and _is_day(content.get("day"))
        and all(isinstance(content.get(name), int) for name in ("schema", "papers", "gone", "rejects"))
        and all(isinstance(content.get(name), str) for name in ("source", "state", "reason", "as_of"))
        and isinstance(content.get("query"), str | None)
        and isinstance(profiles, dict)
        and all(isinstance(profile, dict) and _is_instant(profile.get("at")) for profile in profiles.values())
        and isinstance(fetches, list)
        and all(map(_is_fetch, fetches))
        and isinstance(files, dict)
        and all(map(_is_file, files.values()))
    )
    if not is_complete:
        raise CertificateError(f"{path}: not a certificate of this version; run dailypapers build")
    return cast(Certificate, content)


def _is_file(file: object) -> bool:
    return (
        isinstance(file, dict)
        and isinstance(file.get("bytes"), int)
        and all(isinstance(file.get(name), str) for name in ("file", "sha256"))
    )


def schema_of(path: Path) -> int | None:
    """The schema number of a certificate of any version; None if there is no such file. Raises CertificateError."""
    content = _read(path)
    schema = content.get("schema") if content is not None else None
    return schema if isinstance(schema, int) else None


def _read(path: Path) -> dict[str, object] | None:
    try:
        return _parse(path, read_whole(path))
    except FileNotFoundError:
        return None


def _parse(path: Path, content: bytes) -> dict[str, object]:
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise CertificateError(f"{path}: not JSON ({error}); run dailypapers build") from error
    if not isinstance(parsed, dict):
        raise CertificateError(f"{path}: not a certificate; run dailypapers build")
    return parsed


def _is_fetch(value: object) -> bool:
    views, at = (value.get("views"), value.get("at")) if isinstance(value, dict) else (None, None)
    if not isinstance(value, dict) or not isinstance(views, list) or not all(map(_is_view, views)):
        return False
    return (
        value.keys() >= FetchEvidence.__required_keys__
        and _is_instant(at)
        and is_witness(value.get("witness"))
        # One by one, which takes half of the time of a loop: a store has tens of thousands of fetches and views.
        and isinstance(value["bytes"], int)
        and isinstance(value["papers"], int)
        and isinstance(value["new"], int)
        and isinstance(value["left"], int)
        and isinstance(value["file"], str)
        and isinstance(value["sha256"], str)
        and isinstance(value["kind"], str)
    )


def _is_view(view: object) -> bool:
    return (
        isinstance(view, dict)
        and view.keys() >= ViewEvidence.__required_keys__
        and isinstance(view["version"], int)
        and isinstance(view["pages"], int)
        and isinstance(view["items"], int)
        and isinstance(view["papers"], int)
        and isinstance(view["rejects"], int)
        and isinstance(view["view"], str)
        and isinstance(view["parser"], str)
    )


def _is_instant(value: object) -> bool:
    return isinstance(value, str) and value.endswith("Z") and _parses(datetime.fromisoformat, value)


def _is_day(value: object) -> bool:
    return isinstance(value, str) and _parses(date.fromisoformat, value)


def _parses(parse: Callable[[str], object], value: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True
