"""A sample of the mutants of a part: a share measured in minutes, with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from pathlib import Path
from random import Random
from typing import Final

_Z: Final = 1.959964
"""Quantile of the normal distribution for 95 %."""


def mutant_names(files: Iterable[Path], root: Path) -> list[str]:
    """The names that mutmut gives to all mutants of these files, grouped by function, in the order of the code."""
    from mutmut.mutation.file_mutation import mutate_file_contents  # noqa: PLC0415 - only `make mutants` installs it
    from mutmut.utils.format_utils import get_mutant_name  # noqa: PLC0415

    return [
        get_mutant_name(path, name)
        for path in files
        for name in mutate_file_contents(str(path), (root / path).read_text("utf-8")).mutant_names
    ]


def drawn(names: Sequence[str], size: int, seed: int) -> list[str]:
    """A systematic sample: one of every `len(names) / size` names, from a random start.

    Every name has the same chance, and as the names of a function follow each other, each function has its share of
    the sample, rounded up or down. All names where there are no more than `size`.
    """
    if size >= len(names):
        return list(names)
    start = Random(seed).random()
    return [names[int((start + number) * len(names) / size)] for number in range(size)]


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """The 95 % interval of a share of which `hits` of `tries` are known.

    https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
    """
    share, square = hits / tries, _Z * _Z / tries
    middle = (share + square / 2) / (1 + square)
    half = _Z * sqrt(share * (1 - share) / tries + square / (4 * tries)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)
