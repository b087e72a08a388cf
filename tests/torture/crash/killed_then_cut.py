"""Killed, run again, then a power cut: the second run must sync what the killed run could not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.papersite.site import NOON
from tests.torture.crash.bench import SCENARIOS, Bench
from tests.torture.crash.disk_states import STATE, History
from tests.torture.crash.fork_server import At
from tests.torture.crash.points import numbered
from tests.torture.crash.powercut import promised
from tests.torture.crash.shim import Call, Mode, calls

RUN = SCENARIOS[0]
AGAIN = ["run", "hf-daily", "--day", f"{NOON.date()}"]


@dataclass(frozen=True)
class Interrupted:
    """A run killed before it synced a folder of the store, and the calls of it and of the run after it."""

    folder: str
    disk: Path
    calls: list[Call]
    second: int
    """The number of calls of the first run."""

    def history(self, before: Path, without: frozenset[int] = frozenset()) -> History:
        """The changes of the disk by both runs."""
        return History(before, self.disk, self.calls, without, STATE)


def interrupted(bench: Bench, every: int = 1) -> Iterator[Interrupted]:
    """One for each sync of a folder, or for a sample of them."""
    calm = bench.undisturbed(RUN)
    syncs = [(number, Path(call.path)) for number, call in numbered(bench, RUN) if call.kind == "f"]
    for number, path in [(number, path) for number, path in syncs if path.is_dir()][::every]:
        disk = bench.disk(calm.before)
        first, second = disk.parent.with_suffix(".first"), disk.parent.with_suffix(".second")
        bench.run(disk, RUN.words, At(number, Mode.KILL), first)
        bench.run(disk, AGAIN, log=second)
        done = list(calls(first))
        yield Interrupted(f"{path.relative_to(calm.disk)}", disk, [*done, *calls(second)], len(done))


def unmended(bench: Bench, one: Interrupted) -> tuple[int, list[str]]:
    """The states after a cut in the second run, and what is wrong.

    Every guarantee must hold in all of them, and one must fail if the second run's syncs of that folder are switched
    off.
    """
    calm = bench.undisturbed(RUN)
    past = one.history(calm.before)
    after = range(one.second, past.length + 1)
    states = list(past.states(after, Random(1), 0))
    wrong = [what for state in states for what in promised(state, calm.files, calm.outputs_before)]
    switched_off = frozenset(number for number in past.syncs if past.syncs[number] == one.folder and number in after)
    lying = one.history(calm.before, switched_off)
    if not any(promised(state, calm.files, calm.outputs_before) for state in lying.states(after, Random(1), 0)):
        wrong.append(f"no state needs the second run's syncs of {one.folder}")
    return len(states), wrong
