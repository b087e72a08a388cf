"""Phrases that several commands print."""

from __future__ import annotations

from typing import Final

from dailypapers.ingest.errors import IngestError, UsageError
from dailypapers.snapshots.store.layout import Store

_CONTENTS: Final = ("pages", "snapshots", "attempts", "runs")
"""The folders of which a store has at least one once anything was fetched, imported or tried."""


def format_count(count: int, noun: str) -> str:
    """A count with its noun: `1 day`, `2 days`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def require_store(store: Store) -> None:
    """Raises IngestError, which is exit 3, if the folder is missing or was never filled: --store may be mistyped."""
    if not store.root.is_dir():
        raise IngestError(f"there is no store at {store.root}; start with: dailypapers run, or check --store")
    if not any((store.root / name).is_dir() for name in _CONTENTS):
        raise no_days(store)


def no_days(store: Store) -> IngestError:
    """The error for a store that holds no day."""
    return IngestError(f"no days in {store.root}; start with: dailypapers run, or check --store")


def refuse_as_of(store: Store) -> None:
    """Raises UsageError for a store made by `build --as-of`: it holds no pages, and is only read."""
    if not store.as_of.exists():
        return
    from dailypapers.snapshots.store.as_of_mark import read_as_of

    raise UsageError(
        f"the store {store.root} shows how another one was at {read_as_of(store)}, and is only read; name that one with"
        " --store, or make this one again from it with: dailypapers build --as-of TIME --out DIR"
    )
