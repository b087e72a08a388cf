"""Bodies as served into content, under a cap: a decompression bomb ends at the cap, with memory bounded."""

from __future__ import annotations

import io
import zlib
from dataclasses import replace
from typing import Final

from fastwarc.stream_io import BrotliReader, ZstdReader

from parsers.model import Page

from .errors import BodyError

CONTENT_CAP: Final = 64 * 2**20
"""Bytes of a decoded body: a hundred times the largest page seen (0.6 MB)."""

_CHUNK: Final = 2**16


def content(page: Page, cap: int = CONTENT_CAP) -> Page:
    """The page with its content encoding undone. Raises BodyError where that cannot be done within `cap` bytes."""
    body = page.body
    encodings = [value.strip().lower() for value in (page.header("content-encoding") or "").split(",")]
    for encoding in reversed([name for name in encodings if name not in {"", "identity"}]):
        body = _undo(page.url, encoding, body, cap)
    if len(body) > cap:
        raise BodyError(f"{page.url}: body of {len(body)} bytes is over the cap of {cap}")
    return replace(page, body=body)


def _undo(url: str, encoding: str, body: bytes, cap: int) -> bytes:
    match encoding:
        case "gzip" | "x-gzip":
            return inflate(url, body, 31, cap)
        case "deflate":
            # RFC 9110 8.4.1.2 means zlib; some servers send the bare stream.
            return inflate(url, body, 15 if body[:1] == b"\x78" else -15, cap)
        case "br" | "zstd":
            return _read_capped(url, encoding, body, cap)
        case _:
            raise BodyError(f"{url}: Content-Encoding {encoding!r} is not one of gzip, deflate, br, zstd")


def inflate(url: str, body: bytes, window: int, cap: int) -> bytes:
    """Undo zlib (`window` as zlib.decompressobj takes it) up to `cap` bytes, over all members that there are.

    Raises BodyError on a broken or cut stream and on one that is larger.
    """
    parts: list[bytes] = []
    size = 0
    while body:
        stream = zlib.decompressobj(window)
        try:
            parts.append(stream.decompress(body, cap + 1 - size))
        except zlib.error as error:
            raise BodyError(f"{url}: compressed body is broken ({error})") from error
        size += len(parts[-1])
        if size > cap:
            raise BodyError(f"{url}: body decodes to more than the cap of {cap} bytes")
        if not stream.eof:
            raise BodyError(f"{url}: compressed body is cut short after {size} decoded bytes")
        body = stream.unused_data
    return b"".join(parts)


def _read_capped(url: str, encoding: str, body: bytes, cap: int) -> bytes:
    reader = (BrotliReader if encoding == "br" else ZstdReader)(io.BytesIO(body))
    out = bytearray()
    try:
        while chunk := reader.read(_CHUNK):
            out += chunk
            if len(out) > cap:
                raise BodyError(f"{url}: body decodes to more than the cap of {cap} bytes")
    except (OSError, ValueError) as error:
        raise BodyError(f"{url}: {encoding} body is broken ({error})") from error
    return bytes(out)
