"""Where the output of a command goes: terminals, files, closed streams."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click

from ingest.log_lines import visible


def print_line(text: str, *, err: bool = False) -> None:
    """Print one line for people, with its control characters made visible."""
    click.echo(visible(text), err=err)


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
