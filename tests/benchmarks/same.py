"""Outputs are compared before anything is timed, because a peer that writes other fields does other work."""

from typing import Any

import orjson

from tests.benchmarks.turns import NotMeasuredError


class DifferentError(NotMeasuredError):
    """Two contenders do not write the same records; names the line and the fields."""


def check(ours: bytes, theirs: bytes, name: str) -> None:
    """Raises DifferentError unless both are the same JSON objects, line by line."""
    left, right = ours.splitlines(), theirs.splitlines()
    if len(left) != len(right):
        raise DifferentError(f"{name}: {len(right)} lines, ours {len(left)}")
    for number, (mine, other) in enumerate(zip(left, right, strict=True), 1):
        _check(orjson.loads(mine), orjson.loads(other), f"{name}, line {number}")


def _check(ours: dict[str, Any], theirs: dict[str, Any], where: str) -> None:
    fields = [field for field in {**ours, **theirs} if ours.get(field, ...) != theirs.get(field, ...)]
    if fields:
        shown = "; ".join(f"{field}: ours {_shown(ours, field)}, theirs {_shown(theirs, field)}" for field in fields)
        raise DifferentError(f"{where}: {shown}")


def _shown(found: dict[str, Any], field: str) -> str:
    return repr(found[field])[:100] if field in found else "missing"
