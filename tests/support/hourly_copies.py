"""A store that is filled by a run each hour, and a copy of it as it was after each: what was known when."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.papersite import Fate, Moving, PaperSite
from tests.support.scripted_month import FIRST, HOUR, at, pointed_at, problem_site, run_command

DAYS = [FIRST + timedelta(days=number) for number in range(3)]
SOURCES = ("hf-daily", "hf-weekly", "hf-trending")
FATES = {
    (DAYS[0], 0): Fate(at(DAYS[0], 3), at(DAYS[1], 5), DAYS[1]),
    (DAYS[0], 1): Fate(at(DAYS[0], 30)),
    (DAYS[1], 1): Fate(at(DAYS[1], 5), at(DAYS[2], 2)),
}
"""One is re-dated, one comes late, one is removed."""


@dataclass(frozen=True)
class Copy:
    """A store as it was after the run of an hour."""

    at: datetime
    root: Path


def short_script() -> Moving:
    """Three days of few papers, with all that can happen to one."""
    return Moving(7, dict.fromkeys(DAYS, 5), fates=FATES)


def copies_of_a_run(folder: Path, papers: Moving, hours: int, sources: tuple[str, ...] = SOURCES) -> Iterator[Copy]:
    """Run each hour of a site with many problems into `folder/store`; yields a copy for each run that fetched.

    A copy has hard links to the files, which no command changes in place, and no pages.
    """
    store = folder / "store"
    with problem_site(papers) as site, pointed_at(site, folder):
        yield from _copies(folder, store, site, hours, sources)


def _copies(folder: Path, store: Path, site: PaperSite, hours: int, sources: tuple[str, ...]) -> Iterator[Copy]:
    for hour in range(hours):
        now = site.now = at(FIRST, hour) + timedelta(minutes=7)
        if run_command(store, now, "--json", "run", *sources).out:
            copy = folder / "copies" / f"{now:%Y%m%dT%H%M%SZ}"
            shutil.copytree(store / "snapshots", copy / "snapshots", copy_function=os.link)
            yield Copy(now, copy)


def files(root: Path) -> dict[str, bytes]:
    """The derived files of a store by name."""
    found = sorted(path for path in (root / "snapshots").rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def between(copies: list[Copy], number: int) -> datetime:
    """A time after a copy was made and before the next, if there is one."""
    next_at = copies[number + 1].at if number + 1 < len(copies) else copies[number].at + HOUR
    return next_at - timedelta(seconds=1)
