"""One command line while it runs: the parts that a command is handed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from dailypapers.snapshots.store.layout import Store

from .log import Log
from .output import refuse_as_of, require_store
from .settings import Settings

if TYPE_CHECKING:
    from dailypapers.ingest.runs.report import RunReport
    from dailypapers.store import PaperStore


Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Invocation:
    """The settings and the log of a command line, and the report of its run."""

    report: RunReport | None = None
    """None in a command that neither fetches nor builds."""

    def __init__(self, settings: Settings) -> None:
        """The settings are those of the command line; nothing has been done yet."""
        self.settings = settings
        self.log = Log(settings)

    def begin_report(self, command: str, store: Store) -> RunReport:
        """Begin the report of a run, which from here on also records the warnings and errors of the log."""
        from dailypapers.ingest.runs.report import RunReport

        refuse_as_of(store)
        settings = self.settings
        token = settings.environment.hf_token
        self.report = self.log.report = RunReport(store, command, settings.arguments, settings.clock, token)
        return self.report

    def configure_logging(self) -> None:
        """Route what modules log to our log, if any of them can log yet or `--verbose` asks for it."""
        if self.settings.verbose or "logging" in sys.modules:
            from .log_handler import configure_logging

            configure_logging(self.log, verbose=self.settings.verbose)


pass_invocation = click.make_pass_decorator(Invocation)


def pass_settings(function: Decorated) -> Decorated:
    """Hands a command only its settings, for one that logs nothing and has no report."""

    @pass_invocation
    def run(invocation: Invocation, /, *args: object, **options: object) -> object:
        return function(invocation.settings, *args, **options)

    return cast("Decorated", update_wrapper(run, function))


def open_paper_store(invocation: Invocation) -> PaperStore:
    """The store of the command line, at its time. Raises IngestError, which is exit 3, if there is none."""
    import logging  # noqa: F401 - loaded here, so that what the catalog logs goes to the log of the command

    from dailypapers.store import PaperStore

    settings = invocation.settings
    require_store(Store(settings.root))
    invocation.configure_logging()
    return PaperStore(settings.root, now=settings.clock.now())
