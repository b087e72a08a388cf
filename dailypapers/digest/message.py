"""The bytes of a mail (RFC 5322, RFC 2045), written here instead of by Python's email package.

That package writes a long List-Unsubscribe as encoded words, which no mail client follows, and a Subject with foreign
text could add headers. Here a header holds ASCII text of our own on one line, or the message is refused.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from .model import InvalidValueError

_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*", re.ASCII)
_HEADER_TEXT: Final = re.compile(r"[\x20-\x7e]+", re.ASCII)
_MAX_LINE: Final = 998
"""https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1"""
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
    re.ASCII,
)
"""As in `<input type=email>`: https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address"""
_MAX_ADDRESS: Final = 254

Headers = Sequence[tuple[str, str]]


def check_address(text: str) -> str:
    """The address of a subscriber or sender. Raises InvalidValueError for text that is not an address, or not ASCII."""
    if len(text) > _MAX_ADDRESS or _ADDRESS.fullmatch(text) is None or "=?" in text:
        raise InvalidValueError("this is not a mail address in ASCII; write it as NAME@DOMAIN")
    return text


def header_lines(headers: Headers) -> bytes:
    """Header lines, each ASCII and on one line. Raises InvalidValueError for a text that cannot be one."""
    lines = []
    for name, text in headers:
        line = f"{name}: {text}"
        # `=?` would begin an encoded word, which a reader decodes to something else.
        is_plain = _HEADER_NAME.fullmatch(name) and _HEADER_TEXT.fullmatch(text) and "=?" not in text
        if not is_plain or len(line) > _MAX_LINE:
            raise InvalidValueError(f"the header {name} cannot hold {text[:80]!a}")
        lines.append(line.encode("ascii") + b"\r\n")
    return b"".join(lines)


def plain_message(headers: Headers, text: str) -> bytes:
    """A mail with one part of plain text."""
    body = _quoted_printable(text)
    return header_lines([*headers, ("MIME-Version", "1.0"), *_part_headers("plain")]) + b"\r\n" + body


def alternative_message(headers: Headers, text: str, html: str, *, boundary: str) -> bytes:
    """A mail with a part of plain text and one of HTML.

    No line of a part can be the boundary: it begins with `=_`, and quoted-printable writes `=` only before two hex
    digits or the end of a line.
    """
    kind = f'multipart/alternative; boundary="=_{boundary}"'
    head = header_lines([*headers, ("MIME-Version", "1.0"), ("Content-Type", kind)])
    mark = f"--=_{boundary}".encode("ascii")
    parts = [
        mark + b"\r\n" + header_lines(_part_headers(kind)) + b"\r\n" + _quoted_printable(content) + b"\r\n"
        for kind, content in (("plain", text), ("html", html))
    ]
    return head + b"\r\n" + b"".join(parts) + mark + b"--\r\n"


def format_date(instant: datetime) -> str:
    """A time as in the header Date."""
    return format_datetime(instant)


def _part_headers(kind: str) -> Headers:
    return [("Content-Type", f"text/{kind}; charset=utf-8"), ("Content-Transfer-Encoding", "quoted-printable")]


def _quoted_printable(text: str) -> bytes:
    # The encoder takes the first end of a line for that of all, and leaves a lone carriage return.
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return binascii.b2a_qp(lines.encode("utf-8", "replace"), istext=True).replace(b"\n", b"\r\n")
