"""The settings of one command line."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dailypapers.cli.output import LogFormat, has_days_twice, is_json, said_format
from ingest.clock import Clock, parse_instant
from ingest.errors import UsageError
from ingest.log_lines import Level, json_line
from ingest.redaction import redacted

if TYPE_CHECKING:
    from ingest.runs.report import RunReport


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
    token: str | None = None
    """The secret of the user, which is redacted in messages and reports."""
    _report: RunReport | None = None

    @property
    def report(self) -> RunReport:
        """What the command did so far; one that neither fetches nor builds puts none on disk."""
        if self._report is None:
            from ingest.runs.report import RunReport

            self._report = RunReport(self.arguments, self.token)
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
        if self.logs_json:
            text = json_line(self.clock.now(), level, message, facts, self.token)
        else:
            text = redacted(message, self.token)
        # A log on a full disk, or a terminal that went away, is no reason to stop the work.
        with suppress(OSError):
            click.echo(text, err=True)

    @property
    def logs_json(self) -> bool:
        """Whether messages are JSON."""
        return is_json(self.log_format)
