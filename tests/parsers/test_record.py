"""The record's description: each field has one in the JSON Schema, and docs/record.md is made from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dailypapers.cli.main import cli
from tests.support.fixture_cases import UPDATE

PAGE = Path(__file__).parents[2] / "docs" / "record.md"
HEAD = """\
# The record

A day file is UTF-8 text with one JSON object on each line, ordered by key. Each object is a paper. Every field is
always there, in the order below. A missing value is `null`, a missing list `[]`; zero is a value. Times are UTC in
whole seconds: `2025-12-08T10:00:00Z`. `dailypapers schema` prints the JSON Schema, of which this page is made.
"""
FORMATS = {"date": "date", "date-time": "time"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    result = CliRunner().invoke(cli, ["schema"])
    printed: dict[str, Any] = json.loads(result.stdout)
    return printed


def objects(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The record, and the objects in it, by title."""
    return {schema["title"]: schema, **schema["$defs"]}


def type_of(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(map(type_of, field["anyOf"]))
    if "$ref" in field:
        return f"[{(name := field['$ref'].rpartition('/')[2])}](#{name.lower()})"
    if field["type"] == "array":
        return f"list of {type_of(field['items'])}"
    return FORMATS.get(field.get("format", ""), str(field["type"]))


def page(schema: dict[str, Any]) -> str:
    parts = [HEAD]
    for name, found in objects(schema).items():
        rows = [
            f"| `{key}` | {type_of(value)} | {value['description']} |" for key, value in found["properties"].items()
        ]
        summary = found["description"].partition("\n")[0]
        parts.append(
            "\n".join([f"## {name}\n", f"{summary}\n", "| field | type | meaning |", "|---|---|---|", *rows, ""])
        )
    return "\n".join(parts)


def test_every_field_has_a_description(schema: dict[str, Any]) -> None:
    assert list(objects(schema)) == ["Paper", "Author", "Organization"]
    for name, found in objects(schema).items():
        for key, value in found["properties"].items():
            assert value.get("description", "").endswith("."), f"{name}.{key}"


def test_the_page_is_made_from_the_schema(schema: dict[str, Any], update_snapshots: bool) -> None:
    if update_snapshots:
        PAGE.write_text(page(schema), "utf-8")
    assert PAGE.read_text("utf-8") == page(schema), f"docs/record.md is not what the schema says; {UPDATE} writes it"
