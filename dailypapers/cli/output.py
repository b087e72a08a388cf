"""The log: messages for people on a terminal; elsewhere, and where that is asked for, one JSON object a line."""

from __future__ import annotations

import os
import sys
from typing import Final, Literal, TextIO

LogFormat = Literal["human", "json"]
FORMATS: Final[tuple[LogFormat, ...]] = ("human", "json")
FORMAT_VARIABLE: Final = "DAILYPAPERS_LOG_FORMAT"


def said_format() -> LogFormat | None:
    """The format that the environment asks for; what is none the command line refuses."""
    return next((one for one in FORMATS if one == os.environ.get(FORMAT_VARIABLE)), None)


def is_json(asked: LogFormat | None) -> bool:
    """Whether messages are JSON: what was asked for, else unless a person reads them on a terminal."""
    return asked == "json" or (asked is None and not is_terminal(sys.stderr))


def has_days_twice(asked: LogFormat | None) -> bool:
    """Whether lines for people on stdout would only repeat the log.

    So it is where both go to the same place (cron's mail, the journal, `> log 2>&1`), and where JSON was asked for.
    """
    if not is_json(asked):
        return False
    return asked is not None or _is_one_place()


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads the stream; there is none where the shell closed it (`2>&-`)."""
    return stream is not None and stream.isatty()


def _is_one_place() -> bool:
    if sys.stdout is None or sys.stderr is None:
        return False
    try:
        return os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno())
    except (OSError, ValueError):
        # No files at all: a program that calls us gathers both by itself.
        return False
