"""`dailypapers status`: which days the store holds. Reads certificates as plain JSON, so it comes at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import click
import orjson

from ingest.options import Settings, global_options, settings_of
from ingest.sources import SOURCES, source_named
from snapshots.certificate import read_certificate
from snapshots.layout import Series, Store

from .days import bounds


@click.command()
@click.argument("source", required=False)
@click.option("--since", metavar="DAY", help="Only days from this one on.")
@global_options
@settings_of
def command(settings: Settings, source: str | None, since: str | None) -> None:
    """Show the days that the store holds: papers, rejects, and what the newest fetch of each saw."""
    names = [source_named(source).name] if source else list(SOURCES)
    store = Store(settings.root)
    first, _ = bounds(since, None)
    rows = [row for name in names for row in _rows(store, Series(name), first)]
    if settings.json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    elif not rows:
        click.echo(f"no days in {store.root}; begin with: dailypapers run")
    else:
        _table(rows)


def _rows(store: Store, series: Series, since: date) -> list[dict[str, Any]]:
    days = (day for day in store.days_with_snapshots(series) if since <= day)
    found = (read_certificate(store.certificate(series, day)) for day in days)
    return [_row(certificate) for certificate in found if certificate is not None]


def _row(certificate: dict[str, Any]) -> dict[str, Any]:
    newest = certificate["fetches"][-1]
    failed = {view["view"]: view["failed"] for view in newest["views"] if view["failed"]}
    names = ("source", "query", "day", "papers", "gone", "rejects", "as_of", "lost")
    row = {name: certificate[name] for name in names}
    return row | {"fetches": len(certificate["fetches"]), "whole": newest["whole"], "failed": failed}


def _table(rows: list[dict[str, Any]]) -> None:
    click.echo(
        f"{'source':<10} {'day':<10} {'':<3} {'papers':>6} {'gone':>4} {'rejects':>7} {'fetches':>7}  newest fetch"
    )
    for row in rows:
        weekday = f"{_weekday(row['day'])}"
        newest = _newest(row)
        click.echo(
            f"{row['source']:<10} {row['day']:<10} {weekday:<3} {row['papers']:>6} {row['gone']:>4} "
            f"{row['rejects']:>7} {row['fetches']:>7}  {newest}"
        )
    total = sum(row["papers"] for row in rows)
    click.echo(f"{len(rows)} days, {total} papers")


def _newest(row: dict[str, Any]) -> str:
    when = row["as_of"].replace("T", " ").removesuffix("Z")
    if row["lost"]:
        return f"{when}, built without {', '.join(row['lost'])}"
    if row["failed"]:
        return f"{when}, failed in {', '.join(row['failed'])}"
    return when if row["whole"] else f"{when}, not whole"


def _weekday(day: str) -> str:
    return date.fromisoformat(day).strftime("%a")
