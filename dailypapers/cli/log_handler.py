"""Routes the standard library's logging, from our modules and from others, to the log of the command line."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dailypapers.ingest.log_lines import Level

    from .log import Log


class LogHandler(logging.Handler):
    """Writes each record as a message."""

    def __init__(self, log: Log) -> None:
        """`log` is where messages are written."""
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        level: Level = "warning" if record.levelno >= logging.WARNING else "info"
        self._log.write(level, f"{record.name}: {record.getMessage()}", {})


def configure_logging(log: Log, *, verbose: bool) -> None:
    """Send warnings to the log; if `verbose`, also debug messages of our modules and info messages of others."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, LogHandler):
            root.removeHandler(handler)
    root.addHandler(LogHandler(log))
    root.setLevel(logging.INFO if verbose else logging.WARNING)
    logging.getLogger("ingest").setLevel(logging.DEBUG if verbose else logging.WARNING)
