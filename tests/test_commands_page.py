"""The second part of docs/commands.md is the `--help` of every command; options that all have are explained once."""

from __future__ import annotations

import re
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
    text = shortened(command.get_help(context), is_first=parent is None)
    yield f"\n## {context.command_path}\n\n```text\n{text}\n```\n"
    if isinstance(command, click.Group):
        for subcommand in command.list_commands(context):
            child = command.get_command(context, subcommand)
            assert child is not None
            yield from helps(child, subcommand, context)


def shortened(text: str, *, is_first: bool) -> str:
    """A help text in which one line names the options that the page explains once, in its first section.

    Only options with the very words of the first section are left out, so a command without one of them shows it.
    """
    if is_first:
        return text
    every = [name for name in EXPLAINED_ONCE.values() if name != "--version"]
    names = [EXPLAINED_ONCE[squeezed(line)] for line in text.splitlines() if squeezed(line) in EXPLAINED_ONCE]
    said = "Global options." if names == every else f"Of the global options: {', '.join(names)}"
    lines = [f"  {said}" if is_help(line) else line for line in text.splitlines()]
    return "\n".join(line for line in lines if squeezed(line) not in EXPLAINED_ONCE)


def is_help(line: str) -> bool:
    """Whether a line explains --help, which is the last option of every command."""
    return squeezed(line).startswith("-h, --help ")


def squeezed(line: str) -> str:
    """A line whose columns are one blank apart: their widths differ from command to command."""
    return " ".join(line.split())


SETTINGS = {**cli.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
EXPLAINED_ONCE = {
    squeezed(line): name
    for line in click.Context(cli, info_name="dailypapers", **SETTINGS).get_help().splitlines()
    for name in re.findall(r"^  (?:-h, )?(--[a-z-]+)", line)
}


def test_the_page_of_commands_has_the_help_of_each(update_snapshots: bool) -> None:
    written, _, _ = PAGE.read_text("utf-8").partition(MARK)
    page = written + MARK + "".join(helps(cli, "dailypapers"))
    if update_snapshots:
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, "pytest --update-snapshots tests/test_commands_page.py writes it anew"
    assert page.count("\n## dailypapers") > 15
