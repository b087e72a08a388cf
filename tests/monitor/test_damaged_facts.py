"""Drift of certificates whose counts no build writes, under a checksum that is right."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

import pytest

from dailypapers.ingest.monitor.drift import drift
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.certificate import certificate_bytes, parse_certificate
from dailypapers.snapshots.drift.facts import has_valid_facts
from dailypapers.snapshots.errors import CertificateError
from tests.fuzz.command.mutation import ODD_VALUES
from tests.papersite import PaperSite
from tests.product import BUSY, DAY, SERIES, Product

EVENING = datetime.combine(DAY, time(20), UTC)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values in JSON."""
    yield path
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*path, key))


def replaced(certificate: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """A copy with another value there."""
    changed = part = copy.deepcopy(certificate)
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return changed


@pytest.fixture
def certificate(product: Product, site: PaperSite) -> dict[str, Any]:
    """The certificate of a day whose profiles count, since it was fetched on that day."""
    assert product("run", "--day", f"{DAY}", now=EVENING).status == 0
    return product.certificate()


def test_drift_of_any_facts_can_be_computed(certificate: dict[str, Any]) -> None:
    rng = Random(1)
    others: list[Any] = [certificate | {"day": f"{DAY - timedelta(days=days)}"} for days in (2, 1)]
    whole = drift(SOURCES["hf-daily"], [*others, parsed(certificate)])
    paths = [path for path in places(certificate) if path[:1] in {("profiles",), ("agreement",)} and len(path) > 1]
    assert len(paths) > 400
    for _ in range(700):
        path, value = rng.choice(paths), rng.choice(ODD_VALUES)
        try:
            changed = parsed(replaced(certificate, path, value))
        except ValueError:
            continue  # refused when it is read
        with suppress(CertificateError):
            assert isinstance(drift(SOURCES["hf-daily"], [*others, changed]), list), (path, value)
    assert drift(SOURCES["hf-daily"], [*others, parsed(certificate)]) == whole


def parsed(certificate: dict[str, Any]) -> Any:
    """The certificate as it is read from a file. Raises ValueError if it is refused."""
    try:
        return parse_certificate(SERIES.folder, json.dumps(certificate).encode())
    except CertificateError as error:
        raise ValueError(f"{error}") from error


def test_facts_of_a_build_are_valid(certificate: dict[str, Any]) -> None:
    assert has_valid_facts(certificate)
    assert not has_valid_facts(replaced(certificate, ("agreement", "api/html", "title", 0), "many"))


@pytest.mark.parametrize("name", ["new", "left", "papers", "bytes", "file", "views"])
def test_a_fetch_with_a_value_of_another_type_is_no_certificate(certificate: dict[str, Any], name: str) -> None:
    values: list[Any] = ["many" if isinstance(certificate["fetches"][0][name], int) else 7, None, {}, [None], [{}]]
    for value in values:
        with pytest.raises(ValueError, match="not a certificate of this version"):
            parsed(replaced(certificate, ("fetches", 0, name), value))
    for key in ("items", "parser"):
        with pytest.raises(ValueError, match="not a certificate of this version"):
            parsed(replaced(certificate, ("fetches", 0, "views", 0, key), None))


def test_a_day_with_damaged_facts_is_a_problem(product: Product, certificate: dict[str, Any]) -> None:
    assert product("run", "--day", f"{BUSY}", now=EVENING).status == 0
    changed = replaced(certificate, ("agreement", "api/html", "title", 0), "many")
    product.store.certificate(SERIES, DAY).write_bytes(certificate_bytes(changed))  # type: ignore[arg-type]
    message = f"hf-daily {DAY}: its certificate has counts that no build writes; run dailypapers build --all"
    result = product("status", now=EVENING)
    assert (result.status, message in result.out) == (1, True), result
    result = product("drift", now=EVENING)
    assert (result.status, message in result.err) == (3, True), result
    assert product("build", "--all", now=EVENING).status == 0
    assert product.certificate() == certificate
    assert product("drift", now=EVENING).status == 0
