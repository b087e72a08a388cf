"""`dailypapers runs`: what runs did, from the reports that they left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import click
import orjson

from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.options import global_options
from dailypapers.cli.selection import counted, no_store
from dailypapers.cli.settings import Settings
from ingest.clock import parse_day
from ingest.errors import UsageError
from ingest.exit_status import ATTENTION, DONE, FAILED, USAGE
from ingest.runs.reader import PastRun, newest_first, past_runs, read_run, runs_named
from snapshots.store.layout import Store

SHOWN: Final = timedelta(days=7)
_EXITS: Final = {DONE: "done", ATTENTION: "attention", USAGE: "wrong usage", FAILED: "failed"}
_EXPLAINED: Final = {
    DONE: "all is well",
    ATTENTION: "done, but something needs attention",
    USAGE: "wrong usage",
    FAILED: "it could not be done",
}


@click.group("runs", invoke_without_command=True)
@click.option("--since", metavar="DAY", help="The runs from this day on; those of the last week unless said.")
@global_options
@pass_settings
@click.pass_context
def command(ctx: click.Context, settings: Settings, since: str | None) -> int:
    """List what runs did, oldest first; `runs show` explains one."""
    if ctx.invoked_subcommand is not None:
        return DONE
    store, today = Store(settings.root), settings.clock.today()
    found = list(past_runs(store, parse_day(since) if since else today - SHOWN))
    if settings.json:
        click.echo(orjson.dumps([_as_json(run) for run in found], option=orjson.OPT_INDENT_2))
        return DONE
    for run in found:
        click.echo(_line(run))
    if not found:
        said = f"no run since {since}" if since else "no run in the last week; --since DAY shows older ones"
        click.echo(said if store.root.is_dir() else no_store(store))
    return DONE


@command.command("show", short_help="Explain a run.")
@click.argument("name", metavar="ID")
@global_options
@pass_settings
def show(settings: Settings, name: str) -> int:
    """Explain a run: ID is what `runs` lists, a part of it that no other has, or `last`."""
    run = _named(Store(settings.root), name)
    if settings.json:
        click.echo(orjson.dumps(_as_json(run), option=orjson.OPT_INDENT_2))
        return DONE
    for line in _explained(run):
        click.echo(line)
    return DONE


@command.command("schema", short_help="Print the JSON Schema of a report.")
@global_options
def schema() -> int:
    """Print the JSON Schema of a run's report."""
    from ingest.runs.schema import SCHEMA

    click.echo(orjson.dumps(SCHEMA, option=orjson.OPT_INDENT_2))
    return DONE


def _named(store: Store, name: str) -> PastRun:
    if name == "last":
        run = next(newest_first(store), None)
        if run is None:
            raise UsageError(
                f"no run is known in {store.root}; run, backfill, import and build leave their reports there"
            )
        return run
    found = runs_named(store, name)
    if len(found) != 1:
        ids = ", ".join(path.stem for path in found[-5:])
        raise UsageError(
            f"{name!r} is {len(found)} runs, the newest {ids}; say more of the name"
            if found
            else f"no run {name!r} in {store.root}; `dailypapers runs` lists them"
        )
    return read_run(found[0])


def _as_json(run: PastRun) -> dict[str, Any]:
    return {"id": run.id, "status": _status(run), **run.report}


def _status(run: PastRun) -> str:
    """How a run ended, in a word."""
    status = run.report.get("exit")
    if run.state != "ended" or status is None:
        return run.state
    return _EXITS.get(status, "stopped")


def _line(run: PastRun) -> str:
    report = run.report
    if not report:
        return f"{run.id}  unreadable: {run.path}"
    days, requests = report["days"], sum(sum(site["requests"].values()) for site in report["sites"])
    did = [f"{counted(len(days), 'day')}, {counted(_sum(run, 'new'), 'new paper')}" if days else _without_days(run)]
    did += [counted(requests, "request")] if requests else []
    did += [f"{report['seconds']:.1f} s"] if report["seconds"] is not None else []
    return f"{run.id}  {report['command']:<8}  {_status(run):<9}  {', '.join(did)}"


def _without_days(run: PastRun) -> str:
    """What is known of a run whose report has no days: why it failed, or that there was nothing to do."""
    report = run.report
    if run.state != "ended":
        return "still at work" if run.state == "running" else "what it had stored is whole"
    said: list[str] = [*report["warnings"], *filter(None, [report["error"]])]
    return said[-1] if report["exit"] and said else "nothing to do"


def _sum(run: PastRun, name: str) -> int:
    return sum(day[name] or 0 for day in run.report["days"])


def _explained(run: PastRun) -> Iterator[str]:
    report = run.report
    if not report:
        yield f"{run.path} cannot be read: a power cut may have torn it; it is of no use and may be removed"
        return
    yield f"{run.id}: dailypapers {' '.join(report['arguments'])} (version {report['software']})"
    yield f"  {_course(run)}"
    if report["error"]:
        yield f"  it said: {report['error']}"
    yield from (f"  warning: {warning}" for warning in report["warnings"])
    if report["days"]:
        counts = ", ".join(f"{_sum(run, name)} {name}" for name in ("new", "changed", "gone"))
        yield f"  {counted(len(report['days']), 'day')}: papers {counts}; {_needing(report['attention'])}"
    yield from (f"    {_day(day)}" for day in report["days"])
    yield from (f"  {_site(site)}" for site in report["sites"])
    yield f"  memory: {report['peak_memory_bytes'] / 1e6:.0f} MB at most"


def _needing(days: int) -> str:
    return "1 needs attention" if days == 1 else f"{days} need attention"


def _course(run: PastRun) -> str:
    report = run.report
    began = f"began {report['started'].replace('T', ' ').rstrip('Z')} UTC"
    if run.state == "running":
        return f"{began} and is running"
    if run.state == "killed":
        return f"{began} and was killed; what it had stored is whole, and the next run goes on from there"
    ended = f"{began}, took {report['seconds']:.1f} s, exit {report['exit']}"
    return f"{ended}: {_EXPLAINED.get(report['exit'], 'it was stopped; the next run goes on')}"


def _day(day: dict[str, Any]) -> str:
    head = f"{day['source']} {day['day']}" if day["query"] is None else f'{day["source"]} "{day["query"]}" {day["day"]}'
    if day["skipped"] or day["failed"]:
        return f"{head}: " + (f"skipped, {day['skipped']}" if day["skipped"] else f"failed: {day['failed']}")
    counts = ", ".join(f"{day[name]} {name}" for name in ("new", "changed", "gone", "rejects") if day[name])
    how = "" if day["fetched"] else ", built from the pages at hand"
    return f"{head}: {day['papers']} papers ({counts or 'all as before'}{how}); {day['state']}: {day['reason']}"


def _site(site: dict[str, Any]) -> str:
    requests = site["requests"]
    by_status = ", ".join(
        f"{count} without an answer" if status == "fault" else f"{count} with {status}"
        for status, count in requests.items()
    )
    again = f"{site['retries']} of them again, " if site["retries"] else ""
    size = f"{site['bytes'] / 1e6:.2f} MB, {site['waited_seconds']:.1f} s of waiting"
    return f"{site['site']}: {counted(sum(requests.values()), 'request')} ({by_status or 'none'}), {again}{size}"
