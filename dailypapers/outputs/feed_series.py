"""What the feeds have to know about the sources of series."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from dailypapers.ingest.sources.bounds import bounds_of
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.period import Period

from .series import FeedSeries


def feed_series(selected: Iterable[SourceSeries]) -> list[FeedSeries]:
    """These series for `dailypapers.feeds`."""
    return [_feed_series(each) for each in selected]


def _feed_series(selected: SourceSeries) -> FeedSeries:
    source = selected.source
    return FeedSeries(
        series=selected.series,
        title=selected.title,
        page=f"{source.site}/papers" if source.is_hugging_face else source.site,
        period="day" if source.period is Period.NOW else source.period.value,
        bounds=partial(bounds_of, source),
    )
