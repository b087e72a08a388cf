"""Signed tokens for the links in mails: what a subscriber may do, for which subscription, until when.

A token holds no address, and only who has the secret of this installation can make one.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, NamedTuple

from dailypapers.snapshots.store.atomic import make_folder, read_whole, sync_folder

from .model import DigestError

Purpose = Literal["confirm", "unsubscribe"]

_TOKEN: Final = re.compile(r"([cu])\.([0-9a-f]{32})\.(\d{1,12})\.([A-Za-z0-9_-]{43})", re.ASCII)
_LETTERS: Final[dict[Purpose, str]] = {"confirm": "c", "unsubscribe": "u"}
_SECRET_BYTES: Final = 32


class Token(NamedTuple):
    """What a valid token stands for."""

    subscription: str
    expires: datetime | None


class Tokens:
    """Makes and checks tokens with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, purpose: Purpose, subscription: str, expires: datetime | None = None) -> str:
        """A token for a subscription's id; it never expires if no time is given."""
        text = f"{_LETTERS[purpose]}.{subscription}.{int(expires.timestamp()) if expires else 0}"
        return f"{text}.{self._signature(text)}"

    def check(self, purpose: Purpose, token: str, now: datetime) -> Token | None:
        """What a token stands for; None if it is forged, cut, expired, or for another purpose."""
        match = _TOKEN.fullmatch(token)
        if match is None or match[1] != _LETTERS[purpose]:
            return None
        if not hmac.compare_digest(match[4], self._signature(token.rpartition(".")[0])):
            return None
        expires = datetime.fromtimestamp(int(match[3]), UTC) if int(match[3]) else None
        return Token(match[2], expires) if expires is None or now < expires else None

    def _signature(self, text: str) -> str:
        digest = hmac.digest(self._secret, text.encode("ascii"), sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def load_secret(path: Path) -> bytes:
    """The secret in a file, which is made if it is missing, readable by its owner alone.

    Raises DigestError if the file holds something else.
    """
    if not path.exists():
        _make_secret(path)
    # Those of processes that were killed; one that is about to link its own then uses the secret that is there.
    for left_over in path.parent.glob(f"{path.name}.*.tmp"):
        left_over.unlink(missing_ok=True)
    return _read_secret(path)


def _make_secret(path: Path) -> None:
    make_folder(path.parent)
    # Complete under another name first: a process may be killed here, or run beside another.
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(_SECRET_BYTES).hex().encode("ascii"))
        file.flush()
        os.fsync(handle)
    with suppress(FileExistsError, FileNotFoundError):
        os.link(aside, path)
    sync_folder(path.parent)


def _read_secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(read_whole(path).decode("ascii"))
    except ValueError:
        secret = b""
    if len(secret) != _SECRET_BYTES:
        raise DigestError(f"{path}: not a secret of 64 hex digits; restore it, or remove it (then links in mails end)")
    return secret
