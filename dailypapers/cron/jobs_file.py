"""The option that names the jobs' file, allowed before and after the subcommand, reading that file, and checking the
command lines in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dailypapers.cli.options import file_option_of
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.sources.registry import source_named

from .expression import ConfigError, closest

if TYPE_CHECKING:
    from dailypapers.outputs.yaml_file import Document

    from .jobs import CommandCheck, Jobs


def check_command(cli: click.Group, arguments: Sequence[str]) -> None:
    """Check the arguments of a job. Raises ConfigError where `cli` would refuse them."""
    try:
        group = click.Context(cli, info_name="dailypapers", **cli.context_settings)
        _, rest = _parse(cli, arguments, group)
        command = _command(cli, group, rest)
        values, _ = _parse(command, rest[1:], click.Context(command, info_name=rest[0], parent=group))
        for name in _sources(values):
            source_named(name)
    except click.UsageError as error:
        program = error.ctx.command_path if error.ctx else "dailypapers"
        raise ConfigError(f"{error.format_message().rstrip('.')}; see `{program} --help`") from error
    except UsageError as error:
        raise ConfigError(str(error)) from error


def _command(cli: click.Group, context: click.Context, arguments: Sequence[str]) -> click.Command:
    names = cli.list_commands(context)
    if not arguments:
        raise ConfigError("no command", f"one of {', '.join(names)}")
    if arguments[0] == "cron":
        raise ConfigError("a job cannot be `cron` itself", "the command to run, such as: run: run")
    command = cli.get_command(context, arguments[0])
    if command is None:
        raise ConfigError(
            f"unknown command {arguments[0]!r}", closest(arguments[0], names) or f"one of {', '.join(names)}"
        )
    return command


def _parse(
    command: click.Command, arguments: Sequence[str], context: click.Context
) -> tuple[dict[str, object], list[str]]:
    """The values of one command and the arguments after it; calls no callback, and no path needs to exist yet."""
    options, rest, _ = command.make_parser(context).parse_args(list(arguments))
    if rest and not isinstance(command, click.Group):
        raise click.UsageError(f"Got unexpected argument ({rest[0]})", context)
    values: dict[str, object] = {}
    for parameter in command.get_params(context):
        value, _ = parameter.consume_value(context, options)
        if parameter.value_is_missing(value):
            if parameter.required:
                raise click.MissingParameter(ctx=context, param=parameter)
        elif not isinstance(parameter.type, click.Path):
            values[parameter.name or ""] = parameter.type_cast_value(context, value)
    return values, rest


def _sources(values: dict[str, object]) -> Iterator[str]:
    for name in ("source", "sources"):
        value = values.get(name)
        yield from (value if isinstance(value, tuple) else [value] if isinstance(value, str) else [])


_KEY: Final = "dailypapers.cron.jobs_file"


file_option = file_option_of(_KEY, "File of the jobs.  [default: ./cron.yaml, else the one in the package]")
"""Adds --file to a command."""


def jobs_path() -> Path:
    """The file of `--file`, or its default."""
    from .jobs import jobs_file

    return jobs_file(click.get_current_context().meta.get(_KEY))


def job_check() -> CommandCheck:
    """Checks the command lines of jobs against the commands of this program."""

    program = click.get_current_context().find_root().command
    assert isinstance(program, click.Group)  # noqa: S101 - for mypy: this is a command of a command of it
    return partial(check_command, program)


def read_jobs_with_lines() -> tuple[Jobs, Document]:
    """The jobs with their line numbers. Raises UsageError: JobsFileError, or that the file cannot be read."""
    from .jobs import load_with_lines

    path = jobs_path()
    try:
        return load_with_lines(path, job_check())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; name the file of the jobs with --file") from error


def read_jobs() -> Jobs:
    """The jobs. Raises as `read_jobs_with_lines` does."""
    return read_jobs_with_lines()[0]
