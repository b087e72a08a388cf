"""`as-of.json`: marks a store that holds the days as another one had them at a time in the past."""

from __future__ import annotations

from datetime import datetime

import orjson

from .atomic import write_whole
from .layout import Store
from .reading import read_whole


def write_as_of(store: Store, instant: datetime) -> None:
    """Mark a store as the state at `instant`, which is in UTC."""
    text = instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    write_whole(store.as_of, orjson.dumps({"as_of": text}, option=orjson.OPT_APPEND_NEWLINE))


def read_as_of(store: Store) -> str | None:
    """The time whose state a store holds, such as `2025-12-08T10:00:00Z`; None for a store that is not marked."""
    try:
        return str(orjson.loads(read_whole(store.as_of))["as_of"])
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, LookupError, TypeError):
        return "an unknown time"
