"""Which fetches of a day are whole and which are doubtful, for what reason, and when a doubt is believed.

A poorer answer proves nothing by itself: sites cut, throttle and serve stale pages without a word. So a fetch counts
as whole only if nothing speaks against it, and what speaks against it is believed only when it stays.

Every rule is a pure function of what the fetches showed and of the end of the day; the clock is no input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

Doubt = Literal["failed", "apart", "nothing", "fall", "cut"]

TOLERATED: Final = 2
"""Papers by which views may differ, or a listing may shrink, whatever their share."""
APART_SHARE: Final = 0.05
"""Real views differ by about 1 % for good."""
FALL_SHARE: Final = 0.10
AGREEMENT: Final = timedelta(hours=1)
"""How far apart two fetches must be that agree on a fall."""
BELIEF_FETCHES: Final = 4
BELIEF_SPAN: Final = timedelta(days=3)
CUTS: Final = frozenset({50, 100})
"""Counts that prove nothing about the end of a list: the server's default page size and its largest."""


@dataclass(frozen=True, slots=True)
class ViewResult:
    """What one view showed in one fetch."""

    keys: frozenset[str]
    failed: str | None = None
    """Why its answer does not count: no answer, none that parses, no end of the walk, fewer items than promised."""
    last_count: int | None = None
    """Items on the last page that was read."""


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What one fetch showed: by view, whether every view of the source was asked, and when."""

    at: datetime
    views: Mapping[str, ViewResult]
    all_asked: bool = True

    @property
    def keys(self) -> frozenset[str]:
        """The papers that any view showed."""
        return frozenset().union(*(view.keys for view in self.views.values()))

    @property
    def answered(self) -> bool:
        """Whether every view of the source gave an answer that counts."""
        return self.all_asked and not any(view.failed for view in self.views.values())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a fetch is worth: whole, doubtful (`doubt`), or neither because it is one-sided."""

    whole: bool
    doubt: Doubt | None = None
    reason: str | None = None
    """In words: why it is doubtful, or which doubt was believed."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the day at hand."""

    end: datetime
    """The first instant after the day."""
    may_be_empty: bool
    filled: datetime | None = None
    """From when on it must have papers if it may not be empty; its end unless said."""
    comparable: bool = True
    """Whether the views of the source show the same listing, so that they can be held against each other."""


@dataclass(slots=True)
class _History:
    seen: set[str] = field(default_factory=set)
    whole: frozenset[str] = frozenset()
    """The papers of the newest whole fetch."""
    quiet: list[datetime] = field(default_factory=list)
    """Fetches after the day's end, answered by every view, since the last one that brought a paper."""
    falls: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)


def judge(passes: Sequence[FetchResult], rules: Rules) -> list[Verdict]:
    """A verdict on each fetch of a day, given in the order of fetches."""
    history = _History()
    return [_judge(one, rules, history) for one in passes]


def _judge(one: FetchResult, rules: Rules, history: _History) -> Verdict:
    _note_quiet(one, rules, history)
    # What came back is no longer missing to any earlier fall.
    history.falls = [(at, missing - one.keys) for at, missing in history.falls]
    doubt, reason = _doubt(one, rules, history)
    believed = _believed(one, doubt, history)
    history.seen |= one.keys
    if one.all_asked and (doubt is None or believed):
        history.whole = one.keys
        history.falls.clear()
        return Verdict(whole=True, reason=f"believed: {reason}" if reason else None)
    return Verdict(whole=False, doubt=doubt, reason=reason)


def _note_quiet(one: FetchResult, rules: Rules, history: _History) -> None:
    if one.keys - history.seen:
        history.quiet.clear()
    elif one.answered and one.at >= rules.end:
        history.quiet.append(one.at)


def _doubt(one: FetchResult, rules: Rules, history: _History) -> tuple[Doubt | None, str | None]:
    if not one.all_asked:
        return _cut(one)
    return _failed(one) or _apart(one, rules) or _nothing(one, rules, history) or _fall(one, history) or (None, None)


def _cut(one: FetchResult) -> tuple[Doubt | None, str | None]:
    """A fetch of one view alone proves nothing, and one that ends at a page size not even that it ended."""
    for name, view in one.views.items():
        if view.last_count in CUTS:
            return "cut", f"{name}: cut at {view.last_count}"
    return None, None


def _failed(one: FetchResult) -> tuple[Doubt, str] | None:
    failed = [f"{name}: {view.failed}" for name, view in one.views.items() if view.failed]
    return ("failed", "; ".join(failed)) if failed else None


def _apart(one: FetchResult, rules: Rules) -> tuple[Doubt, str] | None:
    if not rules.comparable or len(one.views) < 2:
        return None
    union = one.keys
    shared = frozenset.intersection(*(view.keys for view in one.views.values()))
    apart = len(union - shared)
    if apart <= TOLERATED or apart <= APART_SHARE * len(union):
        return None
    counts = ", ".join(f"{name} {len(view.keys)}" for name, view in one.views.items())
    return "apart", f"the views differ by {apart} of {len(union)} papers ({counts})"


def _nothing(one: FetchResult, rules: Rules, history: _History) -> tuple[Doubt, str] | None:
    if one.keys:
        return None
    if history.seen:
        return "nothing", f"no view lists anything, but the day had {len(history.seen)} papers"
    if one.at >= (rules.filled or rules.end) and not rules.may_be_empty:
        return "nothing", "no view lists anything where papers are due"
    return None


def _fall(one: FetchResult, history: _History) -> tuple[Doubt, str] | None:
    missing = history.whole - one.keys
    if not _is_fall(missing, history.whole):
        return None
    return "fall", f"{len(missing)} of the {len(history.whole)} papers of the newest whole fetch are in no view"


def _is_fall(missing: frozenset[str], whole: frozenset[str]) -> bool:
    return len(missing) > TOLERATED and len(missing) > FALL_SHARE * len(whole)


def _believed(one: FetchResult, doubt: Doubt | None, history: _History) -> bool:
    if doubt not in {"apart", "nothing", "fall"}:
        return False
    if doubt == "fall":
        missing = history.whole - one.keys
        agreed = any(one.at - at >= AGREEMENT and _is_fall(missing & also, history.whole) for at, also in history.falls)
        history.falls.append((one.at, missing))
        if agreed:
            return True
    quiet = history.quiet
    return len(quiet) >= BELIEF_FETCHES and quiet[-1] == one.at and quiet[-1] - quiet[0] >= BELIEF_SPAN
