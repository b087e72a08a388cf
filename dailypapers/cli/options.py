"""The global options, which may stand before or after the command's name, and what they are set to."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from dailypapers.cli.settings import Settings
from ingest.clock import parse_instant
from ingest.errors import UsageError

from .output import FORMAT_VARIABLE, FORMATS

if TYPE_CHECKING:
    pass

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _keep(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    settings = ctx.find_root().ensure_object(Settings)
    # Before the command's name an option may have been said; the environment is asked on both sides of it.
    said = ctx.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
    if parameter.name == "now" and isinstance(value, str):
        # A time that is none is refused before anything is done.
        parse_instant(value)
    if value and parameter.name and (said or not getattr(settings, parameter.name)):
        setattr(settings, parameter.name, value)
    if parameter.name == "verbose" and settings.verbose:
        from .log_handler import log_through

        log_through(settings)


def global_options(function: Decorated) -> Decorated:
    """Adds the global options to a command."""
    for decorate in (
        click.option(
            "--store",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The folder that holds everything; $DAILYPAPERS_STORE, else ./data.",
            expose_value=False,
            callback=_keep,
        ),
        _flag("--json", "Machine-readable output on stdout."),
        _flag("--quiet", "Print nothing where all is well."),
        _flag("--verbose", "Say what is being done."),
        click.option(
            "--log-format",
            type=click.Choice(FORMATS),
            envvar=FORMAT_VARIABLE,
            help="How messages are written; for people on a terminal, JSON lines elsewhere.",
            expose_value=False,
            callback=_keep,
        ),
        click.option(
            "--now",
            metavar="TIME",
            help="Act as if it were this time, e.g. 2025-12-08T10:00:00Z.",
            expose_value=False,
            callback=_keep,
        ),
    ):
        function = decorate(function)
    return function


def metrics_option(function: Decorated) -> Decorated:
    """Adds --metrics-file to a command."""
    return click.option(
        "--metrics-file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="DAILYPAPERS_METRICS_FILE",
        metavar="FILE",
        help="Write numbers for Prometheus' node exporter here at the end (its name ends in .prom).",
        expose_value=False,
        callback=_keep_metrics_file,
    )(function)


def _keep_metrics_file(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    if value is not None and find_spec("prometheus_client") is None:
        # Said before the work, which would be in vain for whoever watches.
        raise UsageError("--metrics-file needs prometheus-client: pip install 'dailypapers[metrics]'")
    if value is not None and value.suffix != ".prom":
        raise UsageError(f"--metrics-file {value}: the node exporter reads only files whose name ends in .prom")
    _keep(ctx, parameter, value)


def _flag(name: str, explained: str) -> Callable[[Decorated], Decorated]:
    return click.option(name, is_flag=True, help=explained, expose_value=False, callback=_keep)


settings_of = click.make_pass_decorator(Settings, ensure=True)
