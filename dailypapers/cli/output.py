"""Where the output of a command goes: terminals, files, closed streams; and whether it is coloured."""

from __future__ import annotations

import io
import os
import sys
from typing import Final, Literal, TextIO

import click

from dailypapers.ingest.errors import IngestError, UsageError
from dailypapers.ingest.log_lines import visible
from dailypapers.snapshots.store.layout import Store

_CONTENTS: Final = ("pages", "snapshots", "attempts", "runs")
"""The folders of which a store has at least one once anything was fetched, imported or tried."""


def format_count(count: int, noun: str) -> str:
    """A count with its noun: `1 day`, `2 days`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def require_store(store: Store) -> None:
    """Raises IngestError, which is exit 3, if the folder is missing or was never filled: --store may be mistyped."""
    if not store.root.is_dir():
        raise IngestError(f"there is no store at {store.root}; start with: dailypapers run, or check --store")
    if not any((store.root / name).is_dir() for name in _CONTENTS):
        raise no_days(store)


def no_days(store: Store) -> IngestError:
    """The error for a store that holds no day."""
    return IngestError(f"no days in {store.root}; start with: dailypapers run, or check --store")


def refuse_as_of(store: Store) -> None:
    """Raises UsageError for a store made by `build --as-of`: it holds no pages, and is only read."""
    if not store.as_of.exists():
        return
    from dailypapers.snapshots.store.marks import read_as_of

    raise UsageError(
        f"the store {store.root} shows how another one was at {read_as_of(store)}, and is only read; name that one with"
        " --store, or make this one again from it with: dailypapers build --as-of TIME --out DIR"
    )


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
