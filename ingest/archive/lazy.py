"""Items that are made when they are asked for: the records of an archive file that is too large for memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar, overload

from dailypapers.ingest.errors import BodyError, damaged_archive

from .content_encoding import inflate

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
