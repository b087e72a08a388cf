"""The progress of a backfill: what it says of waits and of the time left."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.papersite import PaperSite
from tests.product import NOW, Product

WEEKS = ("backfill", "hf-daily", "--since", "2025-11-24", "--until", "2025-12-12")
WAIT = r"waiting (\S+): the budget hf-pages of 4 requests in 60 s is used up"


@pytest.fixture
def slow_site(monkeypatch: pytest.MonkeyPatch) -> Iterator[PaperSite]:
    """A site that allows three pages a minute."""
    with PaperSite(seed=1, now=NOW, sizes=3) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        monkeypatch.setenv("DAILYPAPERS_BUDGET", "hf-pages=4/60")
        yield served


def test_plain_lines_say_how_long_it_waits_for_the_budget_and_when_all_is_done(
    product: Product, slow_site: PaperSite, pauses: list[float]
) -> None:
    err = product(*WEEKS).err
    assert len(pauses) == 6
    lines = re.findall(WAIT + r"; \d+ of 19 days(?:, \d+ per minute)?, (\S+) left\n", err)
    assert [seconds(wait) for wait, _ in lines] == [60] * 6
    assert_close([seconds(left) for _, left in lines], pauses)


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Connects stdout and stderr to a terminal of 100 columns; what it received is in the list at the end."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    main, program = os.openpty()
    received: list[str] = []
    reader = threading.Thread(target=read_all, args=(main, received))
    reader.start()
    with monkeypatch.context() as patched, os.fdopen(program, "w") as stream:
        patched.setattr(sys, "stdout", stream)
        patched.setattr(sys, "stderr", stream)
        yield received
        stream.flush()
    reader.join(120)
    os.close(main)


def read_all(terminal: int, received: list[str]) -> None:
    """Reads until the program has closed its side."""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            return
        if not chunk:
            return
        received.append(chunk.decode())


def test_the_bar_says_how_long_it_waits_for_the_budget_and_when_all_is_done(
    product: Product, slow_site: PaperSite, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with terminal(monkeypatch) as received:
        product(*WEEKS)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", "".join(received))
    frames = re.findall(r"0 of 19 days, (\S+) left\r\n" + WAIT, text)
    assert {seconds(wait) for _, wait in frames} == {60}
    assert_close(list(dict.fromkeys(seconds(left) for left, _ in frames))[:1], pauses)


def assert_close(left: list[float], pauses: list[float]) -> None:
    """The time left at each wait is what the run then waited for; the work in between takes no minute."""
    for position, shown in enumerate(left):
        assert 0 <= shown - sum(pauses[position:]) < 60, (position, shown)


def seconds(shown: str) -> float:
    """A time such as 0:06:00."""
    hours, minutes, rest = map(int, shown.split(":"))
    return hours * 3600 + minutes * 60 + rest
