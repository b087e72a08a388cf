"""Papers in, files out: the deduplicating writer and the reader of daily snapshots.

Names are imported when they are used, since the record model costs a quarter of a second that a command which only
looks at certificates should not pay.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "Certificate": "certificate",
    "Report": "writer",
    "Series": "store.layout",
    "Sighting": "merge",
    "SnapshotError": "errors",
    "Store": "store.layout",
    "read_certificate": "certificate",
    "read_day": "reader",
    "read_range": "reader",
    "Snapshot": "writer",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the table above is the surface; a test holds it


def __getattr__(name: str) -> Any:  # noqa: ANN401 - PEP 562 hands out whatever the name stands for
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
