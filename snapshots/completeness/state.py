"""What a day is: `open`, `settling`, `closed`, `empty` or `partial`, and for which reason.

A certificate holds the state at the time of its newest fetch; `status` and the plan apply the same rule to the same
evidence with the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from dailypapers.snapshots.certificate import FetchEvidence, StateName

from .verdict import AGREEMENT

SETTLED: Final = timedelta(hours=12)
"""Two whole fetches after the end that are at least this far apart close a day."""
EMPTY_SPAN: Final = timedelta(days=7)
"""Two whole fetches without papers agree only this far apart if neither shows that the site was not throttling."""
LATE: Final = timedelta(days=30)
"""After this time one whole fetch is enough."""


class FetchSummary(NamedTuple):
    """The part of a fetch that the state depends on; `snapshots.certificate.FetchEvidence` explains the fields."""

    at: datetime
    whole: bool
    doubt: str | None
    reason: str | None
    papers: int
    new: int
    elsewhere: bool = False
    made: bool = True
    """Made by this program, at a time that is certain; false for an import."""


class State(NamedTuple):
    """A state and its reason."""

    name: StateName
    reason: str


class Bounds(NamedTuple):
    """The part of a source-day that its state depends on."""

    end: datetime
    may_be_empty: bool
    at_once: bool = False
    """One whole fetch closes it: trending, search and text lists are what they are at the time of the fetch."""


def summaries(fetches: Iterable[FetchEvidence]) -> list[FetchSummary]:
    """The summaries of the fetches of a certificate."""
    return [
        FetchSummary(
            at=datetime.fromisoformat(fetch["at"]),
            whole=fetch["whole"],
            doubt=fetch["doubt"],
            reason=fetch["reason"],
            papers=fetch["papers"],
            new=fetch["new"],
            elsewhere=fetch["elsewhere"],
            made=fetch["kind"] == "fetch",
        )
        for fetch in fetches
    ]


def state_of(fetches: Sequence[FetchSummary], bounds: Bounds, now: datetime) -> State:
    """The state of a day, from its fetches in their order."""
    decided = _empty(fetches, bounds) or _closed(fetches, bounds) or _partial(fetches)
    if decided:
        return decided
    return _settling(fetches, bounds) if now >= bounds.end else State("open", _one_view(fetches) or "it is not over")


def _empty(fetches: Sequence[FetchSummary], bounds: Bounds) -> State | None:
    if any(fetch.papers for fetch in fetches):
        return None
    if bounds.at_once and any(fetch.whole and fetch.elsewhere for fetch in fetches):
        return State("empty", "nothing is listed on this day: the site showed the papers of another one")
    whole = _whole_after_end(fetches, bounds)
    if _agree_on_nothing(whole):
        return State("empty", f"{len(whole)} whole fetches after its end found nothing")
    late = [fetch for fetch in whole if fetch.made and fetch.at - bounds.end >= LATE and fetch.elsewhere]
    if late and bounds.may_be_empty:
        return State("empty", "nothing 30 days after its end, while the site showed papers of another day")
    return None


def _agree_on_nothing(whole: Sequence[FetchSummary]) -> bool:
    """Whether whole fetches without papers prove an empty day: a throttling site can answer like that for days."""
    if not whole:
        return False
    first, last = whole[0].at, whole[-1].at
    not_throttled = (fetch for fetch in whole if fetch.elsewhere)
    return last - first >= EMPTY_SPAN or any(
        max(fetch.at - first, last - fetch.at) >= AGREEMENT for fetch in not_throttled
    )


def _closed(fetches: Sequence[FetchSummary], bounds: Bounds) -> State | None:
    if bounds.at_once:
        return State("closed", "looked at once, as it was then") if any(fetch.whole for fetch in fetches) else None
    if not any(fetch.papers for fetch in fetches):
        # Fetches that found nothing may make a day empty, which takes other evidence.
        return None
    for number, fetch in reversed(list(enumerate(fetches))):
        if any(later.new for later in fetches[number + 1 :]):
            return None
        if not fetch.whole or fetch.at < bounds.end:
            continue
        newest = _whole_after_end(fetches[number:], bounds)[-1]
        if newest.at - fetch.at >= SETTLED:
            return State("closed", f"whole at {_format(fetch.at)} and {_format(newest.at)}, and no new paper since")
        if fetch.made and fetch.papers and fetch.at - bounds.end >= LATE:
            return State("closed", f"whole at {_format(fetch.at)}, 30 days or more after its end")
    return None


def _partial(fetches: Sequence[FetchSummary]) -> State | None:
    if fetches and fetches[-1].doubt is not None:
        return State("partial", fetches[-1].reason or fetches[-1].doubt)
    return None


def _settling(fetches: Sequence[FetchSummary], bounds: Bounds) -> State:
    if not fetches:
        return State("settling", "it is over and was never fetched")
    whole = _whole_after_end(fetches, bounds)
    if not whole:
        return State("settling", _one_view(fetches) or "it is over; no whole fetch after its end yet")
    if not any(fetch.papers for fetch in fetches):
        needed = "it is empty if the site shows papers of another day, or lists nothing 7 days after the first time"
        return State("settling", f"nothing listed at {_format(whole[-1].at)}; {needed}")
    return State("settling", f"whole at {_format(whole[-1].at)}; another whole fetch 12 h apart must find nothing new")


def _one_view(fetches: Sequence[FetchSummary]) -> str | None:
    if fetches and not any(fetch.whole or fetch.doubt for fetch in fetches):
        return "seen in one view only"
    return None


def _whole_after_end(fetches: Iterable[FetchSummary], bounds: Bounds) -> list[FetchSummary]:
    return [fetch for fetch in fetches if fetch.whole and fetch.at >= bounds.end]


def _format(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"
