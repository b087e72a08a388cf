"""The command line: `dailypapers COMMAND`. A command's module is imported when it is called, and heavy modules only
when it runs, so that `--help` and `status` start fast.

Exit status: 0 done; 1 done, but something needs attention; 2 wrong usage; 3 failed; 70 a bug of ours.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from types import FrameType
from typing import Final, Never

import click

from dailypapers.ingest.errors import (
    ATTENTION,
    CRASHED,
    DONE,
    FAILED,
    USAGE,
    Crash,
    FileErrors,
    IngestError,
    UsageError,
)
from dailypapers.ingest.log_lines import visible
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Store

from .invocation import Invocation
from .lazy_group import LazyGroup
from .log import Log
from .options import global_options
from .output import drop_unwritable, escape_unprintable
from .settings import Environment, Settings

SECTIONS: Final = {
    "Fetch": {
        "run": ("commands.run:command", "Fetch the listings that are due and build their days."),
        "backfill": ("commands.backfill:command", "Fetch a range of days, with progress."),
        "import": ("commands.import_:command", "Import saved pages into the store."),
        "cron": ("cron.commands:cron_group", "Run commands on the schedule in cron.yaml."),
    },
    "Look": {
        "status": ("commands.status:command", "Show the state of each day and what needs attention."),
        "papers": ("reading.papers:papers_command", "List papers: new, rising, of a day, of an organization."),
        "show": ("reading.show:show_command", "Show everything known about a paper."),
        "search": ("reading.papers:search_command", "Find papers by words of title, abstract and authors."),
        "query": ("reading.show:query_command", "Print the rows of an SQL query over all papers."),
        "history": ("reading.show:history_command", "Show a paper's upvotes, comments and stars over time."),
        "runs": ("commands.runs:command", "List past runs, or explain one."),
        "waive": ("commands.waive:command", "Accept that days stay incomplete."),
    },
    "Publish": {
        "export": ("export.commands:command", "Write the store as a dataset of Parquet files."),
        "verify": ("verify:command", "Check an export, a site or a mirror against its digests."),
        "site": ("site.commands:command", "Make a website of the stored days."),
        "feed": ("feeds.commands:command", "Make feeds of new papers: Atom, RSS, JSON Feed."),
        "mail": ("digest.commands:digest_group", "Send new papers by mail, once a day."),
        "mcp": ("mcp.commands:command", "Serve the store to AI assistants (MCP)."),
    },
    "Mirror": {
        "push": ("mirror.commands:push_command", "Send the store to S3 or another object store."),
        "pull": ("mirror.commands:pull_command", "Fetch from a mirror what the store does not have."),
    },
    "Investigate": {
        "drift": ("commands.drift:command", "Show what changed at the site, and when."),
        "rejects": ("commands.rejects:command", "Show which items were rejected, and why."),
    },
    "Develop": {
        "build": ("commands.build:command", "Rebuild days from the archived pages."),
        "parse": ("commands.parse:command", "Print the papers in saved pages."),
        "capture": ("commands.capture:command", "Make a parser test fixture from an archived page."),
        "schema": ("commands.sources:schema_command", "Print the JSON Schema of a record."),
        "sources": ("commands.sources:sources_command", "List the sources, their sites and request budgets."),
    },
}
"""The commands by section of `--help`: module and name, below the package `dailypapers`, and summary."""
COMMANDS: Final = tuple(name for section in SECTIONS.values() for name in section)


COMPLETION_VARIABLE: Final = "_DAILYPAPERS_COMPLETE"
"""Set by the completion scripts of shells: what they ask for."""


class _Commands(LazyGroup):
    sections = SECTIONS

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        invocation = ctx.find_object(Invocation)
        if invocation is not None:
            invocation.configure_logging()
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@global_options
@click.version_option(package_name="dailypapers", prog_name="dailypapers")
def cli() -> None:
    """Every paper that Hugging Face Daily Papers and arXiv listed, each day, as clean records.

    Start with `dailypapers run`: it fetches today's list into ./data. `dailypapers COMMAND --help` explains a command.

    A DAY is written like 2025-12-08, or `today` or `yesterday` (in UTC).
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: sys.argv) and return its exit status. An error is a message, never a traceback."""
    escape_unprintable()
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _terminate)
    # A closed terminal ends a command as Ctrl-C does, except under `nohup`.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _terminate)
    if COMPLETION_VARIABLE in os.environ:
        from click.shell_completion import shell_complete

        # https://click.palletsprojects.com/en/stable/shell-completion/
        return shell_complete(cli, {}, "dailypapers", COMPLETION_VARIABLE, os.environ[COMPLETION_VARIABLE])
    invocation = Invocation(Settings(Environment(), list(sys.argv[1:] if arguments is None else arguments)))
    try:
        status = _finish(invocation, _attempt(invocation))
    except KeyboardInterrupt as error:  # while the command was already ending
        status = invocation.log.fail("stopped; run the same command again to continue", _number(error) + 128)
    except Exception as error:
        status = invocation.log.fail_by([Crash.of(error)])
    drop_unwritable()
    return status


def _finish(invocation: Invocation, status: int) -> int:
    """Write the report of the run, then the metrics; returns the exit status."""
    metrics_file = invocation.settings.metrics_file
    if invocation.report is None and metrics_file is None:
        return status
    # A second signal must not cut this short.
    handlers = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    }
    try:
        error = invocation.report.end(status) if invocation.report else None
        if error is not None and status not in {FAILED, CRASHED}:
            invocation.log.warning(error)
        return status if metrics_file is None or status == USAGE else _write_metrics(invocation, metrics_file, status)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _write_metrics(invocation: Invocation, path: Path, status: int) -> int:
    from dailypapers.ingest.monitor.prometheus import write_metrics

    settings = invocation.settings
    try:
        write_metrics(path, Store(settings.root), settings.clock.now())
    except OSError as error:
        invocation.log.warning(f"{error.filename}: the metrics cannot be written ({error.strerror or error})")
        return max(status, ATTENTION)
    return status


def _attempt(invocation: Invocation) -> int:
    log = invocation.log
    try:
        return _invoke(invocation)
    except click.ClickException as error:
        if log.is_json:
            return log.fail(f"{error.format_message()} (see --help)", USAGE)
        # click escapes what was typed in some of its messages only. A full disk does not change the exit status.
        text = io.StringIO()
        error.show(text)
        with suppress(OSError):
            for line in text.getvalue().rstrip("\n").split("\n"):
                # Choices stand behind a tab.
                click.echo("\t".join(map(visible, line.split("\t"))), err=True)
        return USAGE
    except KeyboardInterrupt as error:
        return log.fail("stopped; run the same command again to continue", _number(error) + 128)
    except Exception as error:
        return _fail(log, error)


def _fail(log: Log, error: Exception) -> int:
    if isinstance(error, OSError):
        return _os_error(log, error)
    if isinstance(error, FileErrors):
        return max(log.fail(line, USAGE) for line in error.lines)
    if isinstance(error, MemoryError):
        return log.fail("there is not enough memory; nothing was lost, run the same command with more of it", FAILED)
    if isinstance(error, IngestError | StoreError):
        return log.fail(str(error), USAGE if isinstance(error, UsageError) else FAILED)
    return log.fail_by([Crash.of(error)])


def _os_error(log: Log, error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        # The reader of our output is gone (`| head`): nothing to say, and the status that shells use for it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    where = f"{error.filename}: " if error.filename else ""
    return log.fail(
        f"{where}{error.strerror or error}; fix it and run the same command again, nothing was lost", FAILED
    )


def _invoke(invocation: Invocation) -> int:
    """Instead of click's own main(), which gives every interruption one status and calls a closed pipe a failure."""
    try:
        with cli.make_context("dailypapers", list(invocation.settings.arguments), obj=invocation) as context:
            status = cli.invoke(context)
        # The shell may have closed the stream (`>&-`).
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    return status if isinstance(status, int) else DONE


def _number(error: KeyboardInterrupt) -> int:
    """The signal that interrupted the command."""
    return error.number if isinstance(error, _Terminated) else signal.SIGINT


class _Terminated(KeyboardInterrupt):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def _terminate(number: int, frame: FrameType | None) -> Never:
    if _loads_compiled_module(frame):
        # Those of orjson 3.13 and pydantic-core 2.50 crash if an exception ends one of their own imports. What was
        # begun ends as after a kill.
        os._exit(128 + number)
    raise _Terminated(number)


def _loads_compiled_module(frame: FrameType | None) -> bool:
    while frame is not None:
        if isinstance(frame.f_locals.get("self"), ExtensionFileLoader):
            return True
        frame = frame.f_back
    return False
