"""When an issue is due, and which papers it has: those that the catalog learned of since the last one."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable, Container, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from dailypapers.outputs.links import clean, http_link
from dailypapers.outputs.words import format_delay, lateness
from dailypapers.snapshots.catalog.catalog import Catalog
from dailypapers.snapshots.catalog.model import CatalogPaper, Cursor, Listing, Selection
from dailypapers.snapshots.store.layout import Series

from .model import Arrived, DigestPaper, InvalidValueError, Issue, Listings, Subscription

_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_DAY: Final = timedelta(days=1)
MAX_MISSED: Final = 35
"""Days missed that an issue names; the papers of older days are not in it either."""


class DueIssue(NamedTuple):
    """An issue that is due, and the local days since the last one on which none was made."""

    cut: datetime
    missed: tuple[date, ...]


def parse_time(text: str) -> time:
    """A time of day like `07:00`. Raises InvalidValueError."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise InvalidValueError(f"{text!a} is not a time of day; write it like 07:00")
    return time(int(match[1]), int(match[2]))


def parse_zone(name: str) -> ZoneInfo:
    """The zone of that name in the IANA database. Raises InvalidValueError."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # missing, a folder of zones, not a valid name
        raise InvalidValueError(f"{name!a} is not a time zone; write a name such as Europe/Berlin, or UTC") from error


def due_issue(subscription: Subscription, now: datetime) -> DueIssue | None:
    """The newest issue that is due and was not made; None if there is none.

    The first issue comes after the subscription was made. Where a clock change skips the time of day, the issue comes
    as much later as the clock is put forward; where it repeats it, at its first time.
    """
    zone = parse_zone(subscription.zone)
    today = now.astimezone(zone).date()
    cuts = [cut for day in (today, today - _DAY) if (cut := _cut(subscription, day, zone)) <= now]
    # With a clock that was set back there may be none after the last issue.
    after = subscription.last_cut or subscription.created
    if not cuts or cuts[0] <= after:
        return None
    if subscription.last_cut is None:
        return DueIssue(cuts[0], ())
    last, newest = (cut.astimezone(zone).date() for cut in (subscription.last_cut, cuts[0]))
    missed = [last + number * _DAY for number in range(1, (newest - last).days)]
    return DueIssue(cuts[0], tuple(missed[-MAX_MISSED:]))


def _cut(subscription: Subscription, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, subscription.at, zone).astimezone(UTC)


WINDOW: Final = timedelta(days=35)
"""Papers of older days are in no issue: a long history that is imported is not sent."""
FIRST: Final = timedelta(hours=24)
"""The first issue has the papers first seen this long before it."""
MAX_AUTHORS: Final = 4
MAX_TITLE, MAX_SUMMARY, MAX_NAME = 300, 400, 100
"""Characters."""
_REORDERING: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WEEK: Final = timedelta(days=7)
_PAGE: Final = 500
_MAX_HITS: Final = 10_000


class SelectedIssue(NamedTuple):
    """An issue, and the place among the arrivals after it."""

    issue: Issue
    cursor: str


def select_issue(
    listings: Listings, subscription: Subscription, due: DueIssue, sent: Container[str], now: datetime
) -> SelectedIssue:
    """The issue of a subscription that is due; `sent` are the keys of the papers that it has had.

    Raises StoreError as the catalog does.
    """
    series, cut = subscription.series, due.cut
    if subscription.cursor is None:
        found, cursor = _first_papers(listings, series, cut)
    else:
        found, cursor = _arrived(listings, series, subscription.cursor)
    listed = [(paper, _listing(paper, series)) for paper in _unique(found, sent)]
    listed = [(paper, listing) for paper, listing in listed if listing.day > (cut - WINDOW).date()]
    if subscription.search is not None:
        matches = _matches(listings.catalog, series, subscription.search, {listing.day for _, listing in listed})
        listed = [(paper, listing) for paper, listing in listed if paper.key in matches]
    papers = sorted((_digest_paper(paper, listing, listings.end_of) for paper, listing in listed), key=_order)
    first = max((subscription.last_cut or cut - FIRST).date(), (cut - WINDOW).date())
    days = listings.day_states(series, first, cut.date(), now)
    new, late = (tuple(paper for paper in papers if (paper.late is not None) is is_late) for is_late in (False, True))
    return SelectedIssue(Issue(subscription, cut, new, late, tuple(days), due.missed), cursor)


def _first_papers(listings: Listings, series: Series, cut: datetime) -> Arrived:
    """The papers that the series showed for the first time in the 24 hours before its first issue, or since."""
    known, catalog = (series, f"the first issue at {cut}"), listings.catalog
    if known not in listings.arrived:
        # Before the papers are read: what arrives in between is in both issues, and `sent` keeps it out of the second.
        cursor = str(catalog.cursor())
        days = (cut.date() - number * _DAY for number in range(-1, WINDOW.days))
        papers = (paper for day in days for paper in catalog.papers(Selection(day=day, series=series, limit=None)))
        first = [paper for paper in papers if _listing(paper, series).first_seen > cut - FIRST]
        listings.arrived[known] = Arrived(first, cursor)
    return listings.arrived[known]


def _arrived(listings: Listings, series: Series, since: str) -> Arrived:
    """What came to a series after a cursor; most subscriptions have the same one."""
    if (series, since) not in listings.arrived:
        papers: list[CatalogPaper] = []
        arrivals = listings.catalog.arrivals(Cursor.parse(since), series, limit=_PAGE)
        papers += [entry.paper for entry in arrivals.entries]
        while arrivals.more:
            arrivals = listings.catalog.arrivals(arrivals.cursor, series, limit=_PAGE)
            papers += [entry.paper for entry in arrivals.entries]
        listings.arrived[series, since] = Arrived(papers, str(arrivals.cursor))
    return listings.arrived[series, since]


def _unique(papers: Iterable[CatalogPaper], sent: Container[str]) -> list[CatalogPaper]:
    """The papers of which no key was sent, each once."""
    unsent = {paper.key: paper for paper in papers if not any(alias.key in sent for alias in paper.aliases)}
    return list(unsent.values())


def _listing(paper: CatalogPaper, series: Series) -> Listing:
    """The listing that showed the paper first."""
    return min((listing for listing in paper.listings if listing.series == series), key=lambda each: each.first_seen)


def _matches(catalog: Catalog, series: Series, search: str, days: Iterable[date]) -> set[str]:
    """The keys of the papers of these days that match a search."""
    selections = (Selection(day=day, series=series) for day in sorted(days))
    results = (catalog.search(search, limit=_MAX_HITS, selection=selection) for selection in selections)
    return {paper.key for result in results for paper in result.hits}


def _order(paper: DigestPaper) -> tuple[date, int, str]:
    return paper.day, -(paper.upvotes or 0), paper.keys[0]


def _digest_paper(paper: CatalogPaper, listing: Listing, end_of: Callable[[Series, date], datetime]) -> DigestPaper:
    fields = paper.fields
    organization = fields["organization"] or {}
    keys = (paper.key, *(alias.key for alias in paper.aliases if alias.key != paper.key))
    return DigestPaper(
        keys=keys,
        title=_plain(fields["title"], MAX_TITLE),
        authors=_authors([author["name"] for author in fields["authors"]], fields["author_count"]),
        summary=_plain(fields["ai_summary"] or fields["abstract"] or "", MAX_SUMMARY),
        organization=_plain(organization.get("fullname") or organization.get("name") or "", MAX_NAME) or None,
        upvotes=listing.upvotes,
        day=listing.day,
        first_seen=listing.first_seen,
        late=_lateness(listing, end_of(listing.series, listing.day)),
        url=http_link(fields["url"]),
        pdf_url=http_link(fields["pdf_url"]),
        code_url=http_link(fields["code_url"]),
    )


def _authors(names: list[str], count: int | None) -> str:
    more = max(count or 0, len(names)) - MAX_AUTHORS
    listed = ", ".join(_plain(name, MAX_NAME) for name in names[:MAX_AUTHORS])
    return f"{listed} and {more} more" if listed and more > 0 else listed or (f"{count} authors" if count else "")


def _plain(text: str, most: int) -> str:
    """A foreign text in one line, cut to that many characters, without what reorders the text around it."""
    line = " ".join(clean(_REORDERING.sub("", text)).split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " ..."


def _lateness(listing: Listing, end: datetime) -> str | None:
    """Why a paper is late, in words; None if it is not."""
    late = lateness(listing.first_seen, end, listing.first_fetch)
    if late is None:
        return None
    length = end.date() - listing.day
    period = "day" if length <= _DAY else "week" if length <= _WEEK else "month"
    return f"listed for {format_day(listing.day)}, first seen {format_delay(late)} after that {period} had ended"


def format_day(day: date) -> str:
    """A day in English: `10 December 2025`."""
    return f"{day.day} {month_name[day.month]} {day.year}"
