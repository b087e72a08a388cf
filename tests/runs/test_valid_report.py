"""A report with a value of a wrong type, as another program or a damaged disk writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dailypapers.ingest.monitor.prometheus import metrics_text
from dailypapers.ingest.runs.reader import read_run
from dailypapers.ingest.runs.report import SCHEMA
from tests.papersite import PaperSite
from tests.product import DAY, NOW, Product

VALUES: tuple[object, ...] = (None, "null", -1, 1.5, True, [], {}, [None], {"x": "y"})


def places(value: object, *keys: str | int) -> Iterator[tuple[str | int, ...]]:
    """Where the values of a report are."""
    if keys:
        yield keys
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, *keys, key)


def changed(report: Any, keys: tuple[str | int, ...], value: object) -> Any:
    """A copy with another value at a place."""
    copy = json.loads(json.dumps(report))
    *parents, last = keys
    inner = copy
    for key in parents:
        inner = inner[key]
    inner[last] = value
    return copy


@pytest.fixture
def written(product: Product, site: PaperSite) -> Path:
    product("run", "--day", f"{DAY}")
    (path,) = product.store.root.glob("runs/*/*.json")
    return path


def test_no_value_of_a_report_stops_the_commands_that_read_it(product: Product, written: Path) -> None:
    report = json.loads(written.read_bytes())
    assert report["days"]
    assert report["sites"]
    states = set()
    for keys in places(report):
        for value in VALUES:
            written.write_text(json.dumps(changed(report, keys, value)))
            run = read_run(written)
            states.add(run.state)
            metrics_text(product.store, NOW)
            if run.state != "unreadable":
                assert [product("runs", *words).status for words in ([], ["show", "last"])] == [0, 0], (keys, value)
    assert states == {"ended", "killed", "unreadable"}


def test_what_the_schema_allows_is_readable(written: Path) -> None:
    report = json.loads(written.read_bytes())
    validator = jsonschema.Draft202012Validator(SCHEMA)
    allowed = 0
    for keys in places(report):
        for value in VALUES:
            content = changed(report, keys, value)
            if validator.is_valid(content) and keys not in {("seconds",), ("exit",)}:
                written.write_text(json.dumps(content))
                assert read_run(written).state != "unreadable", (keys, value)
                allowed += 1
    assert allowed > len(VALUES)
