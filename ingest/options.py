"""The global options, which may stand before or after the command's name, and what they are set to."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from .clock import Clock, parse_instant

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@dataclass(slots=True)
class Settings:
    """What the global options are set to."""

    store: Path | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    now: str | None = None

    @property
    def root(self) -> Path:
        """The store's folder: `--store`, else DAILYPAPERS_STORE, else ./data."""
        return self.store or Path(os.environ.get("DAILYPAPERS_STORE") or "data")

    @property
    def clock(self) -> Clock:
        """The clock, or the instant of `--now`. Raises UsageError where that is no time."""
        return Clock(parse_instant(self.now) if self.now else None)

    def say(self, message: str) -> None:
        """A message for people, on stderr, unless they want none."""
        if not self.quiet:
            click.echo(message, err=True)


def _keep(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    settings = ctx.find_root().ensure_object(Settings)
    if value and parameter.name:
        setattr(settings, parameter.name, value)
        if parameter.name == "verbose":
            _log_all()


def _log_all() -> None:
    import logging  # noqa: PLC0415 - who asks for no log need not wait for it

    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    logging.getLogger("ingest").setLevel(logging.DEBUG)


def global_options(function: Decorated) -> Decorated:
    """Adds the global options to a command."""
    for decorate in (
        click.option(
            "--store",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The folder that holds everything; $DAILYPAPERS_STORE, else ./data.",
            expose_value=False,
            callback=_keep,
        ),
        _flag("--json", "Machine-readable output on stdout."),
        _flag("--quiet", "No messages besides the result."),
        _flag("--verbose", "Say what is being done."),
        click.option(
            "--now",
            metavar="TIME",
            help="Act as if it were this time, e.g. 2025-12-08T10:00:00Z.",
            expose_value=False,
            callback=_keep,
        ),
    ):
        function = decorate(function)
    return function


def _flag(name: str, explained: str) -> Callable[[Decorated], Decorated]:
    return click.option(name, is_flag=True, help=explained, expose_value=False, callback=_keep)


settings_of = click.make_pass_decorator(Settings, ensure=True)
