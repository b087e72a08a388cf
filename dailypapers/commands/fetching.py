"""What a command needs to send requests to a site: budgets, rate limiter, maximum wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from dailypapers.cli.invocation import Invocation
from dailypapers.cli.options import Seconds, metrics_option
from dailypapers.cli.progress import Progress
from dailypapers.cli.settings import Settings
from dailypapers.cli.summary import RunSummary
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.fetch.budgets import budgets_from_env
from dailypapers.ingest.fetch.robots import check_endpoint
from dailypapers.ingest.plan.revisit import DayHistory
from dailypapers.ingest.sources.model import Source, SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Store

if TYPE_CHECKING:
    from dailypapers.ingest.fetch.client import SiteClient
    from dailypapers.ingest.fetch.day import DayFetcher
    from dailypapers.ingest.fetch.known_ids import IdFetcher
    from dailypapers.ingest.fetch.rate_limiter import OnWait
    from dailypapers.ingest.runs.report import RunReport

MAX_WAIT: Final = 7 * 24 * 3600
"""Seconds; no site asks for a longer pause."""
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def fetch_options(function: Decorated) -> Decorated:
    """Adds the options of commands that fetch: --max-wait, --endpoint and --metrics-file."""
    function = click.option(
        "--endpoint",
        multiple=True,
        metavar="NAME=URL",
        help="Send the requests of source NAME, or of all sources NAME-*, to this origin.",
        expose_value=False,
        callback=_store_endpoints,
    )(metrics_option(function))
    return click.option(
        "--max-wait",
        type=Seconds(MAX_WAIT),
        default=300.0,
        metavar="SECONDS",
        help="Longest single wait for a rate limit.  [default: 300]",
    )(function)


def _store_endpoints(ctx: click.Context, _: click.Parameter, values: Sequence[str]) -> None:
    names = {name for source in SOURCES for name in (source, source.partition("-")[0])}
    endpoints = {}
    for name, url in (value.partition("=")[::2] for value in values):
        if name not in names:
            raise UsageError(f"--endpoint {name!r}: no such source; NAME=URL takes {', '.join(sorted(names))}")
        endpoints[name] = check_endpoint(url, f"--endpoint {name}")
    invocation = ctx.find_object(Invocation)
    if invocation is not None:
        invocation.settings.endpoints = endpoints


def client_for(
    source: Source, max_wait: float, settings: Settings, report: RunReport, on_wait: OnWait | None = None
) -> SiteClient:
    """A client for the site of a source, whose requests are counted in the report of the run.

    `on_wait` is called before each wait for a rate limit. Raises UsageError for an invalid endpoint, budget, contact or
    token.
    """
    from dailypapers.ingest.fetch.client import Site, SiteClient
    from dailypapers.ingest.fetch.rate_limiter import RateLimiter
    from dailypapers.ingest.fetch.request_headers import check_token, user_agent

    budgets = budgets_from_env(settings.environment.budget)
    named = settings.endpoints
    own = named.get(source.name) or named.get(source.name.partition("-")[0])
    endpoint = own or check_endpoint(source.endpoint(settings.environment.hf_endpoint))
    limiter, traffic = RateLimiter(settings.state_folder, max_wait, on_wait), report.traffic(endpoint)
    token = check_token(settings.environment.hf_token) if source.is_hugging_face else None
    site = Site(
        endpoint,
        budgets,
        user_agent(settings.environment.contact),
        token,
        robots_bucket=source.robots_bucket,
        serves_all=own is not None,
    )
    return SiteClient(site, limiter, traffic)


def fetch_days(
    store: Store,
    source_series: SourceSeries,
    days: Sequence[DayHistory],
    summary: RunSummary,
    max_wait: float,
    *,
    forced: bool = False,
    progress: Progress | None = None,
    make_fetcher: Callable[[SiteClient], DayFetcher | IdFetcher] | None = None,
) -> None:
    """Fetch and build days one after another; if a rate limit would take too long, warn what is left and stop.

    A day that another process has fetched meanwhile is skipped, unless `forced`. `make_fetcher` fetches something else
    than the listings.
    """
    from dailypapers.ingest.build.checkpoint import Checkpoints
    from dailypapers.ingest.fetch.day import DayFetcher
    from dailypapers.ingest.pipeline import run_days

    on_wait = progress.wait if progress is not None else None
    with client_for(source_series.source, max_wait, summary.settings, summary.report, on_wait) as client:
        summary.report.open()
        histories = progress.follow(days, client, source_series.source) if progress is not None else days
        done = 0
        checkpoints = Checkpoints(summary.settings.state_folder, store, source_series)
        clock = summary.settings.clock
        results = run_days(
            store,
            source_series,
            histories,
            clock,
            client,
            checkpoints=checkpoints,
            forced=forced,
            make_fetcher=make_fetcher or DayFetcher,
        )
        for result in results:
            summary.add(result)
            done += 1
        if client.rate_limited is not None:
            left = f"{len(days) - done} of {len(days)} days of {source_series} are left"
            summary.warn_incomplete(f"{client.rate_limited}; {left}")
