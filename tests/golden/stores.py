"""The two stores of the golden test, and the command line on them; nothing else of the product is imported here."""

from __future__ import annotations

import io
import os
import re
import secrets
import shlex
import socket
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from dailypapers.cli.main import main
from tests import demo
from tests.papersite import Moving, PaperSite, site, switches
from tests.papersite.arxiv.announcements import Sizes
from tests.papersite.arxiv.site import ArxivSite
from tests.papersite.wrong_answers import asks, cut_at, empty

ADDRESS = "http://127.0.0.1:9"
"""The address of every site: archives hold it, so it must not be another one each time."""
FIRST = date(2025, 11, 24)
BAD, DOUBTFUL, SHORT = date(2025, 11, 25), date(2025, 11, 26), date(2025, 11, 27)
SOURCES = ("hf-daily", "hf-weekly", "hf-monthly", "hf-trending")
FETCHES = tuple(datetime(2025, 11, 24, 7, tzinfo=UTC) + timedelta(hours=hours) for hours in (0, 11, 40, 53, 88, 190))
AFTER = FETCHES[-1] + timedelta(hours=1)
CURSOR = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\.[0-9a-f]{8}(?=\.\d)")
OURS = ("DAILYPAPERS_", "HF_", "SSL_CERT_", "COLUMNS", "NO_COLOR", "FORCE_COLOR")
"""Variables that the product looks at."""
UNKNOWN = ("A copied paper of harbours, lanterns and slow tides", 2, "Nov 24, 2025")


@dataclass(frozen=True)
class Golden:
    """A store, when it is looked at, what is printed, and a time at which less was known."""

    folder: Path
    now: datetime
    earlier: datetime
    printed: dict[str, bytes]
    """What the commands printed that filled it, by number."""

    @property
    def store(self) -> Path:
        return self.folder / "store"

    def __call__(self, line: str, now: datetime | None = None) -> bytes:
        """What a command line prints, with its exit status, and without the folder of this test."""
        out, err = io.BytesIO(), io.StringIO()
        clock = f"{now or self.now:%Y-%m-%dT%H:%M:%SZ}"
        with redirect_stdout(io.TextIOWrapper(out, "utf-8", write_through=True)) as kept, redirect_stderr(err):
            try:
                status: Any = main(["--store", f"{self.store}", "--now", clock, *shlex.split(line)])
            except SystemExit as end:
                status = end.code
            kept.flush()
        printed = out.getvalue() + (f"-- stderr\n{err.getvalue()}" if err.getvalue() else "").encode()
        return self.settled(printed + f"-- exit status {status}\n".encode())

    def fill(self, line: str, now: datetime) -> None:
        """Run a command that changes the store."""
        self.printed[f"{len(self.printed) + 1:02} {line.partition(' ')[0]}"] = self(line, now)

    def settled(self, content: bytes) -> bytes:
        """The content without the folder, and without the time at which the catalog was made, which is in a cursor."""
        return CURSOR.sub(b"CURSOR", content.replace(f"{self.folder}".encode(), b"FOLDER"))


@contextmanager
def surroundings(folder: Path) -> Iterator[None]:
    """The same machine for all: the folder, the width, the environment, and no number that is drawn by chance."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(OURS) or name.lower().endswith("_proxy")]:
            if name not in {"DAILYPAPERS_CAPTURES", "DAILYPAPERS_GOLDEN_OUT"}:
                patch.delenv(name)
        known = {"DAILYPAPERS_STATE": f"{folder}/state", "XDG_CACHE_HOME": f"{folder}/cache", "COLUMNS": "100"}
        for name, value in (known | {"DAILYPAPERS_LOG_FORMAT": "human", "HF_ENDPOINT": ADDRESS}).items():
            patch.setenv(name, value)
        patch.setattr(secrets, "token_hex", lambda count=32: "0" * 2 * count)
        # Compressed answers differ with the zlib that Python was built with.
        patch.setattr(site, "SMALLEST_ZIPPED", 2**60)
        patch.chdir(folder)
        yield


@contextmanager
def at_one_address(served: PaperSite) -> Iterator[None]:
    """Connect to the site, whose port is another one each time, at ADDRESS."""
    connect, port = socket.create_connection, int(served.url.rpartition(":")[2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "create_connection", lambda _, *args, **rest: connect(("127.0.0.1", port), *args, **rest))
        os.environ["HF_ENDPOINT"] = ADDRESS
        yield


def of_the_demo(folder: Path) -> Golden:
    """The store of `make demo`."""
    golden = Golden(folder, demo.FETCHES[-1].now, demo.FETCHES[0].now + timedelta(hours=1), {})
    with demo.week() as served, at_one_address(served):
        for fetch in demo.FETCHES:
            served.now, served.switches[:] = fetch.now, list(fetch.faults)
            golden.fill(f"run hf-daily --since {demo.MONDAY}", fetch.now)
    return golden


def by_chance(folder: Path) -> Golden:
    """Two weeks in which papers come late, move and go, with doubts, a rejected item, arXiv and copied text."""
    golden = Golden(folder, AFTER, FETCHES[2] + timedelta(hours=1), {})
    before = {FIRST - timedelta(days=number): 1 for number in range(1, 40)}
    script = Moving(
        seed=26,
        sizes=before | {FIRST + timedelta(days=number): 5 for number in range(12)},
        late=0.2,
        moved=0.1,
        removed=0.05,
    )
    sizes = {FIRST + timedelta(days=number): Sizes(4, 3, 2) for number in range(12)}
    with ArxivSite(script=script, now=FETCHES[0], sizes=sizes) as served, at_one_address(served):
        served.switches += [
            switches.bad_item(f"/api/daily_papers?date={BAD}"),
            switches.during(FETCHES[2], FETCHES[4], switches.when(asks(DOUBTFUL), empty("/api/"))),
            switches.when(asks(SHORT), cut_at(3, paging=False)),
        ]
        for number, now in enumerate(FETCHES):
            served.now = now
            golden.fill(f"run {' '.join(SOURCES)}", now)
            if number % 2:
                arxiv = f"--endpoint arxiv={ADDRESS}"
                golden.fill(f"run arxiv-new --query cs.CL {arxiv}", now)
                golden.fill(f"run arxiv-api --for hf-daily {arxiv}", now)
    (folder / "copied.txt").write_text(_copied_text(golden))
    golden.fill(f"import hf-text --day {BAD} --fetched-at {BAD}T12:00:00Z copied.txt", AFTER)
    keys = [row["key"] for row in orjson.loads(golden("papers --json --limit 4").partition(b"-- ")[0])["papers"]]
    golden.fill(f"papers join {keys[0]} {keys[1]}", AFTER)
    return golden


def _copied_text(golden: Golden) -> str:
    """A page as copied from a browser: a paper of that day, to be joined by its title, and an unknown one."""
    answer = golden(f"papers --json --day {BAD} --source hf-daily").partition(b"-- ")[0]
    known = orjson.loads(answer)["papers"][0]
    published = date.fromisoformat(known["published"])
    papers = ((known["title"], known["author_count"], f"{published:%b} {published.day}, {published.year}"), UNKNOWN)
    shown = (f"{title}\n\nWe wait for it.\n\n  • {count} authors\n·\n{day}\n\n" for title, count, day in papers)
    return f"Daily Papers\n\nbyAK and the research community\n\nNov 25\n\n{''.join(shown)}"
