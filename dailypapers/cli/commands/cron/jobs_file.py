"""The option that names the file of the jobs; it may stand before or after the subcommand, as the global ones may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from ingest.errors import UsageError

if TYPE_CHECKING:
    from ingest.cron.config.jobs import Jobs

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_KEY: Final = "dailypapers.cli.commands.cron.jobs_file"


def _keep(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> None:  # noqa: ARG001 - click's
    if value is not None:
        ctx.meta[_KEY] = value


def file_option(function: Decorated) -> Decorated:
    """Adds --file to a command."""
    return click.option(
        "--file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The jobs; unless said ./cron.yaml, else the shipped ones.",
        expose_value=False,
        callback=_keep,
    )(function)


def jobs_path() -> Path:
    """The file that the command line means."""
    from ingest.cron.config.location import jobs_file

    return jobs_file(click.get_current_context().meta.get(_KEY))


def read_jobs() -> Jobs:
    """The jobs of that file. Raises UsageError: BrokenJobs with all that is wrong in it, or that it cannot be read."""
    from ingest.cron.config.jobs import load

    path = jobs_path()
    try:
        return load(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; name the file of the jobs with --file") from error
