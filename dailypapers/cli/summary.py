"""What came of the days of a command: one line a day, and the exit status they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import click
import orjson

from dailypapers.cli.log import Log
from dailypapers.cli.settings import Settings
from ingest.exit_status import ATTENTION, DONE, FAILED
from ingest.log_lines import Level
from ingest.monitor.rejects import REJECTS_SHARE, too_many
from ingest.plan.alarms import alarm_of
from ingest.plan.revisit import DayHistory
from ingest.sources.registry import SOURCES
from ingest.sources.rules import bounds_of

if TYPE_CHECKING:
    from ingest.build.write import DayResult
    from ingest.runs.report import RunReport
    from snapshots.certificate import Certificate, FetchEvidence, ViewEvidence
    from snapshots.store.layout import Series

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


@dataclass(slots=True)
class RunSummary:
    """Prints each day as it comes and counts."""

    settings: Settings
    log: Log
    report: RunReport
    days: set[tuple[Series, date]] = field(default_factory=set)
    failed: set[tuple[Series, date]] = field(default_factory=set)
    attention: int = 0
    shown: Callable[[str | None], None] | None = None
    """Shows the line of a day that was fetched, if it has one, where a progress bar must not be written over."""
    papers: dict[str, int] = field(default_factory=lambda: {"new": 0, "changed": 0, "gone": 0})
    items: dict[Series, tuple[int, int]] = field(default_factory=dict)
    """Items refused, and items in all, of the view of each day that had most refused."""
    built: dict[tuple[Series, date], tuple[int, int]] = field(default_factory=dict)
    """The same of the days that were built and not fetched yet, so that such a day counts once."""
    partial: int = 0
    """Fetches after which a day is in doubt."""
    healed: Counter[tuple[Series, date]] = field(default_factory=Counter)
    """Items that were refused before and are no more, of the days that have any."""

    def add(self, result: DayResult, *, built_only: bool = False) -> None:
        """Tell of a day and count it; with `built_only` nothing was fetched, so no doubt of a fetch counts."""
        place = (result.series, result.day)
        self.days.add(place)
        failed = result.fruitless and not (built_only and result.built)
        if failed:
            self.failed.add(place)
        attention = _needs_attention(result) or (not built_only and self._alarms(result))
        self.attention += attention
        if result.report is not None:
            for name in self.papers:
                self.papers[name] += getattr(result.report, name)
            if result.report.healed:
                self.healed[place] = result.report.healed
        if result.built is not None:
            self._count_items(place, result.built.certificate["fetches"][-1]["views"], built_only=built_only)
            self.partial += not built_only and result.built.certificate["state"] == "partial"
        row = _as_json(result)
        self.report.day(row | {"fetched": not built_only, "attention": failed or attention})
        self._tell(result, row, "error" if failed else "warning" if attention else "info")

    def _count_items(self, place: tuple[Series, date], views: Sequence[ViewEvidence], *, built_only: bool) -> None:
        refused, items = max(((view["rejects"], view["items"]) for view in views), default=(0, 0))
        total, before = self.items.get(place[0], (0, 0)), self.built.pop(place, (0, 0))
        self.items[place[0]] = (total[0] + refused - before[0], total[1] + items - before[1])
        if built_only:
            self.built[place] = (refused, items)

    def _tell(self, result: DayResult, row: dict[str, object], level: Level) -> None:
        settings = self.settings
        line: str | None = _line(result)
        if settings.json:
            newest = {"fetch": result.built.certificate["fetches"][-1]} if result.built and result.report else {}
            line = orjson.dumps(row | newest, option=_OPTIONS).decode()
        elif settings.quiet and level == "info":
            line = None
        elif self.log.is_json:
            self.log.write(level, _line(result), row)
            line = line if not self.log.repeats_stdout else None
        self._show(line, err=result.built is None and not settings.json and not self.log.is_json)

    def _show(self, line: str | None, *, err: bool) -> None:
        if self.shown is not None:
            self.shown(line)
        elif line is not None:
            click.echo(line, err=err)

    def cut_short(self, why: str) -> None:
        """Say that days are left undone, which needs attention."""
        self.attention += 1
        self.log.warning(why)

    def finish(self, *, all_failed: int = FAILED) -> int:
        """Print the closing line of a command over several days; give the exit status, `all_failed` if no day came."""
        if len(self.days) > 1:
            counts = ", ".join(f"{count} {name}" for name, count in self.papers.items() if count or name != "gone")
            failed = f"; {len(self.failed)} of them failed" if self.failed else ""
            self.log.info(f"{len(self.days)} days: {counts} papers{failed}")
        self._name_healed()
        self._name_refused()
        if self.failed and self.failed == self.days:
            return all_failed
        return ATTENTION if self.failed or self.attention else DONE

    def _name_healed(self) -> None:
        for series in dict.fromkeys(series for series, _ in self.healed):
            days = sorted(day for one, day in self.healed if one == series)
            items = sum(self.healed[series, day] for day in days)
            self.log.info(f"{series}: {items} refused items healed on {len(days)} days: {', '.join(map(str, days))}")

    def _name_refused(self) -> None:
        for series, (refused, items) in self.items.items():
            share = SOURCES[series.source].most_rejects
            if too_many(refused, items, share):
                what = f"{refused} of {items} items were refused, more than {share:.0%}"
                self.attention += 1
                self.log.warning(f"{series}: {what}; why, says: dailypapers rejects {series.source}")

    def _alarms(self, result: DayResult) -> bool:
        if result.built is None:
            return False
        from snapshots.completeness.state import summaries

        source = SOURCES[result.series.source]
        looks = summaries(result.built.certificate["fetches"])
        listed = DayHistory(source.period, result.day, bounds_of(source, result.day), looks)
        alarm = alarm_of(listed, self.settings.clock.now())
        if alarm is not None:
            self.log.warning(f"{result.series} {result.day} needs attention: {alarm.reason}")
        return alarm is not None


def _needs_attention(result: DayResult) -> bool:
    if result.built is None:
        return False
    certificate = result.built.certificate
    return bool(certificate["lost"]) or any(
        too_many(view["rejects"], view["items"], REJECTS_SHARE) for view in certificate["fetches"][-1]["views"]
    )


def _line(result: DayResult) -> str:
    head = f"{result.series} {result.day}"
    if result.built is None or result.report is None:
        return f"{head}: {'skipped, ' + result.skipped if result.skipped else 'failed: ' + (result.failed or '')}"
    certificate = result.built.certificate
    changed = f" ({result.report})" if certificate["papers"] else ""
    parts = [f"{head}: {certificate['papers']} papers{changed}", _fetch_words(certificate["fetches"][-1])]
    parts.append(_state_words(certificate))
    rejects = max((view["rejects"] for view in certificate["fetches"][-1]["views"]), default=0)
    if rejects:
        parts.append(f"{rejects} rejected, see dailypapers rejects {result.series.source}")
    if result.report.healed:
        parts.append(f"{result.report.healed} healed")
    if certificate["lost"]:
        parts.append("built without " + ", ".join(certificate["lost"]))
    return "; ".join(parts)


def _state_words(certificate: Certificate) -> str:
    newest = certificate["fetches"][-1]
    # What failed stands before it already.
    told = certificate["state"] != "partial" or newest["doubt"] == "failed"
    return certificate["state"] if told else f"{certificate['state']}: {certificate['reason']}"


def _fetch_words(fetch: FetchEvidence) -> str:
    return "; ".join(_view_words(view) for view in fetch["views"])


def _view_words(view: ViewEvidence) -> str:
    if view["failed"]:
        papers = f" {view['papers']}, but" if view["papers"] else ""
        return f"{view['view']}{papers} FAILED: {view['failed']}"
    if not view["papers"] and view["notes"] and view["notes"][-1].startswith("lists nothing"):
        return f"{view['view']} {view['notes'][-1]}"
    pages = f" on {view['pages']} pages" if view["pages"] > 1 else ""
    redesigned = "".join(f" ({note})" for note in view["notes"] if note.startswith("the cards are renamed"))
    return f"{view['view']} {view['papers']}{pages}{redesigned}"


def _as_json(result: DayResult) -> dict[str, object]:
    """A day for programs; null where there is none."""
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
