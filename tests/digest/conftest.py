"""A store of invented papers, a relay, and `dailypapers mail` on both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dailypapers.parsers.model import Paper
from tests.digest.sink import Sink, running
from tests.feeds.stores import fetch
from tests.product import Product, Result
from tests.support.written_days import paper, write_day

DAY = date(2025, 12, 10)
SUBSCRIBED = datetime(2025, 12, 10, 6, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in December 2025."""
    return datetime(2025, 12, day, hour, minute, tzinfo=UTC)


def listed(number: int, seen: datetime, **fields: object) -> Paper:
    """An invented paper, first seen at a time."""
    identifier = f"2512.{number:05}"
    known: dict[str, object] = {
        "title": f"Invented paper {number}",
        "arxiv_id": identifier,
        "authors": [{"name": "Ada Author", "user": None, "hidden": None, "affiliation": None}],
        "url": f"https://huggingface.co/papers/{identifier}",
        "pdf_url": f"https://arxiv.org/pdf/{identifier}",
        "first_seen": seen,
    }
    return paper(number, **(known | fields))


class Mailing:
    """`dailypapers mail` on a store with one day, and the relay that it hands mails to."""

    def __init__(self, product: Product, sink: Sink, folder: Path) -> None:
        self.product, self.sink, self.folder = product, sink, folder
        self.papers: dict[date, list[Paper]] = {}

    def __call__(self, *words: str | Path, now: datetime = SUBSCRIBED) -> Result:
        """Run a subcommand at a time."""
        return self.product("mail", "--file", self.folder / "mail.yaml", *words, now=now)

    def list_papers(self, *papers: Paper, day: date = DAY, **changes: object) -> None:
        """Write a day that lists these papers beside those that it has."""
        (self.product.store.root / "pages").mkdir(parents=True, exist_ok=True)
        self.papers.setdefault(day, []).extend(papers)
        seen = sorted(each.first_seen for each in self.papers[day] if each.first_seen is not None)
        changes = {"fetches": [fetch(each, 1) for each in seen]} | changes
        write_day(self.product.store, self.papers[day], day=day, **changes)  # type: ignore[arg-type]

    def subscribe(self, address: str = "ann@example.org", *words: str) -> None:
        """Subscribe an address to hf-daily at 07:00 UTC, unless other options are given."""
        assert self("subscribe", address, *words).status == 0

    def configure(self, relay: str) -> None:
        """Write mail.yaml."""
        lines = [
            "from: Daily Papers <papers@lists.example>",
            "base_url: https://papers.example/mail",
            f"relay: {relay}",
        ]
        (self.folder / "mail.yaml").write_text("\n".join(lines) + "\n")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running() as relay:
        yield relay


@pytest.fixture
def mailing(product: Product, sink: Sink, tmp_path: Path) -> Mailing:
    made = Mailing(product, sink, tmp_path)
    made.configure(f"smtp://127.0.0.1:{sink.port}")
    return made
