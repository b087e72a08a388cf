"""What a program that reads a store may have to handle; all are `StoreError`, and each says what to do.

StoreError
├── StoreNotFound       there is no store at that path
├── UnknownSource       no source has that name (also a ValueError)
├── InvalidQuery        the source needs the words of a search, or takes none (also a ValueError)
├── InvalidDay          not a day, or a range that ends before it begins (also a ValueError)
├── InvalidTime         not a time, or one without a zone (also a ValueError)
├── InvalidCursor       not a cursor of `arrivals` (also a ValueError)
├── PaperNotFound       the store does not have the paper, or did not have it then (also a LookupError)
├── DayNotBuilt         the store has no papers of that day (also a LookupError)
└── CertificateError    the certificate of a day cannot be read
"""

from __future__ import annotations

from dailypapers.snapshots.errors import CertificateError, PaperNotFound, StoreError

__all__ = [
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
]


class StoreNotFound(StoreError):  # noqa: N818 - named for what it is
    """There is no store at the path given."""


class UnknownSource(StoreError, ValueError):  # noqa: N818 - named for what it is
    """No source has the name given."""


class InvalidQuery(StoreError, ValueError):  # noqa: N818 - named for what it is
    """A source that is a search was given no words, or another source was given some."""


class InvalidDay(StoreError, ValueError):  # noqa: N818 - named for what it is
    """Not a day like `2025-12-08`, or a range that ends before it begins."""


class InvalidTime(StoreError, ValueError):  # noqa: N818 - named for what it is
    """Not a time like `2025-12-08T10:00:00Z`, or a `datetime` without a zone."""


class InvalidCursor(StoreError, ValueError):  # noqa: N818 - named for what it is
    """Not a cursor, such as `arrivals` returns."""


class DayNotBuilt(StoreError, LookupError):  # noqa: N818 - named for what it is
    """The store holds no snapshot of the day."""
