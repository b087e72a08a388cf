"""The crash trials: every point of every scenario, over a thousand power cuts, on all cores."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tests.torture.crash import fulldisk, killed_then_cut, restarts, shim, strace_counts
from tests.torture.crash.bench import SCENARIOS, Bench, Scenario
from tests.torture.crash.points import Point, errors, kills, tried
from tests.torture.crash.powercut import cuts, needless, ours, survived
from tests.torture.verdict import SHOWN, Verdict, at_most, exactly

CUTS = 1_000
DAY_IN_FLIGHT = 3.0
"""Pages of a day: two views, and robots.txt if it was not cached yet."""
Trial = Callable[[], list[Verdict]]
Points = Callable[[Bench, Scenario], Iterable[Point]]
One = TypeVar("One")
Came = TypeVar("Came")


def trials() -> dict[str, Trial]:
    """The trials by title; one that cannot run gives the reason."""
    unable = shim.missing()
    if unable is not None:
        return {"Kills, errors and power cuts": lambda: [_void("nothing is tried", unable)]}
    return {
        "Killed before each call that changes a file, and half way through each write": lambda: _points(kills),
        "Each of these calls failed with each error that it can return": lambda: _points(errors),
        "A file system that is full": _full,
        "Power cuts, replayed from the log of the calls": _cuts,
        "Killed before a folder was synced, run again, then a power cut": _twice,
        "Each of our syncs switched off": _syncs,
        "Three hundred items, killed at random and started again": _resumed,
        "strace counts the same calls": _counted,
    }


def _points(kind: Points) -> list[Verdict]:
    return [_pointed(scenario, kind) for scenario in SCENARIOS]


def _pointed(scenario: Scenario, kind: Points) -> Verdict:
    outcomes = _on_all_cores(lambda bench: list(kind(bench, scenario)), tried)
    ends = ", ".join(f"{count} {word}" for word, count in sorted(Counter(one.word for one in outcomes).items()))
    wrong = [f"{one.point}: {what}" for one in outcomes for what in one.wrong]
    return _judged(f"{scenario.name}: {ends}", len(outcomes), wrong)


def _full() -> list[Verdict]:
    with Bench() as bench:
        unable = fulldisk.unable(bench.disk().parent)
        if unable is not None:
            return [_void("runs with some room left", unable)]
        came = [fulldisk.filled(bench, free) for free in fulldisk.FREE]
    ends = ", ".join(f"{count} exit {status}" for status, count in sorted(Counter(end for end, _ in came).items()))
    return [_judged(f"runs with some room left: {ends}", len(came), [what for _, wrong in came for what in wrong])]


def _cuts() -> list[Verdict]:
    came = {scenario.name: _cut(scenario) for scenario in SCENARIOS}
    states = sum(map(len, came.values()))
    verdicts = [
        _judged(f"{name}: states", len(wrong), [what for one in wrong for what in one]) for name, wrong in came.items()
    ]
    return [*verdicts, Verdict("states in all", f"{states:,}", f">= {CUTS:,}", states >= CUTS)]


def _cut(scenario: Scenario) -> list[list[str]]:
    return _on_all_cores(
        lambda bench: cuts(bench, scenario),
        lambda bench, cut: [f"{cut}: {what}" for what in survived(bench, cut)],
    )


def _twice() -> list[Verdict]:
    with Bench() as bench:
        came = [killed_then_cut.unmended(bench, one) for one in killed_then_cut.interrupted(bench)]
    return [
        _judged(f"{len(came)} runs: states", sum(size for size, _ in came), [what for _, why in came for what in why])
    ]


def _syncs() -> list[Verdict]:
    with Bench() as bench:
        return [
            _judged(f"{scenario.name}: syncs", len(ours(bench, scenario)), needless(bench, scenario))
            for scenario in SCENARIOS
            if scenario.needs_each_sync
        ]


def _resumed() -> list[Verdict]:
    came = restarts.resumed()
    return [
        Verdict(
            "kills", f"{came.kills} in {came.backfills} backfills", f">= {restarts.KILLS}", came.kills >= restarts.KILLS
        ),
        exactly("items lost", came.lost, 0),
        exactly("items double", came.doubles, 0),
        exactly("files that are not those of an undisturbed backfill", came.unlike, 0),
        at_most("pages asked for again per kill", came.pages_again / came.kills, DAY_IN_FLIGHT),
    ]


def _counted() -> list[Verdict]:
    unable = strace_counts.unable()
    if unable is not None:
        return [_void("all of the above counts as void", unable)]
    with Bench() as bench:
        came = {scenario.name: strace_counts.counts(bench, scenario) for scenario in SCENARIOS}
    return [
        Verdict(f"{name}: calls", f"{ours.total():,}", f"{theirs.total():,}", ours == theirs)
        for name, (ours, theirs) in came.items()
    ]


def _on_all_cores(pick: Callable[[Bench], Sequence[One]], act: Callable[[Bench, One], Came]) -> list[Came]:
    """Each bench does its share of the work with its own site, store and children."""
    workers = os.cpu_count() or 1

    def work(share: int) -> list[Came]:
        with Bench() as bench:
            return [act(bench, one) for one in pick(bench)[share::workers]]

    with ThreadPoolExecutor(workers) as pool:
        return [one for part in pool.map(work, range(workers)) for one in part]


def _judged(what: str, tried: int, wrong: Sequence[str]) -> Verdict:
    return Verdict(what, f"{tried:,}, {len(wrong)} wrong", "0 wrong", bool(tried) and not wrong, tuple(wrong[:SHOWN]))


def _void(what: str, why: str) -> Verdict:
    return Verdict(what, why, "can be tried", passed=False)
