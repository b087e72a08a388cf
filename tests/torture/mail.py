"""`mail send` killed at random, by time and while the relay has a mail.

The relay fails in every way, two senders run at once, and the clock is set back: no mail is lost, and one that comes
again is the same mail.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from dailypapers.cli.main import main
from dailypapers.digest.database import NAME
from dailypapers.snapshots.store.layout import Store
from tests.digest.sink import DROP, Received, Sink, running
from tests.support.written_days import paper, write_day
from tests.torture.verdict import Verdict, at_most, exactly, none_of

KILLS: Final = 300
SUBSCRIBERS: Final = 40
FIRST: Final = date(2025, 12, 10)
PAPERS: Final = 3
"""Papers of a day."""
GONE: Final = "gone@example.org"
"""The address that the relay refuses for good."""
MAX_TRIES: Final = 40
"""Sends of one day until something is wrong."""
_CONTEXT: Final = multiprocessing.get_context("forkserver")
_IMPORTED: Final = ("tests.torture.mail", "dailypapers.digest.send", "dailypapers.digest.sender")


def killed_sends(
    kills: int = KILLS, subscribers: int = SUBSCRIBERS, random: Random | None = None, folder: Path | None = None
) -> list[Verdict]:
    """Days of sends until so many were killed, and what the subscribers then have."""
    _CONTEXT.set_forkserver_preload(list(_IMPORTED))
    with TemporaryDirectory() as temporary, running() as sink:
        trial = Trial(folder or Path(temporary), sink, subscribers, random or Random(1))
        trial.run(kills)
        return list(trial.verdicts())


@dataclass
class Trial:
    """A store, a relay that fails, and sends that are killed."""

    folder: Path
    sink: Sink
    subscribers: int
    random: Random
    kills: int = 0
    drops: int = 0
    victim: int | None = None
    """The process to kill when the relay has the next mail."""
    days: list[date] = field(default_factory=list)
    undrained: list[str] = field(default_factory=list)
    duration: float = 0.5
    """Of a send that was not killed."""

    @property
    def addresses(self) -> list[str]:
        return [GONE, *(f"reader{number}@example.org" for number in range(1, self.subscribers))]

    def run(self, kills: int) -> None:
        """Days with new papers, each sent until nothing waits, until there were so many kills."""
        self._prepare()
        while self.kills < kills:
            self._new_day()
            self._send_day(kills)

    def _prepare(self) -> None:
        lines = ["from: papers@lists.example", "base_url: https://papers.example"]
        self.folder.joinpath("mail.yaml").write_text("\n".join([*lines, f"relay: smtp://127.0.0.1:{self.sink.port}"]))
        (self.folder / "store" / "pages").mkdir(parents=True)
        self.sink.recipient_answer, self.sink.data_answer = self._answer_recipient, self._answer_data
        for address in self.addresses:
            self._main(self._cut(FIRST) - timedelta(hours=1), "subscribe", address)

    def _cut(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 7, tzinfo=UTC)

    def _new_day(self) -> None:
        day = FIRST + timedelta(days=len(self.days))
        numbers = range(len(self.days) * PAPERS + 1, (len(self.days) + 1) * PAPERS + 1)
        seen = self._cut(day) - timedelta(hours=1)
        papers = [
            paper(number, title=f"Paper {number} end", arxiv_id=f"2512.{number:05}", first_seen=seen)
            for number in numbers
        ]
        write_day(Store(self.folder / "store"), papers, day=day)
        self.days.append(day)

    def _send_day(self, kills: int) -> None:
        now = self._cut(self.days[-1]) + timedelta(minutes=1)
        for _ in range(MAX_TRIES):
            now += timedelta(minutes=25)
            back = timedelta(days=1) if self.random.random() < 0.1 else timedelta()
            self._send(now - back, is_killed=self.kills < kills and self.random.random() < 0.7)
            if self._is_done():
                return
        self.undrained.append(f"{self.days[-1]}: mails are still waiting")

    def _send(self, now: datetime, *, is_killed: bool) -> None:
        senders = [self._start(now) for _ in range(1 + (self.random.random() < 0.2))]
        begun = time.monotonic()
        if is_killed and self.random.random() < 0.5:
            self.victim = senders[0].pid
        elif is_killed:
            time.sleep(self.random.uniform(0, self.duration))
            senders[0].kill()
        for sender in senders:
            sender.join()
        self.victim = None
        killed = sum(sender.exitcode == -signal.SIGKILL for sender in senders)
        self.kills += killed
        if not killed:
            self.duration = time.monotonic() - begun

    def _start(self, now: datetime) -> multiprocessing.process.BaseProcess:
        sender = _CONTEXT.Process(target=_run, args=(self.folder, now, "send"))
        sender.start()
        return sender

    def _is_done(self) -> bool:
        """Whether every subscriber has the issue of the day, as far as the relay takes it."""
        with closing(sqlite3.connect(self.folder / "state" / NAME, timeout=60)) as connection:
            cut = f"{self._cut(self.days[-1]):%Y-%m-%dT%H:%M:%SZ}"
            due = "SELECT count(*) FROM subscription WHERE state = 'active' AND coalesce(last_cut, '') < ?"
            waiting = "SELECT count(*) FROM mail WHERE state IN ('queued', 'sending')"
            counts = connection.execute(due, (cut,)).fetchone(), connection.execute(waiting).fetchone()
        return counts == ((0,), (0,))

    def _main(self, now: datetime, *words: str) -> None:
        sender = _CONTEXT.Process(target=_run, args=(self.folder, now, *words))
        sender.start()
        sender.join()
        if sender.exitcode:
            raise RuntimeError(f"{words}: exit {sender.exitcode}")

    def _answer_recipient(self, address: str) -> str:
        if address == GONE:
            return "550 5.1.1 no such user"
        return (
            self.random.choice(["451 4.7.1 greylisted", "421 4.3.2 shutting down"]) if self._happens(0.05) else "250 OK"
        )

    def _answer_data(self, _address: str) -> str:
        if self.victim is not None and self._happens(0.2):
            # After the message, before the answer: nobody can know whether it arrived.
            with suppress(ProcessLookupError):
                os.kill(self.victim, signal.SIGKILL)
            self.victim = None
            return "250 OK"
        if self._happens(0.05):
            self.drops += 1
            return DROP
        return "452 4.3.1 no space" if self._happens(0.05) else "250 OK"

    def _happens(self, share: float) -> bool:
        return self.random.random() < share

    def verdicts(self) -> Iterator[Verdict]:
        """What the subscribers have."""
        by_issue: defaultdict[tuple[str, str], list[Received]] = defaultdict(list)
        for each in self.sink.received:
            by_issue[each.recipients[0], str(each.message["Date"])].append(each)
        readers = [address for address in self.addresses if address != GONE]
        wanted = {(address, str(_date(self._cut(day)))) for address in readers for day in self.days}
        again = sum(len(copies) - 1 for copies in by_issue.values())
        several = [f"{each.recipients}" for each in self.sink.received if len(each.recipients) > 1]
        different = [f"{issue}" for issue, copies in by_issue.items() if len(set(copies)) > 1]
        yield exactly("subscribers", len(self.addresses), self.subscribers)
        yield Verdict("kills", f"{self.kills:,}", ">= 1", self.kills >= 1)
        yield none_of("days on which mails still wait at the end", self.undrained)
        yield none_of("issues that a subscriber lacks", [f"{issue}" for issue in sorted(wanted - by_issue.keys())])
        yield none_of("issues of no cut", [f"{issue}" for issue in sorted(by_issue.keys() - wanted)])
        yield none_of("second mails of one issue", different)
        yield none_of("mails with several recipients", several)
        what = f"mails that came again, after {self.kills} kills and {self.drops} lost answers"
        yield at_most(what, again, self.kills + self.drops)
        yield none_of("papers that a subscriber has not exactly once", list(self._miscounted(by_issue, readers)))

    def _miscounted(self, by_issue: dict[tuple[str, str], list[Received]], readers: list[str]) -> Iterator[str]:
        papers = range(1, len(self.days) * PAPERS + 1)
        for address in readers:
            texts = [copies[0].content.decode() for (reader, _), copies in by_issue.items() if reader == address]
            # Twice in each mail: as text and as HTML.
            counts = Counter(number for number in papers for text in texts if f"Paper {number} end" in text)
            yield from (
                f"{address}: paper {number} in {counts[number]} issues" for number in papers if counts[number] != 1
            )


def _date(instant: datetime) -> str:
    return format_datetime(instant)


def _run(folder: Path, now: datetime, *words: str) -> None:
    """A command line in a forked child."""
    os.environ["DAILYPAPERS_STATE"] = str(folder / "state")
    for descriptor, path in ((1, Path(os.devnull)), (2, folder / "err")):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    status = main(
        [
            "--store",
            str(folder / "store"),
            "--now",
            now.isoformat(),
            "mail",
            "--file",
            str(folder / "mail.yaml"),
            *words,
        ]
    )
    os._exit(status)
