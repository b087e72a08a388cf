"""Phrases that several commands print."""

from __future__ import annotations

from snapshots.store.layout import Store


def format_count(count: int, noun: str) -> str:
    """A count with its noun: `1 day`, `2 days`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def no_days_message(store: Store, message: str) -> str:
    """`message`, or how to begin if there is no store yet."""
    return message if store.root.is_dir() else f"there is no store at {store.root}; start with: dailypapers run"
