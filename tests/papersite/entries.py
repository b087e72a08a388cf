"""One item of a list, with its rendered forms, which take time to make."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

Item = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Entry:
    """An item. Items compare by identity, so that a tuple of them is a fast cache key for pages."""

    item: Item

    @property
    def id(self) -> str:
        return str(self.item["paper"]["id"])

    @property
    def upvotes(self) -> int:
        return int(self.item["paper"]["upvotes"])

    @property
    def published(self) -> str:
        return str(self.item["paper"]["publishedAt"])

    @cached_property
    def json(self) -> bytes:
        return orjson.dumps(self.item)

    @cached_property
    def text(self) -> str:
        """The text that a search matches."""
        return f"{self.item['paper']['title']} {self.item['paper'].get('summary', '')}".casefold()
