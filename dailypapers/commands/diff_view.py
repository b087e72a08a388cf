"""The output of `build --diff`: how many records change in which fields, with a few examples."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from dailypapers.cli.json_output import print_json
from dailypapers.cli.log import Log
from dailypapers.cli.messages import format_count
from dailypapers.cli.output import print_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dailypapers.ingest.build.diff import DayDifference
    from dailypapers.ingest.crash import Crash
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
