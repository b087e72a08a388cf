"""`dailypapers sources`: what listings there are."""

from __future__ import annotations

import click
import orjson

from ingest.options import Settings, global_options, settings_of
from ingest.sources import SOURCES, Source


@click.command()
@global_options
@settings_of
def command(settings: Settings) -> None:
    """List the sources: name, first day, views, and the site they are asked from."""
    rows = [_row(source) for source in SOURCES.values()]
    if settings.json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    for row in rows:
        click.echo(f"{row['name']:<12} {row['title']}")
        views = row["views"]
        click.echo(f"{'':<12} views: {', '.join(views) if isinstance(views, list) else ''}; since {row['first_day']}")
        click.echo(f"{'':<12} asked at {row['endpoint']}")


def _row(source: Source) -> dict[str, object]:
    return {
        "name": source.name,
        "title": source.title,
        "first_day": source.first_day.isoformat(),
        "views": [view.name for view in source.views],
        "endpoint": source.endpoint(),
    }
