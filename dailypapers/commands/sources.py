"""`dailypapers sources`: the sources, their sites and request budgets; `dailypapers schema`: the form of a record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import global_options
from dailypapers.cli.output import print_line
from dailypapers.ingest.errors import DONE, UsageError
from dailypapers.ingest.fetch.budgets import Budget, budget_for, budgets_from_env
from dailypapers.ingest.fetch.robots import check_endpoint
from dailypapers.ingest.sources.model import SOURCE, Source
from dailypapers.ingest.sources.registry import SOURCES


@click.command()
@global_options
def schema_command() -> None:
    """Print the JSON Schema of a record, which is one line of a day file."""
    from dailypapers.parsers.model import Paper
    from dailypapers.parsers.versions import SCHEMA

    # Every key is always written, so all are required, even those with a default in the model.
    schema = Paper.model_json_schema(mode="serialization")
    schema |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "version": SCHEMA}
    schema["required"] = list(schema["properties"])
    click.echo(json.dumps(schema, indent=2))


@click.command()
@click.option(
    "--reset-rest", metavar="SITE", help="Allow requests to a rate-limited site again, e.g. https://huggingface.co."
)
@global_options
@pass_invocation
def sources_command(invocation: Invocation, reset_rest: str | None) -> int:
    """List the sources: name, first day, views and site; for each site the used request budget and any rate limit."""
    if reset_rest is not None:
        return _reset(invocation, reset_rest.rstrip("/"))
    settings, hf_endpoint = invocation.settings, _hf_endpoint(invocation)
    rows = [_row(source, hf_endpoint) for source in SOURCES.values()]
    budgets = budgets_from_env(settings.environment.budget)
    sites = [_site(settings.state_folder, origin, buckets, budgets) for origin, buckets in _sites(hf_endpoint).items()]
    if settings.json:
        print_json({"sources": rows, "sites": sites})
        return DONE
    for row in rows:
        _print_source(row)
    for site in sites:
        _print_site(site)
    return DONE


def _reset(invocation: Invocation, origin: str) -> int:
    from dailypapers.ingest.fetch.rate_limiter import RateLimiter

    sites = _sites(_hf_endpoint(invocation))
    if origin not in sites:
        raise UsageError(f"no source uses the site {origin}; there are: {', '.join(sites)}")
    with closing(RateLimiter(invocation.settings.state_folder, 0)) as limiter:
        was_limited = limiter.reset_backoff(origin)
    invocation.log.info(f"requests to {origin} are allowed again" if was_limited else f"{origin} was not rate-limited")
    return DONE


def _hf_endpoint(invocation: Invocation) -> str | None:
    """HF_ENDPOINT, unless it is not set. Raises UsageError if it is not an origin, or has a password in it."""
    endpoint = invocation.settings.environment.hf_endpoint
    return check_endpoint(endpoint) if endpoint else None


def _sites(hf_endpoint: str | None) -> dict[str, set[str]]:
    sites: dict[str, set[str]] = {}
    for source in SOURCES.values():
        if source.fetched:
            sites.setdefault(source.endpoint(hf_endpoint), set()).update(view.bucket for view in source.views)
    return sites


def _site(state: Path, origin: str, buckets: set[str], custom: Mapping[str, Budget]) -> dict[str, Any]:
    from dailypapers.ingest.fetch.rate_limiter import RateLimiter

    budgets = {name: budget_for(name, origin, custom) for name in sorted(buckets)}
    with closing(RateLimiter(state, 0)) as limiter:
        usage = limiter.usage(origin, budgets)
    until = usage.blocked_until
    return {
        "origin": origin,
        "budgets": {
            name: {
                "used": usage.used[name],
                "requests": budget.requests if budget else None,
                "seconds": budget.seconds if budget else None,
            }
            for name, budget in budgets.items()
        },
        "rests_until": f"{datetime.fromtimestamp(until, UTC):%Y-%m-%dT%H:%M:%SZ}" if until is not None else None,
        "reason": usage.reason,
    }


def _row(source: Source, hf_endpoint: str | None) -> dict[str, Any]:
    return {
        "name": source.name,
        "title": source.title,
        "description": source.description,
        "first_day": source.first_day.isoformat(),
        "views": [view.name for view in source.views],
        "endpoint": source.endpoint(hf_endpoint) if source.fetched or source.query == SOURCE else None,
    }


def _print_source(row: dict[str, Any]) -> None:
    print_line(f"{row['name']:<13} {row['description']}")
    origin = f"fetched from {row['endpoint']}" if row["endpoint"] else "imported from files"
    print_line(f"{'':<13} views: {', '.join(row['views'])}; since {row['first_day']}; {origin}")


def _print_site(site: dict[str, Any]) -> None:
    limit = f"rate-limited until {site['rests_until']}: {site['reason']}" if site["rests_until"] else "available"
    print_line("")
    print_line(f"{site['origin']}: {limit}")
    for name, budget in site["budgets"].items():
        limit = f"of {budget['requests']} in {budget['seconds']:g} s" if budget["requests"] else "(no budget)"
        print_line(f"  {name:<10} {budget['used']} requests used {limit}")
