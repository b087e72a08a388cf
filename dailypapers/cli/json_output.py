"""JSON on stdout, apart from `output.py` so that `--help` does not load orjson."""

from __future__ import annotations

from typing import Final

import click
import orjson

JSON_OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def print_json(value: object) -> None:
    """Print a value as indented JSON; instants are in UTC and whole seconds."""
    click.echo(orjson.dumps(value, option=JSON_OPTIONS | orjson.OPT_INDENT_2))
