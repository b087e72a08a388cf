"""The names of all folders and files of a store, and the day that a name stands for.

pages/<source>[/<parameter>]/<YYYY>/<YYYY-MM-DD>/<fetch>.warc.gz    what was served
pages/<source>[/<parameter>]/<YYYY>/<YYYY-MM-DD>/.fetch-<NNNN>.tmp  pages of a fetch that is under way
snapshots/<source>[/<parameter>]/<YYYY>/<YYYY-MM-DD>.jsonl          the papers of the day
snapshots/<source>[/<parameter>]/<YYYY>/<YYYY-MM-DD>.day.json       the certificate of the day
snapshots/<source>[/<parameter>]/<YYYY>/<YYYY-MM-DD>.rejects.jsonl  items that failed validation, if any
snapshots/<source>[/<parameter>]/<YYYY>/<YYYY-MM-DD>.metrics.jsonl  upvotes, comments and stars over time
runs/<YYYY-MM-DD>/<run-id>.json                                     what a run did

Described where they are written: `attempts/` (`ingest.plan.attempts`), `waived.txt` (`ingest.plan.waived`), `catalog/`
and `joins.txt` (`snapshots.catalog`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

CERTIFICATE_SUFFIX = ".day.json"
ARCHIVE_SUFFIX = ".warc.gz"
REJECTS_SUFFIX = ".rejects.jsonl"

_YEAR = re.compile(r"\d{4}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Series:
    """A source with its parameter, if it has one: one listing over time."""

    source: str
    query: str | None = None

    @property
    def folder(self) -> Path:
        """The folder of this series below `pages/` and `snapshots/`."""
        if self.query is None:
            return Path(self.source)
        import hashlib  # noqa: PLC0415 - only searches need it, and it is slow to load

        slug = re.sub(r"[^a-z0-9]+", "-", self.query.casefold())[:40].strip("-") or "query"
        return Path(self.source, f"{slug}-{hashlib.sha256(self.query.encode()).hexdigest()[:8]}")

    def __str__(self) -> str:
        return self.source if self.query is None else f'{self.source} "{self.query}"'


@dataclass(frozen=True, slots=True)
class Store:
    """The folder that holds everything; this class only knows names and opens no file."""

    root: Path

    @property
    def lock(self) -> Path:
        """The file that a builder locks (`flock`)."""
        return self.root / ".lock"

    @property
    def push_lock(self) -> Path:
        """The file that a pusher to a mirror locks (`flock`)."""
        return self.root / ".push.lock"

    def fetch_lock(self, series: Series) -> Path:
        """The file in which a fetcher locks one byte, at the day's ordinal."""
        return self.root / "pages" / series.folder / ".lock"

    def pages(self, series: Series, day: date) -> Path:
        """The folder with the archives of one source-day."""
        return self.root / "pages" / series.folder / f"{day:%Y}" / day.isoformat()

    def aside(self, series: Series, day: date) -> Path:
        """The temporary file of a fetch; only the holder of the day's lock may write it."""
        return self.pages(series, day) / ".fetch.tmp"

    def part(self, series: Series, day: date, number: int) -> Path:
        """The file of a page of a fetch that is under way; only the holder of the day's lock may write it."""
        return self.pages(series, day) / f".fetch-{number:04}.tmp"

    def parts(self, series: Series, day: date) -> list[Path]:
        """The files of the pages of a fetch that is under way, or was stopped, in order."""
        return sorted(self.pages(series, day).glob(".fetch-[0-9]*.tmp"))

    def papers(self, series: Series, day: date) -> Path:
        """The day file."""
        return self._snapshot(series, day, ".jsonl")

    def rejects(self, series: Series, day: date) -> Path:
        """The items of the day that failed validation."""
        return self._snapshot(series, day, REJECTS_SUFFIX)

    def metrics(self, series: Series, day: date) -> Path:
        """Upvotes, comments and stars of the day's papers at each fetch that changed one."""
        return self._snapshot(series, day, ".metrics.jsonl")

    def certificate(self, series: Series, day: date) -> Path:
        """The certificate: the evidence for the day."""
        return self._snapshot(series, day, CERTIFICATE_SUFFIX)

    def derived(self, series: Series, day: date) -> dict[str, Path]:
        """The files of a day that its certificate names, by the names that they have there."""
        return {
            "papers": self.papers(series, day),
            "rejects": self.rejects(series, day),
            "metrics": self.metrics(series, day),
        }

    def runs(self, day: date) -> Path:
        """The folder with the reports of the runs that began on a day."""
        return self.root / "runs" / day.isoformat()

    def attempts(self, series: Series, day: date) -> Path:
        """The file of the passes over a day that no view answered; it is there until one answers."""
        return self.root / "attempts" / series.folder / f"{day.isoformat()}.json"

    def days_with_attempts(self, series: Series) -> list[date]:
        """The days of which the newest passes were not answered by any view."""
        return sorted(_days(self.names_in(self.root / "attempts" / series.folder), ".json"))

    @property
    def waived(self) -> Path:
        """The file of the days that are waived."""
        return self.root / "waived.txt"

    @property
    def as_of(self) -> Path:
        """The file that only a store made by `build --as-of` has: the time whose state it holds."""
        return self.root / "as-of.json"

    @property
    def joins(self) -> Path:
        """The file of the papers that a human joined or split."""
        return self.root / "joins.txt"

    def days_with_runs(self) -> list[date]:
        """The days on which a run began."""
        return sorted(_days(self.names_in(self.root / "runs")))

    def archives(self, series: Series, day: date) -> list[Path]:
        """The archive files of a day in the order of their fetches: fetch time, then name."""
        return sorted(self.pages(series, day).glob("*" + ARCHIVE_SUFFIX))

    def days_with_pages(self, series: Series) -> list[date]:
        """The days for which something was fetched or imported."""
        return sorted(self._days_with_pages(series))

    def days_with_snapshots(self, series: Series, since: date | None = None, until: date | None = None) -> list[date]:
        """The days that were built, from `since` to `until` (both included, both open if None)."""
        days = self._days_with_snapshots(series)
        return sorted(day for day in days if (since or date.min) <= day <= (until or date.max))

    def has_snapshots(self, series: Series) -> bool:
        """Whether there is any day that was built; of thousands of days only those of one year are listed."""
        return next(self._days_with_snapshots(series), None) is not None

    def days_with_rejects(self, series: Series) -> list[date]:
        """The days with rejected items."""
        return sorted(_days(self._names_in_years(self.root / "snapshots" / series.folder), REJECTS_SUFFIX))

    def stored_days(self, series: Series) -> list[date]:
        """The days with pages or snapshots."""
        built = set(self._days_with_snapshots(series))
        return sorted(built.union(self._days_with_pages(series, built)))

    def has_days(self, series: Series) -> bool:
        """Whether there is any day with pages or snapshots."""
        days = chain(self._days_with_snapshots(series), self._days_with_pages(series))
        return next(days, None) is not None

    def _days_with_pages(self, series: Series, known: Container[date] = ()) -> Iterator[date]:
        """Without those that are `known`, whose folders stay closed."""
        days = (day for day in _days(self._names_in_years(self.root / "pages" / series.folder)) if day not in known)
        return (
            day for day in days if any(name.endswith(ARCHIVE_SUFFIX) for name in self.names_in(self.pages(series, day)))
        )

    def _days_with_snapshots(self, series: Series) -> Iterator[date]:
        return _days(self._names_in_years(self.root / "snapshots" / series.folder), CERTIFICATE_SUFFIX)

    def names_in(self, folder: Path) -> list[str]:
        """The names in a folder; none if there is no such folder."""
        try:
            with os.scandir(folder) as entries:
                return [entry.name for entry in entries]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _names_in_years(self, folder: Path) -> Iterator[str]:
        """The names of what is in the folders of the years."""
        years = (year for year in self.names_in(folder) if _YEAR.fullmatch(year))
        return (name for year in years for name in self.names_in(folder / year))

    def _snapshot(self, series: Series, day: date, suffix: str) -> Path:
        # One name with slashes: pathlib takes longer for each of several.
        name, folder = day.isoformat(), series.source if series.query is None else series.folder
        return self.root / f"snapshots/{folder}/{name[:4]}/{name}{suffix}"


def _days(names: Iterable[str], suffix: str = "") -> Iterator[date]:
    """The days of the names that are a day and a suffix."""
    for name in names:
        if name[10:] == suffix:
            with suppress(ValueError):
                yield date.fromisoformat(name[:10])
