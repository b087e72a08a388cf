"""What becomes of a mail for each answer of a relay, at each step of a delivery (RFC 5321, 4.3.2)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from dailypapers.digest.model import RelayError
from dailypapers.digest.smtp import Delivery, Relay, SmtpClient

MESSAGE = b"Subject: New papers\r\n\r\n.one dot\r\n"
END = "."
"""The step after the message."""
GREETING = "greeting"


@dataclass
class ScriptedRelay:
    """A relay on loopback that answers each command as a test wants; None ends the connection."""

    answers: dict[str, str | None] = field(default_factory=dict)
    """By command (`MAIL`, `RCPT`, `DATA`, `RSET`, `.` after the message, `greeting`), in place of its usual answer."""
    commands: list[str] = field(default_factory=list)
    """What it was sent, without the messages."""
    messages: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection, connection.makefile("rb") as lines:
                self._converse(connection, lines)

    def _converse(self, connection: socket.socket, lines: Iterator[bytes]) -> None:
        if not self._answer(connection, GREETING, "220 relay"):
            return
        for line in lines:
            self.commands.append(line.decode().strip())
            command = line.decode().split()[0].upper()
            usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(command, "250 OK")
            if not self._answer(connection, command, usual) or command == "QUIT":
                return
            if command == "DATA" and self.answers.get("DATA") is None:
                self.messages.append(b"".join(iter(lines.__next__, b".\r\n")))
                if not self._answer(connection, END, "250 queued as 1"):
                    return

    def _answer(self, connection: socket.socket, step: str, usual: str) -> bool:
        answer = self.answers.get(step, usual)
        if answer is None:
            return False
        connection.sendall(f"{answer}\r\n".encode())
        return True


@pytest.fixture
def relay() -> Iterator[ScriptedRelay]:
    with closing(ScriptedRelay()) as scripted:
        yield scripted


def client_of(relay: ScriptedRelay) -> SmtpClient:
    return SmtpClient(Relay("127.0.0.1", relay.port, "none", None, None), "papers@lists.example")


def deliver(client: SmtpClient) -> Delivery:
    return client.deliver("ann@example.org", MESSAGE)


def test_a_mail_is_handed_over_in_one_transaction_and_the_connection_is_used_again(relay: ScriptedRelay) -> None:
    with client_of(relay) as client:
        assert [deliver(client), deliver(client)] == [Delivery("sent", "250 queued as 1")] * 2
    once = ["mail from:<papers@lists.example>", "rcpt to:<ann@example.org>", "data"]
    # Python's versions differ in the case of FROM and TO.
    commands = [command.lower().split(" size=")[0] for command in relay.commands[1:]]
    assert commands == [*once, *once, "quit"]
    assert relay.messages == [b"Subject: New papers\r\n\r\n..one dot\r\n"] * 2
    assert relay.connections == 1


@pytest.mark.parametrize(
    ("step", "answer", "delivery"),
    [
        ("MAIL", "451 4.3.0 later", Delivery("deferred", "451 4.3.0 later")),
        ("RCPT", "450 4.2.0 greylisted", Delivery("deferred", "450 4.2.0 greylisted")),
        ("RCPT", "400 later", Delivery("deferred", "400 later")),
        ("RCPT", "550 5.1.1 no such user", Delivery("refused", "550 5.1.1 no such user")),
        ("RCPT", "500 no", Delivery("refused", "500 no")),
        ("DATA", "451 later", Delivery("deferred", "451 later")),
        ("DATA", "554 no valid recipients", Delivery("refused", "554 no valid recipients")),
        (END, "452 4.3.1 no   space", Delivery("deferred", "452 4.3.1 no space")),
        (END, "554 5.6.0 no", Delivery("refused", "554 5.6.0 no")),
    ],
)
def test_a_mail_that_is_not_taken_is_refused_or_deferred_and_the_connection_stays(
    relay: ScriptedRelay, step: str, answer: str, delivery: Delivery
) -> None:
    relay.answers[step] = answer
    with client_of(relay) as client:
        assert deliver(client) == delivery
        assert relay.commands[-1] == "rset"
        del relay.answers[step]
        assert deliver(client).outcome == "sent"
    assert relay.connections == 1


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("MAIL", None, "deferred"),
        ("RCPT", None, "deferred"),
        ("RCPT", "421 4.3.2 shutting down", "deferred"),
        ("DATA", "421 4.3.2 shutting down", "deferred"),
        (END, "421 4.3.2 shutting down", "deferred"),
        (END, None, "unknown"),
    ],
)
def test_after_a_connection_that_ends_the_next_mail_has_a_new_one(
    relay: ScriptedRelay, step: str, answer: str | None, outcome: str
) -> None:
    relay.answers[step] = answer
    with client_of(relay) as client:
        first = deliver(client)
        assert first.outcome == outcome
        assert first.reply == answer or (answer is None and "onnection unexpectedly closed" in first.reply)
        assert first.reply.startswith("no answer after the message (") == (outcome == "unknown")
        del relay.answers[step]
        assert deliver(client).outcome == "sent"
    assert relay.connections == 2


@pytest.mark.parametrize("answer", ["500 what", None])
def test_a_transaction_that_cannot_be_ended_ends_the_connection(relay: ScriptedRelay, answer: str | None) -> None:
    relay.answers |= {"RCPT": "550 no such user", "RSET": answer}
    with client_of(relay) as client:
        assert deliver(client) == Delivery("refused", "550 no such user")
        relay.answers.clear()
        assert deliver(client).outcome == "sent"
    assert relay.connections == 2


def test_a_sender_that_is_refused_stops_all_mails(relay: ScriptedRelay) -> None:
    relay.answers["MAIL"] = "550 5.7.1 not you"
    with client_of(relay) as client, pytest.raises(RelayError) as raised:
        deliver(client)
    name = f"the mail relay 127.0.0.1:{relay.port}"
    assert str(raised.value) == f"{name} refuses the sender: 550 5.7.1 not you; see `from` in mail.yaml"


def test_a_relay_that_does_not_take_the_connection_stops_all_mails(relay: ScriptedRelay) -> None:
    name = f"the mail relay 127.0.0.1:{relay.port}"
    for answer, reason in (("554 go away", "554 go away"), (None, "Connection unexpectedly closed")):
        relay.answers[GREETING] = answer
        with client_of(relay) as client, pytest.raises(RelayError) as raised:
            deliver(client)
        assert str(raised.value) == f"{name} takes no mail: {reason}; see `relay` in mail.yaml"
    relay.close()


def test_a_long_answer_is_cut_and_bytes_that_are_not_unicode_are_replaced(relay: ScriptedRelay) -> None:
    relay.answers["RCPT"] = "550 " + "x" * 490 + "é" * 5
    with client_of(relay) as client:
        reply = deliver(client).reply
    assert (reply[:494], len(reply)) == ("550 " + "x" * 490, 499)
    relay.answers["RCPT"] = "550 " + "y" * 700
    with client_of(relay) as client:
        assert deliver(client).reply == ("550 " + "y" * 700)[:500]
