"""Structured inputs: for each target a strategy that builds typical input, up to a mebibyte."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Sequence
from typing import Any, Final

from fastwarc.stream_io import BrotliWriter, ZstdWriter
from hypothesis import strategies as st

from tests.fuzz.targets import CODINGS, Target
from tests.parsers.test_parse_properties import blob, mutated, texts, values, written

MAX_SIZE: Final = 2**20

_TAGS: Final = (
    *("<article>", "<div>", "<div class='leading-none'>", "<h1>", "<h3>", "<title>", "<label>", "<li>", "<ul>", "<p>"),
    *("<span>", "<b>", "<b a{n}>", "<font a{n}>", "<table>", "<td>", "<svg viewBox='0 0 256 250'>", "<template>"),
    *("<a href='/papers/2408.0{n:04}'>", "<a href='/login'>", "<a href='/ann'>", "<a href='/papers/1#community'>"),
    *("<a href='https://github.com/a/b'>", "<a href='/papers/date/2025-12-10'>", "<img src='x'>", "<select>", "<form>"),
    *("<time datetime='2025-12-10T12:00:00.000Z'>", "<time datetime>", "<button>", "<math>", "<script>", "<!--", "-->"),
    *("</article>", "</div>", "</a>", "</p>", "</b>", "</table>", "</h3>", "</svg>", "</x>", "<", "<title", "<p "),
    *(" a{n}=1", " a", "'", '"', ">", "&quot;", "&", "\ufffd", "\0"),
    *("<div data-target='DailyPapers' data-props='{}'>", '<div data-target="DailyPapers" data-props="'),
    *("Submitted by", "Submitted by ann", "· 6 authors", "1,024", "12", "-", "x ", "é\u00a0"),
)
_LINES: Final = (
    *("• 6 authors", "6 authors", "acme ACME Labs", "acme", "·", "Oct 25, 2023 3", "Nov 8", "Feb 29", "Dec 10, 2025"),
    *("Daily Papers", "by AK and the research community", "Get trending papers in your email inbox!", "Subscribe"),
    *("new", "Ju", "n 15, 2022", "A Title", "a", "x " * 300, "https://github.com/a/b", "\u200b", "\ufeff", "12", "é"),
)
_JSON: Final = ("[", "{", '{"a":', "0,", "{},", '"\\ud800",', "1e999,", '"a{n}":0,', "-", "9", "]", "}", " ", ",", '""')


_LISTING: Final = (
    *("<dt>", "</dt>", "<dd>", "</dd>", "<dl>", "</dl>", "<div class='list-authors'>", "<div class='list-title'>"),
    *("<a href='/abs/2408.0{n:04}'>", "</a>", "<a class='link-external' href='https://a.example'>this https URL</a>"),
    *("<h3>New submissions (showing 2 of 2 entries)</h3>", "<h3>Wed, 12 Aug 2026 (showing 9999999 of 1 entries )</h3>"),
    *("<div class='paging'>Total of 7 entries", "</div>", "<br>", "<span class='descriptor'>", "<p class='mathjax'>"),
    *("<div class='list-subjects'>A (cs.AI); B (math.GT)", "(cs.AI)", "(", "(replaced)", "<tr><td class='label'>"),
    *("<meta name='citation_author' content='Wick, Ada'>", "[v1]", "x " * 300, "é", "\0", "<b a{n}>", "<div>"),
)
_XML: Final = (
    *("<entry>", "</entry>", "<title>t</title>", "<author><name>A</name></author>", "<author>", "</author>", "<id>"),
    *("<id>http://arxiv.org/abs/2408.0{n:04}v1</id>", "<x{n}/>", "<x a{n}='1'>", "</x>", "&#1;", "&#xD800;", "&amp;"),
    *("<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "<![CDATA[", "]]>", "<!--", "-->", "<?xml version='1.0'?>", "\x0c"),
    *("<record>", "</record>", "<metadata><arXiv>", "<metadata><arXivRaw>", "<authors>A, B (C, D) and E", '\\"o', "("),
    *("<dc:creator>A, B", "{\\o}", "$", "</authors>", "<keyname>A</keyname>", "<version version='v1'><date>x", "{"),
    *("<feed xmlns='http://www.w3.org/2005/Atom'>", "</feed>", "é", "\ufffe", "x " * 300),
)


def strategy(target: Target) -> st.SearchStrategy[bytes]:
    """Inputs for a target."""
    return _STRATEGIES[target.name](target.seeds[0])


@st.composite
def _repeated(draw: st.DrawFn, pieces: Sequence[str], join: str = "") -> bytes:
    """A few pieces repeated, with something before and after; `{n}` in a piece is a new number each time."""
    some = st.lists(st.sampled_from(pieces), max_size=4)
    before, unit, after = (join.join([*draw(some), ""]) for _ in range(3))
    size = draw(st.sampled_from([2**8, 2**12, 2**16, MAX_SIZE]))
    often = size // (len(unit.encode()) or 1) if unit else 0
    numbers = "{n" in unit
    middle = "".join(_numbered(unit, n) for n in range(often)) if numbers else unit * often
    return (_numbered(before, 0) + middle + _numbered(after, 1)).encode("utf-8", "surrogatepass")[:MAX_SIZE]


def _numbered(text: str, number: int) -> str:
    return text.replace("{n:04}", f"{number:04}").replace("{n}", f"{number}")


def _items() -> st.SearchStrategy[bytes]:
    """Complete items with something endless inside, the same item many times."""
    holes = st.sampled_from(["authors", "ai_keywords", "mediaUrls", "title", "summary", "x", "organization", "id"])
    inner = st.one_of(
        st.builds(_list, values, st.sampled_from([1, 1000, 100_000])),
        st.builds(lambda text, often: written(text * often, True), texts, st.sampled_from([1, 1000, 20_000])),
        st.sampled_from([1000, 60_000]).map(lambda often: written({f"k{n}": n for n in range(often)}, True)),
    )
    return st.builds(_listing, holes, inner, st.sampled_from([1, 1, 2, 100, 9_000]))


def _list(value: object, often: int) -> bytes:
    one = written(value, ascii_only=True)
    return b"[" + b",".join([one] * min(often, MAX_SIZE // (len(one) + 1))) + b"]"


def _listing(hole: str, inner: bytes, often: int) -> bytes:
    item = b'{"paper":{"id":"2408.00118","title":"t","%s":%s}}' % (hole.encode(), inner)
    return b"[" + b",".join([item] * max(1, min(often, MAX_SIZE // len(item)))) + b"]"


def _api() -> st.SearchStrategy[bytes]:
    structured = st.builds(written, st.one_of(mutated(), values), st.booleans())
    return st.one_of(structured, _items(), _repeated(_JSON), _repeated([*_TAGS, "<title>"]))


def _paper() -> st.SearchStrategy[bytes]:
    first = mutated().map(lambda items: items[0]["paper"] if _has_paper(items) else items)
    return st.one_of(st.builds(written, first, st.booleans()), _api().map(lambda body: body.strip(b"[]")))


def _has_paper(items: Any) -> bool:
    return bool(items) and isinstance(items[0], dict) and "paper" in items[0]


def _html() -> st.SearchStrategy[bytes]:
    page = st.builds(blob, st.one_of(mutated(), values), st.booleans())
    tags = st.lists(st.sampled_from(_TAGS), max_size=60).map(lambda found: "".join(found).replace("{n", "{").encode())
    return st.one_of(page, tags, _repeated(_TAGS), _repeated(_TAGS), st.builds(lambda a, b: a + b, tags, page))


def _text() -> st.SearchStrategy[bytes]:
    lines = st.lists(st.one_of(st.sampled_from(_LINES), st.sampled_from(["", "", ""]), texts), max_size=60)
    bodies = lines.map(lambda found: "\n".join(found).encode("utf-8", "surrogatepass"))
    coded = bodies.map(lambda body: body.decode("utf-8", "replace").encode("utf-16"))
    return st.one_of(bodies, coded, _repeated([*_LINES, "", ""], "\n"), _repeated([*_LINES, "", ""], "\n\n"))


def _markup(seed: bytes, pieces: Sequence[str]) -> st.SearchStrategy[bytes]:
    """A page of the site in which pieces, one or very many, stand in the place of some of its tags and texts."""
    parts = sorted({part for part in re.split(rb"(?=<)|(?<=>)", seed) if part})
    swap = st.tuples(st.sampled_from(parts), _repeated(pieces))
    swapped = st.builds(_swapped, st.just(seed), st.lists(swap, min_size=1, max_size=3))
    return st.one_of(swapped.map(lambda body: body[:MAX_SIZE]), _repeated(pieces))


def _body() -> st.SearchStrategy[bytes]:
    """A content coding, then bytes in this or another coding, with many members, truncated, or nested."""
    contents = st.one_of(st.binary(max_size=200), st.sampled_from([0, 1, 2**16, 2**25 + 1]))
    coded = st.builds(_coded, contents, st.lists(st.sampled_from([*CODERS]), max_size=3), st.sampled_from([1, 2, 2000]))
    cut = st.builds(lambda body, end: body[: len(body) - end], coded, st.sampled_from([0, 0, 0, 1, 8, 20]))
    return st.builds(lambda coding, body: bytes([coding]) + body, st.integers(0, len(CODINGS) - 1), cut)


def _coded(content: bytes | int, coders: Sequence[str], often: int) -> bytes:
    """A number stands for that many zeros, because hypothesis stores what it draws and a bomb is large."""
    body = bytes(content)
    for coder in coders:
        body = CODERS[coder](body)
    return body[:MAX_SIZE] * max(1, min(often, MAX_SIZE // (len(body) or 1)))


def _by(writer: type[BrotliWriter] | type[ZstdWriter]) -> Callable[[bytes], bytes]:
    def coder(body: bytes) -> bytes:
        out = io.BytesIO()
        stream = writer(out)
        stream.write(body)
        # `finish` alone leaves the end in a buffer.
        stream.close()
        return out.getvalue()

    return coder


CODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": lambda body: gzip.compress(body, 1, mtime=0),
    "deflate": lambda body: zlib.compress(body, 1),
    "bare": lambda body: zlib.compress(body, 1)[2:-4],
    "br": _by(BrotliWriter),
    "zstd": _by(ZstdWriter),
}


def _archive(seed: bytes) -> st.SearchStrategy[bytes]:
    """Pieces of an archive in any order, with junk between them and flipped bits."""
    ends = st.lists(st.integers(0, len(seed)), min_size=2, max_size=2).map(sorted)
    pieces = ends.map(lambda found: seed[found[0] : found[1]])
    scraps = st.one_of(st.just(seed), st.just(seed), pieces, st.binary(max_size=30))
    joined = st.lists(scraps, min_size=1, max_size=4).map(b"".join)
    return st.builds(_flipped, joined, st.lists(st.integers(0, 2**20), max_size=4))


def _flipped(body: bytes, places: Sequence[int]) -> bytes:
    changed = bytearray(body)
    for place in places:
        if changed:
            changed[place // 8 % len(changed)] ^= 1 << place % 8
    return bytes(changed[:MAX_SIZE])


def _records(seed: bytes) -> st.SearchStrategy[bytes]:
    """Records under a valid seal, with values in headers and blocks replaced by others of their kind or removed."""
    words = sorted({word for line in seed.split(b"\r\n") for word in (line, *line.split(b": ")) if word})
    new = st.one_of(
        st.sampled_from(words), st.binary(max_size=8), texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
    swap = st.tuples(st.sampled_from(words), new)
    return st.builds(_swapped, st.just(seed), st.lists(swap, min_size=1, max_size=3))


def _swapped(body: bytes, swaps: Sequence[tuple[bytes, bytes]]) -> bytes:
    for old, new in swaps:
        body = body.replace(old, new, MAX_SIZE // (len(new) + 1))
    return body


_STRATEGIES: Final[dict[str, Callable[[bytes], st.SearchStrategy[bytes]]]] = {
    "hf_api": lambda _: _api(),
    "hf_html": lambda _: _html(),
    "hf_cards": lambda _: _html(),
    "hf_paper": lambda _: _paper(),
    "hf_text": lambda _: _text(),
    "arxiv_abs": lambda seed: _markup(seed, _LISTING),
    "arxiv_atom": lambda seed: _markup(seed, _XML),
    "arxiv_list": lambda seed: _markup(seed, _LISTING),
    "arxiv_oai": lambda seed: _markup(seed, _XML),
    "arxiv_rss": lambda seed: _markup(seed, _XML),
    "decode": lambda _: _body(),
    "archive": _archive,
    "sealed": _records,
}
