"""Builds a site, or what changed of it: a new day costs its own files, its papers, its neighbours and its calendar."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from dailypapers.outputs.folder import DayVersion, OutputFolder, open_output
from dailypapers.snapshots.catalog.freshness import repair
from dailypapers.snapshots.store.atomic import read_whole
from dailypapers.snapshots.store.layout import Store

from .calendar import DayState, write_calendars
from .catalog_papers import CatalogPapers, catalog_papers
from .changes import year_changes
from .listing import Listing, ListingDay, SiteOptions, keys_in, read_listing_day
from .listing_pages import ListingPages, Neighbours, neighbours
from .names import day_file, listing_page, quarter_of
from .paper_pages import PaperPages
from .render import ASSETS, Pages, alias_of, asset, version
from .search import FOLDER as SEARCH_FOLDER
from .search import SearchIndex, SearchPage, remove_left_over

OUTPUT: Final = "site"

Entry = Mapping[str, str]
"""What the pages of a day were made of: certificate, previous, next and young; and what others show: state, papers."""


class Built(NamedTuple):
    """What a build did."""

    days: int
    """Days whose pages were made."""
    papers: int
    """Papers whose pages were made."""


def build_site(store: Store, folder: Path, options: SiteOptions) -> Built:
    """Build the site in a folder, or bring it up to date. The same store and options give the same bytes.

    Raises StoreError for a damaged day, SearchError if the search index cannot be made, OSError if the folder cannot be
    written.
    """
    try:
        return _build_site(store, folder, options)
    except sqlite3.DatabaseError as error:
        # Where the catalog is damaged; any other error is raised again.
        repair(store, error)
        return _build_site(store, folder, options)


def _build_site(store: Store, folder: Path, options: SiteOptions) -> Built:
    with open_output(folder, OUTPUT, version(options)) as output:
        remove_left_over(folder)
        if output.is_repeated:
            # The index of papers may be newer as well.
            output.forget()
        versions = {each: output.days(store, each.series, options.marks(each.series)) for each in options.listings}
        stored = {k: v for k, v in versions.items() if v}
        days = {f"{each.folder}/{day}": read.papers for each, found in stored.items() for day, read in found.items()}
        with catalog_papers(store, days, {each.folder for each in stored}) as index:
            for each, found in stored.items():
                for day in found:
                    if f"{each.folder}/{day}" in index.left_out:
                        index.add(read_listing_day(store, each, day))
            return _Build(store, output, options, stored, index).run()


class _Build:
    def __init__(
        self,
        store: Store,
        output: OutputFolder,
        options: SiteOptions,
        versions: Mapping[Listing, Mapping[date, DayVersion]],
        index: CatalogPapers,
    ) -> None:
        self._versions = versions
        self._index = index
        self._store = store
        self._output = output
        self._options = options
        self._pages = Pages(options, list(self._versions))
        self._listing_pages = ListingPages(store, output, self._pages, thumbnails=options.thumbnails)
        self._papers = PaperPages(store, output, self._pages, list(self._versions), self._state_of)
        self._entries: dict[str, dict[date, Entry]] = {listing.folder: {} for listing in self._versions}
        self._before: dict[str, dict[date, Entry]] = {}
        """The days of the manifest, by the folder of their series."""
        self._keys: set[str] = set()
        """Papers whose pages must be made again."""
        self._unwritten: set[str] = set()
        """Those of them that must still be made."""
        self._quarters: set[str] = set()
        """Quarters whose search index may have changed."""
        self._days = 0
        self._was_made = bool(output.series_before)

    def run(self) -> Built:
        is_complete = not self._output.made_before()
        self._write_days()
        self._write_newest()
        self._write_papers()
        self._write_calendars()
        self._write_search()
        for name in ASSETS:
            self._output.write(f"assets/{name}", asset(name))
        self._remove_stale(is_complete=is_complete)
        return Built(self._days, len(self._keys))

    def _remove_stale(self, *, is_complete: bool) -> None:
        """Remove what nothing makes any more. After a new build of everything that is all that was not written."""
        for name in self._output.unrecorded():
            is_bundle = name.startswith(f"{SEARCH_FOLDER}/")
            self._output.sweep([name.rpartition("/")[0] if is_bundle else name])
        if is_complete and self._was_made:
            folders = {listing.folder for listing in self._options.listings} | self._output.series_before
            # `.papers` is of older versions.
            self._output.sweep(
                [".papers", "paper", "data", "calendar", "assets", SEARCH_FOLDER, "trending.html", *folders]
            )

    def _write_days(self) -> None:
        """The pages of the days, and those of their papers where no later day can change them.

        The page of a paper shows the record of the newest day of the listing with the shortest period. So the days of
        that listing come last, and the newest of them first: most records are read once.
        """
        self._before = self._recorded()
        self._remove_days_that_went()
        first, *others = self._papers.in_order()
        for listing in (*others, first):
            known = self._before.get(listing.folder, {})
            for day, beside in reversed(list(neighbours(list(self._versions[listing])))):
                self._bring_up_to_date(listing, day, beside, known.get(day), with_papers=listing is first)

    def _remove_days_that_went(self) -> None:
        stored = {listing.folder: versions for listing, versions in self._versions.items()}
        for folder, days in self._before.items():
            self._remove_days(folder, [day for day in days if day not in stored.get(folder, {})])

    def _recorded(self) -> dict[str, dict[date, Entry]]:
        """The days of the manifest by the folder of their series."""
        days: dict[str, dict[date, Entry]] = {}
        for name, entry in self._output.made_before().items():
            if "certificate" in entry:
                folder, _, page = name.rpartition("/")
                days.setdefault(folder, {})[date.fromisoformat(page.removesuffix(".html"))] = entry
        return days

    def _bring_up_to_date(
        self, listing: Listing, day: date, beside: Neighbours, known: Entry | None, *, with_papers: bool
    ) -> None:
        name = listing_page(listing.folder, day)
        joined = self._index.joined.get(f"{listing.folder}/{day}", {})
        keys = orjson.dumps(joined, option=orjson.OPT_SORT_KEYS).decode()
        certificate = self._versions[listing][day].certificate
        is_same = known is not None and (known["certificate"], known["joined"]) == (certificate, keys)
        young = self._young(listing, day, beside, known if is_same else None)
        shown = {"previous": _name(beside.previous), "next": _name(beside.following), "young": young}
        entry = known if known is not None and is_same and all(known[each] == shown[each] for each in shown) else None
        if entry is None or not self._output.is_made(name, entry):
            listed = read_listing_day(self._store, listing, day, self._index.joined)
            entry = {**_evidence(listed), **shown, "joined": keys}
            self._entries[listing.folder][day] = entry
            self._write_day(listed, beside, entry, is_indexed=is_same)
            if with_papers:
                self._unwritten.difference_update(self._papers.write_listed(listed, self._unwritten, self._index))
        self._entries[listing.folder][day] = entry

    def _young(self, listing: Listing, day: date, beside: Neighbours, known: Entry | None) -> str:
        """How complete the newest day of a daily series usually is at this time; empty if that is unknown."""
        is_newest = beside.following is None and listing.period == "day"
        may_be_open = known is None or known["state"] == "open"
        return self._listing_pages.young(listing, day) if is_newest and may_be_open else ""

    def _write_day(self, listed: ListingDay, beside: Neighbours, entry: Entry, *, is_indexed: bool) -> None:
        if not is_indexed:
            self._index_day(listed)
        self._listing_pages.write(listed, beside, entry["young"])
        self._output.record(listing_page(listed.listing.folder, listed.day), entry)
        self._days += 1

    def _index_day(self, listed: ListingDay) -> None:
        before = self._keys_before(listed.listing.folder, listed.day)
        self._touch(before | {paper.main for paper in listed.papers}, listed.day)

    def _keys_before(self, folder: str, day: date) -> set[str]:
        """The papers of a day when its pages were made last."""
        path = self._output.folder / day_file(folder, day)
        if not self._output.made_before() or not path.exists():
            return set()
        entry = self._before.get(folder, {}).get(day)
        joined = orjson.loads(entry["joined"]) if entry is not None else {}
        return {joined.get(key, key) for key in keys_in(read_whole(path))}

    def _touch(self, keys: set[str], day: date) -> None:
        """Note that the pages of papers of a day must be made again, and the search index that has them."""
        self._quarters.add(quarter_of(day))
        self._keys |= keys
        self._unwritten |= keys
        self._quarters |= {quarter for key in keys for quarter in self._index.quarters(key)}

    def _remove_days(self, folder: str, days: Sequence[date]) -> None:
        for day in days:
            self._touch(self._keys_before(folder, day), day)
            self._listing_pages.remove(folder, day)

    def _write_newest(self) -> None:
        """The pages that show the newest day with papers of a series."""
        for listing in self._versions:
            entries = self._entries[listing.folder]
            days = sorted(entries)
            newest = next((day for day in reversed(days) if entries[day]["papers"] != "0"), days[-1])
            names, inputs = alias_of(self._options, listing), _as_input(newest, entries[newest])
            if not self._are_made(names, inputs):
                listed = read_listing_day(self._store, listing, newest, self._index.joined)
                self._listing_pages.write_newest(
                    names, listed, dict(neighbours(days))[newest], entries[newest]["young"]
                )
                for name in names:
                    self._output.record(name, inputs)

    def _are_made(self, names: Sequence[str], inputs: Entry) -> bool:
        # Each is asked, which records it.
        return not [name for name in names if not self._output.is_made(name, inputs)]

    def _write_papers(self) -> None:
        self._papers.write(self._index, self._unwritten)

    def _state_of(self, folder: str, day: date) -> str | None:
        """The state of a day; None if its turn has not come yet."""
        entry = self._entries[folder].get(day)
        return None if entry is None else entry["state"]

    def _states(self) -> dict[Listing, dict[date, DayState]]:
        return {
            listing: {
                day: DayState(entry["state"], int(entry["papers"]))
                for day, entry in sorted(self._entries[listing.folder].items())
            }
            for listing in self._versions
        }

    def _write_calendars(self) -> None:
        changes = {
            listing: year_changes(self._store, self._output, self._options, listing, versions)
            for listing, versions in self._versions.items()
        }
        write_calendars(self._output, self._pages, self._options, self._states(), changes)

    def _write_search(self) -> None:
        """The bundles of the quarters, and the page that joins them."""
        made = self._make_bundles() if self._options.search else []
        self._output.write(
            "search.html", self._pages.render("search.html", "search.html", "search", "Search", SearchPage(made))
        )

    def _make_bundles(self) -> list[str]:
        """The quarters that have a bundle, the newest first."""
        days: dict[str, list[str]] = {}
        for listing, versions in self._versions.items():
            for day in versions:
                days.setdefault(quarter_of(day), []).append(day_file(listing.folder, day))
        index = SearchIndex(self._output, self._index, self._papers, self._quarters)
        return [quarter for quarter in sorted(days, reverse=True) if index.make(quarter, days[quarter])]


def _name(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _evidence(listed: ListingDay) -> Entry:
    """What other pages show of a day, and what shows that it changed."""
    certificate = listed.certificate
    return {
        "certificate": certificate["checksum"],
        "state": certificate["state"],
        "papers": f"{certificate['papers']}",
    }


def _as_input(day: date, entry: Entry) -> Entry:
    """What a page that shows the newest day is made of; its names are not those of a day's own page."""
    return {
        "day": f"{day}",
        "of": entry["certificate"],
        **{name: entry[name] for name in ("previous", "next", "young", "joined")},
    }
