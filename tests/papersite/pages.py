"""The pages under /papers: a day, a week, a month, trending, a search, one paper, and what /papers leads to.

A day without papers is served as the page of the last earlier day with papers, under its own date; an invalid
or future date redirects to /papers; a future week or month redirects to the current one.
"""

from datetime import date, datetime
from functools import lru_cache

from tests.papersite import people
from tests.papersite.answers import HTML, Answer, Request, html_error, redirect
from tests.papersite.entries import Entry
from tests.papersite.listings import Entries, Listings
from tests.papersite.markup import Heading, Markup
from tests.papersite.paperpage import MARKDOWN, markdown, paper_page
from tests.papersite.papers import day_of
from tests.papersite.periods import Kind, Period, parse_period, period_of

SEARCH_SHOWN = 120
KINDS: dict[str, Kind] = {"date": "day", "week": "week", "month": "month"}


class Pages:
    def __init__(self, era: date, remembered: int) -> None:
        self._markup = Markup(era)
        self._body = lru_cache(maxsize=remembered)(self._rendered)

    def answer(self, request: Request, listings: Listings) -> Answer:
        now, query = request.time, request.query
        match request.path.split("/")[2:]:
            case [] | [""]:
                return self._front(request, listings)
            case ["trending"] if "q" not in query:
                return self._page(Heading(trending=True), listings.trending(now))
            case ["trending"]:
                return self._search(Heading(query=query["q"], trending=True), listings, now)
            case [("date" | "week" | "month") as kind, name]:
                return self._period(KINDS[kind], name, listings, now)
            case [name]:
                return self._paper(request, name, listings)
        return html_error(404, "404 - Hugging Face")

    def _front(self, request: Request, listings: Listings) -> Answer:
        query, now = request.query, request.time
        if query.get("q"):
            return self._search(Heading(query=query["q"]), listings, now)
        if "date" in query:
            return self._period("day", query["date"], listings, now)
        newest = listings.shown_day(now.date(), now)
        if newest and self._markup.new:
            return redirect(self._markup.href(Period("day", newest)))
        return self._listed(Period("day", newest or now.date()), listings, now)

    def _period(self, kind: Kind, name: str, listings: Listings, now: datetime) -> Answer:
        try:
            period = parse_period(kind, name)
        except ValueError:
            return redirect("/papers")
        if period.first > now.date():
            return redirect("/papers" if kind == "day" else self._markup.href(period_of(kind, now.date())))
        return self._day(period, listings, now) if kind == "day" else self._listed(period, listings, now)

    def _day(self, asked: Period, listings: Listings, now: datetime) -> Answer:
        shown = asked.first if listings.bare else listings.shown_day(asked.first, now)
        return self._listed(Period("day", shown), listings, now) if shown else redirect("/papers")

    def _listed(self, period: Period, listings: Listings, now: datetime) -> Answer:
        before, after = listings.neighbours(period, now)
        return self._page(Heading(period, before, after), listings.period(period, now))

    def _search(self, heading: Heading, listings: Listings, now: datetime) -> Answer:
        return self._page(heading, listings.search(heading.query, now)[:SEARCH_SHOWN])

    def _paper(self, request: Request, name: str, listings: Listings) -> Answer:
        """One paper: a page, or markdown if the URL or `Accept` asks for it."""
        identifier = name.removesuffix(".md")
        entry = listings.find(identifier, request.time)
        if entry is None:
            return html_error(404, "404 - Hugging Face")
        if name != identifier or MARKDOWN.split(";")[0] in (request.header("Accept") or ""):
            return markdown(entry)
        return paper_page(self._markup, entry, _rank(entry, listings, request.time))

    def _page(self, heading: Heading, entries: Entries) -> Answer:
        return Answer(200, [("Content-Type", HTML)], self._body(heading, entries))

    def _rendered(self, heading: Heading, entries: Entries) -> bytes:
        return self._markup.page(heading, entries, people.profile(0)).encode()


def _rank(entry: Entry, listings: Listings, now: datetime) -> int:
    stamped = entry.item["paper"].get("submittedOnDailyAt")
    day = date.fromisoformat(stamped[:10]) if stamped else day_of(entry.id)
    return listings.place(entry.id, day, now) if day else 0
