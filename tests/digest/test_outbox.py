"""The mails in the database: how long each rests, when it is given up, and what is left of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dailypapers.digest.database import opened, transaction
from dailypapers.digest.model import Issue, Subscription
from dailypapers.digest.outbox import Mail, NewMail, Outbox
from dailypapers.digest.subscriptions import NewSubscription, Subscriptions
from dailypapers.snapshots.store.layout import Series
from tests.digest.test_whole_mail import BARE, LATE

NOW = datetime(2025, 12, 10, 7, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAILY = Series("hf-daily")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with opened(tmp_path) as database:
        yield database


@pytest.fixture
def outbox(connection: sqlite3.Connection) -> Outbox:
    return Outbox(connection)


@pytest.fixture
def reader(connection: sqlite3.Connection) -> Subscription:
    return Subscriptions(connection).add(NewSubscription("ann@example.org", DAILY), NOW)


def issue(reader: Subscription, cut: datetime = NOW) -> Issue:
    return Issue(reader, cut, (BARE,), (LATE._replace(keys=("doi:10.1/x", "title:y")),), (), ())


def mail(name: str, cut: datetime = NOW) -> NewMail:
    return NewMail("issue", cut, f"<{name}@lists.example>", name.encode())


def queued(outbox: Outbox, reader: Subscription, *names: str) -> list[Mail]:
    for number, name in enumerate(names):
        outbox.add(reader, mail(name, NOW + number * DAY))
    return outbox.due(NOW)


def the_mail(outbox: Outbox) -> Mail:
    (only,) = outbox.unsent()
    return only


def test_a_mail_that_is_refused_for_now_rests_twice_as_long_each_time_and_four_hours_at_most(
    outbox: Outbox, reader: Subscription
) -> None:
    (first,) = queued(outbox, reader, "one")
    assert (first.tries, first.first_try, first.next_try, first.reply) == (0, None, None, None)
    rests, now = [], NOW
    for _ in range(9):
        (due,) = outbox.due(now)
        assert outbox.mark_sending(due, now)
        assert outbox.mark_deferred(due, "451 later", now, expires=False) == "queued"
        waiting = the_mail(outbox)
        assert waiting.next_try is not None
        rests.append((waiting.next_try - now) // MINUTE)
        assert outbox.due(waiting.next_try - timedelta(seconds=1)) == []
        now = waiting.next_try
    assert rests == [5, 10, 20, 40, 80, 160, 240, 240, 240]
    assert (waiting.tries, waiting.first_try, waiting.reply, waiting.state) == (9, NOW, "451 later", "queued")


@pytest.mark.parametrize(
    ("tries", "after", "expires", "state"),
    [
        (5, DAY, True, "expired"),
        (5, DAY - timedelta(seconds=1), True, "queued"),
        (4, 9 * DAY, True, "queued"),
        (9, 9 * DAY, False, "queued"),
    ],
)
def test_a_mail_is_given_up_after_a_day_and_five_tries(
    outbox: Outbox, reader: Subscription, tries: int, after: timedelta, expires: bool, state: str
) -> None:
    queued(outbox, reader, "one")
    for _ in range(tries - 1):
        assert outbox.mark_sending(the_mail(outbox), NOW)
    last = the_mail(outbox)
    assert outbox.mark_sending(last, NOW + after)
    assert outbox.mark_deferred(last, "451", NOW + after, expires=expires) == state
    assert the_mail(outbox).state == state


def test_a_relay_that_takes_no_mail_counts_as_no_try(outbox: Outbox, reader: Subscription) -> None:
    (before,) = queued(outbox, reader, "one")
    for now in (NOW, NOW + 3 * DAY):
        assert outbox.mark_sending(before, now)
        assert the_mail(outbox).state == "sending"
        outbox.mark_waiting(before, "no relay")
    assert the_mail(outbox) == replace(before, reply="no relay")
    assert outbox.mark_sending(before, NOW + HOUR)
    tried = the_mail(outbox)
    assert (tried.tries, tried.first_try) == (1, NOW + HOUR)
    outbox.mark_waiting(tried, "no relay")
    assert (the_mail(outbox).tries, the_mail(outbox).first_try) == (1, NOW + HOUR)


def test_the_bytes_of_a_mail_are_there_until_it_is_sent_or_dropped(outbox: Outbox, reader: Subscription) -> None:
    sent, dropped, refused = queued(outbox, reader, "sent", "dropped", "refused")
    assert [outbox.message(each) for each in (sent, dropped, refused)] == [b"sent", b"dropped", b"refused"]
    outbox.mark_sent(sent, "250 OK")
    assert outbox.drop([dropped.number]) == 1
    assert outbox.mark_refused(refused, "550 no") is False
    assert [outbox.message(each) for each in (sent, dropped, refused)] == [b"", b"", b"refused"]
    assert [(each.state, each.reply) for each in outbox.unsent()] == [("dropped", None), ("refused", "550 no")]
    assert not outbox.mark_sending(sent, NOW)
    assert not outbox.mark_sending(dropped, NOW)
    assert outbox.due(NOW + 99 * DAY) == []


def test_nothing_is_left_of_the_mail_of_a_subscription_that_ended(
    connection: sqlite3.Connection, outbox: Outbox, reader: Subscription
) -> None:
    (ended,) = queued(outbox, reader, "one")
    Subscriptions(connection).remove(reader.id)
    assert outbox.message(ended) == b""
    assert not outbox.mark_sending(ended, NOW)
    assert outbox.mark_refused(ended, "550 no") is False
    assert outbox.unsent() == []


def test_retry_and_drop_change_what_is_not_sent(outbox: Outbox, reader: Subscription) -> None:
    first, second, third, fourth = queued(outbox, reader, "1", "2", "3", "4")
    outbox.mark_sent(first, "250 OK")
    outbox.mark_sending(second, NOW)
    outbox.mark_deferred(second, "451", NOW, expires=True)
    outbox.mark_refused(third, "550 no")
    assert outbox.due(NOW) == [fourth]
    assert outbox.retry([first.number, second.number]) == 1
    retried, _ = outbox.due(NOW)
    assert (retried.number, retried.tries, retried.first_try, retried.next_try) == (second.number, 0, None, None)
    assert outbox.drop([third.number, 99]) == 1
    assert outbox.retry([]) == 2
    assert outbox.drop([]) == 2
    assert outbox.retry([]) == 0


def test_three_refusals_in_a_row_pause_a_subscription_until_a_retry(
    connection: sqlite3.Connection, outbox: Outbox, reader: Subscription
) -> None:
    first, second, third, fourth = queued(outbox, reader, "1", "2", "3", "4")
    assert [outbox.mark_refused(each, "550 no") for each in (first, second)] == [False, False]
    assert len(outbox.due(NOW)) == 2
    assert outbox.mark_refused(third, "550 no") is True
    assert Subscriptions(connection).all()[0].state == "paused"
    assert outbox.due(NOW) == []
    outbox.retry([fourth.number])
    (resumed,) = Subscriptions(connection).all()
    assert (resumed.state, resumed.refusals) == ("active", 0)
    assert outbox.due(NOW) == [fourth]


def test_an_issue_is_noted_with_its_papers_and_its_place(
    connection: sqlite3.Connection, outbox: Outbox, reader: Subscription
) -> None:
    assert outbox.add_issue(issue(reader), "cursor 1", mail("one")) is True
    (after,) = Subscriptions(connection).all()
    assert (after.cursor, after.last_cut) == ("cursor 1", NOW)
    assert outbox.sent_keys(after) == {"arxiv:2512.00001", "doi:10.1/x", "title:y"}
    waiting = the_mail(outbox)
    assert (waiting.kind, waiting.cut, waiting.message_id) == ("issue", NOW, "<one@lists.example>")
    assert (waiting.address, waiting.subscription, waiting.state) == ("ann@example.org", reader.number, "queued")
    # Of the state before, it is not made again.
    assert outbox.add_issue(issue(reader, NOW + DAY), "cursor 2", mail("two")) is False
    assert Subscriptions(connection).all() == [after]


def test_an_issue_without_a_mail_moves_on(connection: sqlite3.Connection, outbox: Outbox, reader: Subscription) -> None:
    assert outbox.add_issue(Issue(reader, NOW, (), (), (), ()), "cursor 1", None) is True
    assert Subscriptions(connection).all()[0].last_cut == NOW
    assert outbox.unsent() == []


@pytest.mark.parametrize(("days", "known"), [(90, True), (91, False)])
def test_the_papers_of_an_issue_are_known_for_ninety_days(
    connection: sqlite3.Connection, outbox: Outbox, reader: Subscription, days: int, known: bool
) -> None:
    other = Subscriptions(connection).add(NewSubscription("bob@example.org", DAILY), NOW)
    outbox.add_issue(issue(reader), "1", None)
    outbox.add_issue(issue(other), "1", None)
    (again, _) = Subscriptions(connection).all()
    assert outbox.add_issue(Issue(again, NOW + days * DAY, (), (), (), ()), "2", None)
    assert bool(outbox.sent_keys(reader)) is known
    assert outbox.sent_keys(other)


@pytest.mark.parametrize("state", ["pending", "paused"])
def test_only_an_active_subscription_gets_an_issue(
    connection: sqlite3.Connection, outbox: Outbox, reader: Subscription, state: str
) -> None:
    connection.execute("UPDATE subscription SET state = ?", (state,))
    assert outbox.add_issue(issue(reader), "1", mail("one")) is False
    assert outbox.unsent() == []


def test_a_change_that_fails_is_undone(connection: sqlite3.Connection, outbox: Outbox, reader: Subscription) -> None:
    def change_and_fail() -> None:
        with transaction(connection):
            outbox.add(reader, mail("one"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        change_and_fail()
    assert outbox.unsent() == []
    with transaction(connection):
        outbox.add(reader, mail("one"))
    assert len(outbox.unsent()) == 1


def test_a_subscription_is_what_it_was_made_of(connection: sqlite3.Connection, reader: Subscription) -> None:
    new = NewSubscription("Ann@example.org", Series("hf-search", "q"), "words", "23:59", "Asia/Tokyo", always=True)
    made = Subscriptions(connection).add(new, NOW, "pending")
    assert Subscriptions(connection).all() == [reader, made]
    assert Subscriptions(connection).by_id(made.id) == made
    assert Subscriptions(connection).by_id("0" * 32) is None
    assert (made.address, made.series, made.search) == ("Ann@example.org", Series("hf-search", "q"), "words")
    assert (f"{made.at:%H:%M}", made.zone, made.always, made.state) == ("23:59", "Asia/Tokyo", True, "pending")
    assert (made.number, made.created, made.refusals, made.cursor, made.last_cut) == (2, NOW, 0, None, None)
    assert (reader.zone, f"{reader.at:%H:%M}", reader.always, reader.state) == ("UTC", "07:00", False, "active")
    assert len(made.id) == 32
    assert made.id != reader.id


def test_what_nobody_confirms_is_removed_and_what_was_confirmed_is_not(connection: sqlite3.Connection) -> None:
    subscriptions = Subscriptions(connection)
    first, _, third = (
        subscriptions.add(NewSubscription(f"{name}@example.org", DAILY), NOW + number * HOUR, "pending")
        for number, name in enumerate(("ann", "bob", "carl"))
    )
    subscriptions.confirm(first.id)
    subscriptions.remove_pending(NOW + 2 * HOUR)
    assert [each.number for each in subscriptions.all()] == [first.number, third.number]
    connection.execute("UPDATE subscription SET state = 'paused' WHERE number = ?", (first.number,))
    subscriptions.confirm(first.id)
    assert subscriptions.all()[0].state == "paused"
    subscriptions.remove(third.id)
    assert [each.number for each in subscriptions.all()] == [first.number]
    assert (subscriptions.forget("ANN@example.org"), subscriptions.forget("ann@example.org")) == (1, 0)
