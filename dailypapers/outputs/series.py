"""What a feed is of: a series, or the papers of a series that a search finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from dailypapers.snapshots.completeness.state import Bounds
from dailypapers.snapshots.store.layout import Series


@dataclass(frozen=True, slots=True)
class FeedSeries:
    """A series, with what its feeds have to know about its source."""

    series: Series
    title: str
    page: str
    """URL of the listing for people."""
    period: str
    """What one listing covers: `day`, `week` or `month`."""
    bounds: Callable[[date], Bounds]
    """What the state of a day depends on, besides its fetches."""

    @property
    def name(self) -> str:
        """The name of its files, without suffix: `hf-daily`."""
        return self.series.folder.as_posix()


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """The papers of a series that have all words of a search, as a feed of its own."""

    name: str
    """The name of its files, without suffix."""
    series: FeedSeries
    search: str

    @property
    def title(self) -> str:
        """The title of the feed."""
        return f"{self.search} - {self.series.title}"
