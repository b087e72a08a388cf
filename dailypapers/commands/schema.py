"""`dailypapers schema`: print the JSON Schema of a record."""

from __future__ import annotations

import json

import click

from dailypapers.cli.options import global_options


@click.command()
@global_options
def schema_command() -> None:
    """Print the JSON Schema of a record, which is one line of a day file."""
    from dailypapers.parsers.model import Paper
    from dailypapers.parsers.versions import SCHEMA

    # Every key is always written, so all are required, even those with a default in the model.
    schema = Paper.model_json_schema(mode="serialization")
    schema |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "version": SCHEMA}
    schema["required"] = list(schema["properties"])
    click.echo(json.dumps(schema, indent=2))
