"""The JSON Schema of a run's report, as `dailypapers runs schema` prints it."""

from __future__ import annotations

from typing import Any, Final

from .report import VERSION

_TEXT: Final = {"type": "string"}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}
_COUNT_OR_NULL: Final = {"type": ["integer", "null"], "minimum": 0}
_TIME: Final = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
_SECONDS: Final = {"type": ["number", "null"], "minimum": 0}


def _object(**properties: object) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_DAY: Final = _object(
    source=_TEXT,
    query=_TEXT_OR_NULL,
    day={"type": "string", "format": "date"},
    fetched={"type": "boolean"},
    attention={"type": "boolean"},
    papers=_COUNT_OR_NULL,
    new=_COUNT_OR_NULL,
    changed=_COUNT_OR_NULL,
    gone=_COUNT_OR_NULL,
    rejects=_COUNT_OR_NULL,
    state={"enum": ["open", "settling", "closed", "empty", "partial", None]},
    reason=_TEXT_OR_NULL,
    failed=_TEXT_OR_NULL,
    skipped=_TEXT_OR_NULL,
)

_SITE: Final = _object(
    site=_TEXT,
    requests={"type": "object", "patternProperties": {r"^([1-9]\d\d|fault)$": _COUNT}, "additionalProperties": False},
    bytes=_COUNT,
    retries=_COUNT,
    waited_seconds={"type": "number", "minimum": 0},
)

SCHEMA: Final = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "What a run of dailypapers did",
    **_object(
        version={"const": VERSION},
        id={"type": "string", "pattern": r"^\d{8}T\d{6}Z-[0-9a-f]{8}$"},
        command={"enum": ["run", "backfill", "import", "build", "pull"]},
        arguments={"type": "array", "items": _TEXT},
        software=_TEXT,
        started=_TIME,
        ended={"anyOf": [_TIME, {"type": "null"}]},
        seconds=_SECONDS,
        exit=_COUNT_OR_NULL,
        error=_TEXT_OR_NULL,
        tracebacks={"type": "array", "items": _TEXT},
        attention=_COUNT,
        days={"type": "array", "items": _DAY},
        sites={"type": "array", "items": _SITE},
        warnings={"type": "array", "items": _TEXT},
        peak_memory_bytes=_COUNT,
    ),
}
