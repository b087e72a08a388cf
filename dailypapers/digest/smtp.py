"""Hands mails to a relay by SMTP (RFC 5321): the one place that opens a connection for the digest."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from .model import RelayError

Security = Literal["tls", "starttls", "none"]
_TIMEOUT: Final = 30
"""Seconds until a relay that does not answer is given up."""
_MAX_REPLY: Final = 500
_SHUTTING_DOWN: Final = 421


class Relay(NamedTuple):
    """Where mails are handed to, and how."""

    host: str
    port: int
    security: Security
    user: str | None
    password: str | None


class Delivery(NamedTuple):
    """What became of a mail that was handed to the relay."""

    outcome: Literal["sent", "deferred", "refused", "unknown"]
    reply: str


@dataclass(slots=True)
class SmtpClient:
    """A connection to a relay, opened at the first mail and again after an error. Use it as a context manager."""

    relay: Relay
    sender: str
    _connection: smtplib.SMTP | None = field(default=None, init=False)

    def __enter__(self) -> SmtpClient:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def deliver(self, address: str, message: bytes) -> Delivery:
        """Hand over one mail for one recipient.

        Raises RelayError if no mail can be handed over: no connection, no login, or the sender is refused. Then nothing
        of this mail was sent.
        """
        connection = self._opened()
        try:
            code, reply = connection.mail(self.sender)
            if code >= 500:
                raise RelayError(f"{self._name} refuses the sender: {_text(code, reply)}; see `from` in mail.yaml")
            if code < 400:
                code, reply = connection.rcpt(address)
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            return Delivery("deferred", _reason(error))
        if code >= 400:
            return self._not_taken(code, reply)
        return self._send(connection, message)

    def _send(self, connection: smtplib.SMTP, message: bytes) -> Delivery:
        try:
            code, reply = connection.data(message)
        except smtplib.SMTPDataError as error:  # in place of 354: the message was not sent
            return self._not_taken(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            return Delivery("unknown", f"no answer after the message ({_reason(error)})")
        if code >= 400:
            return self._not_taken(code, reply)
        return Delivery("sent", _text(code, reply))

    def _not_taken(self, code: int, reply: bytes | str) -> Delivery:
        self._reset(code)
        return Delivery("refused" if code >= 500 else "deferred", _text(code, reply))

    def _reset(self, code: int) -> None:
        """End the failed transaction, or the connection if the relay does."""
        try:
            if code != _SHUTTING_DOWN and self._connection is not None and self._connection.rset()[0] < 400:
                return
        except (smtplib.SMTPException, OSError):
            pass
        self._close()

    def _opened(self) -> smtplib.SMTP:
        if self._connection is None:
            try:
                self._connection = self._connect()
            except (smtplib.SMTPException, OSError) as error:
                raise RelayError(f"{self._name} takes no mail: {_reason(error)}; see `relay` in mail.yaml") from error
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        relay = self.relay
        # smtplib's own context does not check certificates.
        context = ssl.create_default_context() if relay.security != "none" else None
        if relay.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(relay.host, relay.port, timeout=_TIMEOUT, context=context)
        else:
            connection = smtplib.SMTP(relay.host, relay.port, timeout=_TIMEOUT)
        with ExitStack() as unless_ready:
            unless_ready.callback(connection.close)
            if relay.security == "starttls":
                connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
            if relay.user is not None:
                connection.login(relay.user, relay.password or "")
            unless_ready.pop_all()
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()

    @property
    def _name(self) -> str:
        return f"the mail relay {self.relay.host}:{self.relay.port}"


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _text(error.smtp_code, error.smtp_error)
    return str(error)[:_MAX_REPLY] or type(error).__name__


def _text(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {' '.join(text.split())}"[:_MAX_REPLY]
