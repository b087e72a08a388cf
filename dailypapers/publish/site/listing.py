"""What the site is made of: the series that it shows, and what its caller decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any, Literal

from snapshots.certificate import Certificate
from snapshots.drift.detect import Change
from snapshots.store.layout import Series

Period = Literal["day", "week", "month", "now"]
Row = dict[str, Any]
"""A record of a day file, with the names of `parsers.model.Paper`."""


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed of a series: its file in the folder of the site, its media type and its title."""

    href: str
    media_type: str
    title: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A series as the site shows it."""

    series: Series
    title: str
    """What the series is, in a few words."""
    period: Period
    """What one of its days stands for; `now`: the time of the fetch."""
    feeds: tuple[FeedLink, ...] = ()
    folder: str = field(init=False, compare=False)
    """The folder of its pages, relative to the site."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", self.series.folder.as_posix())

    def end(self, day: date) -> datetime:
        """The first instant after the day, week or month that `day` names."""
        last = {"week": day + timedelta(days=7), "month": (day + timedelta(days=31)).replace(day=1)}
        return datetime.combine(last.get(self.period, day + timedelta(days=1)), time_of_day(), UTC)

    def following(self, day: date) -> date:
        """The day that names the next listing."""
        return self.end(day).date()


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """What the caller decides or knows, and this package may not find out itself."""

    listings: Sequence[Listing]
    """The series to show; the first is the front page."""
    version: str
    """Of the program: another one makes every page again."""
    base_url: str | None = None
    """Where the site will be, with a slash at its end; for canonical links."""
    thumbnails: bool = False
    """Show the preview images of the source, which the browser then fetches from its server."""
    changes: Callable[[Series, Sequence[Certificate]], Sequence[Change]] = lambda _, __: ()
    """What changed at the site of a series, from certificates of consecutive days."""
    is_waived: Callable[[Series, date], bool] = lambda _, __: False
    """Whether a day will not be fetched any more."""
    search: bool = True
    """Whether to make the search index."""
    marks: Callable[[Series], Mapping[str, str] | None] = lambda _: None
    """The marks of the certificates of a series, if they were read before."""
