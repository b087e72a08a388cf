"""Decodes bodies up to a size cap, so that a decompression bomb cannot exhaust the memory; and the gzip members of a
large file, each when it is asked for."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar, overload

from fastwarc.stream_io import BrotliReader, ZstdReader

from dailypapers.ingest.errors import BodyError, damaged_archive
from dailypapers.parsers.model import Page

CONTENT_CAP: Final = 32 * 2**20
"""Bytes of a decoded body: fifty times the largest page seen (0.6 MB), and enough for a month of 2,500 papers."""

_CHUNK: Final = 2**16
MAX_MEMBERS: Final = 1000


def content(page: Page, cap: int = CONTENT_CAP) -> Page:
    """The page with its content encoding decoded. Raises BodyError if it is invalid or exceeds `cap` bytes."""
    body = page.body
    encodings = [value.strip().lower() for value in (page.header("content-encoding") or "").split(",")]
    for encoding in reversed([name for name in encodings if name not in {"", "identity"}]):
        body = _decode(page.url, encoding, body, cap)
    if len(body) > cap:
        raise BodyError(f"{page.url}: body of {len(body)} bytes is over the cap of {cap}")
    return replace(page, body=body)


def _decode(url: str, encoding: str, body: bytes, cap: int) -> bytes:
    match encoding:
        case "gzip" | "x-gzip":
            return inflate(url, body, 31, cap)
        case "deflate":
            # RFC 9110, 8.4.1.2 means zlib; some servers send a raw deflate stream.
            return inflate(url, body, 15 if body[:1] == b"\x78" else -15, cap)
        case "br" | "zstd":
            return _decode_with_reader(url, encoding, body, cap)
        case _:
            raise BodyError(f"{url}: Content-Encoding {encoding!r} is not one of gzip, deflate, br, zstd")


def inflate(url: str, body: bytes, window: int, cap: int) -> bytes:
    """Decompress all members (`window` as in zlib.decompressobj) up to `cap` bytes.

    Raises BodyError for a broken, truncated or larger stream.
    """
    return b"".join(member for _, member in members(url, body, cap, window))


def members(
    url: str, body: bytes, cap: int, window: int = 31, *, max_members: int = MAX_MEMBERS, member_cap: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """The members of a gzip file, decompressed, each with its offset in the file.

    `cap` limits their total size, `member_cap` that of each. Raises BodyError, naming `url`, for a broken or truncated
    member, too many members, or too many bytes.
    """
    offset = size = count = 0
    while offset < len(body):
        begin, stream = offset, zlib.decompressobj(window)
        member = bytearray()
        while not stream.eof:
            piece = body[offset : offset + _CHUNK]
            if not piece:
                raise BodyError(f"{url}: compressed body is cut short after {size + len(member)} decoded bytes")
            member += _inflate_piece(url, stream, piece, min(cap - size, member_cap or cap) - len(member))
            offset += len(piece)
        offset -= len(stream.unused_data)
        size, count = size + len(member), count + 1
        if count > max_members:
            raise BodyError(f"{url}: compressed body has more than {max_members} members")
        yield begin, bytes(member)


def _inflate_piece(url: str, stream: zlib._Decompress, piece: bytes, left: int) -> bytes:
    try:
        out = stream.decompress(piece, left + 1)
    except zlib.error as error:
        raise BodyError(f"{url}: compressed body is broken ({error})") from error
    if len(out) > left:
        raise BodyError(f"{url}: body decodes to more bytes than the cap allows")
    return out


def _decode_with_reader(url: str, encoding: str, body: bytes, cap: int) -> bytes:
    reader = (BrotliReader if encoding == "br" else ZstdReader)(io.BytesIO(body))
    out = bytearray()
    try:
        while chunk := reader.read(_CHUNK):
            out += chunk
            if len(out) > cap:
                raise BodyError(f"{url}: body decodes to more bytes than the cap allows")
    except (OSError, ValueError) as error:
        raise BodyError(f"{url}: {encoding} body is broken ({error})") from error
    return bytes(out)


FILE_CAP: Final = 2**33
"""Bytes of the records of a file, inflated."""
MAX_PLAIN: Final = 8 * 2**20
"""Bytes of records, inflated, that are in memory; those of a larger file are not."""

Item = TypeVar("Item")


class Lazy(Sequence[Item]):
    """Items that are made each time that they are asked for."""

    def __init__(self, make: Callable[[int], Item], length: int) -> None:
        """`make` is given an index."""
        self._make, self._length = make, length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        numbers = range(self._length)[index]
        return self._make(numbers) if isinstance(numbers, int) else [self._make(number) for number in numbers]


def lazy_members(path: Path, offsets: Sequence[int]) -> Lazy[bytes]:
    """The records of a large file, inflated when they are asked for.

    `offsets` are where each begins, and where the last one ends. Asking raises DamagedArchive if the file was changed:
    each record has a CRC.
    """

    def read(index: int) -> bytes:
        try:
            return _member(path, offsets[index], offsets[index + 1])
        except (OSError, BodyError) as error:
            raise damaged_archive(path, error, "it was changed while it was read") from error

    return Lazy(read, len(offsets) - 1)


def _member(path: Path, begin: int, end: int) -> bytes:
    with path.open("rb") as file:
        file.seek(begin)
        content = file.read(end - begin)
    if not content:
        raise BodyError("it is cut short")
    return inflate(f"{path}", content, 31, FILE_CAP)
