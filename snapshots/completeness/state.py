"""What a day is: `open`, `settling`, `closed`, `empty` or `partial`, with the reason in words.

The state that a certificate holds is this rule at the time of its newest fetch; `status` and the plan apply the same
rule to the same evidence with the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from snapshots.certificate import FetchEvidence, FetchJson, StateName

SETTLED: Final = timedelta(hours=12)
"""How far apart two whole fetches after the end must be that close a day."""
EMPTY_AGREEMENT: Final = timedelta(hours=1)
LATE: Final = timedelta(days=30)
"""From here on one whole fetch is enough."""


class FetchSummary(NamedTuple):
    """What the state needs to know of one fetch."""

    at: datetime
    whole: bool
    doubt: str | None
    """`failed`, `apart`, `nothing`, `fall` or `cut`; null for a whole fetch and for one of a single view."""
    reason: str | None
    papers: int
    """Different papers that it showed."""
    new: int
    """Papers among them that no earlier fetch showed."""
    elsewhere: bool = False
    """The page answered with another period's papers: this is no throttled site."""
    made: bool = True
    """Made by us, and so at a time that is sure; false for an import."""


class State(NamedTuple):
    """A state and why."""

    name: StateName
    reason: str


class Bounds(NamedTuple):
    """What the state needs to know of the day."""

    end: datetime
    may_be_empty: bool
    at_once: bool = False
    """Trending, search and text lists are what they are when they are looked at: one whole fetch closes them."""


def summaries(fetches: Iterable[FetchEvidence | FetchJson]) -> list[FetchSummary]:
    """What the state needs of the fetches of a certificate, whether it was just made or read from its file."""
    rows = (fetch if isinstance(fetch, dict) else asdict(fetch) for fetch in fetches)
    return [
        FetchSummary(
            at=fetch["at"] if isinstance(fetch["at"], datetime) else datetime.fromisoformat(fetch["at"]),
            whole=fetch["whole"],
            doubt=fetch["doubt"],
            reason=fetch["reason"],
            papers=fetch["papers"],
            new=fetch["new"],
            elsewhere=fetch["elsewhere"],
            made=fetch["kind"] == "fetch",
        )
        for fetch in rows
    ]


def state_of(looks: Sequence[FetchSummary], bounds: Bounds, now: datetime) -> State:
    """The first state that holds, given the looks in the order of fetches."""
    return (
        _empty(looks, bounds)
        or _closed(looks, bounds)
        or _partial(looks)
        or (_settling(looks, bounds) if now >= bounds.end else State("open", _one_view(looks) or "it is not over"))
    )


def _empty(looks: Sequence[FetchSummary], bounds: Bounds) -> State | None:
    if any(look.papers for look in looks):
        return None
    whole = _whole_after(looks, bounds)
    if len(whole) > 1 and whole[-1].at - whole[0].at >= EMPTY_AGREEMENT:
        return State("empty", f"{len(whole)} whole fetches after its end found nothing")
    late = [look for look in whole if look.made and look.at - bounds.end >= LATE and look.elsewhere]
    if late and bounds.may_be_empty:
        return State("empty", "nothing 30 days after its end, while the site showed papers of another day")
    return None


def _closed(looks: Sequence[FetchSummary], bounds: Bounds) -> State | None:
    if bounds.at_once:
        return State("closed", "looked at once, as it was then") if any(look.whole for look in looks) else None
    for number in reversed(range(len(looks))):
        if any(look.new for look in looks[number + 1 :]):
            return None
        if not looks[number].whole or looks[number].at < bounds.end:
            continue
        later = _whole_after(looks[number:], bounds)[-1]
        if later.at - looks[number].at >= SETTLED:
            return State("closed", f"whole at {_when(looks[number].at)} and {_when(later.at)}, and no new paper since")
        if looks[number].made and looks[number].papers and looks[number].at - bounds.end >= LATE:
            return State("closed", f"whole at {_when(looks[number].at)}, 30 days or more after its end")
    return None


def _partial(looks: Sequence[FetchSummary]) -> State | None:
    if looks and looks[-1].doubt is not None:
        return State("partial", looks[-1].reason or looks[-1].doubt)
    return None


def _settling(looks: Sequence[FetchSummary], bounds: Bounds) -> State:
    if not looks:
        return State("settling", "it is over and was never fetched")
    whole = _whole_after(looks, bounds)
    if not whole:
        return State("settling", _one_view(looks) or "it is over; no whole fetch after its end yet")
    return State("settling", f"whole at {_when(whole[-1].at)}; another whole fetch 12 h apart must find nothing new")


def _one_view(looks: Sequence[FetchSummary]) -> str | None:
    if looks and not any(look.whole or look.doubt for look in looks):
        return "seen in one view only"
    return None


def _whole_after(looks: Iterable[FetchSummary], bounds: Bounds) -> list[FetchSummary]:
    return [look for look in looks if look.whole and look.at >= bounds.end]


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
