"""JSON on stdout, apart from `output.py` so that `--help` does not load orjson."""

from __future__ import annotations

import json
from typing import Final

import click
import orjson

JSON_OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def print_json(value: object) -> None:
    """Print a value as indented JSON; instants are in UTC and whole seconds.

    Text that is not Unicode, as a file name may be, is escaped as Python has it: the byte E9 is `\\udce9`.
    """
    try:
        text = orjson.dumps(value, option=JSON_OPTIONS | orjson.OPT_INDENT_2)
    except orjson.JSONEncodeError:
        text = json.dumps(_plain(value), indent=2).encode()
    click.echo(text)


def _plain(value: object) -> object:
    """The value, with what only orjson can write turned into what it writes."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, str) else orjson.loads(orjson.dumps(value, option=JSON_OPTIONS))
