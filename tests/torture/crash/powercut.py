"""Power cuts: each possible state is read, run again and compared; also with each fsync switched off."""

import re
import shutil
from dataclasses import dataclass
from random import Random

from snapshots.store.layout import ARCHIVE_SUFFIX
from tests.torture.crash.bench import Bench, Scenario, unlike, unreadable
from tests.torture.crash.disk_states import SQLITE, History, State, laid_out

REPORT = re.compile(r"store/runs/[^/]*/[^/.]*\.json")
DAY_LINE = re.compile(r"^hf-daily (\d{4}-\d\d-\d\d): \d+ papers", re.MULTILINE)


@dataclass(frozen=True)
class Cut:
    """A state that a power cut may leave in a scenario."""

    scenario: Scenario
    state: State

    def __str__(self) -> str:
        return f"{self.scenario.name}, cut before call {self.state.cut}"


def history(bench: Bench, scenario: Scenario, without: frozenset[int] = frozenset(), passed_over: str = "") -> History:
    """What an undisturbed scenario does to its disk."""
    calm = bench.undisturbed(scenario)
    return History(calm.before, calm.disk, calm.calls, without, passed_over)


def cuts(bench: Bench, scenario: Scenario, mixtures: int = 4) -> list[Cut]:
    """Different states after a cut before each call of a scenario, and after its last call."""
    past, found = history(bench, scenario), {}
    for state in past.states(range(past.length + 1), Random(scenario.name), mixtures):
        found[frozenset(state.tree.items()), state.printed] = Cut(scenario, state)
    return list(found.values())


def survived(bench: Bench, cut: Cut) -> list[str]:
    """What is wrong after a cut: a printed day is missing, the store cannot be read or cannot be completed."""
    calm = bench.undisturbed(cut.scenario)
    wrong = promised(cut.state, calm.files)
    disk = bench.disk()
    laid_out(cut.state.tree, disk)
    wrong += unreadable(bench, disk)
    again = bench.run(disk, cut.scenario.words)
    if again.status != 0:
        wrong.append(f"the next run ends with {again.status}: {again.err}")
    wrong += unlike(disk, calm.files)
    shutil.rmtree(disk.parent)
    return wrong


def promised(state: State, files: dict[str, bytes]) -> list[str]:
    """What is missing: files of days whose line was printed, archives and reports that were synced."""
    days = DAY_LINE.findall(state.printed)
    wanted = {f"store/{name}" for name in files if any(day in name for day in days)}
    wanted |= {name for name in state.kept if name.endswith((ARCHIVE_SUFFIX, ".json")) and "snapshots" not in name}
    reports = {name: state.tree[name] or b"" for name in state.tree if REPORT.fullmatch(name)}
    wrong = [
        f"{name} is not there, or not whole" for name in wanted if not _is_right(state.tree.get(name), name, files)
    ]
    wrong += [f"{name} is not whole" for name, report in reports.items() if not report.endswith(b"}\n")]
    # A report is written when the work starts and again at the end.
    newest = max((name.rpartition("-")[0] for name in reports), default="-")
    if state.is_end and all(b'"exit": null' in reports[name] for name in reports if name.startswith(newest)):
        wrong.append("no report tells the end")
    return wrong


def _is_right(content: bytes | None, name: str, files: dict[str, bytes]) -> bool:
    return content is not None if REPORT.fullmatch(name) else content == files[name.removeprefix("store/")]


def ours(past: History) -> dict[int, str]:
    """The syncs that are not SQLite's: those of the store and of its parent folder."""
    return {number: name for number, name in past.syncs.items() if not name.startswith(SQLITE)}


def needless(bench: Bench, scenario: Scenario) -> list[str]:
    """The syncs that no state needs: with one of them switched off, every guarantee still holds after any cut."""
    calm = bench.undisturbed(scenario)
    return [
        f"{scenario.name}, call {number}: sync of {name}"
        for number, name in ours(history(bench, scenario)).items()
        if not _bites(history(bench, scenario, frozenset([number]), SQLITE), number, calm.files)
    ]


def _bites(past: History, number: int, files: dict[str, bytes]) -> bool:
    return any(promised(state, files) for state in past.states(range(number, past.length + 1), Random(1), 0))
