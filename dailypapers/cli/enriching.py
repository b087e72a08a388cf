"""`dailypapers run arxiv-api --for SOURCE`: what arXiv knows about the papers of another source."""

from __future__ import annotations

from functools import partial

from ingest.errors import UsageError
from ingest.plan.inventory import day_history, stored_series
from ingest.plan.missing import missing_ids
from ingest.sources.arxiv_table import PAPERS_BY_ID
from ingest.sources.model import SourceSeries
from ingest.sources.registry import SOURCES, source_named
from snapshots.store.layout import Series, Store

from .fetching import fetch_days
from .invocation import Invocation
from .summary import RunSummary


def enrich(invocation: Invocation, name: str, max_wait: float) -> int:
    """Fetch the papers of a stored source that arXiv has not described yet; returns the exit status.

    Raises UsageError for an unknown source, and for one that is not stored.
    """
    from ingest.fetch.ids import IdFetcher

    settings = invocation.settings
    store, listing = Store(settings.root), source_named(name)
    listings = stored_series(store, listing)
    if not listings:
        raise UsageError(f"--for {name}: nothing of it is stored; first fetch it: dailypapers run {name}")
    enriched = SourceSeries(SOURCES[PAPERS_BY_ID], Series(PAPERS_BY_ID, name))
    ids = missing_ids(store, listings, enriched.series)
    summary = RunSummary(settings, invocation.log, invocation.begin_report("run", store))
    if not ids:
        invocation.log.info(f"arXiv has described all papers of {name}")
        return summary.finish()
    history = day_history(store, enriched.on(settings.clock.today()))
    fetch_days(store, enriched, [history], summary, max_wait, forced=True, make_fetcher=partial(IdFetcher, ids=ids))
    return summary.finish()
