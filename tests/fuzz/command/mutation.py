"""Random changes of bytes and JSON values, and odd texts to put in."""

from __future__ import annotations

import json
from random import Random
from typing import Any, Final

ODD_TEXTS: Final = (
    "",
    " ",
    "0",
    "-1",
    "1e308",
    "-1e999",
    "9" * 400,
    "9" * 5000,
    "caf\xe9",
    "\u202epapers",
    "\x1b]0;title\x07",
    "\x9b31m",
    "\x00",
    "\r\nX: y",
    "\ud800",
    "NaN",
    "null",
    "../x",
    "9999-12-31",
    "0001-01-01",
    "2025-02-30",
    "2025-12-10T24:61:00+99:99",
    "http://[bad/x",
    "http://a:99999/",
    "//",
    "%00%zz%ff",
    "{}[]\"'<>&;",
    "x" * 3000,
)
ODD_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    0,
    10**30,
    1e308,
    -0.5,
    [],
    {},
    [[]],
    [None],
    {"": None},
    *ODD_TEXTS,
)
_ODD_BYTES: Final = (
    b"\x00",
    b"\xff\xfe",
    b"\x1b[31m",
    b"\r\n",
    b"\n\n",
    b"caf\xe9",
    b'"',
    b"[" * 300,
    b"<" * 50,
    b"\xef\xbb\xbf",
)


def odd_text(rng: Random) -> str:
    """An odd text."""
    return rng.choice(ODD_TEXTS)


def mutated(rng: Random, data: bytes) -> bytes:
    """The bytes after one to four changes: flipped, cut, repeated, removed, or something odd inserted."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice((1, 4, 30, 1000)))
        match rng.randrange(6):
            case 0 if start < len(data):
                data = data[:start] + bytes([data[start] ^ 1 << rng.randrange(8)]) + data[start + 1 :]
            case 1:
                data = data[:start]
            case 2:
                data = data[:end] + data[start:end] * rng.randint(1, 20) + data[end:]
            case 3:
                data = data[:start] + data[end:]
            case _:
                data = data[:start] + rng.choice((*_ODD_BYTES, _bytes(odd_text(rng)))) + data[start:]
    return data


def mutated_json(rng: Random, data: bytes) -> bytes:
    """JSON with one to three values replaced, removed or renamed; other bytes are changed as bytes."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):  # an earlier change can have put thousands of brackets there
        return mutated(rng, data)
    for _ in range(rng.randint(1, 3)):
        value = _changed(rng, value)
    return json.dumps(value, indent=rng.choice((None, 2))).encode()


def _changed(rng: Random, value: Any) -> Any:
    if not isinstance(value, list | dict) or not value or rng.random() < 0.1:
        return rng.choice(ODD_VALUES)
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    key, copy = rng.choice(keys), value.copy()
    match rng.randrange(12):
        case 0:
            del copy[key]
        case 1 if isinstance(copy, dict):
            copy[odd_text(rng)] = copy.pop(key)
        case 2 if isinstance(copy, list):
            copy.append(copy[key])
        case _:
            copy[key] = _changed(rng, copy[key])
    return copy


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
