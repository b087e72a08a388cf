"""Where the output of a command goes: terminals, files, closed streams; and whether it is coloured."""

from __future__ import annotations

import io
import os
import sys
from typing import Final, Literal, TextIO

import click

from dailypapers.ingest.log_lines import visible

ColorChoice = Literal["auto", "always", "never"]
COLOR_CHOICES: Final[tuple[ColorChoice, ...]] = ("auto", "always", "never")


def print_line(text: str, *, err: bool = False) -> None:
    """Print one line for people, with its control characters made visible."""
    click.echo(visible(text), err=err)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal; it is None if the shell closed it (`2>&-`)."""
    return stream is not None and stream.isatty()


def use_color(choice: ColorChoice, stream: TextIO | None, *, no_color: bool, is_dumb: bool) -> bool:
    """Whether to colour what goes to a stream: as --color says; `auto` means on a terminal that can show it.

    `no_color` (the variable NO_COLOR, https://no-color.org) and a dumb terminal turn `auto` off.
    """
    if choice != "auto":
        return choice == "always"
    return is_terminal(stream) and not no_color and not is_dumb


def escape_unprintable() -> None:
    """Let stdout escape the characters that its encoding does not have (`PYTHONIOENCODING=latin-1`, old locales)."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def drop_unwritable() -> None:
    """Give up output that a full disk refuses: at its end, Python would try to write it again and exit with 120."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            continue
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
