"""Papers compressed in memory: those of a listing of a hundred thousand would take 700 MB as they are."""

from __future__ import annotations

import mmap
import pickle
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, cast, overload

from dailypapers.parsers.model import Paper

_BLOCK: Final = 2**22
_LEVEL: Final = 1
"""Of zlib: higher ones take three times as long for a tenth less."""


def pack(values: Sequence[object]) -> bytes:
    """Values of plain types, or papers, compressed."""
    return zlib.compress(pickle.dumps(values, pickle.HIGHEST_PROTOCOL), _LEVEL)


def unpack(packed: bytes) -> Sequence[object]:
    """The values that `pack` compressed, in this process."""
    values: Sequence[object] = pickle.loads(zlib.decompress(packed))  # noqa: S301 - of this process alone
    return values


class Place(NamedTuple):
    """Where a `Stack` has something."""

    block: int
    start: int
    size: int


class Stack:
    """Pieces of bytes side by side in blocks of their own: on the heap, many small ones would leave gaps."""

    def __init__(self) -> None:
        self._blocks: list[mmap.mmap] = []
        self._used = 0

    def put(self, content: bytes, place: Place | None = None) -> Place:
        """Store a piece, where there is room in the `place` of one that it replaces; returns its place."""
        if place is None or place.size < len(content):
            if not self._blocks or self._used + len(content) > len(self._blocks[-1]):
                self._blocks.append(mmap.mmap(-1, max(_BLOCK, len(content))))
                self._used = 0
            place = Place(len(self._blocks) - 1, self._used, len(content))
            self._used += len(content)
        self._blocks[place.block][place.start : place.start + len(content)] = content
        return place._replace(size=len(content))

    def get(self, place: Place) -> bytes:
        """The piece at a place."""
        return self._blocks[place.block][place.start : place.start + place.size]


class PackedPapers(Sequence[Paper]):
    """Papers that are unpacked page by page, each time that they are iterated over."""

    def __init__(self, papers: Sequence[Paper] = ()) -> None:
        """The papers are one page."""
        self.keys = [paper.key for paper in papers]
        """Their keys, in order."""
        self._pages = [pack(list(papers))] if papers else []

    def extend(self, others: Iterable[Paper]) -> None:
        """Add papers after these."""
        added = others if isinstance(others, PackedPapers) else PackedPapers(list(others))
        self.keys += added.keys
        self._pages += added._pages

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Paper]:
        for page in self._pages:
            yield from cast("Sequence[Paper]", unpack(page))

    @overload
    def __getitem__(self, index: int) -> Paper: ...
    @overload
    def __getitem__(self, index: slice) -> list[Paper]: ...
    def __getitem__(self, index: int | slice) -> Paper | list[Paper]:
        """Papers by their places; slow."""
        return list(self)[index]


def keys_of(papers: Sequence[Paper]) -> list[str]:
    """The keys of papers, in order."""
    return papers.keys if isinstance(papers, PackedPapers) else [paper.key for paper in papers]
