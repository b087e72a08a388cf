"""Whether the report of a run has all its parts, with values of their types; `schema.py` describes them in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final

Check = Callable[[object], bool]


def is_report(value: object) -> bool:
    """Whether a value is a report that can be shown and counted."""
    if not isinstance(value, dict) or not _has_parts(_REPORT, value):
        return False
    # Reports of versions before it have no tracebacks.
    if not _TEXTS(value.get("tracebacks", [])):
        return False
    return value["ended"] is None or None not in (value["seconds"], value["exit"])


def _has_parts(parts: Mapping[str, Check], value: object) -> bool:
    return isinstance(value, dict) and all(name in value and is_valid(value[name]) for name, is_valid in parts.items())


def _are_all(is_valid: Check, values: object) -> bool:
    return isinstance(values, list) and all(map(is_valid, values))


def _or_null(is_valid: Check, value: object) -> bool:
    return value is None or is_valid(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _are_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _are_requests(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_count, value.values()))


_TEXTS: Final = partial(_are_all, _is_text)
_TEXT_OR_NULL: Final = partial(_or_null, _is_text)
_COUNT_OR_NULL: Final = partial(_or_null, _is_count)
_DAY: Final[Mapping[str, Check]] = {
    **dict.fromkeys(("source", "day"), _is_text),
    **dict.fromkeys(("query", "state", "reason", "failed", "skipped"), _TEXT_OR_NULL),
    **dict.fromkeys(("papers", "new", "changed", "gone", "rejects"), _COUNT_OR_NULL),
    **dict.fromkeys(("fetched", "attention"), lambda value: isinstance(value, bool)),
}
_SITE: Final[Mapping[str, Check]] = {
    "site": _is_text,
    "requests": _are_requests,
    "bytes": _is_count,
    "retries": _is_count,
    "waited_seconds": _are_seconds,
}
_REPORT: Final[Mapping[str, Check]] = {
    "version": _is_count,
    **dict.fromkeys(("id", "command", "software"), _is_text),
    **dict.fromkeys(("arguments", "warnings"), _TEXTS),
    "started": _is_time,
    "ended": partial(_or_null, _is_time),
    "seconds": partial(_or_null, _are_seconds),
    "exit": _COUNT_OR_NULL,
    "error": _TEXT_OR_NULL,
    "attention": _is_count,
    "days": partial(_are_all, partial(_has_parts, _DAY)),
    "sites": partial(_are_all, partial(_has_parts, _SITE)),
    "peak_memory_bytes": _is_count,
}
