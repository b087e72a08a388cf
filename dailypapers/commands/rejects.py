"""`dailypapers rejects`: show rejected items by cause."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import click

from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.options import global_options, series_options
from dailypapers.cli.output import format_count, print_line, require_store
from dailypapers.cli.selection import named_or_stored_series, since_until
from dailypapers.cli.settings import Settings
from dailypapers.ingest.errors import DONE
from dailypapers.snapshots.store.layout import Series, Store

if TYPE_CHECKING:
    from dailypapers.ingest.monitor.rejects import Cause

VERSION: Final = 1
"""Version of the object that `--json` prints; raised when a name is removed or changes its meaning."""


@click.command()
@series_options
@global_options
@pass_settings
def command(settings: Settings, source: str | None, query: str | None, since: str | None) -> int:
    """Show which items were rejected and why: one entry per cause, with its parser, its days and an example.

    The items themselves are in the `.rejects.jsonl` files of their days, as the site sent them.
    """
    from dailypapers.ingest.monitor.rejects import causes

    first, _ = since_until(since, None, settings.clock.today())
    store = Store(settings.root)
    require_store(store)
    selected = named_or_stored_series(store, [source] if source else [], query)
    causes_by_series = {each.series: causes(store, each, first) for each in selected}
    if settings.json:
        rows = [_as_json(series, cause) for series, found in causes_by_series.items() for cause in found]
        # Not orjson: a raw item may contain a lone surrogate, which has no UTF-8 form; json escapes it.
        click.echo(json.dumps({"version": VERSION, "causes": rows}, indent=2, default=str))
    elif not any(causes_by_series.values()):
        print_line(f"no rejected items in {store.root}")
    else:
        for series, series_causes in causes_by_series.items():
            _print(series, series_causes)
    return DONE


def _print(series: Series, causes: list[Cause]) -> None:
    from dailypapers.ingest.monitor.rejects import remedy

    if not causes:
        return
    print_line(f"{series}: rejects with {format_count(len(causes), 'cause')}")
    for cause in causes:
        place = f"{cause.path}: " if cause.path else ""
        days = f"{len(cause.days)} days, {cause.first} to {cause.last}" if len(cause.days) > 1 else f"{cause.first}"
        seen = f"{cause.parser} version {cause.version}; seen in {', '.join(sorted(cause.views))}"
        print_line("")
        print_line(f"  {place}{cause.message}")
        print_line(f"    {format_count(cause.items, 'item')} on {days}; {seen}")
        print_line(f"    {_format_example(cause.example)}")
    print_line("")
    print_line(f"{remedy(series, causes)}.")


def _format_example(example: Mapping[str, object]) -> str:
    """An item by its id, or by the beginning of its raw form."""
    raw = example["raw"]
    paper = raw.get("paper", raw) if isinstance(raw, dict) else raw
    key = paper.get("id") if isinstance(paper, dict) else None
    name = ascii(key) if key is not None else ascii(raw)[:60]
    return f"such as item {example['position']} of {example['day']}, {name}: {example['message']}"


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
