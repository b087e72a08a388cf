"""Reads the files given to `import`: saved pages, and WARC files of any crawler."""

from __future__ import annotations

import gzip
import re
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from fastwarc.warc import ArchiveIterator, HeaderMap, WarcRecord, WarcRecordType

from ingest.archive.content_encoding import CONTENT_CAP, inflate
from ingest.archive.model import received_headers
from ingest.errors import BodyError, RefusedFile
from parsers.model import Page

_GZIP: Final = b"\x1f\x8b"
_WARC: Final = b"WARC/"
_DATE: Final = re.compile(r"(?<!\d)(\d{4}-\d\d-\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class FilePage:
    """A page in a file. `load` reads a plain file again, so that a large import need not keep them all in memory."""

    name: str
    """The file, with the address of the record in a WARC."""
    path: Path
    order: tuple[int, str]
    """Position among the pages of its view: by page number in the address, then by file name."""
    fetched_at: datetime | None
    is_plain_file: bool
    """A plain file, which has no address of its own."""
    is_resource: bool
    """Not an HTTP answer but a plain file, or a record of one."""
    load: Callable[[], Page]

    def day_in_name(self) -> date | None:
        """The day in the name of the file. Raises RefusedFile if it names several."""
        days = {day for text in _DATE.findall(self.path.name) if (day := _parse_day(text))}
        if len(days) > 1:
            raise RefusedFile(f"{self.name}: its name holds {len(days)} days; choose one with --day")
        return next(iter(days), None)


def files_in(paths: Iterable[Path], refuse: Callable[[RefusedFile], None]) -> Iterator[Path]:
    """The files given and those in the folders given, in the order of their names; links are followed.

    Hidden files in folders are skipped. Whatever cannot be listed, or is not a regular file, goes to `refuse`.
    """
    for path in paths:
        yield from _walk(path, refuse, frozenset())


def _walk(path: Path, refuse: Callable[[RefusedFile], None], above: frozenset[tuple[int, int]]) -> Iterator[Path]:
    try:
        status = path.stat()
        entries = sorted(path.iterdir(), key=lambda entry: entry.name) if stat.S_ISDIR(status.st_mode) else []
    except OSError as error:
        refuse(RefusedFile(f"{path}: cannot be read ({error.strerror or error})"))
        return
    folder = (status.st_dev, status.st_ino)
    if stat.S_ISREG(status.st_mode):
        yield path
    elif not stat.S_ISDIR(status.st_mode):
        refuse(RefusedFile(f"{path}: not a regular file"))
    elif folder not in above:
        # A link may lead back to a folder above.
        for entry in entries:
            if not entry.name.startswith("."):
                yield from _walk(entry, refuse, above | {folder})


def pages_in(path: Path, wanted: Callable[[str], bool]) -> Iterator[FilePage | None]:
    """The pages of a file: the file itself, or the records of a WARC: None for those whose address is not `wanted`.

    Raises RefusedFile for an empty or broken file, OSError for one that cannot be read.
    """
    head = _head(path)
    if head.startswith(_WARC):
        yield from _warc_pages(path, wanted)
    elif not head.strip():
        raise RefusedFile(f"{path}: the file is empty")
    else:
        order = (0, path.name)
        yield FilePage(
            str(path), path, order, None, is_plain_file=True, is_resource=True, load=lambda: _file_page(path)
        )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(2)
        file.seek(0)
        if head != _GZIP:
            return file.read(64)
        with _broken_gzip(path), gzip.GzipFile(fileobj=file) as stream:
            return stream.read(64)


def _file_page(path: Path) -> Page:
    if path.stat().st_size > CONTENT_CAP:
        raise RefusedFile(f"{path}: larger than {CONTENT_CAP} bytes")
    body = path.read_bytes()
    if body.startswith(_GZIP):
        try:
            body = inflate(str(path), body, 31, CONTENT_CAP)
        except BodyError as error:
            raise RefusedFile(str(error)) from error
    return Page("", 200, (), body, None)


def _warc_pages(path: Path, wanted: Callable[[str], bool]) -> Iterator[FilePage | None]:
    _check_whole(path)
    kinds = WarcRecordType.response | WarcRecordType.resource
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, record_types=kinds, parse_http=False):
                url = record.headers["WARC-Target-URI"].strip("<>")
                yield _warc_page(path, url, record) if wanted(url) else None
    except (ValueError, KeyError, OSError) as error:
        raise RefusedFile(f"{path}: broken WARC ({error})") from error


def _check_whole(path: Path) -> None:
    """Read a compressed WARC to its end, since WARC readers do not report a truncated file."""
    with path.open("rb") as file:
        if file.read(2) != _GZIP:
            return
        file.seek(0)
        with _broken_gzip(path), gzip.GzipFile(fileobj=file) as stream:
            while stream.read(2**20):
                pass


@contextmanager
def _broken_gzip(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise RefusedFile(f"{path}: its gzip is broken ({error})") from error


def _warc_page(path: Path, url: str, record: WarcRecord) -> FilePage:
    name, at = f"{path} ({url})", record.record_date.astimezone(UTC).replace(microsecond=0)
    block, length = record.reader.read(), record.content_length
    if len(block) != length:
        raise RefusedFile(f"{name}: the record is cut short, {len(block)} of {length} bytes")
    record.set_bytes_content(block)
    if record.headers.get("WARC-Block-Digest") and not record.verify_block_digest():
        raise RefusedFile(f"{name}: the record is not what its digest says")
    is_resource = record.record_type == WarcRecordType.resource
    page = _resource(record, url, at) if is_resource else _response(name, record, url, at)
    order = (page_number(url), path.name)
    return FilePage(name, path, order, at, is_plain_file=False, is_resource=is_resource, load=lambda: page)


def _resource(record: WarcRecord, url: str, at: datetime) -> Page:
    content_type = record.headers.get("Content-Type") or "application/octet-stream"
    return Page(url, 200, (("Content-Type", content_type),), record.reader.read(), at)


def _response(name: str, record: WarcRecord, url: str, at: datetime) -> Page:
    record.is_http = True
    record.parse_http(auto_decode="transfer")
    # The type stub does not say so, but a record that is not an HTTP answer has none.
    head: HeaderMap | None = record.http_headers
    status = head.status_code if head is not None else None
    if head is None or status is None:
        raise RefusedFile(f"{name}: the record holds no HTTP answer")
    return Page(url, status, received_headers(head.to_tuples()), record.reader.read(), at)


def page_number(url: str) -> int:
    """The parameter `p` of an address; 0 by default."""
    number = parse_qs(urlsplit(url).query).get("p", ["0"])[0]
    return int(number) if number.isdecimal() else 0


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
