"""Exceptions, each named for the decision that it causes, and exit statuses."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

DONE: Final = 0
ATTENTION: Final = 1
"""Done, but something needs attention."""
USAGE: Final = 2
"""Wrong usage."""
FAILED: Final = 3
"""It could not be done."""
CRASHED: Final = 70
"""A bug of this program stopped it, or its work on a day; the number is EX_SOFTWARE of sysexits.h."""


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


class IngestError(Exception):
    """Base of the errors that a command prints: what went wrong, where, and what to do next."""


class UsageError(IngestError):
    """The command line is wrong or asks for something impossible: exit 2."""


class FileErrors(UsageError):  # noqa: N818 - named for what it is
    """A configuration file with everything that is wrong in it."""

    def __init__(self, lines: Iterable[str]) -> None:
        """`lines` are the messages, each with the file and the line of a mistake."""
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


class DamagedArchive(IngestError):  # noqa: N818 - named for what it is
    """An archive file is truncated, changed, or not written by this program; its day is left as it was."""


def damaged_archive(path: Path, error: Exception, remedy: str) -> DamagedArchive:
    """The error for a file with what is wrong in it, which may name the file itself."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else f"{error}".removeprefix(f"{path}: ")
    return DamagedArchive(f"{path}: damaged archive ({reason}); {remedy}")


class NothingWhole(DamagedArchive):
    """All archive files of a day are damaged or missing."""


class BodyError(IngestError):
    """A body has an unknown or broken content encoding, or is larger than allowed."""


class RefusedFile(IngestError):  # noqa: N818 - named for what it is
    """One file cannot be imported; the others can."""


class CaptureError(IngestError):
    """No fixture can be made from the page selected."""


class WorkerDied(IngestError):  # noqa: N818 - named for what it is
    """One of the processes that share the work of a command was killed."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the one that was probably meant, or nothing."""
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it

    matches = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {matches[0]}?" if matches else ""
