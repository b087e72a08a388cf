"""A copied Daily Papers page cut into blocks of text and meta blocks (`• 6 authors`, `·`, `Oct 25, 2023 3`)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from dailypapers.parsers.dates import PrintedDate, parse_date
from dailypapers.parsers.text import squeeze

AUTHORS: Final = re.compile(r"(?:[-*+•◦‣▪●·–—] ?)?(\d{1,3}(?:,\d{3})+|\d{1,9}) authors?", re.ASCII)
"""The first line of most meta blocks, with its number."""
ORGANIZATION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}( .{1,100})?")
"""The first line of the others: a handle, which has no blanks, and the display name."""
HEAD: Final = (
    "newgettrendingpapersinyouremailinbox!", "gettrendingpapersinyouremailinbox!", "subscribe", "dailypapers",
    "byakandtheresearchcommunity",
)  # fmt: skip
"""The lines above the list, as `bare()` returns them."""
DOT: Final = "·"
"""The line inside a meta block."""
MAX_DATE_LENGTH: Final = 40
"""Longer than any line of a date and its comments."""
MAX_PARTS: Final = 50_000
"""Three for each of ten thousand entries, and as many again for torn ones."""

_HEAD_LINES: Final = frozenset({"new", *HEAD})
_NUMBER: Final = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,9}", re.ASCII)
# `Nov 8new`: the next text's first word, after files were joined without a line end between them.
_JOINED: Final = re.compile(r"(?<=\d)\W?new$")
_DOTS: Final = frozenset({DOT, *"‧∙⋅・"})
# Not white space to Unicode: of zero width, marks of direction, byte order marks between joined files.
_INVISIBLE: Final = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\xad \t\xa0"


@dataclass(frozen=True, slots=True)
class Part:
    """A block of text on one line, or a meta block, which may be torn: its lines above and below the middle dot."""

    text: str = ""
    is_meta: bool = False
    label: str | None = None
    date: str | None = None


def parts(text: str) -> list[Part]:
    """The blocks of a text, in order; raises ValueError for more than MAX_PARTS."""
    blocks = [*islice((part for block in _blocks(text) for part in _parts(block)), MAX_PARTS + 1)]
    if len(blocks) > MAX_PARTS:
        raise ValueError(f"more than {MAX_PARTS} blocks of text; no listing has so many")
    return blocks


def parse_date_line(line: str) -> tuple[PrintedDate | None, int | None]:
    """The date and the number of comments in a meta block's last line (`Oct 25, 2023 3`)."""
    if len(line) > MAX_DATE_LENGTH:
        return None, None
    line = _JOINED.sub("", line)
    if printed := parse_date(line):
        return printed, None
    front, _, last = line.rpartition(" ")
    printed = parse_date(front) if _NUMBER.fullmatch(last) else None
    return printed, number(last) if printed else None


def number(digits: str) -> int:
    """The number that `1,024` stands for."""
    return int(digits.replace(",", ""))


def bare(text: str) -> str:
    """A short text without blanks and case, or a dash if it is too long for the page's head."""
    return "".join(text.split()).casefold() if len(text) <= 2 * MAX_DATE_LENGTH else "-"


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for raw in text.splitlines():
        line = squeeze(raw.strip(_INVISIBLE))
        if line:
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _parts(block: list[str]) -> Iterator[Part]:
    """Cut a block that has a meta block in it, without blank lines around."""
    done = 0
    for place, line in enumerate(block):
        if line in _DOTS and (meta := _meta(block, done, place)):
            yield from _plain(block[done : place - (meta.label is not None)])
            yield meta
            done = place + 1 + (meta.date is not None)
    yield from _plain(block[done:])


def _meta(block: list[str], done: int, place: int) -> Part | None:
    """The meta block around a middle dot; None for a dot of a formula or a list."""
    before = block[place - 1] if place > done else ""
    after = block[place + 1] if place + 1 < len(block) else ""
    label = before if AUTHORS.fullmatch(before) or ORGANIZATION.fullmatch(before) else None
    date = after if after and len(after) <= MAX_DATE_LENGTH else None
    alone = len(block) == 1 + (label is not None) + (date is not None)
    certain = alone or AUTHORS.fullmatch(before) or parse_date_line(after)[0]
    return Part(is_meta=True, label=label, date=date) if certain else None


def _plain(lines: Sequence[str]) -> Iterator[Part]:
    if not lines:
        return
    if AUTHORS.fullmatch(lines[0]) and (len(lines) == 1 or (len(lines) == 2 and parse_date_line(lines[1])[0])):
        yield Part(is_meta=True, label=lines[0], date=lines[1] if len(lines) == 2 else None)
    elif len(lines) > 1 and all(bare(line) in _HEAD_LINES or parse_date_line(line)[0] for line in lines):
        yield from map(Part, lines)
    else:
        yield Part(" ".join(lines))
