"""Bugs of this program: unexpected exceptions, as they are shown to the user and in the report of a run."""

from __future__ import annotations

from typing import NamedTuple

MAX_MESSAGE = 300
"""Characters of the exception's own message; it may quote a whole page."""


class Crash(NamedTuple):
    """An unexpected exception."""

    error: str
    """The exception in one line."""
    traceback: str

    def describe(self) -> str:
        """Why something failed."""
        return f"a bug in dailypapers ({self.error})"

    @classmethod
    def of(cls, error: Exception) -> Crash:
        """The crash that an exception stands for."""
        import traceback  # noqa: PLC0415 - slow to load, and hardly ever needed

        message = " ".join(str(error)[: 2 * MAX_MESSAGE].split())[:MAX_MESSAGE]
        name = type(error).__name__
        return cls(f"{name}: {message}" if message else name, "".join(traceback.format_exception(error)))
