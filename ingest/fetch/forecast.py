"""How long further requests will take, given the budget and the requests already sent."""

from __future__ import annotations

from collections.abc import Sequence

from .budgets import Budget


def finish_time(requests: int, work: float, budget: Budget | None, sent: Sequence[float], start: float) -> float:
    """When `requests` further requests will be done, of which the first may be sent at `start`.

    `work` is the number of seconds that they take besides waiting for the budget; `sent` has the times of the earlier
    requests within the period of the budget, oldest first.
    """
    if budget is None or requests < 1:
        return start + work
    (limit, seconds), pace = budget.planned, work / requests
    times = list(sent[-limit:])
    # Request n waits for the end of the period that began with request n - limit; this repeats after `limit` requests.
    rounds, last = divmod(requests - 1, limit)
    instant = start
    for _ in range(last + 1):
        if len(times) >= limit:
            instant = max(instant, times[-limit] + seconds)
        times.append(instant)
        instant += pace
    return instant + rounds * max(seconds, limit * pace)
