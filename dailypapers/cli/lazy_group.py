"""A group of commands whose modules are loaded when they are asked for, so that help is there at once."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import ClassVar

import click


class LazyGroup(click.Group):
    """Knows of its commands the module, an attribute `command` of which is the command, and what it does."""

    package: ClassVar[str]
    table: ClassVar[Mapping[str, tuple[str, str]]]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name."""
        if cmd_name not in self.table:
            return None
        command: click.Command = import_module(f"{self.package}.{self.table[cmd_name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The part of the help that lists the commands; loads none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, does) for name, (_, does) in self.table.items()])
