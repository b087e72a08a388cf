"""How many requests each site allows, with the sources of the numbers. `DAILYPAPERS_BUDGET` replaces them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from dailypapers.ingest.errors import UsageError

USED_SHARE: Final = 0.95
"""The share of a budget that is used: the site counts arrivals, whose times vary."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The requests allowed in a number of seconds, for all processes of the machine together."""

    name: str
    requests: int
    seconds: float
    alone: bool = False
    """One connection at a time."""

    @property
    def planned(self) -> tuple[int, float]:
        """The requests and seconds that are used."""
        if self.requests * USED_SHARE < 1:
            return 1, self.seconds / USED_SHARE
        return int(self.requests * USED_SHARE), self.seconds


BUDGETS: Final = {
    budget.name: budget
    for budget in (
        # Without a token, per address: https://huggingface.co/docs/hub/rate-limits
        Budget("hf-api", 500, 300),
        Budget("hf-pages", 100, 300),
        # For sites without a published rule: that of arXiv, the strictest that we know.
        Budget("site", 1, 3, alone=True),
        # One request every three seconds, one connection, over all interfaces: https://info.arxiv.org/help/api/tou.html
        Budget("arxiv", 1, 3, alone=True),
    )
}

_ENTRY: Final = re.compile(r"([a-z-]+)=([0-9]{1,9})/([0-9]{1,9}(?:\.[0-9]{1,9})?)")


def budget_for(name: str, origin: str, custom: Mapping[str, Budget]) -> Budget | None:
    """The budget of that name at a site: the user's, else the built-in one; loopback sites have none built in."""
    if name in custom:
        return custom[name]
    return None if is_loopback(origin) else BUDGETS[name]


def budgets_from_env(text: str | None) -> dict[str, Budget]:
    """The budgets of `DAILYPAPERS_BUDGET`, e.g. `hf-api=500/300,arxiv=1/3` (requests/seconds).

    Raises UsageError on anything else.
    """
    budgets: dict[str, Budget] = {}
    for part in filter(None, (part.strip() for part in (text or "").split(","))):
        entry = _ENTRY.fullmatch(part)
        if entry is None or entry[1] not in BUDGETS or int(entry[2]) < 1 or float(entry[3]) <= 0:
            names = ", ".join(BUDGETS)
            raise UsageError(f"DAILYPAPERS_BUDGET holds {part!r}; write NAME=REQUESTS/SECONDS with a name of {names}")
        budgets[entry[1]] = Budget(entry[1], int(entry[2]), float(entry[3]), BUDGETS[entry[1]].alone)
    return budgets


def is_loopback(origin: str) -> bool:
    """Whether an origin is this machine."""
    host = urlsplit(origin).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
