"""Power cuts: states that a cut may leave, each read, run again and compared; each fsync of ours switched off."""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.torture.crash.bench import Bench, Scenario, unlike, unreadable
from tests.torture.crash.history import History, State, laid_out
from tests.torture.crash.shim import Call

DAY_LINE = re.compile(r"^hf-daily (\d{4}-\d\d-\d\d): \d+ papers", re.MULTILINE)


@dataclass(frozen=True)
class Cut:
    """A state that a power cut may leave of a scenario."""

    scenario: Scenario
    state: State

    def __str__(self) -> str:
        return f"{self.scenario.name}, cut before call {self.state.cut}"


def history(bench: Bench, scenario: Scenario, without: frozenset[int] = frozenset()) -> History:
    """What an undisturbed scenario does to its disk."""
    calm = bench.undisturbed(scenario)
    return History(calm.before, ((calm.disk, call) for call in calm.calls), without)


def cuts(bench: Bench, scenario: Scenario, mixtures: int = 3) -> list[Cut]:
    """Different states after a cut before each call of a scenario, and after its last."""
    past, found = history(bench, scenario), {}
    for state in past.states(range(past.length + 1), Random(scenario.name), mixtures):
        found[frozenset(state.tree.items()), state.printed] = Cut(scenario, state)
    return list(found.values())


def survived(bench: Bench, cut: Cut) -> list[str]:
    """What is wrong after a cut: a printed day that is not there, a store that cannot be read or be made whole."""
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
    """What the state lacks: files of days whose line had been printed, archives that had been synced."""
    days = DAY_LINE.findall(state.printed)
    wanted = {f"store/{name}": content for name, content in files.items() if any(day in name for day in days)}
    wanted |= {name: files[name.removeprefix("store/")] for name in state.kept}
    return [f"{name} is not there" for name, content in wanted.items() if state.tree.get(name) != content]


def ours(past: History) -> dict[int, str]:
    """The syncs that are not SQLite's: those of the store and of the folder it lies in."""
    return {number: name for number, name in past.syncs.items() if not name.startswith("state")}


def needless(bench: Bench, scenario: Scenario) -> list[str]:
    """The syncs that no state needs: switched off alone, everything promised is there after any cut."""
    calm = bench.undisturbed(scenario)
    return [
        f"{scenario.name}, call {number}: sync of {name}"
        for number, name in ours(history(bench, scenario)).items()
        if not _bites(history(bench, scenario, frozenset([number])), number, calm.files)
    ]


def _bites(past: History, number: int, files: dict[str, bytes]) -> bool:
    return any(promised(state, files) for state in past.states(range(number, past.length + 1), Random(1), 0))
