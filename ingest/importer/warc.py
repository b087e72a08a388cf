"""Reads the pages in WARC files of any crawler: one record at a time, and once more when it is stored."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from pathlib import Path, PurePath
from typing import IO, Final
from urllib.parse import parse_qs, urlsplit

from fastwarc.warc import ArchiveIterator, HeaderMap, WarcRecord, WarcRecordType

from dailypapers.ingest.archive.content_encoding import CONTENT_CAP
from dailypapers.ingest.archive.model import payload_digest, received_headers
from dailypapers.ingest.errors import RefusedFile
from dailypapers.parsers.model import Page
from dailypapers.snapshots.certificate import Witness

Refuse = Callable[[RefusedFile], None]
"""Takes what cannot be imported, and why, while the rest goes on."""

_DATE: Final = re.compile(r"(?<!\d)(\d{4}-\d\d-\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class FilePage:
    """A page in a file. `load` reads it again, so that a large import need not keep all pages in memory."""

    name: str
    """The file, with the address of the record in a WARC."""
    path: PurePath
    order: tuple[int, str]
    """Position among the pages of its view: by page number in the address, then by file name."""
    fetched_at: datetime | None
    is_plain_file: bool
    """A plain file, which has no address of its own."""
    is_resource: bool
    """Not an HTTP answer but a plain file, or a record of one."""
    load: Callable[[], Page]
    witness: Witness | None = None
    """Its version, if the file is in the history of a git repository."""

    def day_in_name(self) -> date | None:
        """The day in the name of the file; in a git repository, else in its path.

        Raises RefusedFile if there are several.
        """
        names = [self.path.name, *([self.path.as_posix()] if self.witness else [])]
        for days in ({day for text in _DATE.findall(name) if (day := _parse_day(text))} for name in names):
            if len(days) > 1:
                raise RefusedFile(f"{self.name}: its name holds {len(days)} days; choose one with --day")
            if days:
                return days.pop()
        return None


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


GZIP: Final = b"\x1f\x8b"
MAX_RECORD: Final = CONTENT_CAP + 2**20
"""Bytes of a record: the largest page, and the headers of its HTTP answer."""
_MAX_PAGE_DIGITS: Final = 9
_MAX_NAME: Final = 200


def warc_pages(path: Path, wanted: Callable[[str], bool], refuse: Refuse) -> Iterator[tuple[FilePage, Page] | None]:
    """The pages of a WARC file whose address is `wanted`, None for each other record; unusable ones go to `refuse`.

    Raises RefusedFile if the file itself is broken, OSError if it cannot be read.
    """
    _check_whole(path)
    with path.open("rb") as file:
        for number, record in enumerate(_records(path, file)):
            try:
                yield _page_of(path, number, record) if _is_wanted(record, wanted) else None
            except RefusedFile as error:
                refuse(RefusedFile(f"{_name(path, number, record)}: {error}"))


def _records(path: Path, file: IO[bytes]) -> Iterator[WarcRecord]:
    kinds = WarcRecordType.response | WarcRecordType.resource
    try:
        yield from ArchiveIterator(file, record_types=kinds, parse_http=False)
    except (ValueError, OSError) as error:
        raise RefusedFile(f"{path}: broken WARC ({error})") from error


def _check_whole(path: Path) -> None:
    """Read a compressed WARC to its end, since WARC readers do not report a truncated file."""
    with path.open("rb") as file:
        if file.read(2) != GZIP:
            return
        file.seek(0)
        with broken_gzip(path), gzip.GzipFile(fileobj=file) as stream:
            while stream.read(2**20):
                pass


@contextmanager
def broken_gzip(path: Path) -> Iterator[None]:
    """Turn the errors of a broken or truncated gzip file into RefusedFile, which names it."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise RefusedFile(f"{path}: its gzip is broken ({error})") from error


def _url(record: WarcRecord) -> str:
    url = record.headers.get("WARC-Target-URI")
    if url is None:
        raise RefusedFile("the record has no WARC-Target-URI")
    return url.strip("<>")


def _name(path: Path, number: int, record: WarcRecord) -> str:
    url = (record.headers.get("WARC-Target-URI") or f"record {number + 1}").strip("<>")
    return f"{path} ({url if len(url) <= _MAX_NAME else url[:_MAX_NAME] + '...'})"


def _is_wanted(record: WarcRecord, wanted: Callable[[str], bool]) -> bool:
    url = _url(record)
    try:
        return wanted(url)
    except ValueError as error:
        raise RefusedFile(f"its address is not valid ({error})") from error


def _page_of(path: Path, number: int, record: WarcRecord) -> tuple[FilePage, Page]:
    order = (page_number(_url(record)), path.name)
    offset, name = record.stream_pos, _name(path, number, record)
    page, is_resource = _read(record), record.record_type == WarcRecordType.resource
    load = partial(_load, path, offset, number, payload_digest(page.body))
    file_page = FilePage(name, path, order, page.fetched_at, is_plain_file=False, is_resource=is_resource, load=load)
    return file_page, page


def _load(path: Path, offset: int, number: int, digest: str) -> Page:
    """Read a record again. In a file that is compressed as a whole its offset is not known, so records are counted."""
    for position, skipped in ((offset, 0), (0, number)):
        with path.open("rb") as file:
            file.seek(position)
            page = _nth_page(path, file, skipped)
        if page is not None and payload_digest(page.body) == digest:
            return page
    raise RefusedFile(f"{path}: the file was changed while it was imported; import it again")


def _nth_page(path: Path, file: IO[bytes], skipped: int) -> Page | None:
    try:
        record = next(islice(_records(path, file), skipped, None), None)
        return _read(record) if record is not None else None
    except RefusedFile:
        return None


def _read(record: WarcRecord) -> Page:
    """The page in a record. Raises RefusedFile, whose message does not name the record."""
    url, fetched_at, length = _url(record), _time(record), record.content_length
    if length > MAX_RECORD:
        raise RefusedFile(f"the record is larger than {MAX_RECORD} bytes")
    block = record.reader.read(length)
    if len(block) != length:
        raise RefusedFile(f"the record is cut short, {len(block)} of {length} bytes")
    record.set_bytes_content(block)
    if record.headers.get("WARC-Block-Digest") and not record.verify_block_digest():
        raise RefusedFile("the record is not what its digest says")
    if record.record_type == WarcRecordType.resource:
        content_type = record.headers.get("Content-Type") or "application/octet-stream"
        return Page(url, 200, (("Content-Type", content_type),), record.reader.read(), fetched_at)
    return _response(record, url, fetched_at)


def _time(record: WarcRecord) -> datetime:
    text = record.headers.get("WARC-Date")
    try:
        # None for a text that is not a time, although the type stub does not say so.
        time: datetime | None = record.record_date
        if time is not None:
            return time.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        pass
    raise RefusedFile("the record has no WARC-Date" if text is None else f"its WARC-Date {text[:40]!r} is not a time")


def _response(record: WarcRecord, url: str, fetched_at: datetime) -> Page:
    record.is_http = True
    try:
        record.parse_http(auto_decode="transfer")
        body = record.reader.read(CONTENT_CAP + 1)
    except (ValueError, OSError) as error:
        raise RefusedFile(f"the HTTP answer in the record is broken ({error})") from error
    # The type stub does not say so, but a record that is not an HTTP answer has none.
    head: HeaderMap | None = record.http_headers
    status = head.status_code if head is not None else None
    if head is None or status is None:
        raise RefusedFile("the record holds no HTTP answer")
    if len(body) > CONTENT_CAP:
        raise RefusedFile(f"the body is larger than {CONTENT_CAP} bytes")
    return Page(url, status, received_headers(head.to_tuples()), body, fetched_at)


def page_number(url: str) -> int:
    """The parameter `p` of an address; 0 by default. Raises RefusedFile for an absurd one."""
    number = parse_qs(urlsplit(url).query).get("p", ["0"])[0]
    if len(number) > _MAX_PAGE_DIGITS:
        raise RefusedFile(f"its page number has {len(number)} characters")
    return int(number) if number.isdecimal() else 0
