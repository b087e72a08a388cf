"""Options and arguments that commands share; the global ones may stand before or after the command's name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from math import isnan
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from dailypapers.ingest.clock import parse_instant
from dailypapers.ingest.errors import UsageError

from .invocation import Invocation
from .output import COLOR_CHOICES
from .settings import LOG_FORMAT_VARIABLE, LOG_FORMATS, METRICS_FILE_VARIABLE

MAX_COUNT: Final = 10**9
"""SQLite and Python's own limits are higher."""


class Count(click.ParamType[int]):
    """A whole number from `least` to a thousand million."""

    name = "integer"

    def __init__(self, least: int = 1) -> None:
        self._range = click.IntRange(least, MAX_COUNT)
        self._range.name = "whole number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's
        """The number. Raises click.BadParameter for anything else."""
        return int(self._range.convert(value, param, ctx))


class Seconds(click.ParamType[float]):
    """A number of seconds from 0 to `most`."""

    name = "float"

    def __init__(self, most: float) -> None:
        self._range = click.FloatRange(0, most)
        self._range.name = "number of seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - click's
        """The number. Raises click.BadParameter for anything else."""
        seconds = float(self._range.convert(value, param, ctx))
        if isnan(seconds):  # in no range and outside of none
            self.fail("nan is not a number of seconds.", param, ctx)
        return seconds


Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def file_option_of(key: str, help_text: str) -> Callable[[Decorated], Decorated]:
    """A decorator that adds --file to a command; its value is in `click.Context.meta` under that key."""

    def remember(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> None:  # noqa: ARG001 - click's
        if value is not None:
            ctx.meta[key] = value

    path = click.Path(path_type=Path)
    return click.option("--file", type=path, metavar="FILE", help=help_text, expose_value=False, callback=remember)


NOW_YEARS: Final = range(1970, 2200)
FROM_THE_START: Final = "start"
"""The value of --since that stands for no cursor."""


def _store_value(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    """Keep the value of an option in the settings."""
    invocation = ctx.find_object(Invocation)
    if invocation is None or not parameter.name or not value:
        return
    # An invalid time is refused before anything is done; days cannot be counted beyond the ends of the calendar.
    if parameter.name == "now" and parse_instant(str(value)).year not in NOW_YEARS:
        raise UsageError(f"--now {value}: use a time from {NOW_YEARS[0]} to {NOW_YEARS[-1]}")
    # After the command's name click reads the environment again; it must not override what was typed before the name.
    is_typed = ctx.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    if is_typed or not getattr(invocation.settings, parameter.name):
        setattr(invocation.settings, parameter.name, value)
    if parameter.name == "verbose":
        invocation.configure_logging()


def _flag(name: str, summary: str) -> Callable[[Decorated], Decorated]:
    return click.option(name, is_flag=True, help=summary, expose_value=False, callback=_store_value)


_GLOBAL_OPTIONS = (
    click.option(
        "--store",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder of the store.  [default: $DAILYPAPERS_STORE, else ./data]",
        expose_value=False,
        callback=_store_value,
    ),
    _flag("--json", "Print machine-readable output on stdout."),
    _flag("--quiet", "Print only what needs attention."),
    _flag("--verbose", "Log each step."),
    click.option(
        "--log-format",
        type=click.Choice(LOG_FORMATS),
        envvar=LOG_FORMAT_VARIABLE,
        help="Format of messages on stderr.  [default: human]",
        expose_value=False,
        callback=_store_value,
    ),
    click.option(
        "--color",
        type=click.Choice(COLOR_CHOICES),
        help="When to colour output.  [default: auto]",
        expose_value=False,
        callback=_store_value,
    ),
    click.option(
        "--now",
        metavar="TIME",
        help="Act as if it were this time, e.g. 2025-12-08T10:00:00Z.",
        expose_value=False,
        callback=_store_value,
    ),
)


def global_options(function: Decorated) -> Decorated:
    """Adds the global options to a command; `--store` comes first in its help."""
    for decorate in reversed(_GLOBAL_OPTIONS):
        function = decorate(function)
    return function


query_option = click.option("--query", metavar="TEXT", help="Search query, for a source that takes one.")


as_of_option = click.option("--as-of", metavar="TIME", help="As it was known at this time.")


def complete_sources(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The names of sources that begin so, for the completion of a shell."""
    from dailypapers.ingest.sources.registry import SOURCES

    return [name for name in SOURCES if name.startswith(incomplete)]


def source_argument(*, default: str | None = None) -> Callable[[Decorated], Decorated]:
    """Adds the argument `source`; required unless there is a default."""
    # click takes an explicit None for a default, with which nothing is required.
    optional: dict[str, Any] = {} if default is None else {"default": default, "required": False}
    return click.argument("source", shell_complete=complete_sources, **optional)


def sources_argument(function: Decorated) -> Decorated:
    """Adds the argument `sources`: any number of them."""
    return click.argument("sources", nargs=-1, metavar="[SOURCE]...", shell_complete=complete_sources)(function)


def series_options(function: Decorated) -> Decorated:
    """Adds the parameters `source`, `query` and `since` of commands that look at stored days."""
    function = click.option("--since", metavar="DAY", help="Only days from this one on.")(function)
    function = click.option("--query", metavar="TEXT", help="Only the search with this query.")(function)
    return click.argument("source", required=False, shell_complete=complete_sources)(function)


def metrics_option(function: Decorated) -> Decorated:
    """Adds --metrics-file to a command."""
    return click.option(
        "--metrics-file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar=METRICS_FILE_VARIABLE,
        metavar="FILE",
        help="Write metrics for Prometheus' node exporter to this .prom file at the end.",
        expose_value=False,
        callback=_store_metrics_file,
    )(function)


def _store_metrics_file(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    if value is not None and find_spec("prometheus_client") is None:
        import shlex

        # Refused before the work, not after it.
        # By the interpreter's own name: under pipx, a plain `pip` installs elsewhere.
        install = f"{shlex.quote(sys.executable)} -m pip install prometheus-client"
        raise UsageError(f"--metrics-file needs prometheus-client; install it with: {install}")
    if value is not None and value.suffix != ".prom":
        raise UsageError(f"--metrics-file {value}: the node exporter reads only files whose name ends in .prom")
    _store_value(ctx, parameter, value)
