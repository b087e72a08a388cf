"""What modules log, ours and others', led to where the command line's messages go."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dailypapers.cli.settings import Settings
    from ingest.log_lines import Level


class Messages(logging.Handler):
    """Makes a message of each record."""

    def __init__(self, settings: Settings) -> None:
        """`settings` say how messages are written, and to whom."""
        super().__init__()
        self._settings = settings

    def emit(self, record: logging.LogRecord) -> None:
        """Say it."""
        level: Level = "warning" if record.levelno >= logging.WARNING else "info"
        self._settings.log(level, f"{record.name}: {record.getMessage()}", {})


def log_through(settings: Settings) -> None:
    """Configure logging for a command: warnings, with --verbose all that ours and the requests that others log."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, Messages):
            root.removeHandler(handler)
    root.addHandler(Messages(settings))
    root.setLevel(logging.INFO if settings.verbose else logging.WARNING)
    logging.getLogger("ingest").setLevel(logging.DEBUG if settings.verbose else logging.WARNING)
