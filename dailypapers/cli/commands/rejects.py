"""`dailypapers rejects`: what was refused and why, by cause."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import click

from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.options import global_options
from dailypapers.cli.selection import bounds, named_or_stored, no_store
from dailypapers.cli.settings import Settings
from ingest.exit_status import DONE
from snapshots.store.layout import Series, Store

if TYPE_CHECKING:
    from ingest.monitor.rejects import Cause

VERSION: Final = 1
"""Of the object that `--json` prints; it grows when a name goes or changes its meaning, not when one is added."""


@click.command()
@click.argument("source", required=False)
@click.option("--query", metavar="WORDS", help="Only the search for these words.")
@click.option("--since", metavar="DAY", help="Only days from this one on.")
@global_options
@pass_settings
def command(settings: Settings, source: str | None, query: str | None, since: str | None) -> int:
    """Show which items were refused and why: one entry a cause, with its parser, its days and an example.

    The items themselves are in the `.rejects.jsonl` of their days, each as it was served.
    """
    from ingest.monitor.rejects import causes

    first, _ = bounds(since, None)
    store = Store(settings.root)
    chosen = named_or_stored(store, [source] if source else [], query)
    found = [(each.series, causes(store, each, first)) for each in chosen]
    if settings.json:
        rows = [_as_json(series, cause) for series, some in found for cause in some]
        # Not by orjson: a raw item may hold a lone surrogate, which UTF-8 has not, and is shown as its escape.
        click.echo(json.dumps({"version": VERSION, "causes": rows}, indent=2, default=str))
    elif not any(some for _, some in found):
        click.echo(f"no item was refused in {store.root}" if store.root.is_dir() else no_store(store))
    for series, some in found if not settings.json else ():
        if some:
            _print(series, some)
    return DONE


def _print(series: Series, found: list[Cause]) -> None:
    from ingest.monitor.rejects import remedy

    click.echo(f"{series}: refused for {len(found)} cause{'s' * (len(found) > 1)}")
    for cause in found:
        click.echo(f"\n  {_place(cause)}{cause.message}")
        days = (
            f"{cause.first}" if cause.first == cause.last else f"{len(cause.days)} days, {cause.first} to {cause.last}"
        )
        items = f"{cause.items} item{'s' * (cause.items > 1)}"
        click.echo(
            f"    {items} on {days}; {cause.parser} version {cause.version}; seen in {', '.join(sorted(cause.views))}"
        )
        example = cause.example
        click.echo(
            f"    such as item {example['position']} of {example['day']}, {_name(example['raw'])}: {example['message']}"
        )
    click.echo(f"\n{remedy(series, found)}.")


def _place(cause: Cause) -> str:
    return f"{cause.path}: " if cause.path else ""


def _name(raw: object) -> str:
    """What an item is called, where it says so: its id, else its beginning."""
    inner = raw.get("paper", raw) if isinstance(raw, dict) else raw
    name = inner.get("id") if isinstance(inner, dict) else None
    return ascii(name) if name is not None else ascii(raw)[:60]


def _as_json(series: Series, cause: Cause) -> dict[str, object]:
    return {
        "source": series.source,
        "query": series.query,
        "path": cause.path,
        "message": cause.message,
        "parser": cause.parser,
        "parser_version": cause.version,
        "items": cause.items,
        "days": sorted(cause.days),
        "views": sorted(cause.views),
        "built_by_another_parser": cause.stale,
        "example": cause.example,
    }
