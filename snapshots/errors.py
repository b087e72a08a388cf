"""What can be wrong with files of the store, each said with the file and what to do."""

from __future__ import annotations


class SnapshotError(Exception):
    """A day file that cannot be read."""


class CertificateError(SnapshotError):
    """A certificate that cannot be read; a build makes it anew."""
