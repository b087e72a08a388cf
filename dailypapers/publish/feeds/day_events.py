"""When a day closed, or since when it is in doubt, from its certificate."""

from __future__ import annotations

from typing import Final, NamedTuple

from snapshots.certificate import Certificate
from snapshots.completeness.state import Bounds, state_of, summaries

DECIDED: Final = frozenset({"closed", "empty", "partial"})
"""The states that the feed of days has an entry for."""


class DayEvent(NamedTuple):
    """The day got into its state."""

    since: str
    """Time of the first fetch since which it has been in this state without a break."""
    reason: str
    """As the certificate had it then: later fetches name other times, but nothing happened."""
    papers: int
    """All papers that had been seen by then."""


def day_event(certificate: Certificate, bounds: Bounds) -> DayEvent | None:
    """When a day got into its state; None for an open or settling day."""
    if certificate["state"] not in DECIDED:
        return None
    fetches = summaries(certificate["fetches"])
    event = None
    for number in range(len(fetches), 0, -1):
        state = state_of(fetches[:number], bounds, fetches[number - 1].at)
        if state.name != certificate["state"]:
            break
        papers = sum(fetch.new for fetch in fetches[:number])
        event = DayEvent(certificate["fetches"][number - 1]["at"], state.reason, papers)
    return event
