"""The option that names the jobs' file, allowed before and after the subcommand, and reading that file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dailypapers.cli.file_option import file_option_of
from dailypapers.ingest.errors import UsageError

if TYPE_CHECKING:
    from dailypapers.outputs.yaml_file import Document

    from .jobs import CommandCheck, Jobs

_KEY: Final = "dailypapers.cron.jobs_file"


file_option = file_option_of(_KEY, "File of the jobs.  [default: ./cron.yaml, else the one in the package]")
"""Adds --file to a command."""


def jobs_path() -> Path:
    """The file of `--file`, or its default."""
    from .location import jobs_file

    return jobs_file(click.get_current_context().meta.get(_KEY))


def job_check() -> CommandCheck:
    """Checks the command lines of jobs against the commands of this program."""
    from .job_command import check_command

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
