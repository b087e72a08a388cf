"""The pages of papers: each is made of the record of one day that lists it, and of its numbers on all days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from markupsafe import Markup

from dailypapers.outputs.folder import OutputFolder
from dailypapers.snapshots.history import Metric, read_metrics
from dailypapers.snapshots.store.layout import Store

from . import listing as dates
from .catalog_papers import Appearance, CatalogPapers
from .curve import Curve, curve_of
from .listing import Listing, ListingDay, PaperView, read_listing_day, utc
from .names import listing_page, paper_page, root_of
from .render import Pages

TEMPLATE: Final = "paper.html"
_ROOT: Final = root_of(paper_page(""))
_CACHED: Final = 40
"""Metric files in memory: those of the weeks, months and trending days that the papers of a day are on as well."""
_PARTS: Final = 256
"""Parts of pages in memory that depend on a day, a state or an instant alone."""
_PREFERENCE: Final = ("day", "week", "month", "now")
_UNKNOWN: Final = "–"


class DayPart(NamedTuple):
    """What the pages of the papers of a day have in common."""

    back: Markup
    certificate: Markup
    as_of: str


class ListedOn(NamedTuple):
    """One row of the table of days that list a paper."""

    day: Markup
    rank: int | str
    first_seen: Markup | str
    upvotes: int | str
    state: Markup


class PaperPage(NamedTuple):
    """What the template shows."""

    paper: PaperView
    day: DayPart
    first_day: date
    curve: Curve | None
    listed: Sequence[ListedOn]


class PaperPages:
    """Writes the pages of papers into the folder of a site."""

    def __init__(
        self,
        store: Store,
        output: OutputFolder,
        pages: Pages,
        listings: Sequence[Listing],
        state_of: Callable[[str, date], str | None],
    ) -> None:
        """`state_of` gives the state of a built day, by the folder of the series; None before its turn."""
        self._store = store
        self._output = output
        self._pages = pages
        self._listings = {listing.folder: listing for listing in listings}
        self._order = {listing.folder: (_PREFERENCE.index(listing.period), n) for n, listing in enumerate(listings)}
        self._state_of = state_of
        self._metrics = lru_cache(_CACHED)(self._read_metrics)
        self._day_cell = lru_cache(_PARTS)(self._make_day_cell)
        self._instant = lru_cache(_PARTS)(self._make_instant)
        self._state_cell = lru_cache(_PARTS)(self._make_state_cell)

    def in_order(self) -> list[Listing]:
        """The listings by the length of their periods, the shortest first: a page shows the record of the first."""
        return sorted(self._listings.values(), key=lambda listing: self._order[listing.folder])

    def primary(self, appearances: Sequence[Appearance]) -> Appearance:
        """The day whose record the page of a paper shows: the newest of the listing with the shortest period."""
        if len(appearances) == 1:
            return appearances[0]
        best = min(self._order[each.folder] for each in appearances)
        return max((each for each in appearances if self._order[each.folder] == best), key=lambda each: each.day)

    def listed_on(self, appearances: Sequence[Appearance]) -> date:
        """The first day on which that listing had the paper."""
        folder = self.primary(appearances).folder
        return min(each.day for each in appearances if each.folder == folder)

    def write(self, index: CatalogPapers, keys: Iterable[str]) -> None:
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
            listed = read_listing_day(self._store, self._listings[folder], day, index.joined)
            self.write_listed(listed, by_day[folder, day], index)

    def write_listed(self, listed: ListingDay, keys: Collection[str], index: CatalogPapers) -> list[str]:
        """Write the pages of those of these papers whose pages show the record of a day; returns their keys."""
        written = []
        day = self._day_part(listed)
        for paper in listed.papers:
            if paper.main in keys:
                appearances = index.appearances(paper.main)
                primary = self.primary(appearances)
                is_known = all(self._state_of(each.folder, each.day) for each in appearances)
                if is_known and primary[:3] == (listed.listing.folder, listed.day, paper.key):
                    self._write(paper, listed, appearances, day)
                    written.append(paper.main)
        return written

    def _day_part(self, listed: ListingDay) -> DayPart:
        heading = dates.heading(listed.listing.period, listed.day)
        href = listing_page(listed.listing.folder, listed.day)
        return DayPart(
            back=self._pages.part(TEMPLATE, "back", _ROOT, href, listed.listing.title, heading),
            certificate=self._pages.certificate(_ROOT, listed),
            as_of=f"As of {utc(listed.certificate['as_of'])}, the newest fetch of {heading}.",
        )

    def _write(self, paper: PaperView, listed: ListingDay, appearances: Sequence[Appearance], day: DayPart) -> None:
        page = PaperPage(
            paper=paper,
            day=day,
            first_day=self.listed_on(appearances),
            curve=self._curve(appearances),
            listed=[self._listed_on(each) for each in reversed(appearances)],
        )
        content = self._pages.render(TEMPLATE, paper.href, listed.listing.folder, paper.window_title, page)
        self._output.write(paper.href, content)

    def _curve(self, appearances: Sequence[Appearance]) -> Curve | None:
        found = {
            each.at: each
            for listed in appearances
            for each in self._metrics(listed.folder, listed.day).get(listed.key, ())
        }
        return curve_of([found[at] for at in sorted(found)])

    def _read_metrics(self, folder: str, day: date) -> Mapping[str, Sequence[Metric]]:
        metrics: defaultdict[str, list[Metric]] = defaultdict(list)
        for metric in read_metrics(self._store.metrics(self._listings[folder].series, day)):
            metrics[metric.key].append(metric)
        return dict(metrics)

    def _listed_on(self, each: Appearance) -> ListedOn:
        return ListedOn(
            day=self._day_cell(each.folder, each.day),
            rank=_UNKNOWN if each.rank is None else each.rank,
            first_seen=self._instant(each.first_seen) if each.first_seen else _UNKNOWN,
            upvotes=_UNKNOWN if each.upvotes is None else each.upvotes,
            state=self._state_cell(self._state_of(each.folder, each.day)),
        )

    def _make_day_cell(self, folder: str, day: date) -> Markup:
        listing = self._listings[folder]
        label = dates.short(listing.period, day) if listing.period in {"week", "month"} else f"{day}"
        return self._pages.part(TEMPLATE, "day_cell", _ROOT, listing_page(folder, day), listing.title, label)

    def _make_state_cell(self, state: str | None) -> Markup:
        return self._pages.part(TEMPLATE, "state_cell", state)

    def _make_instant(self, instant: str) -> Markup:
        return self._pages.part(TEMPLATE, "time", instant, utc(instant))
