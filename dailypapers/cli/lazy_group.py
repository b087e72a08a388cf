"""A group of commands whose modules are imported only when a command runs, so that help is shown at once."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import ClassVar

import click

from dailypapers.ingest.errors import did_you_mean


class LazyGroup(click.Group):
    """Knows where each command is (`module:name`, below the package `dailypapers`) and its summary."""

    sections: ClassVar[Mapping[str, Mapping[str, tuple[str, str]]]]
    """The titles of the help's sections; in each, the place and the summary of a command by its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names in the order of the sections."""
        return [name for section in self.sections.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, with `--store` first among its options."""
        place = next((section[cmd_name][0] for section in self.sections.values() if cmd_name in section), None)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(f"dailypapers.{module}"), name)
        command.params.sort(key=lambda parameter: parameter.name != "store")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; for an unknown command the error also says which one was probably meant."""
        name = args[0]  # click parses options again that stand behind `--`, and takes them from the list
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            meant = did_you_mean(name, self.list_commands(ctx))
            raise click.UsageError(error.message.rstrip(".") + (meant or "."), ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections; imports no command."""
        width = max(map(len, self.list_commands(ctx)))
        for title, section in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<{width}}", summary) for name, (_, summary) in section.items()])
