"""The second part of docs/commands.md is the `--help` of every command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from dailypapers.cli.main import cli

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
MARK = "<!-- From here on: what --help prints; pytest --update-snapshots tests/test_commands_page.py writes it. -->\n"
WIDTH = 100


def helps(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[str]:
    """A section for a command, and one for each of its subcommands."""
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    yield f"\n## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for subcommand in command.list_commands(context):
            child = command.get_command(context, subcommand)
            assert child is not None
            yield from helps(child, subcommand, context)


def test_the_page_of_commands_has_the_help_of_each(update_snapshots: bool) -> None:
    written, _, _ = PAGE.read_text("utf-8").partition(MARK)
    page = written + MARK + "".join(helps(cli, "dailypapers"))
    if update_snapshots:
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, "pytest --update-snapshots tests/test_commands_page.py writes it anew"
    assert page.count("\n## dailypapers") > 15
