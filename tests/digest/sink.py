"""A mail relay on loopback (aiosmtpd) that records what it is given, and fails as a test wants."""

from __future__ import annotations

import asyncio
import email.policy
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller

DROP = "drop"
"""In place of an answer: the relay has the message, and the connection ends."""


@dataclass(frozen=True)
class Received:
    """A message that the relay was given completely."""

    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The message as a mail program reads it."""
        return parse(self.content)

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


def parse(content: bytes) -> EmailMessage:
    """A message as a mail program reads it."""
    message = BytesParser(policy=email.policy.SMTP).parsebytes(content)
    assert isinstance(message, EmailMessage)
    return message


@dataclass
class Sink:
    """What was received, and how the relay answers; the answers may be changed at any time."""

    received: list[Received] = field(default_factory=list)
    """With those whose answer was lost."""
    recipient_answer: Callable[[str], str] = lambda _: "250 OK"
    data_answer: Callable[[str], str] = lambda _: "250 OK"
    sender_answer: str = "250 OK"
    port: int = 0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.sender_answer.startswith("2"):
            envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        answer = self.recipient_answer(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        answer = self.data_answer(envelope.rcpt_tos[0])
        if answer == DROP or answer.startswith("2"):
            self.received.append(Received(tuple(envelope.rcpt_tos), bytes(envelope.content)))
        if answer == DROP:
            server.transport.abort()
            await asyncio.sleep(0)
        return answer

    def recipients(self) -> list[str]:
        """The recipients in the order of the messages."""
        return [recipient for each in self.received for recipient in each.recipients]


@contextmanager
def running(**options: Any) -> Iterator[Sink]:
    """A relay on a free port of 127.0.0.1, with options of aiosmtpd's controller and server."""
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sink.port = listening.getsockname()[1]
        controller = _Relay(listening, sink, hostname="127.0.0.1", port=sink.port, ready_timeout=120, **options)
        controller.start()
        try:
            yield sink
        finally:
            controller.stop()


class _Relay(Controller):
    """On a socket that listens already: between the choice of a port and its use, another process could take it."""

    def __init__(self, listening: socket.socket, handler: Sink, **options: Any) -> None:
        super().__init__(handler, decode_data=False, **options)
        self._listening = listening

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening, ssl=self.ssl_context)
