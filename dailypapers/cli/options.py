"""The global options, which may stand before or after the command's name, and what they are set to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from ingest.clock import Clock, parse_instant
from ingest.errors import UsageError
from ingest.redaction import redacted

from .output import FORMAT_VARIABLE, FORMATS, Level, LogFormat, has_days_twice, is_json, json_line, said_format

if TYPE_CHECKING:
    from ingest.runs.report import RunReport

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@dataclass(slots=True)
class Settings:
    """What the global options are set to, and what is said under them."""

    store: Path | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    now: str | None = None
    log_format: LogFormat | None = field(default_factory=said_format)
    metrics_file: Path | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """The origins to ask in place of the real ones, by the name of a source or of its site."""
    arguments: Sequence[str] = ()
    """The command line as it was typed."""
    _report: RunReport | None = None

    @property
    def report(self) -> RunReport:
        """What the command did so far; one that neither fetches nor builds puts none on disk."""
        if self._report is None:
            from ingest.runs.report import RunReport

            self._report = RunReport(self.arguments)
        return self._report

    @property
    def root(self) -> Path:
        """The store's folder: `--store`, else DAILYPAPERS_STORE, else ./data. UsageError where a file is."""
        root = self.store or Path(os.environ.get("DAILYPAPERS_STORE") or "data")
        if root.exists() and not root.is_dir():
            raise UsageError(f"the store {root} is no folder; name one with --store or DAILYPAPERS_STORE")
        return root

    @property
    def clock(self) -> Clock:
        """The clock, or the instant of `--now`. Raises UsageError where that is no time."""
        return Clock(parse_instant(self.now) if self.now else None)

    @property
    def prints_days(self) -> bool:
        """Whether each day is a line for people on stdout; where the log goes there as JSON, it has them."""
        return not has_days_twice(self.log_format)

    @property
    def has_report(self) -> bool:
        """Whether anybody asked for the report."""
        return self._report is not None

    def say(self, message: str, **facts: object) -> None:
        """A message on stderr, unless nobody wants any; `facts` go with it where messages are JSON."""
        if not self.quiet:
            self.log("info", message, facts)

    def warn(self, message: str, **facts: object) -> None:
        """A message that needs attention, on stderr and in the report of the run."""
        self.report.warn(message)
        self.log("warning", message, facts)

    def fail(self, message: str, status: int) -> int:
        """Say why the command could not do it; gives the exit status."""
        if self._report is not None:
            self._report.error = message
        self.log("error", f"dailypapers: {message}", {"exit": status})
        return status

    def log(self, level: Level, message: str, facts: Mapping[str, object]) -> None:
        """A line of the log, on stderr."""
        text = json_line(self.clock.now(), level, message, facts) if self.logs_json else redacted(message)
        # A log on a full disk, or a terminal that went away, is no reason to stop the work.
        with suppress(OSError):
            click.echo(text, err=True)

    @property
    def logs_json(self) -> bool:
        """Whether messages are JSON."""
        return is_json(self.log_format)


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
