"""A store that is filled by a run each hour, and a copy of it as it was after each: what was known when."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from dailypapers.ingest.build.as_of import build_day_as_of
from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.reading.cards import as_json
from dailypapers.snapshots.store.layout import Store
from dailypapers.store import PaperStore
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


def differing_days(root: Path, copies: Sequence[Copy]) -> Iterator[str | None]:
    """For each day that changed from one copy to the next, None if it is built as of that time as the copy has it.

    Otherwise what differs. A day that did not change at a time was compared when it did.
    """
    store = Store(root)
    for previous, copy in pairwise([Copy(copies[0].at, root / "nothing"), *copies]):
        before, after = files(previous.root), files(copy.root)
        for stored in all_stored_series(store):
            for day in store.days_with_pages(stored.series):
                paths = [*store.derived(stored.series, day).values(), store.certificate(stored.series, day)]
                names = {str(path.relative_to(root)) for path in paths}
                if any(before.get(name) != after.get(name) for name in names):
                    snapshot = build_day_as_of(store, stored.on(day), copy.at)
                    made = snapshot.files(Store(Path())) if snapshot else {}
                    built = {str(path): content for path, content in made.items() if content is not None}
                    is_same = built == {name: content for name, content in after.items() if name in names}
                    yield None if is_same else f"{stored} {day} as of {copy.at}"


SELECTIONS: Sequence[Mapping[str, Any]] = (
    {"limit": None},
    {"limit": 3},
    {"source": "hf-daily", "limit": 4},
    {"source": "hf-weekly", "limit": 4},
    {"day": DAYS[1]},
    {"day": DAYS[1], "source": "hf-weekly", "sort": "upvotes"},
    {"since": f"{DAYS[0]}T12:00:00Z", "min_upvotes": 5, "limit": 30},
    {"sort": "upvotes", "limit": 9},
    {"sort": "rising", "limit": 9},
    {"min_upvotes": 20, "limit": 5},
)
"""Every way in which papers are selected."""


def differing_papers(root: Path, copy: Copy) -> Iterator[str | None]:
    """For each question to a store as of the time of a copy, None if the answer is that of the copy, else what differs.

    The questions are all selections of papers, every twentieth paper, and its history.
    """
    now, then = PaperStore(root), PaperStore(copy.root, now=copy.at)
    for conditions in SELECTIONS:
        found = [as_json(paper) for paper in now.find(as_of=copy.at, **conditions)]
        is_same = found == [as_json(paper) for paper in then.find(**conditions)]
        yield None if is_same else f"papers {conditions} as of {copy.at}"
    for key in [paper.key for paper in then.find(limit=None)][::20]:
        is_same = as_json(now.paper(key, as_of=copy.at)) == as_json(then.paper(key))
        yield None if is_same else f"show {key} as of {copy.at}"
        is_same = list(now.history(key, as_of=copy.at)) == list(then.history(key))
        yield None if is_same else f"history {key} as of {copy.at}"
