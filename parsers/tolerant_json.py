"""JSON as sites serve it, broken bytes included.

orjson is strict: one lone surrogate or one byte that is no UTF-8, and it refuses the whole page. Such a page is
read again by the tolerant `json`, and only the items that cannot be written as UTF-8 are given up.
"""

import json
import math
from dataclasses import dataclass

import orjson

_BOM = b"\xef\xbb\xbf"
_INT64 = range(-(2**63), 2**64)


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

    def items(self, found: list[object]) -> list[object]:
        """The items of a list inside the value, those that cannot be UTF-8 marked as Unreadable."""
        return found if self.clean else [_readable(item) for item in found]


def loads(body: bytes | str) -> Decoded:
    """Decode JSON; raises ValueError that says where it breaks, and for nesting that no honest page has."""
    try:
        return Decoded(orjson.loads(body), clean=True)
    except orjson.JSONDecodeError:
        text = body if isinstance(body, str) else body.removeprefix(_BOM).decode(errors="surrogateescape")
        return Decoded(_tolerant(text), clean=False)


def kind(value: object) -> str:
    """What a JSON value is, in words for a message."""
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
    try:
        return json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=str)
    except RecursionError:
        raise ValueError("nested too deeply to be read") from None


# Numbers as orjson gives them (beyond 64 bits a float); what is none (NaN, 1e999) stays the text it is.
def _integer(digits: str) -> int | float | str:
    if len(digits) <= 20 and int(digits) in _INT64:
        return int(digits)
    return _number(digits)


def _number(digits: str) -> float | str:
    value = float(digits)
    return value if math.isfinite(value) else digits


def _readable(item: object) -> object:
    try:
        json.dumps(item, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        bad = error.object[error.start]
        return Unreadable(item, f"holds {bad!a}, a lone surrogate or a broken byte, which UTF-8 has not")
    except RecursionError:
        return Unreadable(item, "is nested too deeply to be read")
    return item
