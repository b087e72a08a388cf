"""The results of a command that fetches or builds: one line a day, a summary, and the exit status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable
from datetime import date
from typing import TYPE_CHECKING

import click
import orjson

from dailypapers.ingest.build.staleness import is_stale, warn_if_damaged
from dailypapers.ingest.build.up_to_date import UpToDateDays
from dailypapers.ingest.errors import ATTENTION, DONE, FAILED
from dailypapers.ingest.log_lines import Level, redacted, visible
from dailypapers.ingest.monitor.status import RunRejects, alarm_after, needs_attention
from dailypapers.ingest.plan.inventory import StoredDay, history_in, load_day
from dailypapers.ingest.plan.revisit import DayHistory
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Store

from .json_output import JSON_OPTIONS
from .log import Log
from .output import format_count
from .settings import Settings

if TYPE_CHECKING:
    from dailypapers.ingest.build.write import DayResult
    from dailypapers.ingest.errors import Crash
    from dailypapers.ingest.runs.report import RunReport
    from dailypapers.snapshots.certificate import Certificate, ViewEvidence
    from dailypapers.snapshots.store.layout import Series


class RunSummary:
    """Prints each day when it is done and counts."""

    def __init__(self, settings: Settings, log: Log, report: RunReport) -> None:
        """Each day is printed as `settings` say, written to the log if that is JSON, and added to the report."""
        self.settings, self.log, self.report = settings, log, report
        self.days: set[tuple[Series, date]] = set()
        self.partial: list[tuple[Series, DayHistory]] = []
        """Days that were fetched and are partial."""
        self.only_changes = False
        """Whether days that a build left as they were are counted only, not printed."""
        self.print_line: Callable[[str | bytes | None], None] | None = None
        """Prints the line of a day, if it has one, without overwriting a progress bar."""
        self._failed: set[tuple[Series, date]] = set()
        self._attention = 0
        self._papers = {"new": 0, "changed": 0, "gone": 0}
        self._rejects = RunRejects()
        self._crashes: list[Crash] = []
        self._healed: Counter[tuple[Series, date]] = Counter()

    def add(self, result: DayResult, *, built_only: bool = False) -> None:
        """Print and count a day; with `built_only` it was not fetched, so a doubtful fetch does not count again."""
        key = (result.series, result.day)
        self.days.add(key)
        failed = result.fruitless and not (built_only and result.built)
        if failed:
            self._failed.add(key)
        if result.crash is not None:
            self._crashes.append(result.crash)
        attention = False
        if result.built is not None:
            certificate = result.built.certificate
            attention = needs_attention(certificate) or (not built_only and self._has_alarm(certificate, result))
            self._rejects.add(*key, certificate)
            if not built_only and certificate["state"] == "partial":
                self.partial.append((result.series, history_in(_source_day(result), certificate)))
        if result.report is not None:
            for name in self._papers:
                self._papers[name] += getattr(result.report, name)
            if result.report.healed:
                self._healed[key] += result.report.healed
        self._attention += attention
        row = _as_json(result)
        self.report.day(row | {"fetched": not built_only, "attention": failed or attention})
        self._print(result, row, "error" if failed else "warning" if attention else "info")

    def _has_alarm(self, certificate: Certificate, result: DayResult) -> bool:
        alarm = alarm_after(_source_day(result), certificate, self.settings.clock.now())
        if alarm is not None:
            self.log.warning(f"{result.series} {result.day} needs attention: {alarm.reason}")
        return alarm is not None

    def _print(self, result: DayResult, row: dict[str, object], level: Level) -> None:
        token = self.settings.environment.hf_token
        line: str | bytes | None = visible(redacted(format_result(result), token))
        is_error = result.built is None and not self.settings.json and not self.log.is_json
        if self.settings.json:
            newest = {"fetch": result.built.certificate["fetches"][-1]} if result.built and result.report else {}
            # Bytes: JSON is UTF-8, whatever the encoding of the terminal.
            line = redacted(orjson.dumps(row | newest, option=JSON_OPTIONS).decode(), token).encode()
        elif level == "info" and (self.settings.quiet or (self.only_changes and _is_unchanged(result))):
            line = None
        elif self.log.is_json:
            self.log.write(level, format_result(result), row)
            line = None
        if self.print_line is not None:
            self.print_line(line)
        elif line is not None:
            click.echo(line, err=is_error)

    def warn_incomplete(self, message: str) -> None:
        """Warn that days were left out, which needs attention."""
        self._attention += 1
        self.log.warning(message)

    def finish(self, *, all_failed: int = FAILED) -> int:
        """Print the summary of several days; returns the exit status, `all_failed` if every day failed."""
        if len(self.days) > 1:
            counts = ", ".join(f"{count} {name}" for name, count in self._papers.items() if count or name != "gone")
            failed = f"; {len(self._failed)} of them failed" if self._failed else ""
            self.log.info(f"{format_count(len(self.days), 'day')}: {counts} papers{failed}")
        self._log_healed()
        for series, reason in self._rejects.exceeded():
            self._attention += 1
            self.log.warning(f"{series}: {reason}; see dailypapers rejects {series.source}")
        if self._crashes:
            return self.log.fail_by(self._crashes)
        if self._failed and self._failed == self.days:
            return all_failed
        return ATTENTION if self._failed or self._attention else DONE

    def _log_healed(self) -> None:
        for healed_series in dict.fromkeys(series for series, _ in self._healed):
            items = {day: count for (series, day), count in self._healed.items() if series == healed_series}
            days = ", ".join(map(str, sorted(items)))
            total = sum(items.values())
            healed = f"{format_count(total, 'rejected item')} healed on {format_count(len(items), 'day')}"
            self.log.info(f"{healed_series}: {healed}: {days}")


def _is_unchanged(result: DayResult) -> bool:
    report = result.report
    lost = result.built is not None and result.built.certificate["lost"]
    return report is not None and not (lost or report.new or report.changed or report.gone)


def _source_day(result: DayResult) -> SourceDay:
    return SourceDay(SOURCES[result.series.source], result.series, result.day)


def format_result(result: DayResult) -> str:
    """The line of a day for people."""
    head = f"{result.series} {result.day}"
    if result.built is None or result.report is None:
        return f"{head}: {'skipped, ' + result.skipped if result.skipped else 'failed: ' + (result.failed or '')}"
    certificate = result.built.certificate
    newest = certificate["fetches"][-1]
    changes = f" ({result.report})" if certificate["papers"] else ""
    parts = [f"{head}: {format_count(certificate['papers'], 'paper')}{changes}", *map(_format_view, newest["views"])]
    # The reason of a failed view is in its own part already; that of one with too few items is not.
    is_shown = newest["doubt"] == "failed" and any(view["failed"] for view in newest["views"])
    has_reason = certificate["state"] == "partial" and not is_shown
    parts.append(f"{certificate['state']}: {certificate['reason']}" if has_reason else certificate["state"])
    rejects = max((view["rejects"] for view in newest["views"]), default=0)
    if rejects:
        parts.append(f"{rejects} rejected, see dailypapers rejects {result.series.source}")
    if result.report.healed:
        parts.append(f"{result.report.healed} healed")
    if certificate["lost"]:
        parts.append(f"built without {', '.join(certificate['lost'])}")
    return "; ".join(parts)


def _format_view(view: ViewEvidence) -> str:
    if view["failed"]:
        papers = f" {view['papers']}, but" if view["papers"] else ""
        return f"{view['view']}{papers} FAILED: {view['failed']}"
    if not view["papers"] and view["notes"] and view["notes"][-1].startswith("lists nothing"):
        return f"{view['view']} {view['notes'][-1]}"
    pages = f" on {view['pages']} pages" if view["pages"] > 1 else ""
    redesigned = "".join(f" ({note})" for note in view["notes"] if note.startswith("the cards are renamed"))
    return f"{view['view']} {view['papers']}{pages}{redesigned}"


def _as_json(result: DayResult) -> dict[str, object]:
    """A day for programs; values that are not known are null."""
    report, certificate = result.report, result.built.certificate if result.built else None
    return {
        "source": result.series.source,
        "query": result.series.query,
        "day": result.day,
        "papers": report.total if report else None,
        "new": report.new if report else None,
        "changed": report.changed if report else None,
        "gone": report.gone if report else None,
        "state": certificate["state"] if certificate else None,
        "reason": certificate["reason"] if certificate else None,
        "rejects": certificate["rejects"] if certificate else None,
        "failed": result.failed,
        "skipped": result.skipped,
    }


def build_stale(
    store: Store,
    source_series: SourceSeries,
    days: Iterable[date],
    summary: RunSummary,
    planned: Container[date] = (),
    *,
    synced: Container[date] = (),
) -> tuple[set[date], dict[date, DayHistory]]:
    """Build those of the days that are stale.

    Returns the days that cannot be built, and the histories of the `planned` ones as they are after it. Other days are
    not opened if none of their files changed since a run found them up to date. The archives of the `synced` days are
    on the disk already.
    """
    broken: set[date] = set()
    histories: dict[date, DayHistory] = {}
    settings = summary.settings
    up_to_date = UpToDateDays(settings.state_folder, store, source_series, settings.clock.today())
    for day in days:
        if day not in planned and day in up_to_date:
            continue
        stored = load_day(store, source_series.on(day))
        # Of the other days neither state nor due time is asked for, and their files stay closed.
        is_edited = day in planned and not stored.has_intact_certificate
        if is_edited or is_stale(stored):
            stored = _build(stored, summary, broken, synced=day in synced)
        else:
            up_to_date.add(stored)
        if day in planned:
            histories[day] = stored.history
    up_to_date.save()
    return broken, histories


def _build(stored: StoredDay, summary: RunSummary, broken: set[date], *, synced: bool) -> StoredDay:
    from dailypapers.ingest.build.write import build_and_write

    warn_if_damaged(stored)
    summary.report.open()
    result = build_and_write(stored.store, stored.source_day, synced=synced)
    summary.add(result, built_only=True)
    if result.built is None:
        broken.add(stored.source_day.day)
    return stored.refreshed()
