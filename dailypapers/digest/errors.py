"""What can be wrong with the digest; each message says what and what to do."""

from __future__ import annotations


class DigestError(Exception):
    """Base of the errors of the digest."""


class InvalidValueError(DigestError, ValueError):
    """A value that a user gave is wrong: an address, a time, a zone, an entry of `mail.yaml`."""


class RelayError(DigestError):
    """The mail relay cannot be reached, refuses the password, or refuses the sender: no mail can be sent."""
