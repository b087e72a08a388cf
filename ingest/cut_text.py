"""Where the items of HTML, XML and plain text begin and end: by the ids and titles that they show."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from parsers.text import squeeze

TAGS: Final = ("article", "entry", "item", "li", "tr", "section")
"""Elements that items of listings are in."""

_BLOCK: Final = re.compile(r"(?:[^\S\n]*\S[^\n]*(?:\n|\Z))+")


def elements(text: str, tag: str) -> Iterator[tuple[int, int]]:
    """The outermost elements of a tag, each with the blank before it; what is never closed is none."""
    begin, depth = 0, 0
    for found in re.finditer(rf"(?i)\s*<(/?){tag}(?=[\s/>])[^>]*>", text):
        if not found[1]:
            begin, depth = (found.start(), 1) if depth == 0 else (begin, depth + 1)
        elif depth:
            depth -= 1
            if depth == 0:
                yield begin, found.end()


def dropped_elements(text: str, tag: str, dropped: Collection[str], kept: Collection[str]) -> list[tuple[int, int]]:
    """The elements that show an id of the dropped ones and none of the kept ones."""
    shown = _any_of(dropped), _any_of(kept)
    return [(begin, end) for begin, end in elements(text, tag) if _shows(text[begin:end], *shown)]


def entries(text: str, titles: Sequence[str]) -> list[tuple[int, int]] | None:
    """The entries of a plain text, each from the block that is its title to the next; None where one is not found."""
    blocks = [(found.start(), squeeze(found[0])) for found in _BLOCK.finditer(text)]
    starts: list[int] = []
    for title in titles:
        start = next((place for place, shown in blocks if shown == title), None)
        if start is None:
            return None
        starts.append(start)
        blocks = [(place, shown) for place, shown in blocks if place > start]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def left_out(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text without these parts, which stand in order."""
    parts, done = [], 0
    for begin, end in spans:
        parts.append(text[done:begin])
        done = end
    return "".join([*parts, text[done:]])


def _any_of(ids: Collection[str]) -> re.Pattern[str] | None:
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, ids))})(?![\w]|\.\d)") if ids else None


def _shows(text: str, dropped: re.Pattern[str] | None, kept: re.Pattern[str] | None) -> bool:
    return bool(dropped and dropped.search(text)) and not (kept and kept.search(text))
