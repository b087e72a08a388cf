"""Bodies with a content encoding: decoded up to a cap, and refused when they are broken or cut short."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Final

import pytest
from fastwarc.stream_io import BrotliWriter, ZstdWriter

from dailypapers.ingest.archive.content_encoding import content, members
from dailypapers.ingest.errors import BodyError
from dailypapers.parsers.model import Page

URL: Final = "https://huggingface.co/papers"
TEXT: Final = Random(1).randbytes(3000) + b"a" * 3000


def _by(writer: type[BrotliWriter] | type[ZstdWriter], text: bytes) -> bytes:
    out = io.BytesIO()
    stream = writer(out)
    stream.write(text)
    # `finish` alone leaves the end in a buffer.
    stream.close()
    return out.getvalue()


def _raw_deflate(text: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(text) + compressor.flush()


CODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": _raw_deflate,
    "br": lambda text: _by(BrotliWriter, text),
    "zstd": lambda text: _by(ZstdWriter, text),
}
each_coder = pytest.mark.parametrize("name", CODERS)


def page(encoding: str | None, body: bytes) -> Page:
    headers = () if encoding is None else (("Content-Encoding", encoding),)
    return Page(URL, 200, headers, body, datetime(2025, 12, 10, tzinfo=UTC))


def refusal(encoding: str, body: bytes, cap: int = 10_000) -> str:
    with pytest.raises(BodyError) as raised:
        content(page(encoding, body), cap)
    return str(raised.value).removeprefix(f"{URL}: ")


@each_coder
def test_a_body_is_decoded_up_to_the_cap(name: str) -> None:
    encoding, body = name.removeprefix("raw "), CODERS[name](TEXT)
    decoded = content(page(encoding, body), len(TEXT))
    assert decoded == page(encoding, TEXT)
    assert content(page(f" {encoding.upper()} ", body)).body == TEXT
    assert refusal(encoding, body, len(TEXT) - 1) == "body decodes to more bytes than the cap allows"


@each_coder
def test_a_body_that_is_cut_short_or_rubbish_is_refused(name: str) -> None:
    encoding, body = name.removeprefix("raw "), CODERS[name](TEXT)
    broken = f"{encoding} body is broken (" if encoding in {"br", "zstd"} else "compressed body is "
    for cut in (len(body) - 1, len(body) // 2, 1):
        assert refusal(encoding, body[:cut]).startswith(broken)
    assert refusal(encoding, b"\xffrubbish" * 100).startswith(broken)


@pytest.mark.parametrize("encoding", [None, "", "identity", "Identity, identity", " , "])
def test_a_body_without_an_encoding_is_as_it_came(encoding: str | None) -> None:
    assert content(page(encoding, TEXT), len(TEXT)).body == TEXT
    with pytest.raises(BodyError) as raised:
        content(page(encoding, TEXT), len(TEXT) - 1)
    assert str(raised.value) == f"{URL}: body of 6000 bytes is over the cap of 5999"


def test_several_encodings_are_undone_from_the_last_to_the_first() -> None:
    body = gzip.compress(CODERS["br"](CODERS["zstd"](TEXT)))
    assert content(page("zstd, br, gzip", body)).body == TEXT
    assert refusal("gzip, br, zstd", body).startswith("zstd body is broken (")


def test_an_unknown_encoding_is_refused_by_its_name() -> None:
    assert refusal("compress", TEXT) == "Content-Encoding 'compress' is not one of gzip, deflate, br, zstd"


def test_the_members_of_a_file_come_with_their_places_and_have_limits_each_and_together() -> None:
    parts = [b"first" * 20, b"", b"third" * 40]
    files = [gzip.compress(part) for part in parts]
    body = b"".join(files)
    places = [0, len(files[0]), len(files[0]) + len(files[1])]
    found = list(zip(places, parts, strict=True))
    assert list(members(URL, body, 300)) == list(members(URL, body, 300, max_members=3, member_cap=200)) == found
    for limits, message in (
        ({"cap": 299}, "body decodes to more bytes than the cap allows"),
        ({"cap": 300, "member_cap": 199}, "body decodes to more bytes than the cap allows"),
        ({"cap": 300, "max_members": 2}, "compressed body has more than 2 members"),
    ):
        with pytest.raises(BodyError) as raised:
            list(members(URL, body, **limits))
        assert str(raised.value) == f"{URL}: {message}"
    with pytest.raises(BodyError, match="compressed body is cut short after 300 decoded bytes"):
        list(members(URL, body[:-1], 300))
    assert list(members(URL, b"", 300)) == []


@each_coder
def test_a_large_body_is_decoded_in_pieces(name: str) -> None:
    """Of more than one piece as it came, and of more than one when it is decoded."""
    encoding, text = name.removeprefix("raw "), Random(2).randbytes(150_000) + bytes(150_000)
    assert content(page(encoding, CODERS[name](text)), len(text)).body == text
    assert refusal(encoding, CODERS[name](text), len(text) - 1) == "body decodes to more bytes than the cap allows"


@pytest.mark.parametrize("more", [-1, 0, 1, 200, 2**16])
def test_members_are_found_wherever_they_begin(monkeypatch: pytest.MonkeyPatch, more: int) -> None:
    """In the same piece of the file as the end of the one before, or at the beginning of the next piece."""
    parts = [Random(seed).randbytes(size) for seed, size in enumerate((400, 401, 0, 900, 399))]
    files = [gzip.compress(part) for part in parts]
    monkeypatch.setattr("dailypapers.ingest.archive.content_encoding._CHUNK", len(files[0]) + more)
    places = [sum(map(len, files[:number])) for number in range(len(files))]
    assert list(members(URL, b"".join(files), 2**20)) == list(zip(places, parts, strict=True))
