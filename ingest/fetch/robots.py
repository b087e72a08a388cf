"""robots.txt as in RFC 9309, parsed by protego: which addresses a site allows, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ingest.archive.content_encoding import content
from ingest.errors import BodyError
from parsers.model import Page

MAX_AGE: Final = 24 * 3600.0
"""Seconds that a robots.txt is cached (RFC 9309, 2.4)."""
PRODUCT: Final = "dailypapers"
_SIZE_CAP: Final = 500_000


@dataclass(frozen=True, slots=True)
class Robots:
    """A site's robots.txt."""

    status: int
    text: str

    @classmethod
    def from_page(cls, page: Page) -> Robots:
        """The rules of an answer; a body that cannot be decoded has none."""
        try:
            return cls(page.status, content(page, cap=_SIZE_CAP).body.decode("utf-8", "replace"))
        except BodyError:
            return cls(page.status, "")

    @property
    def is_unavailable(self) -> bool:
        """Whether the site failed to answer: then nothing may be requested (RFC 9309, 2.3.1.4)."""
        return self.status >= 500 or self.status == 429

    def allows(self, url: str) -> bool:
        """Whether an address may be requested; a site without the file (4xx) allows all."""
        from protego import Protego  # noqa: PLC0415 - most sites have no rules

        return self.status >= 400 or not self.text.strip() or Protego.parse(self.text).can_fetch(url, PRODUCT)

    def delay(self) -> float:
        """The seconds of Crawl-delay; 0 by default."""
        from protego import Protego  # noqa: PLC0415

        if self.status >= 400 or "crawl-delay" not in self.text.casefold():
            return 0.0
        return Protego.parse(self.text).crawl_delay(PRODUCT) or 0.0
