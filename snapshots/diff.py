"""What a build would change in a day file, by field: how many papers, and one example of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from .writer import rows

_SHOWN = 60


@dataclass(slots=True)
class Difference:
    """A field that changes in some papers, with the first of them."""

    field: str
    papers: int
    key: str
    old: object
    new: object

    def __str__(self) -> str:
        return f"{self.field}: {self.papers} papers, e.g. {self.key}: {_short(self.old)} -> {_short(self.new)}"


def differences(path: Path, content: bytes) -> list[Difference]:
    """The fields that differ between the day file at `path` and `content`, over the papers that are in both."""
    old, new = rows(path.read_bytes() if path.exists() else b""), rows(content)
    found: dict[str, Difference] = {}
    for key in sorted(old.keys() & new.keys()):
        for name in _changed(old[key], new[key]):
            before, after = old[key].get(name), new[key].get(name)
            found.setdefault(name, Difference(name, 0, key, before, after)).papers += 1
    return list(found.values())


def _changed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [name for name in new | old if old.get(name) != new.get(name)]


def _short(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
