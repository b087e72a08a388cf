"""The blocks of a copied Daily Papers page, assembled into entries.

Only a meta block shows for certain where an entry ends: the two blocks before it are its title and abstract. The
blocks between are pairs of title and abstract without a meta block; if their number is odd, one is left over, and
becomes an entry with a problem.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from math import log
from operator import itemgetter
from typing import Final, TypeAlias

from dailypapers.parsers.text import PrintedDate, parse_date, squeeze

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


_Run: TypeAlias = list[tuple[str, PrintedDate | None]]

_ALONE: Final = "a block left over: a title without an abstract, or an abstract without a title"
_BULLETED: Final = re.compile(r"[-*+•◦‣▪●·–—].{0,20}")
_BETWEEN: Final = re.compile(r"(?<=[A-Za-z.])(?=\d)")
_FIRST: Final = tuple({phrase[0] for phrase in HEAD})
_LONG_TITLE: Final = 250
# More blocks than a cut or two make of one phrase.
_PIECES: Final = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """Title and abstract, list date, the meta block's lines above and below the middle dot, and what is wrong."""

    blocks: list[str]
    listed: PrintedDate | None
    meta: str | None = None
    date: str | None = None
    problem: str | None = None


def entries(text: str) -> tuple[list[Entry], list[PrintedDate | None]]:
    """The entries of a text, leftovers included, and its list dates in order, after None for what is above them.

    There are no entries if the text has neither a meta block nor the page's head.
    """
    reader = _Reader()
    reader.read(parts(text))
    return (reader.entries if reader.is_listing else []), reader.lists


class _Reader:
    """The entries so far; blocks wait in `run` until a meta block, or the end, shows what they are."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.lists: list[PrintedDate | None] = [None]
        self.is_listing = False
        self.run: _Run = []
        self.meta: Part | None = None

    def read(self, blocks: Sequence[Part]) -> None:
        at, headed = 0, True
        while at < len(blocks):
            if pieces := _head(blocks, at):
                self.is_listing = True
                headed = True
            elif headed and (torn := _torn_date(blocks[at : at + _PIECES])):
                pieces, headed = torn[0], False
                self.list_date(torn[1])
            else:
                pieces, headed = 1, False
                self.take(blocks[at])
            at += pieces
        self.close()
        self.pairs(self.run)

    def take(self, part: Part) -> None:
        """Add the next block that is not the page's head."""
        printed, comments = parse_date_line(part.text)
        if part.is_meta:
            self.take_meta(part)
        elif printed and self.meta and not self.meta.date:
            self.meta = replace(self.meta, date=part.text)
        elif printed and comments is None:
            self.list_date(printed)
        elif whole := self.rest_of_date(part.text):
            self.meta = whole
        else:
            self.close()
            self.run.append((part.text, self.lists[-1]))

    def take_meta(self, part: Part) -> None:
        """Add a meta block, or the next piece of one that blank lines have torn."""
        if self.meta and not self.meta.date and part.label is None:
            self.meta = replace(self.meta, date=part.date)
        else:
            self.close()
            self.meta = part

    def rest_of_date(self, text: str) -> Part | None:
        """The meta block with the rest of its torn date (`Ju`, `n 15, 2022`); digits alone may be a title."""
        if not self.meta or not self.meta.date or text.isdecimal() or len(text) > MAX_DATE_LENGTH:
            return None
        whole = f"{self.meta.date}{text}"
        return replace(self.meta, date=whole) if parse_date_line(whole)[0] else None

    def list_date(self, printed: PrintedDate) -> None:
        """Begin the list of that date."""
        self.close()
        self.lists.append(printed)

    def close(self) -> None:
        """End the entry whose meta block was read."""
        if not self.meta:
            return
        run, meta, self.meta = self.run, self.meta, None
        if meta.label is None and meta.date is None:
            run.append((DOT, self.lists[-1]))
            return
        self.run = []
        label = _rejoined(run, meta.label)
        self.is_listing |= bool(AUTHORS.fullmatch(label or "") or parse_date_line(meta.date or "")[0])
        self.pairs(run[:-2])
        own = [text for text, _ in run[-2:]]
        self.entries.append(Entry(own, self.lists[-1], label, meta.date, _problem(own, label, len(run))))

    def pairs(self, run: _Run) -> None:
        """Add entries without a meta block; if the number of blocks is odd, each list is counted on its own."""
        if len(run) % 2 == 0:
            self.even(run)
        else:
            for _, group in groupby(run, key=itemgetter(1)):
                self.of_one_list([*group])

    def of_one_list(self, run: _Run) -> None:
        """Add entries without a meta block; of an odd number of blocks the one that fits worst is left over."""
        out = _leftover([len(text) for text, _ in run]) if len(run) % 2 else len(run)
        self.even(run[:out])
        for text, listed in run[out : out + 1]:
            self.entries.append(Entry([text], listed, problem=_ALONE))
        self.even(run[out + 1 :])

    def even(self, run: _Run) -> None:
        """Add entries of alternating titles and abstracts."""
        for (title, listed), (abstract, _) in zip(run[::2], run[1::2], strict=True):
            self.entries.append(Entry([title, abstract], listed))


def _head(blocks: Sequence[Part], at: int) -> int:
    """How many blocks are one phrase of the page's head: 1, or more if it is torn; else 0."""
    glued = ""
    for place in range(at, min(at + _PIECES, len(blocks))):
        glued += bare(blocks[place].text) or "-"
        if glued in HEAD:
            return place - at + 1
        if not glued.startswith(_FIRST) or not any(phrase.startswith(glued) for phrase in HEAD):
            break
    return 0


def _torn_date(blocks: Sequence[Part]) -> tuple[int, PrintedDate] | None:
    """How many blocks the list date below the page's head is torn into, as many as make a date, and the date."""
    glued, best = "", None
    for count, part in enumerate(blocks, 1):
        if not part.text or len(glued) + len(part.text) > MAX_DATE_LENGTH:
            break
        glued += part.text
        if printed := parse_date(_BETWEEN.sub(" ", glued)):
            best = count, printed
    return best


def _rejoined(run: _Run, label: str | None) -> str | None:
    """A meta block's first line, with the piece of it that a cut left in the last block, which is removed."""
    last = run[-1][0] if run else ""
    if label is None and len(run) % 2 and len(run) > 1 and " " in last and ORGANIZATION.fullmatch(last):
        return run.pop()[0]
    candidates = (f"{last}{label}", f"{last} {label}") if label and _BULLETED.fullmatch(last) else ()
    if whole := next(filter(AUTHORS.fullmatch, candidates), None):
        run.pop()
        return whole
    return label


def _problem(own: Sequence[str], label: str | None, blocks: int) -> str | None:
    if blocks < 2:
        return f"a meta block ends an entry, but {('no block stands', 'one block stands alone')[blocks]} before it"
    if blocks % 2 == 0:
        return None
    # One block too many: an entry is torn, and it may be this one.
    if label and " " not in label:
        return f"torn: {label!a} is neither '6 authors' nor an organisation's handle and name"
    if len(own[0]) > max(_LONG_TITLE, 5 * len(own[1])):
        return "torn: what stands where the title should be is an abstract's length"
    return None


def _leftover(sizes: Sequence[int]) -> int:
    """The one of an odd number of blocks without which titles are shortest compared with their abstracts."""
    weights = [log(size) for size in sizes]
    best, gain, out = 0.0, 0.0, 0
    for at in range(0, len(sizes) - 2, 2):
        # The block between is no longer an abstract's title but a title's abstract.
        gain += 2 * weights[at + 1] - weights[at] - weights[at + 2]
        if gain > best:
            best, out = gain, at + 2
    return out
