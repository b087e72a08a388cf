"""The pages under /papers: a day, a week, a month, trending, a search, and what /papers itself leads to.

A day without papers is served as the page of the last day before it that has some, under its own date; an
address that is no date, or a date ahead, leads to /papers; a week or month ahead leads to the present one.
"""

from datetime import date, datetime

from tests.papersite import people
from tests.papersite.answers import Answer, Request, html_answer, html_error, redirect
from tests.papersite.listings import Item, Listings
from tests.papersite.markup import Heading, Markup
from tests.papersite.periods import Kind, Period, parse_period, period_of

SEARCH_SHOWN = 120
KINDS: dict[str, Kind] = {"date": "day", "week": "week", "month": "month"}


class Pages:
    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._markup = Markup(listings.era)

    def answer(self, request: Request, now: datetime) -> Answer:
        match request.path.split("/")[2:]:
            case [] | [""]:
                return self._front(request, now)
            case ["trending"] if "q" not in request.query:
                return self._page(Heading(trending=True), self._listings.trending(now))
            case ["trending"]:
                return self._search(request.query["q"], now, trending=True)
            case [("date" | "week" | "month") as kind, name]:
                return self._period(KINDS[kind], name, now)
        return html_error(404, "404 - Hugging Face")

    def _front(self, request: Request, now: datetime) -> Answer:
        if request.query.get("q"):
            return self._search(request.query["q"], now, trending=False)
        if "date" in request.query:
            return self._period("day", request.query["date"], now)
        day = self._listings.shown_day(now.date(), now) or now.date()
        if self._markup.new:
            return redirect(self._markup.href(Period("day", day)))
        return self._day(day, now)

    def _period(self, kind: Kind, name: str, now: datetime) -> Answer:
        try:
            period = parse_period(kind, name)
        except ValueError:
            return redirect("/papers")
        if period.first > now.date():
            return redirect("/papers" if kind == "day" else self._markup.href(period_of(kind, now.date())))
        return self._day(period.first, now) if kind == "day" else self._listed(period, now)

    def _day(self, day: date, now: datetime) -> Answer:
        shown = self._listings.shown_day(day, now)
        return self._listed(Period("day", shown), now) if shown else redirect("/papers")

    def _listed(self, period: Period, now: datetime) -> Answer:
        before, after = self._listings.neighbours(period, now)
        return self._page(Heading(period, before, after), self._listings.period(period, now))

    def _search(self, words: str, now: datetime, *, trending: bool) -> Answer:
        found = self._listings.search(words, now)[:SEARCH_SHOWN]
        return self._page(Heading(query=words, trending=trending), found)

    def _page(self, heading: Heading, items: list[Item]) -> Answer:
        return html_answer(self._markup.page(heading, items, people.profile(0)))
