"""What a command needs to send requests to a site: budgets, rate limiter, maximum wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from dailypapers.cli.settings import Settings
from ingest.errors import UsageError
from ingest.fetch.budgets import budgets_from_env
from ingest.fetch.endpoint import check_endpoint
from ingest.plan.revisit import DayHistory
from ingest.sources.model import Source, SourceSeries
from ingest.sources.registry import SOURCES
from snapshots.store.layout import Store

from .invocation import Invocation
from .summary import RunSummary

if TYPE_CHECKING:
    from ingest.fetch.client import SiteClient
    from ingest.runs.report import RunReport

MAX_WAIT = 300.0


def max_wait_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --max-wait to a command."""
    return click.option(
        "--max-wait",
        type=click.FloatRange(min=0, max=10**9),
        default=MAX_WAIT,
        metavar="SECONDS",
        show_default=True,
        help="Wait at most so long at a time for a site that rests or for the budget.",
    )(function)


def endpoint_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --endpoint to a command."""
    return click.option(
        "--endpoint",
        multiple=True,
        metavar="NAME=URL",
        help="Ask this origin for a source, or for all whose names begin with NAME and a hyphen.",
        expose_value=False,
        callback=_keep_endpoints,
    )(function)


def _keep_endpoints(ctx: click.Context, _: click.Parameter, said: Sequence[str]) -> None:
    names = {name for source in SOURCES for name in (source, source.partition("-")[0])}
    found = {}
    for name, url in (one.partition("=")[::2] for one in said):
        if name not in names:
            raise UsageError(
                f"--endpoint {name!r}: no source is called so; write NAME=URL with one of {', '.join(sorted(names))}"
            )
        found[name] = check_endpoint(url, f"--endpoint {name}")
    invocation = ctx.find_object(Invocation)
    if invocation is not None:
        invocation.settings.endpoints = found


def fetcher_for(source: Source, max_wait: float, settings: Settings, report: RunReport) -> SiteClient:
    """A client for the site of a source, whose requests are counted in the report of the run.

    Raises UsageError for an invalid endpoint, budget, contact or token.
    """
    from ingest.fetch.client import SiteClient
    from ingest.fetch.rate_limiter import RateLimiter
    from ingest.fetch.request import Site
    from ingest.fetch.request_headers import check_token, user_agent

    budgets = budgets_from_env(settings.environment.budget)
    named = settings.endpoints
    endpoint = named.get(source.name) or named.get(source.name.partition("-")[0])
    endpoint = endpoint or check_endpoint(source.endpoint(settings.environment.hf_endpoint))
    limiter, traffic = RateLimiter(settings.state_folder, max_wait), report.traffic(endpoint)
    token = check_token(settings.environment.hf_token) if source.is_hugging_face else None
    return SiteClient(Site(endpoint, budgets, user_agent(settings.environment.contact), token), limiter, traffic)


def fetch_days(
    store: Store,
    source_series: SourceSeries,
    days: Sequence[DayHistory],
    tally: RunSummary,
    max_wait: float,
    *,
    forced: bool = False,
) -> None:
    """Fetch and build days one after another; where the site rests for too long, say what is left and stop.

    A day that another process fetched meanwhile is passed over, unless `forced`.
    """
    from ingest.pipeline import run_days

    with fetcher_for(source_series.source, max_wait, tally.settings, tally.report) as fetcher:
        tally.report.open()
        done = 0
        for result in run_days(store, source_series, days, tally.settings.clock, fetcher, forced=forced):
            tally.add(result)
            done += 1
        if fetcher.rate_limited is not None:
            tally.cut_short(
                f"{fetcher.rate_limited}; {len(days) - done} of {len(days)} days of {source_series} are left"
            )
