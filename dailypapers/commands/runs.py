"""`dailypapers runs`: list past runs, or explain one, from their reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

import click

from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import global_options
from dailypapers.cli.output import format_count, print_line, require_store
from dailypapers.cli.selection import day_of
from dailypapers.cli.settings import Settings
from dailypapers.ingest.errors import ATTENTION, CRASHED, DONE, FAILED, USAGE, UsageError
from dailypapers.ingest.runs.reader import PastRun, newest_first, past_runs, read_run, runs_named
from dailypapers.snapshots.store.layout import Store

LISTED: Final = timedelta(days=7)
"""The runs that are listed by default."""
MAX_DAYS: Final = 40
"""Days of a run that `show` prints one by one."""
_EXIT_NAMES: Final = {DONE: "done", ATTENTION: "attention", USAGE: "wrong usage", FAILED: "failed", CRASHED: "crashed"}
_EXIT_MEANINGS: Final = {
    DONE: "all is well",
    ATTENTION: "done, but something needs attention",
    USAGE: "wrong usage",
    FAILED: "failed",
    CRASHED: "a bug in dailypapers stopped it, or its work on a day",
}


@click.group("runs", invoke_without_command=True)
@click.option("--since", metavar="DAY", help="Only runs from this day on.  [default: the last week]")
@global_options
@pass_settings
@click.pass_context
def command(ctx: click.Context, settings: Settings, since: str | None) -> int:
    """List past runs, oldest first; `runs show` explains one."""
    if ctx.invoked_subcommand is not None:
        return DONE
    store, today = Store(settings.root), settings.clock.today()
    require_store(store)
    runs = list(past_runs(store, day_of(since, today) if since else today - LISTED))
    if settings.json:
        print_json([_as_json(run) for run in runs])
        return DONE
    for run in runs:
        print_line(_format_run(run))
    if not runs:
        message = f"no run since {since}" if since else "no run in the last week; --since DAY shows older ones"
        print_line(message)
    return DONE


@command.command("show", short_help="Explain a run.")
@click.argument("name", metavar="ID")
@global_options
@pass_settings
def show(settings: Settings, name: str) -> int:
    """Explain a run: ID is an id from `runs`, a unique part of one, or `last`."""
    store = Store(settings.root)
    require_store(store)
    run = _named(store, name)
    if settings.json:
        print_json(_as_json(run))
        return DONE
    for line in _explain(run):
        print_line(line)
    return DONE


@command.command("schema", short_help="Print the JSON Schema of a report.")
@global_options
def schema() -> int:
    """Print the JSON Schema of a run's report."""
    from dailypapers.ingest.runs.report import SCHEMA

    print_json(SCHEMA)
    return DONE


def _named(store: Store, name: str) -> PastRun:
    """The run of an id. Raises UsageError if there is none, or more than one."""
    if name == "last":
        run = next(newest_first(store), None)
        if run is None:
            raise UsageError(f"no runs in {store.root}; run, backfill, import and build write reports there")
        return run
    paths = runs_named(store, name)
    if not paths:
        raise UsageError(f"no run {name!r} in {store.root}; `dailypapers runs` lists them")
    if len(paths) > 1:
        ids = ", ".join(path.stem for path in paths[-5:])
        raise UsageError(f"{name!r} matches {len(paths)} runs, the newest {ids}; use more of the id")
    return read_run(paths[0])


def _as_json(run: PastRun) -> dict[str, Any]:
    return {"id": run.id, "status": _status(run), **run.report}


def _status(run: PastRun) -> str:
    """How a run ended, in one word."""
    status = run.report.get("exit")
    if run.state != "ended" or status is None:
        return run.state
    return _EXIT_NAMES.get(status, "stopped")


def _format_run(run: PastRun) -> str:
    report = run.report
    if not report:
        return f"{run.id}  unreadable: {run.path}"
    days, requests = report["days"], sum(sum(site["requests"].values()) for site in report["sites"])
    papers = format_count(_sum(run, "new"), "new paper")
    did = [f"{format_count(len(days), 'day')}, {papers}" if days else _describe_empty(run)]
    did += [format_count(requests, "request")] if requests else []
    did += [f"{report['seconds']:.1f} s"] if report["seconds"] is not None else []
    return f"{run.id}  {report['command']:<8}  {_status(run):<9}  {', '.join(did)}"


def _describe_empty(run: PastRun) -> str:
    """What is known of a run without days: why it failed, or that there was nothing to do."""
    report = run.report
    if run.state != "ended":
        return "still running" if run.state == "running" else "the days it had stored are complete"
    messages: list[str] = [*report["warnings"], *filter(None, [report["error"]])]
    return messages[-1] if report["exit"] and messages else "nothing to do"


def _sum(run: PastRun, name: str) -> int:
    return sum(day[name] or 0 for day in run.report["days"])


def _explain(run: PastRun) -> Iterator[str]:
    report = run.report
    if not report:
        yield f"{run.path} cannot be read, perhaps after a power cut; it may be removed"
        return
    yield f"{run.id}: dailypapers {' '.join(report['arguments'])} (version {report['software']})"
    yield f"  {_describe_end(run)}"
    if report["error"]:
        yield f"  error: {report['error']}"
    yield from (f"    {line}" for text in report.get("tracebacks", ()) for line in text.splitlines())
    yield from (f"  warning: {warning}" for warning in report["warnings"])
    if report["days"]:
        counts = ", ".join(f"{_sum(run, name)} {name}" for name in ("new", "changed", "gone"))
        attention = "1 needs attention" if report["attention"] == 1 else f"{report['attention']} need attention"
        yield f"  {format_count(len(report['days']), 'day')}: papers {counts}; {attention}"
    yield from (f"    {line}" for line in _format_days(report["days"]))
    yield from (f"  {_format_site(site)}" for site in report["sites"])
    yield f"  memory: {report['peak_memory_bytes'] / 1e6:.0f} MB at peak"


def _format_days(days: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line for each day; of many, only for those that failed or need attention, and how many there are besides."""
    shown = days
    if len(days) > MAX_DAYS:
        shown = [day for day in days if day["failed"] or day["attention"]][:MAX_DAYS]
    yield from map(_format_day, shown)
    if len(shown) < len(days):
        yield f"{format_count(len(days) - len(shown), 'more day')}; --json lists all of them"


def _describe_end(run: PastRun) -> str:
    report = run.report
    start = f"started {report['started'].replace('T', ' ').rstrip('Z')} UTC"
    if run.state == "running":
        return f"{start}, still running"
    if run.state == "killed":
        return f"{start}, was killed; the days it had stored are complete, and the next run continues from there"
    end = f"{start}, took {report['seconds']:.1f} s, exit {report['exit']}"
    return f"{end}: {_EXIT_MEANINGS.get(report['exit'], 'it was stopped; the next run continues')}"


def _format_day(day: dict[str, Any]) -> str:
    head = f"{day['source']} {day['day']}" if day["query"] is None else f'{day["source"]} "{day["query"]}" {day["day"]}'
    if day["skipped"] or day["failed"]:
        return f"{head}: " + (f"skipped, {day['skipped']}" if day["skipped"] else f"failed: {day['failed']}")
    counts = ", ".join(f"{day[name]} {name}" for name in ("new", "changed", "gone", "rejects") if day[name])
    how = "" if day["fetched"] else ", built from archived pages"
    papers = f"{format_count(day['papers'], 'paper')} ({counts or 'unchanged'}{how})"
    return f"{head}: {papers}; {day['state']}: {day['reason']}"


def _format_site(site: dict[str, Any]) -> str:
    requests = site["requests"]
    by_status = ", ".join(
        f"{count} without a response" if status == "fault" else f"{count} with {status}"
        for status, count in requests.items()
    )
    retries = f"{site['retries']} of them retries, " if site["retries"] else ""
    size = f"{site['bytes'] / 1e6:.2f} MB, {site['waited_seconds']:.1f} s waiting"
    return f"{site['site']}: {format_count(sum(requests.values()), 'request')} ({by_status or 'none'}), {retries}{size}"
