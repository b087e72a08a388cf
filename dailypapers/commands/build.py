"""`dailypapers build`: rebuild days from the archive, without the network, or show what that would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from dailypapers.cli.extras import open_workers, workers_options
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.log import Log
from dailypapers.cli.options import global_options, sources_argument
from dailypapers.cli.output import format_count, print_line, refuse_as_of, require_store
from dailypapers.cli.selection import as_of_instant, named_or_stored_series, since_until
from dailypapers.cli.summary import RunSummary
from dailypapers.ingest.build.staleness import is_stale, warn_if_damaged
from dailypapers.ingest.errors import ATTENTION, DONE, UsageError
from dailypapers.ingest.plan.inventory import StoredDay, load_day
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.store.layout import Store

if TYPE_CHECKING:
    from dailypapers.ingest.build.diff import DayDifference
    from dailypapers.ingest.build.workers import Workers
    from dailypapers.ingest.errors import Crash
    from dailypapers.snapshots.day_diff import Example, Kind
    from dailypapers.snapshots.store.layout import Series


MAX_EXAMPLES: Final = 3
MAX_DAYS_NAMED: Final = 8
VERSION_NOT_RAISED: Final = (
    "days would change although no version did, so `dailypapers build` skips them: "
    "raise the parser's version in parsers/versions.py, or build with --all"
)


@dataclass(slots=True)
class FieldTotal:
    """One kind of change of one field, over all days."""

    records: int = 0
    days: int = 0
    examples: list[tuple[str, Example]] = field(default_factory=list)
    """Series and day, and the example."""


@dataclass(slots=True)
class DiffSummary:
    """Adds up the differences of days; stores counts and examples, not the days."""

    days: int = 0
    would_change: list[str] = field(default_factory=list)
    new_days: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    records: Counter[str] = field(default_factory=Counter)
    fields: dict[tuple[str, Kind], FieldTotal] = field(default_factory=dict)
    gained: list[tuple[str, str, str]] = field(default_factory=list)
    lost: list[tuple[str, str, str]] = field(default_factory=list)
    rejects: Counter[str] = field(default_factory=Counter)
    certificates: Counter[str] = field(default_factory=Counter)
    damaged: list[tuple[str, str]] = field(default_factory=list)
    unnoticed: list[str] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)

    def add(self, day: DayDifference) -> None:
        """Count a day."""
        place = _place(day.series, day.day)
        self.days += 1
        if day.crash is not None:
            self.crashes.append(day.crash)
        if day.failed is not None:
            self.failed.append((place, day.failed))
            return
        self._add_papers(place, day)
        if day.files:
            self.would_change.append(place)
            self.new_days += day.is_new
            self.rejects.update(more=day.rejects[0], fewer=day.rejects[1])
            self.certificates.update(day.certificate)
        if day.damaged:
            self.damaged.append((place, ", ".join(day.damaged)))
        if day.unnoticed:
            self.unnoticed.append(place)

    def _add_papers(self, place: str, day: DayDifference) -> None:
        papers = day.papers
        gained, lost = len(papers.gained), len(papers.lost)
        self.records.update(same=papers.same, changed=papers.changed, gained=gained, lost=lost)
        for examples, new in ((self.gained, papers.gained), (self.lost, papers.lost)):
            examples += [(place, *paper) for paper in new[: MAX_EXAMPLES - len(examples)]]
        for name, changes in papers.fields.items():
            for kind, change in changes.items():
                total = self.fields.setdefault((name, kind), FieldTotal())
                total.records, total.days = total.records + change.records, total.days + 1
                left = MAX_EXAMPLES - len(total.examples)
                total.examples += [(place, example) for example in change.examples[:left]]

    def show(self, log: Log, *, as_json: bool) -> None:
        """Print it, as text or as JSON; a summary goes to the log."""
        if as_json:
            print_json(self._as_json())
        else:
            for line in self._lines():
                print_line(line)
        for place, reason in self.failed:
            log.warning(f"{place}: {reason}")
        for place, names in self.damaged:
            log.warning(f"{place}: not as it was built: {names}; rebuild it: dailypapers build")
        counts = ", ".join(f"{count} {name}" for name, count in self.records.items() if count)
        changes = f"{len(self.would_change)} would change, {len(self.failed)} damaged"
        log.info(f"{format_count(self.days, 'day')} compared: {changes}" + (f"; papers: {counts}" if counts else ""))
        if self.unnoticed:
            log.info(f"{len(self.unnoticed)} {VERSION_NOT_RAISED}")

    def _lines(self) -> Iterator[str]:
        if self.would_change:
            more = len(self.would_change) - MAX_DAYS_NAMED
            named = ", ".join(self.would_change[:MAX_DAYS_NAMED]) + (f" and {more} more" if more > 0 else "")
            yield f"{len(self.would_change)} days would change ({self.new_days} of them not built yet): {named}"
        for (name, kind), total in sorted(self.fields.items(), key=lambda item: -item[1].records):
            yield f"{name}: {kind} in {format_count(total.records, 'paper')} of {format_count(total.days, 'day')}"
            yield from (f"    {place} {example.key}: {example.leaf}" for place, example in total.examples)
        for what, examples in (("gained", self.gained), ("lost", self.lost)):
            if examples:
                yield f"papers {what}: {self.records[what]}"
                yield from (f"    {place} {key} {title}" for place, key, title in examples)
        if self.rejects.total():
            yield f"rejects: {self.rejects['more']} more, {self.rejects['fewer']} fewer"
        if self.certificates:
            counts = ", ".join(f"{name} ({days})" for name, days in self.certificates.items())
            yield f"certificate entries, by number of days: {counts}"

    def _as_json(self) -> dict[str, Any]:
        return {
            "days": self.days,
            "would_change": self.would_change,
            "new_days": self.new_days,
            "damaged": [{"day": place, "files": names.split(", ")} for place, names in self.damaged],
            "unnoticed": self.unnoticed,
            "failed": [{"day": place, "reason": reason} for place, reason in self.failed],
            "papers": {name: self.records[name] for name in ("same", "changed", "gained", "lost")},
            "fields": [
                {"field": name, "change": kind, "papers": total.records, "days": total.days}
                | {"examples": [_example(place, example) for place, example in total.examples]}
                for (name, kind), total in self.fields.items()
            ],
            "gained": [{"day": place, "key": key, "title": title} for place, key, title in self.gained],
            "lost": [{"day": place, "key": key, "title": title} for place, key, title in self.lost],
            "rejects": {"more": self.rejects["more"], "fewer": self.rejects["fewer"]},
            "certificates": dict(self.certificates),
        }


def _place(series: Series, day: date) -> str:
    return f"{series} {day}"


def _example(place: str, example: Example) -> dict[str, Any]:
    leaf = example.leaf
    return {"day": place, "key": example.key, "path": leaf.path, "old": leaf.old, "new": leaf.new}


@click.command()
@sources_argument
@click.option("--query", metavar="TEXT", help="Only the search with this query.")
@click.option("--since", metavar="DAY", help="Only days from this one on.")
@click.option("--until", metavar="DAY", help="Only days up to this one.")
@click.option("--all", "build_all", is_flag=True, help="Also days of which nothing has changed.")
@click.option("--diff", is_flag=True, help="Show what rebuilding all days would change, by field; write nothing.")
@click.option("--check", is_flag=True, help="Like --diff; exit 1 if anything would change or an archive is damaged.")
@click.option("--accept-loss", is_flag=True, help="Build a day without its missing or damaged archive files.")
@click.option("--as-of", metavar="TIME", help="Write the days as the store held them at this time; needs --out.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the store that --as-of makes.")
@workers_options
@global_options
@pass_invocation
def command(
    invocation: Invocation,
    sources: tuple[str, ...],
    query: str | None,
    since: str | None,
    until: str | None,
    build_all: bool,
    diff: bool,
    check: bool,
    accept_loss: bool,
    as_of: str | None,
    out: Path | None,
    jobs: int | None,
    dask: str | None,
) -> int:
    """Rebuild days from the archived pages, after a parser was fixed or day files were lost.

    Without options, only days are built whose pages or parsers have changed, or of which a file is not as it was built.
    The same pages and parsers always give the same bytes.

    With --as-of, another store is made in the folder --out: its days and certificates are, to the byte, what this store
    held at that time. All commands that only read can be used on it. This store is not touched.
    """
    settings = invocation.settings
    first, last = since_until(since, until, settings.clock.today())
    store = Store(settings.root)
    require_store(store)
    refuse_as_of(store)
    days = [stored for stored in _stored_days(store, sources, query) if first <= stored.day <= last]
    if as_of is not None or out is not None:
        if as_of is None or out is None or build_all or diff or check:
            raise UsageError("--as-of and --out belong together, and go with neither --all, --diff nor --check")
        if dask is not None:
            raise UsageError("--as-of is built by the processes of this machine: use --jobs instead of --dask")
        return _write_as_of(invocation, store, days, jobs, (as_of_instant(as_of, settings.clock), out), accept_loss)
    if not (build_all or diff or check or accept_loss):
        days = [day for day in days if _must_be_built(load_day(store, day))]
    with open_workers(len(days), jobs, dask) as workers:
        if diff or check:
            return _inspect(invocation, store, days, workers, verify=check)
        return _write(invocation, store, days, workers, accept_loss=accept_loss)


def _stored_days(store: Store, sources: tuple[str, ...], query: str | None) -> Iterator[SourceDay]:
    for source_series in named_or_stored_series(store, sources, query):
        yield from map(source_series.on, store.stored_days(source_series.series))


def _must_be_built(stored: StoredDay) -> bool:
    return warn_if_damaged(stored) or is_stale(stored)


def _write(invocation: Invocation, store: Store, days: list[SourceDay], workers: Workers, *, accept_loss: bool) -> int:
    from dailypapers.ingest.build.parallel import build_and_write_all

    report = invocation.begin_report("build", store)
    if days:
        report.open()
    summary = RunSummary(invocation.settings, invocation.log, report)
    summary.only_changes = accept_loss
    with closing(build_and_write_all(store, days, workers, accept_loss=accept_loss)) as results:
        for result in results:
            summary.add(result, built_only=True)
    if not days:
        invocation.log.info("every day is up to date")
    return summary.finish(all_failed=ATTENTION)


def _write_as_of(
    invocation: Invocation,
    store: Store,
    days: list[SourceDay],
    jobs: int | None,
    copy: tuple[datetime, Path],
    accept_loss: bool,
) -> int:
    from dailypapers.ingest.build.as_of import store_as_of
    from dailypapers.ingest.runs.report import RunReport

    instant, out = copy
    settings, log = invocation.settings, invocation.log
    # A report that is never written: the store is only read.
    summary = RunSummary(settings, log, RunReport(Store(out), "build", settings.arguments, settings.clock))
    with (
        open_workers(len(days), jobs, None) as workers,
        closing(store_as_of(store, days, instant, out, workers=workers, accept_loss=accept_loss)) as results,
    ):
        for result in results:
            if result is not None:
                summary.add(result, built_only=True)
    status = summary.finish(all_failed=ATTENTION)
    held = format_count(len(summary.days), "day")
    log.info(f"{out} holds {held} as of {instant:%Y-%m-%dT%H:%M:%SZ}; read it with: dailypapers --store {out}")
    return status


def _inspect(invocation: Invocation, store: Store, days: list[SourceDay], workers: Workers, *, verify: bool) -> int:
    """Show what a build would change; with `verify`, any change is a failure."""
    from functools import partial

    from dailypapers.ingest.build.diff import day_difference
    from dailypapers.ingest.build.workers import in_order

    summary = DiffSummary()
    store = Store(store.root.absolute()) if workers.on_cluster else store
    with closing(in_order(partial(day_difference, store), days, workers)) as differences:
        for difference in differences:
            summary.add(difference)
    summary.show(invocation.log, as_json=invocation.settings.json)
    if summary.crashes:
        return invocation.log.fail_by(summary.crashes)
    return ATTENTION if summary.failed or (verify and summary.would_change) else DONE
