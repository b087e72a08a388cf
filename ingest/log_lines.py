"""Log lines as JSON, and back to plain text that a terminal can show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from .redaction import redacted

Level = Literal["info", "warning", "error"]

_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line separators, what reorders the text around it, and bytes that are not text."""


def visible(text: str) -> str:
    """One line of text for a terminal: control characters as escapes such as `\\x1b`, the rest as it is.

    Titles, error pages and file names are written by others, and a terminal would obey what they contain.
    """
    return _UNSAFE.sub(lambda match: ascii(match[0])[1:-1], text)


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
        return visible(str(orjson.loads(line)["message"])).encode() + b"\n"
    except (orjson.JSONDecodeError, KeyError):
        return line
