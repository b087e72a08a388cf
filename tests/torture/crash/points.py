"""Every call of a command line disturbed in turn: killed before it, half way through a write, failed with an error."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from errno import EACCES, EIO, ENOSPC
from pathlib import Path

from tests.torture.crash.bench import Bench, Scenario, unlike, unreadable, unsent
from tests.torture.crash.fork_server import At, ProcessResult
from tests.torture.crash.shim import Call, Mode, calls

ERRORS = {
    **dict.fromkeys("cto", (ENOSPC, EACCES)),
    **dict.fromkeys("wfds", (ENOSPC, EIO)),
    **dict.fromkeys("mr", (ENOSPC, EACCES)),
    **dict.fromkeys("lux", (EACCES,)),
    "y": (ENOSPC, EIO),
}
"""The errors of each kind of call."""
SQLITE_SAYS = ("disk I/O error", "database or disk is full", "unable to open database file", "readonly database")
"""SQLite has its own messages for errors."""
SYNCS = "fd"


@dataclass(frozen=True)
class Point:
    """One disturbance of a scenario."""

    scenario: Scenario
    at: At
    call: Call

    def __str__(self) -> str:
        how = os.strerror(self.at.error) if self.at.error else self.at.mode.name
        return f"{self.scenario.name}, call {self.at.number} ({self.call.kind} {Path(self.call.path).name}), {how}"


def numbered(bench: Bench, scenario: Scenario) -> Iterator[tuple[int, Call]]:
    """The numbered calls, with their numbers."""
    return enumerate((call for call in bench.undisturbed(scenario).calls if call.kind != "p"), 1)


def kills(bench: Bench, scenario: Scenario) -> Iterator[Point]:
    """A kill before each call, and half way through each write of more than a byte."""
    for number, call in _disturbed(bench, scenario):
        yield Point(scenario, At(number, Mode.KILL), call)
        if call.kind == "w" and len(call.data) > 1:
            yield Point(scenario, At(number, Mode.HALF), call)


def errors(bench: Bench, scenario: Scenario) -> Iterator[Point]:
    """Each call fails with each error that it can return."""
    for number, call in _disturbed(bench, scenario):
        yield from (Point(scenario, At(number, Mode.FAIL, error), call) for error in ERRORS[call.kind])


def _disturbed(bench: Bench, scenario: Scenario) -> Iterator[tuple[int, Call]]:
    return (each for each in numbered(bench, scenario) if each[0] % scenario.disturbed_every == 0)


@dataclass(frozen=True)
class Outcome:
    """The result of a point: the exit status, and what is wrong."""

    point: Point
    status: int
    wrong: tuple[str, ...]

    @property
    def word(self) -> str:
        """What happened, in a word, for counting."""
        return "killed" if self.status < 0 else f"exit {self.status}"


def tried(bench: Bench, point: Point) -> Outcome:
    """Disturb the command line, check the store, run it again, compare with the undisturbed run."""
    calm = bench.undisturbed(point.scenario)
    disk = bench.disk(calm.before)
    log = disk.parent.with_suffix(".log")
    bench.relay.received.clear()
    ended = bench.run(disk, point.scenario.words, point.at, log)
    wrong = _ended_wrong(point, ended, list(calls(log)))
    if ended.status == 0:
        wrong += [f"exit 0, and {what}" for what in unlike(disk, calm.files)]
    wrong += unreadable(bench, disk)
    again = bench.run(disk, point.scenario.words, log=log)
    wrong += not_repeated(point.scenario, again)
    wrong += unlike(disk, calm.files)
    wrong += unsent(bench, point.scenario)
    wrong += synced_again(list(calls(log)))
    shutil.rmtree(disk.parent)
    log.unlink()
    return Outcome(point, ended.status, tuple(wrong))


def not_repeated(scenario: Scenario, again: ProcessResult) -> list[str]:
    """What is wrong with the end of the next run."""
    if again.status == 0 or (scenario.refuses is not None and scenario.refuses in again.err):
        return []
    return [f"the next run ends with {again.status}: {again.err}"]


def _ended_wrong(point: Point, ended: ProcessResult, log: Sequence[Call]) -> list[str]:
    if "Traceback" in ended.err:
        return [f"a traceback: {ended.err[-300:]}"]
    if point.at.mode in {Mode.KILL, Mode.HALF}:
        return [] if ended.status == -9 else [f"was to be killed, ended with {ended.status}"]
    if ended.status == 0:
        return []
    if ended.status not in {1, 3}:
        return [f"ended with {ended.status}: {ended.err}"]
    failed = [call for call in log if call.kind != "p"][point.at.number - 1]
    causes = (os.strerror(point.at.error), *SQLITE_SAYS)
    named = any(name in ended.err for name in _names(failed)) and any(cause in ended.err for cause in causes)
    return [] if named else [f"the message names not {failed.path} and {causes[0]}: {ended.err}"]


def _names(failed: Call) -> Iterator[str]:
    """Names for the file in a message: its own, that of the file it becomes, or of the database it belongs to."""
    yield failed.path
    if failed.other:
        yield failed.other
    for suffix in (".tmp", "-wal", "-shm", "-journal"):
        if failed.path.endswith(suffix):
            yield f"{Path(failed.path).parent if suffix == '.tmp' else failed.path.removesuffix(suffix)}"


def synced_again(log: Iterable[Call]) -> list[str]:
    """Files of the store whose fsync failed and was repeated without writing again."""
    failed: set[str] = set()
    wrong = []
    for call in log:
        if call.kind in SYNCS and call.path in failed:
            wrong.append(f"{call.path} is synced again after that failed")
        # The catalog can be made again, and SQLite knows no other way.
        if call.kind in SYNCS and call.result < 0 and "/store" in call.path and "/catalog/" not in call.path:
            failed.add(call.path)
        if call.kind in "ctrlumx" and call.result >= 0:
            failed -= {call.path, call.other, f"{Path(call.path).parent}"}
    return wrong
