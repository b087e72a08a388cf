"""robots.txt as RFC 9309 has it, read by protego: what a site lets us ask, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KEPT: Final = 24 * 3600.0
"""Seconds that a robots.txt is kept (RFC 9309, 2.4)."""
AGENT: Final = "dailypapers"


@dataclass(frozen=True, slots=True)
class Robots:
    """What a site's robots.txt says to us."""

    status: int
    text: str

    @property
    def must_wait(self) -> bool:
        """Whether the site could not say: then nothing is asked (RFC 9309, 2.3.1.4)."""
        return self.status >= 500 or self.status == 429

    def allows(self, url: str) -> bool:
        """Whether an address may be asked; a site without the file (4xx) allows all."""
        from protego import Protego  # noqa: PLC0415 - a site without rules needs no reader of them

        return self.status >= 400 or not self.text.strip() or Protego.parse(self.text).can_fetch(url, AGENT)

    def delay(self) -> float:
        """The seconds of Crawl-delay, 0 where there is none."""
        from protego import Protego  # noqa: PLC0415

        if self.status >= 400 or "crawl-delay" not in self.text.casefold():
            return 0.0
        return Protego.parse(self.text).crawl_delay(AGENT) or 0.0
