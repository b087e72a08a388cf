"""The log: messages on stderr, as text for people or, where that is asked for, as one JSON object a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from dailypapers.ingest.errors import CRASHED
from dailypapers.ingest.log_lines import Level, json_line, redacted, visible

from .settings import Settings

if TYPE_CHECKING:
    from dailypapers.ingest.errors import Crash
    from dailypapers.ingest.runs.report import RunReport


class Log:
    """Writes messages in the format that the settings ask for; `facts` are added to JSON lines only."""

    def __init__(self, settings: Settings) -> None:
        """The settings are read at each message, since options are still being parsed when the first may be written."""
        self._settings = settings
        self.report: RunReport | None = None
        """The report of the run, once it has begun: warnings and errors are recorded there too."""

    @property
    def is_json(self) -> bool:
        """Whether messages are JSON, as --log-format or DAILYPAPERS_LOG_FORMAT says; else they are for people."""
        return self._settings.log_format == "json"

    def info(self, message: str, **facts: object) -> None:
        """Write a message, unless `--quiet`."""
        if not self._settings.quiet:
            self.write("info", message, facts)

    def warning(self, message: str, **facts: object) -> None:
        """Write a message about something that needs attention."""
        if self.report is not None:
            self.report.warn(message)
        self.write("warning", message, facts)

    def fail(self, message: str, status: int) -> int:
        """Write why the command failed; returns `status`, its exit status."""
        if self.report is not None:
            self.report.error = message
        self.write("error", f"dailypapers: {message}", {"exit": status})
        return status

    def fail_by(self, crashes: Sequence[Crash]) -> int:
        """Write that bugs made the command, or days of it, fail, and how to report them; returns the exit status.

        Their tracebacks go to the report of the run, and to the log if `--verbose`.
        """
        from dailypapers.ingest.fetch.request_headers import PROJECT

        if self._settings.verbose:
            for line in [crash.traceback for crash in crashes] if self.is_json else _lines(crashes):
                self.write("error", line, {})
        evidence = "what the same command prints with --verbose"
        if self.report is not None:
            self.report.tracebacks = [crash.traceback for crash in crashes]
            evidence = f"what `dailypapers runs show {self.report.id}` prints"
        return self.fail(f"{crashes[0].describe()}; please report it at {PROJECT}/issues with {evidence}", CRASHED)

    def write(self, level: Level, message: str, facts: Mapping[str, object]) -> None:
        """Write one line."""
        token = self._settings.environment.hf_token
        if self.is_json:
            text = json_line(self._settings.clock.now(), level, message, facts, token)
        else:
            text = visible(redacted(message, token))
        # A full disk or a closed terminal must not stop the work.
        with suppress(OSError):
            click.echo(text, err=True)


def _lines(crashes: Sequence[Crash]) -> list[str]:
    return [line for crash in crashes for line in crash.traceback.splitlines()]
