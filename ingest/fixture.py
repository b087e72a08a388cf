"""A fixture of a parser: a page as served and what is known of it, in `tests/fixtures/<source>/<case>/`.

`page.*` is the page, `meta.json` says where it came from, in which state, and what its files must be: the sha256 of
each file stands there, so that one edited by hand is noticed. docs/new-source.md says how a case is made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

MOST_BYTES: Final = 200_000
"""A page of a fixture is smaller than this; cut one that is not."""

META: Final = (
    "url",
    "status",
    "headers",
    "fetched_at",
    "parser",
    "day",
    "synthetic",
    "note",
    "error",
    "cut",
    "scrubbed",
    "sha256",
)
"""The keys of `meta.json` in their order; `error`, of a page that is no listing, is the one that may be missing.

`day` is what the caller of the parser says, `synthetic` that the papers are invented, `cut` null for a whole page, else
`{"items": [1, 3], "of": 50}`, `scrubbed` what was taken out of page and headers, `sha256` the digest of each file.
"""


def meta_bytes(meta: Mapping[str, Any]) -> bytes:
    """`meta.json` as it is written: keys in the order of META, those unknown last."""
    known = {name: meta[name] for name in META if name in meta}
    return (json.dumps({**known, **meta}, indent=2) + "\n").encode()


def digest(content: bytes) -> str:
    """The sha256 of a file as `meta.json` holds it."""
    return hashlib.sha256(content).hexdigest()
