"""Invalid values in `cron.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ConfigError(ValueError):
    """An invalid value in `cron.yaml`: one sentence with what is wrong, and what to write instead."""

    def __init__(self, problem: str, instead: str | None = None) -> None:
        super().__init__(f"{problem}; write {instead}" if instead else problem)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)
