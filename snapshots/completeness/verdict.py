"""Which fetches of a day are whole and which are doubtful, for what reason, and when a doubt is believed.

A poorer answer proves nothing by itself: sites cut, throttle and serve stale pages without notice. So a fetch counts as
whole only if nothing speaks against it, and what speaks against it is believed only if it persists.

Every rule is a pure function of the fetches and of the end of the day; the clock is not an input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, TypedDict

Doubt = Literal["failed", "apart", "nothing", "fall", "cut"]

TOLERATED: Final = 2
"""Views may always differ by this many papers, and a listing may always shrink by this many."""
APART_SHARE: Final = 0.05
"""Real views always differ by about 1 %."""
FALL_SHARE: Final = 0.10
AGREEMENT: Final = timedelta(hours=1)
"""Two fetches at least this far apart that agree confirm a fall, or that a day is empty."""
BELIEVABLE: Final = frozenset({"apart", "nothing", "fall"})
"""Doubts that are believed after this many doubtful fetches in a row, over at least this long:"""
BELIEF_FETCHES: Final = 4
BELIEF_SPAN: Final = timedelta(days=3)
CUTS: Final = frozenset({50, 100})
"""The server's default and largest page size: a list of that length may continue."""


class ViewResult(NamedTuple):
    """What one view showed in one fetch."""

    keys: frozenset[str]
    failed: str | None = None
    """Why its answer does not count: there is none, it does not parse, it does not end, it has too few items."""
    last_count: int | None = None
    """Items on the last page that was read."""


class FetchResult(NamedTuple):
    """What one fetch showed, by view."""

    at: datetime
    views: Mapping[str, ViewResult]
    all_asked: bool = True
    """Every view of the source was requested."""

    @property
    def keys(self) -> frozenset[str]:
        """The papers that any view showed."""
        return frozenset().union(*(view.keys for view in self.views.values()))

    @property
    def answered(self) -> bool:
        """Whether every view of the source gave an answer that counts."""
        return self.all_asked and not any(view.failed for view in self.views.values())


class Verdict(NamedTuple):
    """Whether a fetch is whole or doubtful (`doubt`); a fetch of a single view is neither."""

    whole: bool
    doubt: Doubt | None = None
    reason: str | None = None
    """Why it is doubtful, or which doubt was believed."""


class Rules(NamedTuple):
    """The part of a source-day that its verdicts depend on."""

    end: datetime
    """The first instant after the day."""
    may_be_empty: bool
    filled: datetime | None = None
    """From then on it must have papers, unless it may be empty; default: its end."""
    comparable: bool = True
    """Whether the views of the source show the same listing, so that they can be compared."""
    falls: bool = True
    """Whether it is doubtful that papers are gone from the listing."""


class JudgeState(TypedDict):
    """What earlier fetches left for the verdicts on later ones, as JSON has it."""

    seen: list[str]
    whole: list[str]
    doubtful: list[tuple[str, Doubt]]
    falls: list[tuple[str, list[str]]]


class _History:
    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.whole: frozenset[str] = frozenset()
        """The papers of the newest whole fetch."""
        self.doubtful: list[tuple[datetime, Doubt]] = []
        """The current row of doubtful fetches: after the day's end, answered by every view, without a new paper."""
        self.falls: list[tuple[datetime, frozenset[str]]] = []


class Judge:
    """Judges the fetches of a day, one after the other."""

    def __init__(self, rules: Rules, state: JudgeState | None = None) -> None:
        """`state` is that of a judge with the same rules, which this one continues."""
        self._rules = rules
        self._history = _History()
        if state is not None:
            self._history.seen = set(state["seen"])
            self._history.whole = frozenset(state["whole"])
            self._history.doubtful = [(datetime.fromisoformat(at), doubt) for at, doubt in state["doubtful"]]
            self._history.falls = [(datetime.fromisoformat(at), frozenset(keys)) for at, keys in state["falls"]]

    @property
    def state(self) -> JudgeState:
        """All that later verdicts depend on."""
        history = self._history
        return JudgeState(
            seen=sorted(history.seen),
            whole=sorted(history.whole),
            doubtful=[(at.isoformat(), doubt) for at, doubt in history.doubtful],
            falls=[(at.isoformat(), sorted(keys)) for at, keys in history.falls],
        )

    def judge(self, fetch: FetchResult) -> Verdict:
        """The verdict on the next fetch."""
        return _judge(fetch, self._rules, self._history)


def judge(fetches: Sequence[FetchResult], rules: Rules) -> list[Verdict]:
    """The verdict on each fetch of a day, given in the order of the fetches."""
    judge = Judge(rules)
    return [judge.judge(fetch) for fetch in fetches]


def _judge(fetch: FetchResult, rules: Rules, history: _History) -> Verdict:
    # A paper that came back is no longer missing in any earlier fall.
    history.falls = [(at, missing - fetch.keys) for at, missing in history.falls]
    doubt, reason = _doubt(fetch, rules, history)
    confirmed = doubt == "fall" and _confirms_fall(fetch, history)
    lasting = _is_lasting(fetch, doubt, rules, history)
    history.seen |= fetch.keys
    if not fetch.all_asked or not (doubt is None or confirmed or lasting):
        return Verdict(whole=False, doubt=doubt, reason=reason)
    if doubt is None or confirmed:
        # Doubts of weeks ago prove nothing about a poorer answer today.
        history.doubtful.clear()
    history.whole = fetch.keys
    history.falls.clear()
    return Verdict(whole=True, reason=f"believed: {reason}" if reason else None)


def _is_lasting(fetch: FetchResult, doubt: Doubt | None, rules: Rules, history: _History) -> bool:
    """Add the fetch to the row of doubtful ones; returns whether the same doubt has stood in it long enough.

    Views that differ for good prove nothing about an answer that lists nothing: that has to last by itself.
    """
    row = history.doubtful
    if fetch.keys - history.seen:
        row.clear()
        return False
    if doubt is None or doubt not in BELIEVABLE or fetch.at < rules.end:
        return False
    row.append((fetch.at, doubt))
    same = [at for at, other in row if other == doubt]
    return len(same) >= BELIEF_FETCHES and same[-1] - same[0] >= BELIEF_SPAN


def _doubt(fetch: FetchResult, rules: Rules, history: _History) -> tuple[Doubt | None, str | None]:
    if not fetch.all_asked:
        return _cut(fetch)
    return (
        _failed(fetch)
        or _apart(fetch, rules)
        or _nothing(fetch, rules, history)
        or (_fall(fetch, history) if rules.falls else None)
        or (None, None)
    )


def _cut(fetch: FetchResult) -> tuple[Doubt | None, str | None]:
    """A fetch of a single view proves nothing, and one that ends at a page size may have been cut."""
    for name, view in fetch.views.items():
        if view.last_count in CUTS:
            return "cut", f"{name}: cut at {view.last_count}"
    return None, None


def _failed(fetch: FetchResult) -> tuple[Doubt, str] | None:
    failed = [f"{name}: {view.failed}" for name, view in fetch.views.items() if view.failed]
    return ("failed", "; ".join(failed)) if failed else None


def _apart(fetch: FetchResult, rules: Rules) -> tuple[Doubt, str] | None:
    if not rules.comparable or len(fetch.views) < 2:
        return None
    union = fetch.keys
    shared = frozenset.intersection(*(view.keys for view in fetch.views.values()))
    apart = len(union - shared)
    if apart <= TOLERATED or apart <= APART_SHARE * len(union):
        return None
    counts = ", ".join(f"{name} {len(view.keys)}" for name, view in fetch.views.items())
    return "apart", f"the views differ by {apart} of {len(union)} papers ({counts})"


def _nothing(fetch: FetchResult, rules: Rules, history: _History) -> tuple[Doubt, str] | None:
    if fetch.keys:
        return None
    if history.seen:
        return "nothing", f"no view lists anything, but the day had {len(history.seen)} papers"
    if fetch.at >= (rules.filled or rules.end) and not rules.may_be_empty:
        return "nothing", "no view lists anything where papers are due"
    return None


def _fall(fetch: FetchResult, history: _History) -> tuple[Doubt, str] | None:
    missing = history.whole - fetch.keys
    if not _is_fall(missing, history.whole):
        return None
    return "fall", f"{len(missing)} of the {len(history.whole)} papers of the newest whole fetch are in no view"


def _is_fall(missing: frozenset[str], whole: frozenset[str]) -> bool:
    return len(missing) > TOLERATED and len(missing) > FALL_SHARE * len(whole)


def _confirms_fall(fetch: FetchResult, history: _History) -> bool:
    """Note the missing papers; returns whether an earlier fetch, long enough before, missed enough of the same."""
    missing = history.whole - fetch.keys
    confirms = any(fetch.at - at >= AGREEMENT and _is_fall(missing & also, history.whole) for at, also in history.falls)
    history.falls.append((fetch.at, missing))
    return confirms
