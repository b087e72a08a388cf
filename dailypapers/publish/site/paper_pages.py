"""The pages of papers: each is made of the record of one day that lists it, and of its numbers on all days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from markupsafe import Markup

from dailypapers.publish.manifest import OutputFolder
from snapshots.metrics import Metric, read_metrics
from snapshots.store.layout import Store

from . import dates
from .calendar import DayState
from .certificate_view import CertificateView
from .curve import Curve, curve_of
from .listing import Listing, ListingDay, read_listing_day
from .names import listing_page, paper_page
from .paper_index import Appearance, PaperIndex
from .paper_view import PaperView, utc
from .render import Pages

_CACHED: Final = 40
"""Metric files in memory: those of the weeks, months and trending days that the papers of a day are on as well."""
_PREFERENCE: Final = ("day", "week", "month", "now")


class Back(NamedTuple):
    """The link to the day whose record a page shows."""

    href: str
    label: str


class AppearanceView(NamedTuple):
    """One row of the table of days that list a paper."""

    title: str
    label: str
    href: str
    rank: int | None
    first_seen: str | None
    first_seen_in_words: str | None
    upvotes: int | None
    state: str


class PaperPages:
    """Writes the pages of papers into the folder of a site."""

    def __init__(
        self,
        store: Store,
        output: OutputFolder,
        pages: Pages,
        listings: Sequence[Listing],
        states: Mapping[str, Mapping[date, DayState]],
    ) -> None:
        """`states` are those of the built days, by the folder of the series."""
        self._store = store
        self._output = output
        self._pages = pages
        self._listings = {listing.folder: listing for listing in listings}
        self._order = {listing.folder: (_PREFERENCE.index(listing.period), n) for n, listing in enumerate(listings)}
        self._states = states
        self._metrics = lru_cache(_CACHED)(self._read_metrics)

    def primary(self, appearances: Sequence[Appearance]) -> Appearance:
        """The day whose record the page of a paper shows: the newest of the listing with the shortest period."""
        best = min(self._order[each.folder] for each in appearances)
        return max((each for each in appearances if self._order[each.folder] == best), key=lambda each: each.day)

    def listed_on(self, appearances: Sequence[Appearance]) -> date:
        """The first day on which that listing had the paper."""
        folder = self.primary(appearances).folder
        return min(each.day for each in appearances if each.folder == folder)

    def write(self, index: PaperIndex, keys: Iterable[str]) -> None:
        """Write the pages of these papers, and remove those of papers that no day lists any more."""
        by_day: defaultdict[tuple[str, date], set[str]] = defaultdict(set)
        for key in keys:
            appearances = index.appearances(key)
            if not appearances:
                self._output.remove(paper_page(key))
                continue
            primary = self.primary(appearances)
            by_day[primary.folder, primary.day].add(key)
        for folder, day in sorted(by_day):
            self._write_day(read_listing_day(self._store, self._listings[folder], day), by_day[folder, day], index)

    def _write_day(self, listed: ListingDay, keys: set[str], index: PaperIndex) -> None:
        block = self._pages.certificate(CertificateView(listed), paper_page(""), "Certificate of this page")
        for row in listed.rows:
            if row["key"] in keys:
                self._write(PaperView(row, listed), listed, index.appearances(row["key"]), block)

    def _write(self, paper: PaperView, listed: ListingDay, appearances: Sequence[Appearance], block: Markup) -> None:
        listing, day = listed.listing, listed.day
        content = self._pages.render(
            "paper.html",
            paper.href,
            listing.folder,
            listing.feeds,
            paper=paper,
            listing=listing,
            back=Back(listing_page(listing.folder, day), dates.heading(listing.period, day)),
            evidence_block=block,
            first_day=f"{self.listed_on(appearances)}",
            curve=self._curve(paper.key, appearances),
            appearances=[self._view(each) for each in reversed(appearances)],
            as_of=utc(listed.certificate["as_of"]),
        )
        self._output.write(paper.href, content)

    def _curve(self, key: str, appearances: Sequence[Appearance]) -> Curve | None:
        found = {
            each.at: each for listed in appearances for each in self._metrics(listed.folder, listed.day).get(key, ())
        }
        return curve_of([found[at] for at in sorted(found)])

    def _read_metrics(self, folder: str, day: date) -> Mapping[str, Sequence[Metric]]:
        metrics: defaultdict[str, list[Metric]] = defaultdict(list)
        for metric in read_metrics(self._store.metrics(self._listings[folder].series, day)):
            metrics[metric.key].append(metric)
        return dict(metrics)

    def _view(self, each: Appearance) -> AppearanceView:
        listing = self._listings[each.folder]
        return AppearanceView(
            title=listing.title,
            label=dates.short(listing.period, each.day) if listing.period in {"week", "month"} else f"{each.day}",
            href=listing_page(each.folder, each.day),
            rank=each.rank,
            first_seen=each.first_seen,
            first_seen_in_words=utc(each.first_seen) if each.first_seen else None,
            upvotes=each.upvotes,
            state=self._states[each.folder][each.day].state,
        )
