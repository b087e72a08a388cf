"""`dailypapers run arxiv-api --for SOURCE`: what arXiv knows about the papers of another source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from dailypapers.cli.building import build_stale
from dailypapers.cli.invocation import Invocation
from dailypapers.cli.summary import RunSummary
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.plan.inventory import day_history, stored_series
from dailypapers.ingest.plan.missing import missing_ids
from dailypapers.ingest.sources.arxiv_table import PAPERS_BY_ID
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES, source_named
from dailypapers.snapshots.store.layout import Series, Store

from .fetching import fetch_days

MAX_NAMED: Final = 5
"""Ids that a message names."""


def enrich(invocation: Invocation, name: str, max_wait: float) -> int:
    """Fetch the papers of a stored source that arXiv has not described yet; returns the exit status.

    Raises UsageError for an unknown source, and for one that is not stored.
    """
    from dailypapers.ingest.fetch.known_ids import IdFetcher

    settings = invocation.settings
    store, listing = Store(settings.root), source_named(name)
    listings = stored_series(store, listing)
    if not listings:
        raise UsageError(f"--for {name}: nothing of it is stored; first fetch it: dailypapers run {name}")
    enriched = SourceSeries(SOURCES[PAPERS_BY_ID], Series(PAPERS_BY_ID, name))
    summary = RunSummary(settings, invocation.log, invocation.begin_report("run", store))
    # What an earlier run archived and could not build is not missing.
    build_stale(store, enriched, store.stored_days(enriched.series), summary)
    ids, resting = _due_ids(store, listings, enriched, settings.clock.now())
    if not ids:
        invocation.log.info(f"arXiv has described all papers of {name}{_except(resting)}")
        return summary.finish()
    history = day_history(store, enriched.on(settings.clock.today()))
    fetch_days(store, enriched, [history], summary, max_wait, forced=True, make_fetcher=partial(IdFetcher, ids=ids))
    return summary.finish()


def _due_ids(
    store: Store, listings: Sequence[Series], enriched: SourceSeries, now: datetime
) -> tuple[list[str], list[str]]:
    """The ids that arXiv has not described yet: those to request now, and those that it was asked for a short time ago.

    What a listing shows since then is requested at once.
    """
    from dailypapers.ingest.fetch.answered_ids import answered_ids

    missing = missing_ids(store, listings, enriched.series)
    answered = answered_ids(store, enriched, now) if missing else {}
    rests = {each for each, seen in missing.items() if each in answered and (seen is None or seen <= answered[each])}
    return [each for each in missing if each not in rests], [each for each in missing if each in rests]


def _except(resting: Sequence[str]) -> str:
    if not resting:
        return ""
    named = ", ".join([*resting[:MAX_NAMED], *(["..."] if len(resting) > MAX_NAMED else [])])
    return f" except {len(resting)} that it did not have when asked in the last 24 hours: {named}"
