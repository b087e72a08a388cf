"""`dailypapers cron schema`: the JSON Schema of cron.yaml, for editors."""

from __future__ import annotations

import json

import click

from dailypapers.cli.options import global_options


@click.command()
@global_options
def schema_command() -> None:
    """Print the JSON Schema of cron.yaml.

    Save it, and begin cron.yaml with `# yaml-language-server: $schema=cron.schema.json`: an editor then completes and
    checks while you type.
    """
    from .jobs import Jobs

    schema = Jobs.model_json_schema() | {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    click.echo(json.dumps(schema, indent=2))
