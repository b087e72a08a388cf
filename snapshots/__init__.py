"""Papers in, files out: the deduplicating writer and the reader of daily snapshots.

Names are imported when they are used, because the record model takes a quarter of a second to load, which a command
that only reads certificates should not pay.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .certificate import Certificate as Certificate
    from .certificate import read_certificate as read_certificate
    from .errors import CertificateError as CertificateError
    from .errors import StoreError as StoreError
    from .history import Metric as Metric
    from .history import PaperHistory as PaperHistory
    from .history import paper_history as paper_history
    from .history import read_metrics as read_metrics
    from .merge import Sighting as Sighting
    from .reader import read_day as read_day
    from .reader import read_range as read_range
    from .store.layout import Series as Series
    from .store.layout import Store as Store
    from .writer import Report as Report
    from .writer import Snapshot as Snapshot
else:
    _MODULES = {
        "certificate": ("Certificate", "read_certificate"),
        "errors": ("CertificateError", "StoreError"),
        "history": ("Metric", "PaperHistory", "paper_history", "read_metrics"),
        "merge": ("Sighting",),
        "reader": ("read_day", "read_range"),
        "store.layout": ("Series", "Store"),
        "writer": ("Report", "Snapshot"),
    }
    _HOME = {name: module for module, names in _MODULES.items() for name in names}
    __all__ = sorted(_HOME)  # noqa: PLE0605 - the table above is the surface; a test holds it

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
