"""Ten processes on one store: backfills and builds of the same days, some of them killed. The result must be the store
of a single process, byte for byte.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.papersite import PaperSite
from tests.torture.verdict import Verdict, at_most, exactly, none_of

FIRST: Final = date(2025, 10, 6)
NOW: Final = datetime(2025, 12, 19, 12, tzinfo=UTC)
PAPERS: Final = 5
PAGES: Final = 2
"""Pages of a day: one of each view."""
ROUNDS, PROCESSES, DAYS = 50, 10, 8
PATIENCE = 300  # seconds for an operation that should take one
_LOOK = 0.002
_UNLIMITED: Final = "hf-api=100000/1,hf-pages=100000/1"
# Imported once by the process from which all others are forked.
_IMPORTED: Final = (
    "tests.torture.concurrent_runs",
    "dailypapers.ingest.pipeline",
    "dailypapers.ingest.fetch.client",
    "dailypapers.ingest.build.parallel",
    "dailypapers.parsers.driver",
)


@dataclass(frozen=True)
class Round:
    """The result of a round: how many were killed, requests by URL, wrong files, failed processes."""

    killed: int
    asked: Counter[str]
    wrong: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def again(self) -> int:
        """Pages that were fetched again."""
        return sum(self.asked.values()) - len(self.asked)


def crowded(rounds: int = ROUNDS, processes: int = PROCESSES, days: int = DAYS, *, seed: int = 6) -> list[Verdict]:
    """Rounds of several processes, with kills in all but every third round, and the result of one process."""
    with PaperSite(seed=5, sizes=PAPERS, now=NOW) as site, TemporaryDirectory() as folder:
        crowd = Crowd(site, days, Path(folder))
        alone = crowd.alone()
        chance = random.Random(seed)
        ran = [crowd.round(number, processes, alone, chance) for number in range(rounds)]
    return [*verdicts(ran, alone, days)]


def verdicts(ran: Sequence[Round], alone: Mapping[str, bytes], days: int) -> Iterator[Verdict]:
    """The conditions on all rounds together."""
    quiet = [one for one in ran if not one.killed]
    yield exactly(f"days of the store of one process, {len(alone)} files", _days(alone), days)
    yield none_of(f"stores that differ from it, of {len(ran)}", [one.wrong[0] for one in ran if one.wrong])
    yield none_of("processes that failed and were not killed", [what for one in ran for what in one.failed])
    yield exactly(f"pages fetched twice in {len(quiet)} rounds without a kill", sum(one.again for one in quiet), 0)
    killed = sum(one.killed for one in ran)
    yield at_most(f"pages fetched again after {killed} kills", sum(one.again for one in ran), PAGES * killed)


@dataclass(frozen=True)
class Crowd:
    """Processes on one store against one site."""

    site: PaperSite
    days: int
    folder: Path

    def alone(self) -> dict[str, bytes]:
        """The files that one process produces, by name."""
        store = self.folder / "alone"
        process = self._start(store, 0)
        process.join(PATIENCE)
        return _files(store)

    def round(self, number: int, processes: int, alone: Mapping[str, bytes], chance: random.Random) -> Round:
        """One round, and a final run of one process, as in the next hour."""
        store, begun = self.folder / f"{number}", len(self.site.log)
        # A build of a store that is not there is exit 3, and which process comes first is chance.
        (store / "pages").mkdir(parents=True)
        ran = [self._start(store, one) for one in range(processes)]
        killed = self._kill(ran, begun, chance) if number % 3 else set()
        ended = [self._ended(one) for one in ran]
        last = self._ended(self._start(store, 0))
        failed = [f"round {number}: {end}" for one, end in zip(ran, ended, strict=True) if one not in killed and end]
        failed += [f"round {number}, the last run: {last}"] * bool(last)
        asked = Counter(line.target for line in self.site.log[begun:] if line.target != "/robots.txt")
        return Round(len(killed), asked, _differences(_files(store), alone, number), failed)

    def _start(self, store: Path, number: int) -> ForkServerProcess:
        """Three of ten rebuild everything repeatedly; the others fetch and build, with two commands in turn."""
        until = FIRST + timedelta(days=self.days - 1)
        fetch = ["run" if number % 2 else "backfill", "hf-daily", "--since", f"{FIRST}", "--until", f"{until}"]
        lines = [["build", "--all"]] * 5 if number % 10 in {3, 6, 9} else [fetch]
        words = [["--store", f"{store}", "--now", NOW.isoformat(), *line] for line in lines]
        environment = {"HF_ENDPOINT": self.site.url, "DAILYPAPERS_STATE": f"{store}-state"}
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([*_IMPORTED])
        said = self.folder / f"{store.name}-{number}.txt"
        process = context.Process(target=_live, args=(words, environment, said), name=f"{said}")
        process.start()
        return process

    def _kill(self, ran: Sequence[ForkServerProcess], begun: int, chance: random.Random) -> set[ForkServerProcess]:
        """Kill some, each shortly after a randomly chosen request."""
        stops = sorted(chance.randint(1, PAGES * self.days) for _ in range(chance.randint(1, len(ran) // 2)))
        for stop, one in zip(stops, chance.sample(ran, len(stops)), strict=True):
            while len(self.site.log) - begun < stop and any(other.is_alive() for other in ran):
                time.sleep(_LOOK)
            time.sleep(chance.uniform(0, 0.03))
            one.kill()
        for one in ran:
            one.join(PATIENCE)
        return {one for one in ran if one.exitcode == -9}

    def _ended(self, process: ForkServerProcess) -> str:
        """What went wrong, if anything."""
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            process.join()
        said = Path(process.name).read_text() if Path(process.name).exists() else ""
        return "" if process.exitcode == 0 else f"exit {process.exitcode}: {said[-300:]!a}"


def _live(lines: Sequence[Sequence[str]], environment: Mapping[str, str], said: Path) -> None:
    from dailypapers.cli.main import main  # noqa: PLC0415 - only in the child

    for name in [name for name in os.environ if name.startswith(("HF_", "DAILYPAPERS_"))]:
        del os.environ[name]
    os.environ.update(environment, DAILYPAPERS_BUDGET=_UNLIMITED)
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for descriptor in (1, 2):
        os.dup2(out, descriptor)
    raise SystemExit(max(main(line) for line in lines))


def _files(store: Path) -> dict[str, bytes]:
    """Every file of a store except locks and run reports."""
    paths = (path for path in store.rglob("*") if path.is_file() and path.name != ".lock")
    found = {path.relative_to(store): path.read_bytes() for path in paths}
    return {f"{name}": content for name, content in found.items() if name.parts[0] != "runs"}


def _days(files: Mapping[str, bytes]) -> int:
    return sum(name.endswith(".day.json") for name in files)


def _differences(files: Mapping[str, bytes], alone: Mapping[str, bytes], number: int) -> list[str]:
    names = sorted(name for name in files.keys() | alone.keys() if files.get(name) != alone.get(name))
    return [f"round {number}: {name}{_how(name, files, alone)}" for name in names]


def _how(name: str, files: Mapping[str, bytes], alone: Mapping[str, bytes]) -> str:
    if name not in files:
        return " is missing"
    return " holds something else" if name in alone else " should not be there"
