"""The common timer: contenders run in turns, so that a disturbance affects all of them."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from time import perf_counter

WARM_UPS = 3
INSTALL = "install this project and the peers: pip install -e '.[bench]'"
SHORTEST = 0.02  # seconds per turn: short work is repeated, or else the clock and the caches would be measured


class NotMeasuredError(Exception):
    """A row that cannot be measured; says why, and what to do."""


@dataclass(frozen=True)
class Contender:
    """One way to do the work. `role` is "ours", "peer" or "floor": the minimum for everybody."""

    role: str
    name: str
    run: Callable[[], object]


def take_turns(
    contenders: Sequence[Contender], turns: int, timer: Callable[[], float] = perf_counter
) -> dict[str, list[float]]:
    """The seconds of every contender in every turn, by name; each turn starts with another one."""
    batches = {one.name: _batch(one, timer) for one in contenders}
    seconds: dict[str, list[float]] = {one.name: [] for one in contenders}
    with _only_new_garbage():
        for turn in range(turns):
            for one in _rotated(contenders, turn):
                gc.collect()
                seconds[one.name].append(_time(one, batches[one.name], timer))
    return seconds


def _batch(one: Contender, timer: Callable[[], float]) -> int:
    fastest = min(_time(one, 1, timer) for _ in range(WARM_UPS))
    return max(1, ceil(SHORTEST / max(fastest, 1e-6)))


def _time(one: Contender, times: int, timer: Callable[[], float]) -> float:
    begun = timer()
    for _ in range(times):
        one.run()
    return (timer() - begun) / times


def _rotated(contenders: Sequence[Contender], turn: int) -> list[Contender]:
    first = turn % len(contenders)
    return [*contenders[first:], *contenders[:first]]


@contextmanager
def _only_new_garbage() -> Iterator[None]:
    """The garbage collector stays on, as in normal use, but sees only objects of the contenders."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
