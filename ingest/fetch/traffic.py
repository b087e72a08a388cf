"""What was asked of a site in a run: requests by status, bytes, tries again, waits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Traffic:
    """Counts of one site."""

    site: str
    requests: Counter[str] = field(default_factory=Counter)
    """By HTTP status; `fault` where no answer came."""
    bytes: int = 0
    """Bytes of the bodies as they came over the wire."""
    retries: int = 0
    """Requests among them that asked for the same page again."""
    waited: float = 0.0
    """Seconds spent waiting for the budget, for a rest of the site, and between two tries."""

    def add(self, outcome: str, size: int) -> None:
        """Count a request that came to this."""
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
