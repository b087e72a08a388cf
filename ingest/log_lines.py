"""Log lines as JSON, and back to text for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from ingest.redaction import redacted

Level = Literal["info", "warning", "error"]


def json_line(at: datetime, level: Level, message: str, facts: Mapping[str, object]) -> str:
    """A message as a line of the log, without secrets."""
    import orjson  # noqa: PLC0415 - heavy, and most commands log nothing

    clean = {name: redacted(value) if isinstance(value, str) else value for name, value in facts.items()}
    row = {"time": at, "level": level, "message": redacted(message), **clean}
    return orjson.dumps(row, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS).decode()


def for_people(lines: bytes) -> bytes:
    """Whole lines of output, those of the log in words: of a JSON line its message."""
    return b"".join(_in_words(line) for line in lines.splitlines(keepends=True))


def _in_words(line: bytes) -> bytes:
    if not line.startswith(b'{"time":'):
        return line
    import orjson  # noqa: PLC0415 - heavy, and most commands log nothing

    try:
        return str(orjson.loads(line)["message"]).encode() + b"\n"
    except (orjson.JSONDecodeError, KeyError):
        return line
