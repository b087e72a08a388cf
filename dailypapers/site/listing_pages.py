"""The pages of the days of a series, and those that show its newest one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from markupsafe import Markup

from dailypapers.outputs.folder import OutputFolder
from dailypapers.snapshots.certificate import read_certificate
from dailypapers.snapshots.completeness.state import summaries
from dailypapers.snapshots.completeness.young_day import young_day
from dailypapers.snapshots.store.layout import Store

from . import listing as dates
from .listing import Listing, ListingDay, PaperView
from .names import PAGE_SIZE, certificate_file, day_file, listing_page, root_of
from .render import Beside, Pages

TEMPLATE: Final = "listing.html"
_USUAL: Final = timedelta(days=61)
"""The days before an unfinished one from which its usual completeness is computed."""
_NOTHING: Final = {
    "empty": "Nothing was listed.",
    "partial": "No fetch has proved yet what was listed.",
}


class Neighbours(NamedTuple):
    """The built days before and after one."""

    previous: date | None
    following: date | None


class ListingPage(NamedTuple):
    """What the template shows."""

    title: str
    """Of the series."""
    heading: str
    subheading: str | None
    certificate: Markup
    young: str
    cards: Sequence[PaperView]
    thumbnails: bool
    """Whether to show preview images."""
    offset: int
    """Papers on the pages before."""
    nothing: str
    """In place of cards."""
    number: int
    pages: Sequence[str]
    previous: Beside | None
    following: Beside | None


class ListingPages:
    """Writes the pages of listings into the folder of a site."""

    def __init__(self, store: Store, output: OutputFolder, pages: Pages, *, thumbnails: bool) -> None:
        self._store = store
        self._output = output
        self._pages = pages
        self._thumbnails = thumbnails

    def write(self, listed: ListingDay, beside: Neighbours, young: str) -> None:
        """Write the pages of a day, its day file and its certificate."""
        folder, day = listed.listing.folder, listed.day
        self._output.write(day_file(folder, day), listed.content)
        self._output.write(certificate_file(folder, day), listed.certificate_content)
        chunks = _chunks(listed)
        for number, _ in enumerate(chunks, 1):
            self._write_page(listing_page(folder, day, number), listed, beside, young, number)
        self._remove_pages(folder, day, after=len(chunks))

    def write_newest(self, names: Sequence[str], listed: ListingDay, beside: Neighbours, young: str) -> None:
        """Write the first page of a day under other names."""
        for name in names:
            self._write_page(name, listed, beside, young, 1)

    def remove(self, folder: str, day: date) -> None:
        """Remove the files of a day that is not in the store any more."""
        self._output.remove(day_file(folder, day))
        self._output.remove(certificate_file(folder, day))
        self._remove_pages(folder, day, after=0)

    def young(self, listing: Listing, day: date) -> str:
        """How complete an open day usually is at the time of its newest fetch; empty if that is unknown."""
        days = self._store.days_with_snapshots(listing.series, day - _USUAL, day)
        read = {each: read_certificate(self._store.certificate(listing.series, each)) for each in days}
        certificate = read.pop(day)
        if certificate is None or certificate["state"] != "open":
            return ""
        closed = {
            each: summaries(other["fetches"]) for each, other in read.items() if other and other["state"] == "closed"
        }
        usual = young_day(day, summaries(certificate["fetches"]), closed)
        return f"{usual}" if usual is not None else ""

    def _write_page(self, name: str, listed: ListingDay, beside: Neighbours, young: str, number: int) -> None:
        page = self._page(name, listed, beside, young, number)
        heading = page.heading if number == 1 else f"{page.heading}, page {number}"
        links = [link for link in (page.previous, page.following) if link is not None]
        title = f"{heading} · {page.title}"
        self._output.write(name, self._pages.render(TEMPLATE, name, listed.listing.folder, title, page, links))

    def _page(self, name: str, listed: ListingDay, beside: Neighbours, young: str, number: int) -> ListingPage:
        listing, day = listed.listing, listed.day
        chunks = _chunks(listed)
        return ListingPage(
            title=listing.title,
            heading=dates.heading(listing.period, day),
            subheading=dates.subheading(listing.period, day),
            certificate=self._pages.certificate(root_of(name), listed),
            young=young,
            cards=chunks[number - 1],
            thumbnails=self._thumbnails,
            offset=(number - 1) * PAGE_SIZE,
            nothing=_NOTHING.get(listed.certificate["state"], "No paper has been seen yet."),
            number=number,
            pages=[listing_page(listing.folder, day, each) for each in range(1, len(chunks) + 1)],
            previous=_beside("prev", listing, beside.previous),
            following=_beside("next", listing, beside.following),
        )

    def _remove_pages(self, folder: str, day: date, after: int) -> None:
        number = after + 1
        while self._output.remove(listing_page(folder, day, number)):
            number += 1


def neighbours(days: Sequence[date]) -> Iterator[tuple[date, Neighbours]]:
    """Each day with those before and after it."""
    for number, day in enumerate(days):
        following = days[number + 1] if number + 1 < len(days) else None
        yield day, Neighbours(days[number - 1] if number else None, following)


def _beside(rel: str, listing: Listing, day: date | None) -> Beside | None:
    return None if day is None else Beside(rel, listing_page(listing.folder, day), dates.short(listing.period, day))


def _chunks(listed: ListingDay) -> list[Sequence[PaperView]]:
    """The papers of each page; one page at least."""
    return [listed.papers[start : start + PAGE_SIZE] for start in range(0, max(1, len(listed.rows)), PAGE_SIZE)]
