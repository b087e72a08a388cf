"""What can be wrong with the files of a store; each message names the file and what to do."""

from __future__ import annotations


class StoreError(Exception):
    """A store, or a file in it, that cannot be read. Base of the errors of `snapshots` and of `dailypapers`."""


class CertificateError(StoreError):
    """A certificate that cannot be read; `dailypapers build` makes it again."""


class PaperNotFound(StoreError, LookupError):  # noqa: N818 - named for what it is
    """The store does not have the paper, or did not have it at the time asked for."""
