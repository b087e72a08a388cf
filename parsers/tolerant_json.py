"""JSON as sites serve it, broken bytes included.

orjson is strict: it refuses a whole page for one lone surrogate or one byte that is not UTF-8. Such a page is read
again by the tolerant `json`, and only the items that cannot be written as UTF-8 are given up.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import orjson

from .model import Page, ParseError

MAX_DEPTH: Final = 500
"""Lists and objects that are open at once. Without an own limit, that of the interpreter decides, which differs by
version; orjson has an own limit of 1,024."""

_BRACKETS: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_BOM = b"\xef\xbb\xbf"
_INT64 = range(-(2**63), 2**64)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that no record can be made of, as found."""

    raw: object
    reason: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """A JSON value; `clean` says that all its text is UTF-8."""

    value: object
    clean: bool

    def items(self, items: Sequence[T]) -> Sequence[T | Unreadable]:
        """The items of a list inside the value, with those that cannot be UTF-8 as Unreadable."""
        return items if self.clean else [_readable(item) for item in items]


def loads(body: bytes | str) -> Decoded:
    """Decode JSON; raises ValueError that says where it breaks, or that it is nested too deeply."""
    try:
        return Decoded(orjson.loads(body), clean=True)
    except orjson.JSONDecodeError:
        text = body if isinstance(body, str) else body.removeprefix(_BOM).decode(errors="surrogateescape")
        return Decoded(_tolerant(text), clean=False)


def load_page(page: Page) -> Decoded:
    """Decode a page that is JSON as a whole; raises ParseError."""
    try:
        return loads(page.body)
    except ValueError as error:
        raise ParseError(page.url, f"no valid JSON: {error}") from error


def is_too_deep(text: str) -> bool:
    """Whether more than MAX_DEPTH lists and objects of a JSON text are open at once."""
    depth = 0
    for match in _BRACKETS.finditer(text):
        character = match[0][0]
        depth += (character in "[{") - (character in "]}")
        if depth > MAX_DEPTH:
            return True
    return False


def describe(value: object) -> str:
    """A JSON value described for a message."""
    if isinstance(value, str):
        return f"the text {_short(value)}"
    if value is None or isinstance(value, bool | int | float):
        return f"the value {json.dumps(value)[:100]}"
    if isinstance(value, dict):
        return f"an object with the keys {_short(', '.join(value))}" if value else "an empty object"
    return f"a list of {len(value)}" if isinstance(value, list) else type(value).__name__


def _short(text: str) -> str:
    return ascii(text if len(text) <= 100 else f"{text[:100]}...")


def _tolerant(text: str) -> object:
    if is_too_deep(text):
        raise ValueError("nested too deeply to be read")
    return json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=str)


# Numbers as orjson gives them (a float beyond 64 bits); what is not a finite number (NaN, 1e999) stays text.
def _integer(digits: str) -> int | float | str:
    if len(digits) <= 20 and int(digits) in _INT64:
        return int(digits)
    return _number(digits)


def _number(digits: str) -> float | str:
    value = float(digits)
    return value if math.isfinite(value) else digits


def _readable(item: T) -> T | Unreadable:
    try:
        json.dumps(item, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        bad = error.object[error.start]
        return Unreadable(item, f"holds {bad!a}, a lone surrogate or a broken byte, which UTF-8 has not")
    return item
