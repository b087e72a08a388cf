"""The common timer: contenders run turn about, so that what disturbs one disturbs them all."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from time import perf_counter

WARM_UPS = 3
INSTALL = "install this project and the peers: pip install -e '.[bench]'"
SHORTEST = 0.02  # seconds a turn: short work is done several times over, or the clock and the caches are measured


class NotMeasuredError(Exception):
    """A row that cannot be measured: says why, and what to do."""


@dataclass(frozen=True)
class Contender:
    """One way to do the work. `role` is "ours", "peer" or "floor": what nobody can do without."""

    role: str
    name: str
    run: Callable[[], object]


def take_turns(
    contenders: Sequence[Contender], turns: int, timer: Callable[[], float] = perf_counter
) -> dict[str, list[float]]:
    """The seconds of every contender in every turn, by name; each turn begins with another one."""
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
    """The collector stays on, as in life, but sees only what the contenders make, not all that is imported here."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
