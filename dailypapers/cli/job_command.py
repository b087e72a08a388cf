"""The command line of a job, held against the commands there are, without running any."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import click

from ingest.cron.errors import Mistake, closest
from ingest.errors import UsageError
from ingest.sources.registry import source_named

from .main import COMMANDS, cli


def words_of(text: str) -> tuple[str, ...]:
    """The words of a command line that the CLI takes. Raises Mistake where it is none."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise Mistake(f"{text!r}: {str(error).lower()}", "each quote twice, one at each end") from error
    if words[:1] == ["dailypapers"]:
        raise Mistake(
            f"{text!r}: the word dailypapers is understood",
            " ".join(text.split()[1:]) or "run",
        )
    _check(words)
    return tuple(words)


def _check(words: list[str]) -> None:
    try:
        group = click.Context(cli, info_name="dailypapers", **cli.context_settings)
        _, rest = _parsed(cli, words, group)
        command = _command(group, rest)
        values, _ = _parsed(command, rest[1:], click.Context(command, info_name=rest[0], parent=group))
        for name in _sources(values):
            source_named(name)
    except click.UsageError as error:
        raise Mistake(
            f"{error.format_message().rstrip('.')}; `dailypapers {' '.join(words[:1])} --help` shows what is taken"
        ) from error
    except UsageError as error:
        raise Mistake(str(error)) from error


def _command(group: click.Context, words: list[str]) -> click.Command:
    if not words:
        raise Mistake("no command", f"one of {', '.join(COMMANDS)}")
    if words[0] == "cron":
        raise Mistake("a job cannot be `cron` itself", "the command to run, such as: run: run")
    command = cli.get_command(group, words[0])
    if command is None:
        meant = closest(words[0], COMMANDS)
        raise Mistake(f"no command {words[0]!r}", meant or f"one of {', '.join(COMMANDS)}")
    return command


def _parsed(command: click.Command, words: list[str], context: click.Context) -> tuple[dict[str, object], list[str]]:
    """What click makes of the words of one command; no callback runs, and no path has to be there yet."""
    found, rest, _ = command.make_parser(context).parse_args(list(words))
    if rest and not isinstance(command, click.Group):
        raise click.UsageError(f"Got unexpected argument ({rest[0]})", context)
    values: dict[str, object] = {}
    for parameter in command.get_params(context):
        value, _ = parameter.consume_value(context, found)
        if parameter.value_is_missing(value):
            if parameter.required:
                raise click.MissingParameter(ctx=context, param=parameter)
        elif not isinstance(parameter.type, click.Path):
            values[parameter.name or ""] = parameter.type_cast_value(context, value)
    return values, rest


def _sources(values: dict[str, object]) -> Iterable[str]:
    for name in ("source", "sources"):
        value = values.get(name)
        yield from (value if isinstance(value, tuple) else [value] if isinstance(value, str) else [])
