"""What the executions start from: a store with two fetches, its state, and the pages of the paper site."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from dailypapers.cli.main import main
from tests.papersite import PaperSite, Request
from tests.papersite.answers import Answer

NOW: Final = datetime(2025, 12, 12, 12, tzinfo=UTC)
DAYS: Final = tuple(date(2025, 12, 8) + timedelta(days) for days in range(5))
PAGES: Final = (
    "/api/daily_papers?date=2025-12-10&limit=100",
    "/papers/date/2025-12-10",
    "/papers/week/2025-W50",
    "/papers/month/2025-12",
    "/papers/trending",
)
_COMMANDS: Final = (
    "run --since 2025-12-08",
    "run hf-weekly",
    "run --day 2025-12-10",
    "waive hf-daily --since 2025-11-03 --until 2025-11-04 --reason gone",
)


@dataclass(frozen=True, slots=True)
class Template:
    """A folder with `store` and `state`, and the bodies of PAGES."""

    folder: Path
    pages: tuple[bytes, ...]

    def copy(self, folder: Path) -> None:
        """Put store and state into a folder."""
        for name in ("store", "state"):
            shutil.copytree(self.folder / name, folder / name)


def paper_site() -> PaperSite:
    """The site that templates are fetched from, and that the answers of executions are made of."""
    return PaperSite(seed=1, now=NOW, sizes=dict(zip(DAYS, (3, 0, 5, 2, 4), strict=True)))


def answer_of(site: PaperSite, target: str) -> Answer:
    """The correct answer to a request."""
    return site.serve(Request("GET", target))


def make_template(folder: Path) -> Template:
    """Fetch the template; in a process of its own, because the site needs threads and a fork would copy their locks."""
    process = os.fork()
    if process == 0:
        os._exit(_fetch(folder))
    if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) != 0:
        raise RuntimeError("the template could not be fetched")
    site = paper_site()
    return Template(folder, tuple(answer_of(site, target).body for target in PAGES))


def _fetch(folder: Path) -> int:
    folder.mkdir(parents=True)
    with (folder / "log.txt").open("w") as log, paper_site() as site:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        os.environ |= {"HF_ENDPOINT": site.url, "DAILYPAPERS_STATE": str(folder / "state")}
        statuses = [
            main(["--store", str(folder / "store"), "--now", NOW.isoformat(), *words.split()]) for words in _COMMANDS
        ]
    return max(statuses) if max(statuses) > 1 else 0
