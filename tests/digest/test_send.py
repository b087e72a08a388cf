"""Handing mails to a relay: what becomes of each answer, of a kill, of two senders, and of a clock that is set back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import orjson
import pytest

from dailypapers.digest import issues as selection
from dailypapers.digest.database import opened
from dailypapers.digest.model import Issue
from dailypapers.digest.outbox import Outbox
from dailypapers.digest.subscriptions import Subscriptions
from tests.digest.conftest import Mailing, at, listed
from tests.digest.sink import DROP

ISSUE = at(10, 7, 1)


@pytest.fixture
def waiting(mailing: Mailing) -> Mailing:
    """One subscriber, whose issue is due at ISSUE."""
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe()
    return mailing


def outbox(mailing: Mailing) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = orjson.loads(mailing("outbox", "--json").out)
    return rows


def test_a_mail_is_sent_once_with_one_recipient(waiting: Mailing) -> None:
    waiting.subscribe("bob@example.org")
    assert "2 mails made, 2 sent" in waiting("send", now=ISSUE).err
    assert "no mail is due\n" in waiting("send", now=ISSUE + timedelta(minutes=1)).err
    assert [each.recipients for each in waiting.sink.received] == [("ann@example.org",), ("bob@example.org",)]
    assert [str(each.message["To"]) for each in waiting.sink.received] == waiting.sink.recipients()
    assert outbox(waiting) == []


@pytest.mark.parametrize("stage", ["recipient_answer", "data_answer"])
def test_a_mail_that_is_refused_for_now_is_tried_for_a_day(waiting: Mailing, stage: str) -> None:
    setattr(waiting.sink, stage, lambda _: "451 4.3.0 try later, <ann@example.org>")
    assert "1 deferred, 1 waiting" in waiting("send", now=ISSUE).err
    # Not before its rest is over.
    assert "no mail is due, 1 waiting" in waiting("send", now=ISSUE + timedelta(minutes=1)).err
    assert "1 deferred" in waiting("send", now=ISSUE + timedelta(hours=5)).err
    result = waiting("send", now=ISSUE + timedelta(hours=24, minutes=-2))
    assert (result.status, "1 deferred" in result.err) == (0, True)
    setattr(waiting.sink, stage, lambda _: "250 OK")
    waiting("send", now=ISSUE + timedelta(hours=29))
    assert waiting.sink.recipients() == ["ann@example.org"]


def test_a_mail_that_is_not_taken_for_a_day_expires_and_can_be_sent_again(waiting: Mailing) -> None:
    waiting.sink.data_answer = lambda _: "451 later"
    for hours in (0, 1, 2, 3):
        waiting("send", now=ISSUE + timedelta(hours=hours))
    result = waiting("send", now=ISSUE + timedelta(hours=25))
    assert (result.status, "was not taken for a day: 451 later" in result.err) == (1, True)
    assert [row["state"] for row in outbox(waiting)] == ["expired"]
    waiting.sink.data_answer = lambda _: "250 OK"
    assert "1 mail queued again" in waiting("outbox", "--retry").err
    assert "1 sent" in waiting("send", now=ISSUE + timedelta(hours=26)).err


def test_a_clock_that_is_put_forward_gives_up_no_mail(waiting: Mailing) -> None:
    waiting.sink.data_answer = lambda _: "451 later"
    waiting("send", now=ISSUE)
    assert "1 deferred, 1 waiting" in waiting("send", now=ISSUE + timedelta(days=9)).err


def test_a_refused_mail_is_not_tried_again_and_three_pause(waiting: Mailing) -> None:
    waiting.sink.recipient_answer = lambda _: "550 5.1.1 <ann@example.org>: unknown user"
    for day in (10, 11, 12):
        waiting.list_papers(listed(day, at(day, 5)), day=at(day, 0).date())
        result = waiting("send", now=at(day, 7))
        assert (result.status, "1 refused" in result.err) == (1, True)
        assert ("its subscription is paused" in result.err) is (day == 12)
        assert "ann@example.org" not in result.err
    waiting.list_papers(listed(13, at(13, 5)), day=at(13, 0).date())
    assert "no mail is due\n" in waiting("send", now=at(13, 7)).err
    assert orjson.loads(waiting("list", "--json").out)[0]["state"] == "paused"
    waiting.sink.recipient_answer = lambda _: "250 OK"
    waiting("outbox", "--retry")
    assert "1 mail made, 4 sent" in waiting("send", now=at(13, 8)).err


def test_a_mail_that_was_taken_ends_the_row_of_refusals(waiting: Mailing) -> None:
    for day, answer in ((10, "550 no"), (11, "550 no"), (12, "250 OK"), (13, "550 no")):
        waiting.sink.recipient_answer = lambda _, answer=answer: answer  # type: ignore[misc]
        waiting.list_papers(listed(day, at(day, 5)), day=at(day, 0).date())
        waiting("send", now=at(day, 7))
    assert orjson.loads(waiting("list", "--json").out)[0]["state"] == "active"


def test_a_lost_answer_means_the_same_bytes_again(waiting: Mailing) -> None:
    waiting.sink.data_answer = lambda _: DROP
    assert "1 unknown, 1 waiting" in waiting("send", now=ISSUE).err
    waiting.list_papers(listed(2, at(10, 8)))
    waiting.sink.data_answer = lambda _: "250 OK"
    waiting("send", now=ISSUE + timedelta(hours=1))
    first, second = waiting.sink.received
    assert first == second


def test_a_connection_that_ends_costs_the_other_mails_nothing(waiting: Mailing) -> None:
    waiting.subscribe("bob@example.org")
    waiting.sink.data_answer = lambda address: DROP if address.startswith("ann") else "250 OK"
    assert "1 sent, 1 unknown" in waiting("send", now=ISSUE).err
    assert waiting.sink.recipients() == ["ann@example.org", "bob@example.org"]


def test_without_a_relay_all_mails_wait(waiting: Mailing) -> None:
    waiting.configure("smtp://127.0.0.1:1")
    result = waiting("send", now=ISSUE)
    assert (result.status, "the mail relay 127.0.0.1:1 takes no mail" in result.err) == (3, True)
    waiting("send", now=ISSUE + timedelta(days=3))
    waiting.configure(f"smtp://127.0.0.1:{waiting.sink.port}")
    assert "1 sent" in waiting("send", now=ISSUE + timedelta(days=3)).err


def test_a_refused_sender_stops_all_and_costs_no_subscriber(waiting: Mailing) -> None:
    waiting.sink.sender_answer = "550 not yours"
    result = waiting("send", now=ISSUE)
    assert (result.status, "refuses the sender: 550 not yours; see `from` in mail.yaml" in result.err) == (3, True)
    waiting.sink.sender_answer = "250 OK"
    assert "1 sent" in waiting("send", now=ISSUE).err


def test_what_waits_is_sent_without_a_store(waiting: Mailing) -> None:
    waiting.sink.data_answer = lambda _: "451 later"
    waiting("send", now=ISSUE)
    waiting.sink.data_answer = lambda _: "250 OK"
    waiting.product.store.root.rename(waiting.folder / "elsewhere")
    result = waiting("send", now=at(11, 8))
    assert (result.status, "1 sent" in result.err, "there is no store" in result.err) == (1, True, True)


def test_a_subscription_that_ends_while_others_get_their_mail_gets_none(waiting: Mailing) -> None:
    waiting.subscribe("bob@example.org")

    def forget_the_other(address: str) -> str:
        with opened(waiting.folder / "state") as connection:
            Subscriptions(connection).forget({"ann@example.org": "bob@example.org"}.get(address, address))
        return "250 OK"

    waiting.sink.recipient_answer = forget_the_other
    result = waiting("send", now=ISSUE)
    assert (result.status, waiting.sink.recipients()) == (0, ["ann@example.org"])
    assert "2 mails made, 1 sent" in result.err


def test_an_issue_that_another_process_made_meanwhile_is_not_made_again(waiting: Mailing) -> None:
    waiting("send", now=ISSUE - timedelta(hours=1))
    with opened(waiting.folder / "state") as connection:
        outbox, (stale,) = Outbox(connection), Subscriptions(connection).all()
        waiting("send", now=ISSUE)
        issue = Issue(stale, ISSUE, (), (), (), ())
        assert outbox.add_issue(issue, "cursor", None) is False
        (now_made,) = Subscriptions(connection).all()
        assert (now_made.cursor, now_made.last_cut) != ("cursor", ISSUE)
    assert waiting.sink.recipients() == ["ann@example.org"]


def test_more_papers_than_are_read_at_once_are_all_in_one_mail(
    waiting: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting("send", now=ISSUE)
    monkeypatch.setattr(selection, "_PAGE", 2)
    waiting.list_papers(*(listed(number, at(11, 5)) for number in range(11, 18)), day=at(11, 0).date())
    waiting("send", now=ISSUE + timedelta(days=1))
    text = waiting.sink.received[-1].content.decode()
    assert [number for number in range(1, 20) if f"Invented paper {number}\r\n" in text] == list(range(11, 18))


def test_a_dropped_mail_is_not_sent(waiting: Mailing) -> None:
    waiting.sink.data_answer = lambda _: "451 later"
    waiting("send", now=ISSUE)
    assert "1 mail dropped" in waiting("outbox", "1", "--drop").err
    waiting.sink.data_answer = lambda _: "250 OK"
    waiting("send", now=at(10, 20))
    assert waiting.sink.received == []


def test_a_clock_that_is_set_back_makes_no_second_issue(waiting: Mailing) -> None:
    waiting("send", now=ISSUE)
    for hours in range(-30, 24, 5):
        waiting("send", now=ISSUE + timedelta(hours=hours))
    assert len(waiting.sink.received) == 1


def test_two_senders_at_once_send_each_mail_once(waiting: Mailing) -> None:
    for number in range(10):
        waiting.subscribe(f"reader{number}@example.org")
    words = ["-m", "dailypapers", "--store", str(waiting.product.store.root), "--now", ISSUE.isoformat()]
    command = [sys.executable, *words, "mail", "--file", str(waiting.folder / "mail.yaml"), "send"]
    senders = [subprocess.Popen(command, stderr=subprocess.PIPE, env=dict(os.environ)) for _ in range(3)]
    assert {sender.wait() for sender in senders} == {0}
    for sender in senders:
        assert sender.stderr is not None
        sender.stderr.close()
    waiting("send", now=ISSUE)
    assert sorted(waiting.sink.recipients()) == sorted(
        {"ann@example.org", *(f"reader{n}@example.org" for n in range(10))}
    )


def test_a_sender_ends_at_a_signal(waiting: Mailing) -> None:
    def stop(_: str) -> str:
        os.kill(os.getpid(), signal.SIGTERM)
        return "250 OK"

    waiting.sink.data_answer = stop
    assert waiting("send", now=ISSUE).status == 128 + signal.SIGTERM
    waiting.sink.data_answer = lambda _: "250 OK"
    waiting("send", now=ISSUE + timedelta(hours=1))
    assert {each.message_id for each in waiting.sink.received} == {waiting.sink.received[0].message_id}
