"""The JSON answers: `/api/daily_papers`, `/api/papers/search`, `/api/papers/<id>`.

Parameters as in huggingface_hub (`hf_api.py`, list_daily_papers and list_papers), refusals as its tests and
its users report them: 50 items unless asked, 100 at most, pages counted from 0, an empty list past the end.
"""

import re
from datetime import datetime
from urllib.parse import urlencode

from tests.papersite.answers import Answer, Request, json_answer, json_error
from tests.papersite.listings import Item, Listings
from tests.papersite.periods import Kind, parse_period

DEFAULT_LIMIT, MOST = 50, 100
SEARCH_LIMIT, SEARCH_MOST = 20, 120
LONGEST_QUERY = 250
PERIODS: dict[str, Kind] = {"date": "day", "week": "week", "month": "month"}


class RefusedError(Exception):
    """A parameter that the service does not take: 400 with the message."""


class Api:
    def __init__(self, listings: Listings) -> None:
        self._listings = listings

    def answer(self, request: Request, now: datetime) -> Answer:
        try:
            return self._route(request, now)
        except RefusedError as refused:
            return json_error(400, str(refused))

    def _route(self, request: Request, now: datetime) -> Answer:
        match request.path.split("/")[2:]:
            case ["daily_papers"]:
                return self._daily(request, now)
            case ["papers", "search"]:
                return self._search(request.query, now)
            case ["papers", identifier]:
                return self._paper(identifier, now)
        return json_error(404, "Not found")

    def _daily(self, request: Request, now: datetime) -> Answer:
        query = request.query
        limit, page = number(query, "limit", DEFAULT_LIMIT, 1, MOST), number(query, "p", 0, 0, None)
        items = self._listed(query, now)
        if "submitter" in query:
            items = [item for item in items if item.get("submittedBy", {}).get("name") == query["submitter"]]
        answer = json_answer(items[page * limit : (page + 1) * limit])
        if len(items) > (page + 1) * limit:
            answer.set("Link", f'<{_next(request, page)}>; rel="next"')
        return answer

    def _listed(self, query: dict[str, str], now: datetime) -> list[Item]:
        match query.get("sort", "publishedAt"):
            case "trending":  # whatever the date
                return self._listings.trending(now)
            case "publishedAt":
                pass
            case _:
                raise RefusedError('Invalid option: expected one of "publishedAt"|"trending"')
        for name, kind in PERIODS.items():
            if name in query:
                return self._period(kind, query[name], now)
        return self._listings.newest(now)

    def _period(self, kind: Kind, text: str, now: datetime) -> list[Item]:
        try:
            period = parse_period(kind, text)
        except ValueError:
            raise RefusedError(f"Invalid {'date' if kind == 'day' else kind}") from None
        if period.first > now.date():
            raise RefusedError(f"The {'date' if kind == 'day' else kind} is in the future")
        return self._listings.period(period, now)

    def _search(self, query: dict[str, str], now: datetime) -> Answer:
        words = query.get("q", "")
        if not words:
            raise RefusedError("Invalid input: expected string, received undefined")
        if len(words) > LONGEST_QUERY:
            raise RefusedError(f"Too big: expected string to have <={LONGEST_QUERY} characters")
        limit = number(query, "limit", SEARCH_LIMIT, 1, SEARCH_MOST)
        return json_answer(self._listings.search(words, now)[:limit])

    def _paper(self, identifier: str, now: datetime) -> Answer:
        item = self._listings.find(identifier, now)
        return json_answer(item["paper"]) if item else json_error(404, "Paper not found")


def number(query: dict[str, str], name: str, default: int, least: int, most: int | None) -> int:
    text = query.get(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise RefusedError("Invalid input: expected number, received NaN")
    number = int(text)
    if number < least:
        raise RefusedError(f"Too small: expected number to be >={least}")
    if most is not None and number > most:
        raise RefusedError(f"Too big: expected number to be <={most}")
    return number


def _next(request: Request, page: int) -> str:
    host = request.header("Host") or "localhost"
    return f"http://{host}{request.path}?{urlencode(request.query | {'p': str(page + 1)})}"
