"""The mail database and the secret in the state folder, as the subcommands open them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dailypapers.cli.settings import Settings
from dailypapers.ingest.errors import IngestError, UsageError

if TYPE_CHECKING:
    from .tokens import Tokens


@contextmanager
def mail_database(settings: Settings) -> Iterator[sqlite3.Connection]:
    """The database. Raises IngestError, with the message of the digest, if it cannot be used."""
    from .database import opened

    with mail_errors(), opened(settings.state_folder) as connection:
        yield connection


@contextmanager
def mail_errors() -> Iterator[None]:
    """Turns errors of the digest into those that the command line prints."""
    from .errors import DigestError, InvalidValueError

    try:
        yield
    except InvalidValueError as error:
        raise UsageError(str(error)) from error
    except DigestError as error:
        raise IngestError(str(error)) from error


def mail_tokens(settings: Settings) -> Tokens:
    """The tokens of this installation; its secret is made at the first call."""
    from .tokens import Tokens, load_secret

    with mail_errors():
        return Tokens(load_secret(settings.state_folder / "mail.secret"))
