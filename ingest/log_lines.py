"""Log lines as JSON, without secrets, and back to plain text that a terminal can show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

MASK: Final = "***"
"""What a secret is replaced by."""
# Strings, which `re` compiles and caches when they are first used: most commands print nothing that is redacted.
# A site may send a header of megabytes, so no pattern may take a time that grows with the square of the text.
_PATTERNS: Final = (
    # User and password in the address of a proxy, or in a mistyped endpoint.
    r"(?P<prefix>://)[^\s/?#'\"]*(?=@)",
    # Signed addresses, to which sites redirect downloads, and tokens in a query. A name without a value is none. A
    # colon before white space or the end belongs to our message about the address, unless it is the whole value.
    r"(?P<prefix>[?&;](?=[\w.%-]+=[^\s&;#'\"])"
    r"[\w.%-]*(?:token|key|secret|signature|sig|password|passwd|auth|credential)[\w.%-]*=)[^\s&;#'\"]+?(?=:?(?:\s|\Z)|[&;#'\"])",
    r"(?P<prefix>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}",
    # https://huggingface.co/docs/hub/security-tokens: the prefix of user access tokens; HF_ENDPOINT is not one.
    r"(?P<prefix>(?-i:\bhf_))[A-Za-z0-9]{8,}",
    # Tokens of OAuth, and any other JSON Web Token (https://www.rfc-editor.org/rfc/rfc7519#section-3.1).
    r"(?P<prefix>(?-i:\bhf_(?:oauth|jwt)_))[\w.-]{8,}",
    r"(?P<prefix>)(?-i:(?<![A-Za-z0-9-])eyJ[\w-]{8,512}\.eyJ[\w-]{8,4096}\.[\w-]{4,})",
    # Mail addresses: a subscriber's, which a mail relay repeats in its answers. Before the @ there are at most 64
    # characters (https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1).
    r"(?P<prefix>)(?<![\w.@/*])[\w.!#$%&'+=?^`{|}~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?![\w/])",
)


def redacted(text: str, token: str | None = None) -> str:
    """The text without the user's token, and without anything that looks like a password or token.

    Bytes that are not Unicode (from a command line or a file name) are escaped, so that the text can be printed.
    """
    text = text.encode("utf-8", "backslashreplace").decode()
    if token:
        text = text.replace(token, MASK)
    for pattern in _PATTERNS:
        text = re.sub(pattern, rf"\g<prefix>{MASK}", text, flags=re.IGNORECASE)
    return text


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
