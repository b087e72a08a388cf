"""What lies in files that people bring: saved pages and WARC files of any crawler, as pages."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from parsers.model import Page

from .decode import CONTENT_CAP, inflate
from .errors import BodyError, RefusedFile

_GZIP: Final = b"\x1f\x8b"
_WARC: Final = b"WARC/"
_DATE: Final = re.compile(r"(?<!\d)(\d{4}-\d\d-\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page in a file. `load` reads it again, so that an import of years need not hold them all."""

    name: str
    """The file, or the file and the record's address."""
    path: Path
    order: tuple[int, str]
    """Place among the pages of its view: by page number in the address, then by file name."""
    at: datetime | None
    from_file: bool
    """A plain file: it has no address of its own."""
    resource: bool
    """It was no HTTP answer: a plain file, or a record of one."""
    load: Callable[[], Page]

    def named_day(self) -> date | None:
        """The day in the file's name. Raises RefusedFile where it names two."""
        days = {day for text in _DATE.findall(self.path.name) if (day := _day(text))}
        if len(days) > 1:
            raise RefusedFile(f"{self.name}: its name holds {len(days)} days; say which with --day")
        return next(iter(days), None)


def files_below(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and all that lie in the folders named, in the order of their names; links are followed.

    Hidden files in folders are passed over. Raises RefusedFile for a path that is not there.
    """
    for path in paths:
        if path.is_dir():
            yield from (below for below in _walk(path) if not below.name.startswith("."))
        else:
            yield path


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _walk(entry)
        else:
            yield entry


def pages_in(path: Path) -> Iterator[FoundPage]:
    """The pages of a file: the one it is, or the responses and resources of a WARC.

    Raises RefusedFile for what is neither, OSError for what cannot be read.
    """
    head = _head(path)
    if head.startswith(_WARC):
        yield from _warc_pages(path)
    elif not head.strip():
        raise RefusedFile(f"{path}: the file is empty")
    else:
        order = (0, path.name)
        yield FoundPage(str(path), path, order, None, from_file=True, resource=True, load=lambda: _file_page(path))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(2)
        file.seek(0)
        if head != _GZIP:
            return file.read(64)
        try:
            return gzip.GzipFile(fileobj=file).read(64)
        except (OSError, EOFError, zlib.error) as error:
            raise RefusedFile(f"{path}: its gzip is broken ({error})") from error


def _file_page(path: Path) -> Page:
    if path.stat().st_size > CONTENT_CAP:
        raise RefusedFile(f"{path}: larger than {CONTENT_CAP} bytes, which no page is")
    body = path.read_bytes()
    if body.startswith(_GZIP):
        try:
            body = inflate(str(path), body, 31, CONTENT_CAP)
        except BodyError as error:
            raise RefusedFile(str(error)) from error
    return Page("", 200, (), body, None)


def _warc_pages(path: Path) -> Iterator[FoundPage]:
    _check_whole(path)
    kinds = WarcRecordType.response | WarcRecordType.resource
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, record_types=kinds, parse_http=False):
                yield _warc_page(path, record)
    except (ValueError, KeyError, OSError) as error:
        raise RefusedFile(f"{path}: broken WARC ({error})") from error


def _check_whole(path: Path) -> None:
    """Read a compressed WARC to its end, since no WARC reader says that one is cut."""
    with path.open("rb") as file:
        if file.read(2) != _GZIP:
            return
        file.seek(0)
        try:
            with gzip.GzipFile(fileobj=file) as stream:
                while stream.read(2**20):
                    pass
        except (OSError, EOFError, zlib.error) as error:
            raise RefusedFile(f"{path}: its gzip is broken ({error})") from error


def _warc_page(path: Path, record: WarcRecord) -> FoundPage:
    url, at = record.headers["WARC-Target-URI"].strip("<>"), record.record_date
    if record.headers.get("WARC-Block-Digest") and not record.verify_block_digest():
        raise RefusedFile(f"{path} ({url}): the record is not what its digest says")
    resource = record.record_type == WarcRecordType.resource
    page = _resource(record, url, at) if resource else _response(record, url, at)
    order = (_page_number(url), path.name)
    name = f"{path} ({url})"
    return FoundPage(name, path, order, at, from_file=False, resource=resource, load=lambda: page)


def _resource(record: WarcRecord, url: str, at: datetime) -> Page:
    content_type = record.headers.get("Content-Type") or "application/octet-stream"
    return Page(url, 200, (("Content-Type", content_type),), record.reader.read(), at)


def _response(record: WarcRecord, url: str, at: datetime) -> Page:
    record.parse_http(auto_decode="transfer")
    headers = record.http_headers.to_tuples()
    return Page(url, record.http_headers.status_code or 0, headers, record.reader.read(), at)


def _page_number(url: str) -> int:
    number = parse_qs(urlsplit(url).query).get("p", ["0"])[0]
    return int(number) if number.isdecimal() else 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
