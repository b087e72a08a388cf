"""Faults of bodies and their labels: lengths, charsets, content codings, bombs, types.

The ETag, if the site sends one, stays that of the correct body.
"""

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Literal

from tests.papersite.answers import HTML, JSON, Answer, Request, Switch
from tests.papersite.switches import Where, when
from tests.papersite.wrong_answers import LISTS, asked, reroute

Coding = Literal["gzip", "deflate", "nested", "hidden"]

MEGABYTE = 2**20
GZIP_HEADER = 10  # bytes, without a file name (RFC 1952, 2.3); the 0xff after it is an invalid block type
WINDOW = {"gzip": 31, "deflate": 15}  # wbits of zlib: a gzip wrapper, or the zlib one that HTTP calls deflate
SPAN: dict[str, str] = {"day": "date", "week": "week", "month": "month"}  # as in the URL of a page


def finished(where: Where, change: Callable[[Answer], object]) -> Switch:
    """Changes complete answers, after gzip and all headers except the length; others stay as they are."""

    def changed(_: Request, answer: Answer) -> Answer:
        answer.last.append(lambda done: change(done) if done.body else None)
        return answer

    return when(where, changed)


def short_length(where: Where, missing: int = 100) -> Switch:
    """A Content-Length that is too small by some bytes; the rest stays on the kept-alive connection."""

    def shorten(answer: Answer) -> None:
        answer.chunked = False
        answer.set("Content-Length", str(max(len(answer.body) - missing, 0)))

    return finished(where, shorten)


def charset(where: Where, body: str | None = None, label: str | None = None) -> Switch:
    """Text in another encoding, or declared so; characters that the encoding lacks are escaped, not lost."""

    def recode(answer: Answer) -> None:
        kind = (answer.header("Content-Type") or "").partition(";")[0]
        if body is not None:
            escaped = "xmlcharrefreplace" if kind == "text/html" else "backslashreplace"
            _rewrite(answer, lambda text: text.decode().encode(body, errors=escaped))
        if label is not None:
            answer.set("Content-Type", f"{kind}; charset={label}")

    return finished(where, recode)


def content_type(where: Where, kind: str | None) -> Switch:
    """Another Content-Type, or none."""

    def relabel(answer: Answer) -> None:
        answer.remove("Content-Type")
        if kind is not None:
            answer.set("Content-Type", kind)

    return finished(where, relabel)


def swapped(where: Where, *, relabelled: bool = False) -> Switch:
    """The HTML page instead of the JSON, and vice versa; `relabelled` with the requested content type."""
    other = reroute(where, _other_view)

    def swap(request: Request, answer: Answer) -> Answer:
        answer = other(request, answer)
        if relabelled and answer.status == 200:
            answer.set("Content-Type", JSON if request.path.startswith("/api/") else HTML)
        return answer

    return when(where, swap)


def gzip_changed(where: Where, change: Callable[[bytes], bytes]) -> Switch:
    """The body as gzip, requested or not, after a change to its bytes; Content-Length matches them."""

    def zip_and_change(answer: Answer) -> None:
        if answer.header("Content-Encoding") != "gzip":
            answer.body = gzip.compress(answer.body, compresslevel=1, mtime=0)
            answer.set("Content-Encoding", "gzip")
        answer.body = change(answer.body)

    return finished(where, zip_and_change)


def gzip_cut(where: Where, kept: float = 0.5) -> Switch:
    """gzip that ends early; with `kept` of 1 only its last four bytes, the size, are missing."""
    return gzip_changed(where, lambda whole: whole[: min(int(len(whole) * kept), len(whole) - 4)])


def gzip_garbage(where: Where, kept: float = 0) -> Switch:
    """gzip whose header, or the first part of it, is right, and all the rest noise.

    Most decompressors accept noise in the middle: only the end shows that it is wrong.
    """

    def spoil(whole: bytes) -> bytes:
        right = max(int(len(whole) * kept), GZIP_HEADER)
        return whole[:right] + b"\xff" + Random(1).randbytes(len(whole) - right)

    return gzip_changed(where, spoil)


def gzip_checksum(where: Where) -> Switch:
    """gzip of the complete text with a wrong checksum."""
    return gzip_changed(where, lambda whole: whole[:-8] + bytes(byte ^ 0xFF for byte in whole[-8:-4]) + whole[-4:])


def gzip_trailing(where: Where, after: bytes = b"\0\0trailing") -> Switch:
    """Complete and correct gzip, followed by bytes that are not gzip."""
    return gzip_changed(where, lambda whole: whole + after)


def mislabelled(where: Where, coding: str = "gzip") -> Switch:
    """Plain text that declares a Content-Encoding."""

    def relabel(answer: Answer) -> None:
        if answer.header("Content-Encoding") == "gzip":
            answer.body = gzip.decompress(answer.body)
        answer.set("Content-Encoding", coding)

    return finished(where, relabel)


def bomb(where: Where, coding: Coding = "gzip", megabytes: int = 100) -> Switch:
    """Megabytes of zeros, which take a thousandth of that on the wire.

    gzip, deflate: that coding. nested: gzip twice, declared twice. hidden: gzip twice, declared once.
    """
    label = {"nested": "gzip, gzip", "hidden": "gzip"}.get(coding, coding)

    def blow_up(answer: Answer) -> None:
        answer.body = _zeros(coding, megabytes)
        answer.set("Content-Encoding", label)

    return finished(where, blow_up)


@lru_cache(maxsize=8)
def _zeros(coding: Coding, megabytes: int) -> bytes:
    if coding in {"nested", "hidden"}:
        return gzip.compress(_zeros("gzip", megabytes), mtime=0)
    packer = zlib.compressobj(wbits=WINDOW[coding])
    return b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()


def _rewrite(answer: Answer, change: Callable[[bytes], bytes]) -> None:
    """Change the text of an answer, and compress it again if it was compressed."""
    if answer.header("Content-Encoding") == "gzip":
        answer.body = gzip.compress(change(gzip.decompress(answer.body)), compresslevel=1, mtime=0)
    else:
        answer.body = change(answer.body)


def _other_view(request: Request) -> Request:
    period = asked(request)
    if period is None:
        return request
    if request.path == LISTS:
        return replace(request, target=f"/papers/{SPAN[period.kind]}/{period.name}")
    return replace(request, target=f"{LISTS}?{SPAN[period.kind]}={period.name}")
