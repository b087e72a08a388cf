"""Counts of the requests of a run to one site."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Traffic:
    """Counts of one site."""

    site: str
    requests: Counter[str] = field(default_factory=Counter)
    """By HTTP status; `fault` for requests without an answer."""
    bytes: int = 0
    """Bytes of the bodies on the wire."""
    retries: int = 0
    """How many of the requests were retries."""
    waited: float = 0.0
    """Seconds spent waiting for the budget, for a backoff, and before retries."""

    def add(self, outcome: str, size: int) -> None:
        """Count a request by its status or `fault`, and the bytes of its body."""
        self.requests[outcome] += 1
        self.bytes += size

    def as_json(self) -> dict[str, object]:
        """The counts for a run's report."""
        return {
            "site": self.site,
            "requests": dict(sorted(self.requests.items())),
            "bytes": self.bytes,
            "retries": self.retries,
            "waited_seconds": round(self.waited, 3),
        }
