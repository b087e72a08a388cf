"""The option --file of a group of commands, which is given before or after the command's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def file_option_of(key: str, help_text: str) -> Callable[[Decorated], Decorated]:
    """A decorator that adds --file to a command; its value is in `click.Context.meta` under that key."""

    def remember(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> None:  # noqa: ARG001 - click's
        if value is not None:
            ctx.meta[key] = value

    path = click.Path(path_type=Path)
    return click.option("--file", type=path, metavar="FILE", help=help_text, expose_value=False, callback=remember)
