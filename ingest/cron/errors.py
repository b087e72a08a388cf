"""What is wrong with a schedule or a job, and what would be right: one sentence each."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class Mistake(ValueError):  # noqa: N818 - named for what it is
    """Something in `cron.yaml` that cannot be, and what to write instead."""

    def __init__(self, wrong: str, right: str | None = None) -> None:
        super().__init__(f"{wrong}; write {right}" if right else wrong)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The one of the known words that was probably meant."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)
