"""The store of a command that reads the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dailypapers.snapshots.store.layout import Store

from .invocation import Invocation
from .messages import require_store

if TYPE_CHECKING:
    from dailypapers.store import PaperStore


def open_paper_store(invocation: Invocation) -> PaperStore:
    """The store of the command line, at its time. Raises IngestError, which is exit 3, if there is none."""
    import logging  # noqa: F401 - loaded here, so that what the catalog logs goes to the log of the command

    from dailypapers.store import PaperStore

    settings = invocation.settings
    require_store(Store(settings.root))
    invocation.configure_logging()
    return PaperStore(settings.root, now=settings.clock.now())
