"""Where the items of a JSON text begin and end, so that some can be left out and the others stay byte for byte."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from html import unescape
from json import JSONDecoder
from typing import Final

Spans = Sequence[tuple[int, int]]
"""Beginning and end of each item."""

_DECODER: Final = JSONDecoder(strict=False)
_BLANK: Final = re.compile(r"[ \t\r\n\ufeff]*")
_ENTITY: Final = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")


def lists(text: str) -> list[Spans]:
    """The lists of a JSON text, but for those inside of lists. Raises ValueError or RecursionError for what is none."""
    found: list[Spans] = []
    _value(text, _after_blank(text, 0), found)
    return found


def without(text: str, spans: Spans, kept: Collection[int]) -> str:
    """The text with only those items of a list, by their 0-based place; a comma goes with the item before it."""
    order = sorted(kept)
    if not order:
        return text[: spans[0][0]] + text[spans[-1][1] :]
    parts = [text[spans[place][0] : spans[place][1]] for place in order]
    between = [text[spans[place][1] : spans[place + 1][0]] for place in order[:-1]]
    joined = parts[0] + "".join(comma + part for comma, part in zip(between, parts[1:], strict=True))
    return text[: spans[0][0]] + joined + text[spans[-1][1] :]


def escaped_lists(raw: str) -> list[Spans]:
    """The lists of a JSON text that stands escaped in an attribute of HTML, as places in the escaped text."""
    text, places = _unescaped(raw)
    return [[(places(begin), places(end)) for begin, end in spans] for spans in lists(text)]


class _Places:
    """From places in the unescaped text back to those in the escaped one."""

    def __init__(self) -> None:
        self.plain = [0]
        self.raw = [0]

    def add(self, plain: int, raw: int) -> None:
        self.plain.append(plain)
        self.raw.append(raw)

    def __call__(self, place: int) -> int:
        found = bisect_right(self.plain, place) - 1
        return self.raw[found] + place - self.plain[found]


def _unescaped(raw: str) -> tuple[str, _Places]:
    places, parts, plain, done = _Places(), [], 0, 0
    for entity in _ENTITY.finditer(raw):
        before, meant = raw[done : entity.start()], unescape(entity[0])
        parts += [before, meant]
        plain, done = plain + len(before) + len(meant), entity.end()
        places.add(plain, done)
    return "".join([*parts, raw[done:]]), places


def _after_blank(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _value(text: str, place: int, found: list[Spans]) -> int:
    """Walk over the value at a place; gives its end."""
    match text[place : place + 1]:
        case "[":
            spans = list(_items(text, place))
            found.append(spans)
            return _closed(text, spans[-1][1] if spans else place + 1)
        case "{":
            return _object(text, place, found)
        case _:
            return _DECODER.raw_decode(text, place)[1]


def _items(text: str, place: int) -> Iterator[tuple[int, int]]:
    place = _after_blank(text, place + 1)
    while text[place : place + 1] != "]":
        _, end = _DECODER.raw_decode(text, place)
        yield place, end
        place = _next(text, end)


def _object(text: str, place: int, found: list[Spans]) -> int:
    place = _after_blank(text, place + 1)
    while text[place : place + 1] != "}":
        _, end = _DECODER.raw_decode(text, place)
        place = _next(text, _value(text, _after_blank(text, _after_blank(text, end) + 1), found))
    return place + 1


def _next(text: str, place: int) -> int:
    """The place after a comma, or that of the closing bracket."""
    place = _after_blank(text, place)
    return _after_blank(text, place + 1) if text[place : place + 1] == "," else place


def _closed(text: str, place: int) -> int:
    return _after_blank(text, place) + 1
