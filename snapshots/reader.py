"""Day files back into papers: one day or a range of days, in constant memory; or the files of a day, verified."""

from __future__ import annotations

import logging
import mmap
import pickle
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple, cast, overload

import orjson

from dailypapers.parsers.model import Paper
from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.store.atomic import open_regular, read_whole, split_lines
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import is_locked

from .certificate import Certificate, is_intact, parse_certificate, schema_of, sha256
from .errors import CertificateError, StoreError

_BLOCK: Final = 2**22
_LEVEL: Final = 1
"""Of zlib: higher ones take three times as long for a tenth less."""


def pack(values: Sequence[object]) -> bytes:
    """Values of plain types, or papers, compressed."""
    return zlib.compress(pickle.dumps(values, pickle.HIGHEST_PROTOCOL), _LEVEL)


def unpack(packed: bytes) -> Sequence[object]:
    """The values that `pack` compressed, in this process."""
    values: Sequence[object] = pickle.loads(zlib.decompress(packed))  # noqa: S301 - of this process alone
    return values


class Place(NamedTuple):
    """Where a `Stack` has something."""

    block: int
    start: int
    size: int


class Stack:
    """Pieces of bytes side by side in blocks of their own: on the heap, many small ones would leave gaps."""

    def __init__(self) -> None:
        self._blocks: list[mmap.mmap] = []
        self._used = 0

    def put(self, content: bytes, place: Place | None = None) -> Place:
        """Store a piece, where there is room in the `place` of one that it replaces; returns its place."""
        if place is None or place.size < len(content):
            if not self._blocks or self._used + len(content) > len(self._blocks[-1]):
                self._blocks.append(mmap.mmap(-1, max(_BLOCK, len(content))))
                self._used = 0
            place = Place(len(self._blocks) - 1, self._used, len(content))
            self._used += len(content)
        self._blocks[place.block][place.start : place.start + len(content)] = content
        return place._replace(size=len(content))

    def get(self, place: Place) -> bytes:
        """The piece at a place."""
        return self._blocks[place.block][place.start : place.start + place.size]


class PackedPapers(Sequence[Paper]):
    """Papers that are unpacked page by page, each time that they are iterated over."""

    def __init__(self, papers: Sequence[Paper] = ()) -> None:
        """The papers are one page."""
        self.keys = [paper.key for paper in papers]
        """Their keys, in order."""
        self._pages = [pack(list(papers))] if papers else []

    def extend(self, others: Iterable[Paper]) -> None:
        """Add papers after these."""
        added = others if isinstance(others, PackedPapers) else PackedPapers(list(others))
        self.keys += added.keys
        self._pages += added._pages

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Paper]:
        for page in self._pages:
            yield from cast("Sequence[Paper]", unpack(page))

    @overload
    def __getitem__(self, index: int) -> Paper: ...
    @overload
    def __getitem__(self, index: slice) -> list[Paper]: ...
    def __getitem__(self, index: int | slice) -> Paper | list[Paper]:
        """Papers by their places; slow."""
        return list(self)[index]


def keys_of(papers: Sequence[Paper]) -> list[str]:
    """The keys of papers, in order."""
    return papers.keys if isinstance(papers, PackedPapers) else [paper.key for paper in papers]


log = logging.getLogger(__name__)

_RETRY_AFTER: Final = 0.05  # seconds
# `key` comes first. Inside a string the quotes would be escaped, and the objects before `first_seen` have other names.
_BEFORE_KEY: Final = b'{"key":"'
_AFTER_KEY: Final = b'","source":"'
_BEFORE_FIRST_SEEN: Final = b'"first_seen":"'


class VerifiedDay(NamedTuple):
    """The files of a day, each with the digest that the certificate names."""

    certificate: Certificate
    text: bytes
    """The file of the certificate."""
    papers: bytes
    """The day file; of a day that an older version wrote, its papers as this version writes them."""
    metrics: bytes
    """The file of the metrics; empty if the day has none."""


def read_day(store: Store, series: Series, day: date) -> Iterator[Paper]:
    """The papers of one day, in the order of their keys; none if the day was never built.

    Raises StoreError for a line that is not a record, and for a store that a newer version wrote. Logs a warning if an
    older version wrote the day: then columns that are new are null.
    """
    return _read(store, series, [day])


def read_range(store: Store, series: Series, since: date | None = None, until: date | None = None) -> Iterator[Paper]:
    """The papers of all built days from `since` to `until` (both included, both open if None), day by day.

    Raises StoreError and warns as `read_day` does; one warning stands for all days.
    """
    return _read(store, series, store.days_with_snapshots(series, since, until))


def verified_day(store: Store, series: Series, day: date) -> VerifiedDay | None:
    """The files of a built day, all of one build; None if the day was never built.

    A day file that does not have the digest in the certificate may be half way through a build: it is read again for as
    long as a builder holds the store's lock. Raises StoreError for a file that is not as it was built, CertificateError
    for a certificate that is damaged or newer than this program.
    """
    path = store.certificate(series, day)
    while True:
        try:
            text = read_whole(path)
        except FileNotFoundError:
            return None
        read = _verified(store, series, day, text)
        if isinstance(read, VerifiedDay):
            return read
        if not is_locked(store.lock) and read_whole(path) == text:
            raise StoreError(f"{read}: not the file that its certificate names; run dailypapers build")
        time.sleep(_RETRY_AFTER)


def _verified(store: Store, series: Series, day: date, text: bytes) -> VerifiedDay | Path:
    """The files that a certificate names, or the first one that has another digest."""
    certificate = intact_certificate(store.certificate(series, day), text)
    contents = {"papers": b"", "metrics": b""}
    files = store.derived(series, day)
    for kind, named in certificate["files"].items():
        if kind in contents:
            file = files[kind]
            contents[kind] = _content(file)
            if sha256(contents[kind]) != named["sha256"]:
                return file
    if certificate["schema"] < SCHEMA:
        from dailypapers.parsers.model import line  # noqa: PLC0415 - as in `_papers`

        contents["papers"] = b"".join(line(paper) + b"\n" for paper in _papers(store.papers(series, day)))
    return VerifiedDay(certificate, text, contents["papers"], contents["metrics"])


def _content(path: Path) -> bytes:
    try:
        return read_whole(path)
    except FileNotFoundError:
        return b""


def intact_certificate(path: Path, text: bytes) -> Certificate:
    """A certificate that is exactly as it was written, by its checksum. Raises CertificateError for any other."""
    certificate = parse_certificate(path, text)
    if certificate["schema"] > SCHEMA:
        raise CertificateError(_too_new(path, certificate["schema"]))
    if not is_intact(text) or "papers" not in certificate["files"]:
        raise CertificateError(f"{path}: not as it was written; run dailypapers build")
    return certificate


def read_rows(path: Path) -> Iterator[dict[str, object]]:
    """The lines of a day file as plain JSON: three times as fast as records. No line if there is no file.

    For a day that `verified_day` has accepted. Raises StoreError for a line that is not an object.
    """
    for number, text in enumerate(_lines(path), 1):
        try:
            row = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise StoreError(f"{path}:{number}: not a record ({error}); run dailypapers build") from error
        if not isinstance(row, dict):
            raise StoreError(f"{path}:{number}: not a record; run dailypapers build")
        yield row


def first_seen_keys(content: bytes) -> dict[str, list[str]]:
    """The keys in a day file by their `first_seen`, as the file has it, without decoding the lines.

    For the content that `verified_day` gives: other bytes give no sense.
    """
    keys: dict[str, list[str]] = {}
    for text in split_lines(content):
        key = text[len(_BEFORE_KEY) : text.index(_AFTER_KEY)]
        begin = text.index(_BEFORE_FIRST_SEEN) + len(_BEFORE_FIRST_SEEN)
        first_seen = text[begin : text.index(b'"', begin)].decode()
        # A key with escapes is a title or a DOI with odd characters.
        keys.setdefault(first_seen, []).append(orjson.loads(b'"%b"' % key) if b"\\" in key else key.decode())
    return keys


def _lines(path: Path) -> list[bytes]:
    return split_lines(_content(path))


def _read(store: Store, series: Series, days: Iterable[date]) -> Iterator[Paper]:
    warned = False
    for day in days:
        path = store.papers(series, day)
        if path.exists():
            certificate = store.certificate(series, day)
            schema = _checked_schema(certificate)
            if schema < SCHEMA and not warned:
                message = "%s has schema %s, older than %s: new columns are null; run dailypapers build"
                log.warning(message, certificate, schema, SCHEMA)
                warned = True
            yield from _papers(path)


def _checked_schema(certificate: Path) -> int:
    schema = schema_of(certificate)
    if schema is not None and schema > SCHEMA:
        raise StoreError(_too_new(certificate, schema))
    return SCHEMA if schema is None else schema


def _too_new(certificate: Path, schema: int) -> str:
    return f"{certificate}: schema {schema} is newer than this program's {SCHEMA}; upgrade dailypapers"


def _papers(path: Path) -> Iterator[Paper]:
    # Records are the only part of a day that needs pydantic, which takes longer to load than to read a month of days.
    from pydantic import ValidationError  # noqa: PLC0415

    from dailypapers.parsers.model import Paper  # noqa: PLC0415

    with open_regular(path) as lines:
        for number, text in enumerate(lines, 1):
            try:
                yield Paper.model_validate_json(text)
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(map(str, first["loc"]))
                reason = f"{place}: {first['msg']}"
                raise StoreError(f"{path}:{number}: not a record ({reason}); run dailypapers build") from error
