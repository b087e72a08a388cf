"""The second part of docs/commands.md is the `--help` of every command; an option of a group is explained once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from dailypapers.cli.main import cli

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
MARK = "<!-- From here on: what --help prints; pytest --update-snapshots tests/test_commands_page.py writes it. -->\n"
WIDTH = 100


def helps(command: click.Command, name: str, parent: click.Context | None = None, group: str = "") -> Iterator[str]:
    """A section for a command, and one for each of its subcommands; `group` is the help of the group."""
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    usage, _, text = command.get_help(context).partition("\n\n")
    heading = squeezed(usage).removeprefix("Usage: ").replace(" [OPTIONS]", "")
    yield f"\n## {heading}\n\n```text\n{shortened(text, group) if parent else text}\n```\n"
    if isinstance(command, click.Group):
        for subcommand in command.list_commands(context):
            child = command.get_command(context, subcommand)
            assert child is not None
            yield from helps(child, subcommand, context, text if parent else "")


def shortened(text: str, group: str) -> str:
    """A help text without the list of subcommands and without the options that have the very words of a section above.

    Of those of its group it names the ones that it takes; every command takes the global ones.
    """
    own = options(text)
    assert {*own} >= GLOBAL
    shared = [option.split()[0] for option in options(group) if option in own and option not in GLOBAL]
    above = {*options(group)} | GLOBAL
    kept = OPTION.sub(lambda found: "" if squeezed(found[0]) in above else found[0], text.partition("\n\nCommands:")[0])
    also = f"\n  Also {', '.join(shared)}." if shared else ""
    return (kept.rstrip() + also).removesuffix("\n\nOptions:")


def options(text: str) -> list[str]:
    """The options of a help text, each on one line."""
    return [squeezed(option) for option in OPTION.findall(text)]


OPTION = re.compile(r"^  -.*\n?(?: {5,}.*\n?)*", re.MULTILINE)
"""An option, whose explanation may go on in further lines."""


def squeezed(line: str) -> str:
    """A line whose columns are one blank apart: their widths differ from command to command."""
    return " ".join(line.split())


SETTINGS = {**cli.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
GLOBAL = {
    *options(click.Context(cli, info_name="dailypapers", **SETTINGS).get_help())[:-2],
    "-h, --help Show this message and exit.",
}
"""The options of every command: all of the first section but `--version`."""


def test_the_page_of_commands_has_the_help_of_each(update_snapshots: bool) -> None:
    written, _, _ = PAGE.read_text("utf-8").partition(MARK)
    page = written + MARK + "".join(helps(cli, "dailypapers"))
    if update_snapshots:
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, "pytest --update-snapshots tests/test_commands_page.py writes it anew"
    assert page.count("\n## dailypapers") > 15
