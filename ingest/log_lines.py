"""Log lines as JSON, and back to plain text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from ingest.redaction import redacted

Level = Literal["info", "warning", "error"]


def json_line(time: datetime, level: Level, message: str, facts: Mapping[str, object], token: str | None) -> str:
    """A line of the JSON log, redacted; `token` is the secret of the user."""
    import orjson  # noqa: PLC0415 - heavy, and most commands log nothing

    clean = {name: redacted(value, token) if isinstance(value, str) else value for name, value in facts.items()}
    row = {"time": time, "level": level, "message": redacted(message, token), **clean}
    return orjson.dumps(row, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS).decode()


def plain_lines(output: bytes) -> bytes:
    """Complete lines of output, with each line of the JSON log replaced by its message."""
    return b"".join(map(_plain_line, output.splitlines(keepends=True)))


def _plain_line(line: bytes) -> bytes:
    if not line.startswith(b'{"time":'):
        return line
    import orjson  # noqa: PLC0415 - as above

    try:
        return str(orjson.loads(line)["message"]).encode() + b"\n"
    except (orjson.JSONDecodeError, KeyError):
        return line
