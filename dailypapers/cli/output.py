"""The output of a command: JSON, and whether it goes to a terminal, a file or a closed stream."""

from __future__ import annotations

import os
import sys
from typing import Final, TextIO

import click
import orjson

JSON_OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal; it is None where the shell closed it (`2>&-`)."""
    return stream is not None and stream.isatty()


def share_one_file() -> bool:
    """Whether stdout and stderr are the same file or pipe: cron's mail, the journal, `> log 2>&1`."""
    if sys.stdout is None or sys.stderr is None:
        return False
    try:
        return os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno())
    except (OSError, ValueError):
        # Not files: a program that calls us captures both streams separately.
        return False


def print_json(value: object) -> None:
    """Print a value as indented JSON; instants are in UTC and whole seconds."""
    click.echo(orjson.dumps(value, option=JSON_OPTIONS | orjson.OPT_INDENT_2))
