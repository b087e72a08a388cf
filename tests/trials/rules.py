"""The rules of completeness tried on simulated months.

Is a day closed too early, does one stay undecided for ever, does a healthy site raise an alarm?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dailypapers.ingest.plan.revisit import SETTLED_STATES
from dailypapers.snapshots.completeness.state import EMPTY_SPAN, FetchSummary
from dailypapers.snapshots.completeness.verdict import BELIEF_SPAN
from tests.support.simulated_days import HIDING, VIEWS, Life, Stay, changes

from .months import LAST, Month
from .operation import Operation


@dataclass
class Outcome:
    """What came of months: counts, and what must not be, in words."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Take up what came of other months."""
        self.counts += other.counts
        self.wrong += other.wrong


def try_month(make: Callable[[int], Month], number: int) -> Outcome:
    """Run cron over one month, with somebody who does what `status` says, and check what the days are."""
    month = make(number)
    operation, outcome = Operation(month), Outcome()
    outcome.counts["months"] = 1
    for now, is_check in sorted([(at, False) for at in month.ticks] + [(at, True) for at in month.checks]):
        if is_check:
            _heed_status(operation, outcome, now)
        else:
            operation.run(now)
            if month.is_healthy:
                outcome.wrong += [f"alarm at {now}: {alarm}" for alarm in operation.alarms(now)]
                outcome.wrong += [f"{day} is out of reach at {now}" for day in operation.beyond_run(now)]
    _count(operation, outcome)
    for life in operation.lives.values():
        outcome.wrong += [*_closed_wrongly(life, outcome.counts), *_lost(life)]
    outcome.wrong += _undecided(operation, outcome.counts)
    outcome.wrong = [f"{make.__name__}({number}): {what}" for what in outcome.wrong]
    return outcome


def _heed_status(operation: Operation, outcome: Outcome, now: datetime) -> None:
    named = operation.beyond_run(now)
    outcome.counts["days named by status"] += len(named)
    operation.backfill(named, now)


def _count(operation: Operation, outcome: Outcome) -> None:
    counts = outcome.counts
    counts["looks"] += len(operation.looks)
    counts["passes without any answer"] += len(operation.looks) - sum(
        len(life.looks) for life in operation.lives.values()
    )
    for life in operation.lives.values():
        counts["days"] += bool(life.looks)
        for name in ("closed", "empty"):
            counts[f"times {name}"] += sum(1 for _ in changes(life, name))


def _closed_wrongly(life: Life, counts: Counter[str]) -> Iterator[str]:
    """A closing while the list has a paper that no look showed, though one could have."""
    for name in ("closed", "empty"):
        for number in changes(life, name):
            for stay in _unseen(life, number):
                if _could_be_known(life, number, stay, name):
                    yield f"{life.world.day} {name} at {life.looks[number].at} without {stay}"
                else:
                    counts["papers that nobody could know of at a closing"] += 1


def _lost(life: Life) -> Iterator[str]:
    """A paper that the last look could have shown, of a day that is not looked at any more."""
    number = len(life.looks) - 1
    if number < 0 or life.states[-1].name not in SETTLED_STATES:
        return
    state = life.states[-1].name
    proven = life.looks[max(changes(life, state))].at
    for stay in _unseen(life, number):
        # A day that was proven to be empty says the same when it is throttled later as when it is still empty.
        if state == "empty" and stay.comes > proven:
            is_known = not _hidden(life, stay, life.looks[-1].at, timedelta(0))
        else:
            is_known = _could_be_known(life, number, stay, state)
        if is_known:
            yield f"{life.world.day}: lost {stay}, last look {life.looks[-1]}"


def _unseen(life: Life, number: int) -> list[Stay]:
    at, seen = life.looks[number].at, life.seen(number)
    return [stay for stay in life.world.papers if stay.is_there(at) and stay.key not in seen]


def _could_be_known(life: Life, number: int, stay: Stay, state: str) -> bool:
    """Whether the site hid the paper for a shorter time than the rules demand of a doubt before it is believed.

    What every view hides without a word, or for days at every look, nobody can know of.
    """
    look = life.looks[number]
    if look.doubt is not None:
        # The state was proven by earlier looks; this one is looked at again.
        return False
    if state == "empty" or (number in changes(life, "closed") and not life.seen(number)):
        after = [one for one in life.looks[: number + 1] if one.whole and one.at >= life.world.end]
        return not any(one.elsewhere for one in after) and not _hidden(life, stay, look.at, EMPTY_SPAN)
    if _is_believed(look):
        return not _hidden(life, stay, look.at, BELIEF_SPAN)
    return not _hidden(life, stay, look.at, timedelta(0))


def _is_believed(look: FetchSummary) -> bool:
    return look.whole and look.reason is not None


def _hidden(life: Life, stay: Stay, at: datetime, span: timedelta) -> bool:
    """Whether no view could show a paper at the answered looks up to one of them, over so long a time or more."""
    for look in reversed([one for one in life.looks if one.at <= at and one.doubt != "failed"]):
        if not all(_is_hidden(life, stay, view, look.at) for view in VIEWS):
            return False
        if at - look.at >= span:
            return True
    return False


def _is_hidden(life: Life, stay: Stay, view: str, at: datetime) -> bool:
    return stay.view not in {None, view} or bool(life.world.kinds(view, at) & HIDING)


def _undecided(operation: Operation, counts: Counter[str]) -> Iterator[str]:
    first = operation.first
    for day, life in operation.lives.items():
        if first is None or day < first or (life.states and life.states[-1].name in SETTLED_STATES):
            continue
        counts["days left undecided"] += 1
        if not operation.month.lasts:
            yield f"{day} is {life.states[-1] if life.states else 'missing'} at the end, {len(life.looks)} looks"
        elif day not in operation.beyond_run(LAST):
            yield f"{day} is {life.states[-1] if life.states else 'missing'} and nothing says so"
