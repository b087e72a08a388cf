"""The command line: `dailypapers COMMAND`. A command's module is loaded when it is asked for, and what is heavy in it
only when it runs, so that `--help` and `status` come at once.

Exit status: 0 done; 1 done, but something needs attention; 2 wrong usage; 3 could not do it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final, Never

import click

from dailypapers.cli.settings import Settings
from ingest.errors import IngestError, UsageError
from ingest.exit_status import ATTENTION, DONE, FAILED, USAGE
from snapshots.errors import StoreError
from snapshots.store.layout import Store

from .environment import token
from .lazy_group import LazyGroup
from .options import global_options

COMMANDS: Final = {
    "run": ("run", "Fetch listings and build their days."),
    "backfill": ("backfill", "Fetch a range of days, with progress."),
    "import": ("import_", "Take saved pages into the store."),
    "build": ("build", "Build days again from the pages that were kept."),
    "parse": ("parse", "Read saved pages and print their papers."),
    "status": ("status", "Show what each day is, and what needs attention."),
    "rejects": ("rejects", "Show which items were refused, and why."),
    "runs": ("runs", "List what runs did; explain one."),
    "history": ("history", "Show how a paper's upvotes, comments and stars went."),
    "capture": ("capture", "Make a fixture for the tests out of the archive."),
    "drift": ("drift", "Explain what changed at the site, and when."),
    "sources": ("sources", "List the sources."),
    "schema": ("schema", "Print the JSON Schema of a record."),
    "cron": ("cron", "Run commands when it is time, as cron.yaml says."),
}
"""The commands in the order of `--help`: module in `dailypapers.cli.commands` and summary, so that help loads none."""


class _Commands(LazyGroup):
    package = "dailypapers.cli.commands"
    table = COMMANDS

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if "logging" in sys.modules:
            from .log_handler import log_through

            log_through(ctx.find_root().ensure_object(Settings))
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dailypapers", prog_name="dailypapers")
@global_options
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Every paper that Hugging Face Daily Papers listed, each day, as clean records.

    Begin with `dailypapers run`: it fetches today's list into ./data. Ask `dailypapers COMMAND --help` for the rest.
    """
    ctx.ensure_object(Settings)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (sys.argv unless given); give its exit status. Bad input is a message, never a traceback."""
    signal.signal(signal.SIGTERM, _terminate)
    # The terminal that closes ends a command as Ctrl-C does, but for one under `nohup`.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _terminate)
    words = list(sys.argv[1:] if arguments is None else arguments)
    settings = Settings(arguments=words, token=token())
    return _close(settings, _attempt(settings))


def _close(settings: Settings, status: int) -> int:
    """Leave the report of a run, then the numbers that it changed; gives the exit status."""
    if not settings.has_report and settings.metrics_file is None:
        return status
    # A second signal does not cut it: it is written in a moment.
    kept = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        complaint = settings.report.end(status)
        if complaint is not None and status != FAILED:
            settings.warn(complaint)
        return status if settings.metrics_file is None or status == USAGE else _write_metrics(settings, status)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _write_metrics(settings: Settings, status: int) -> int:
    from ingest.monitor.prometheus import write_metrics

    try:
        write_metrics(settings.metrics_file or Path(), Store(settings.root), settings.clock.now())
    except OSError as error:
        settings.warn(f"{error.filename}: the metrics cannot be written ({error.strerror or error})")
        return max(status, ATTENTION)
    return status


def _attempt(settings: Settings) -> int:
    try:
        return _invoke(settings)
    except click.ClickException as error:
        if settings.logs_json:
            return settings.fail(f"{error.format_message()} (see --help)", USAGE)
        error.show()
        return USAGE
    except KeyboardInterrupt as error:
        return _interrupted(settings, error)
    except (IngestError, StoreError) as error:
        return settings.fail(str(error), USAGE if isinstance(error, UsageError) else FAILED)
    except OSError as error:
        return _disk_error(settings, error)


def _invoke(settings: Settings) -> int:
    """Not click's own main(), which turns every interruption into one and a closed pipe into a failure."""
    try:
        with cli.make_context("dailypapers", list(settings.arguments), obj=settings) as context:
            status = cli.invoke(context)
        # There is no stream where the shell closed it (`>&-`).
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    return status if isinstance(status, int) else DONE


class _Terminated(KeyboardInterrupt):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def _terminate(number: int, frame: FrameType | None) -> Never:  # noqa: ARG001 - signal's signature
    raise _Terminated(number)


def _interrupted(settings: Settings, error: BaseException) -> int:
    number = error.number if isinstance(error, _Terminated) else signal.SIGINT
    return settings.fail("stopped; run the same command again to go on", 128 + number)


def _disk_error(settings: Settings, error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        # The reader of our output went away (`| head`): nothing to say, and the status that a shell knows for it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    where = f"{error.filename}: " if error.filename else ""
    said = f"{where}{error.strerror or error}; mend it and run the same command again, nothing was lost"
    return settings.fail(said, FAILED)
