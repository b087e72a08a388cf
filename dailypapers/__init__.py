"""Every paper that Hugging Face Daily Papers listed, each day, as clean records.

    import dailypapers

    store = dailypapers.open("data")
    for paper in store.papers("hf-daily", since="2025-12-01"):
        print(paper.day, paper.key, paper.title)

    for hit in store.search("diffusion transformer").hits:
        print(hit.key, hit.fields["title"], hit.first_day)

`open` gives a `PaperStore`; its errors are in `dailypapers.errors`. Names are imported when they are used, because the
record model takes a quarter of a second to load.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .ingest import __version__ as __version__

if TYPE_CHECKING:
    from dailypapers.parsers.model import Author as Author
    from dailypapers.parsers.model import Organization as Organization
    from dailypapers.parsers.model import Paper as Paper
    from dailypapers.snapshots.catalog.model import Alias as Alias
    from dailypapers.snapshots.catalog.model import Arrival as Arrival
    from dailypapers.snapshots.catalog.model import Arrivals as Arrivals
    from dailypapers.snapshots.catalog.model import CatalogPaper as CatalogPaper
    from dailypapers.snapshots.catalog.model import Cursor as Cursor
    from dailypapers.snapshots.catalog.model import Listing as Listing
    from dailypapers.snapshots.catalog.model import QueryError as QueryError
    from dailypapers.snapshots.catalog.model import QueryResult as QueryResult
    from dailypapers.snapshots.catalog.model import SearchResult as SearchResult
    from dailypapers.snapshots.catalog.model import Source as Source
    from dailypapers.snapshots.certificate import Certificate as Certificate
    from dailypapers.snapshots.history import Metric as Metric
    from dailypapers.snapshots.history import PaperHistory as PaperHistory
    from dailypapers.snapshots.store.layout import Series as Series

    from .errors import CertificateError as CertificateError
    from .errors import DayNotBuilt as DayNotBuilt
    from .errors import InvalidCursor as InvalidCursor
    from .errors import InvalidDay as InvalidDay
    from .errors import InvalidQuery as InvalidQuery
    from .errors import InvalidTime as InvalidTime
    from .errors import PaperNotFound as PaperNotFound
    from .errors import StoreError as StoreError
    from .errors import StoreNotFound as StoreNotFound
    from .errors import UnknownSource as UnknownSource
    from .store import Day as Day
    from .store import PaperStore as PaperStore
    from .store import open as open
else:
    _MODULES = {
        "dailypapers.errors": (
            "CertificateError",
            "DayNotBuilt",
            "InvalidCursor",
            "InvalidDay",
            "InvalidQuery",
            "InvalidTime",
            "PaperNotFound",
            "StoreError",
            "StoreNotFound",
            "UnknownSource",
        ),
        "dailypapers.store": ("Day", "PaperStore", "open"),
        "dailypapers.parsers.model": ("Author", "Organization", "Paper"),
        "dailypapers.snapshots.catalog.model": (
            "Alias",
            "Arrival",
            "Arrivals",
            "CatalogPaper",
            "Cursor",
            "Listing",
            "QueryError",
            "QueryResult",
            "SearchResult",
            "Source",
        ),
        "dailypapers.snapshots.certificate": ("Certificate",),
        "dailypapers.snapshots.history": ("Metric", "PaperHistory"),
        "dailypapers.snapshots.store.layout": ("Series",),
    }
    _HOME = {name: module for module, names in _MODULES.items() for name in names}
    __all__ = sorted([*_HOME, "__version__"])  # noqa: PLE0605 - the table above is the surface; a test holds it

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOME[name]), name)
