"""The task of a worker on a cluster: build one day, and write its files beside their places."""

from __future__ import annotations

import platform
import secrets
from datetime import date
from pathlib import Path
from typing import NamedTuple

from dailypapers.ingest import __version__
from dailypapers.ingest.errors import IngestError
from dailypapers.ingest.plan.inventory import load_day
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Series, Store

from .prepared import PreparedDay, prepare_files
from .write import build_ahead


class BuildTask(NamedTuple):
    """Names alone: all that a scheduler is sent for a day."""

    root: str
    """The folder of the store, which has the same path on every machine."""
    source: str
    query: str | None
    day: date
    accept_loss: bool
    version: str = __version__


def build_task(store: Store, source_day: SourceDay, *, accept_loss: bool) -> BuildTask:
    """The task of a day."""
    return BuildTask(str(store.root), source_day.source.name, source_day.series.query, source_day.day, accept_loss)


def run_task(task: BuildTask) -> PreparedDay:
    """Build a day. What could not be built is built again by the holder of the store's lock, which reports why.

    Raises IngestError if this machine does not see the store or has another version of this program, and OSError if it
    cannot write the store.
    """
    _check(task)
    store = Store(Path(task.root))
    source_day = SourceDay(SOURCES[task.source], Series(task.source, task.query), task.day)
    try:
        built = build_ahead(load_day(store, source_day), accept_loss=task.accept_loss)
    except Exception:  # the holder of the lock meets the same one
        return PreparedDay(None, ())
    if built.snapshot is None or built.files is None:
        return PreparedDay(None, ())
    return prepare_files(store, built.snapshot, built.files, secrets.token_hex(8))


def _check(task: BuildTask) -> None:
    where = f"the worker on {platform.node()}"
    if task.version != __version__:
        wrong = f"{where} has dailypapers {__version__}, not {task.version}"
        raise IngestError(f"{wrong}; install the same version on every machine")
    if not Path(task.root).is_dir():
        raise IngestError(f"{where} sees no store at {task.root}; share it with every machine under the same path")
