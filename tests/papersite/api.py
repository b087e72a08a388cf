"""The JSON answers: lists, searches, one paper, and what is linked to it.

Parameters as in huggingface_hub (`hf_api.py`, list_daily_papers and list_papers), errors as its tests and its
users report them: 50 items by default, 100 at most, pages counted from 0, an empty list past the end.
"""

import re
from datetime import date, datetime
from functools import lru_cache

from tests.papersite import linked
from tests.papersite.answers import JSON, Answer, Request, json_answer, json_error, json_list
from tests.papersite.entries import Entry
from tests.papersite.listings import Entries, Listings
from tests.papersite.periods import Kind, parse_period

DEFAULT_LIMIT, MAX = 50, 100
SEARCH_LIMIT, SEARCH_MOST = 20, 120
MAX_QUERY = 250
LINKS_SHOWN = date(2026, 5, 20)  # since then a paper lists what is linked to it
PERIODS: dict[str, Kind] = {"date": "day", "week": "week", "month": "month"}


class RefusedError(Exception):
    """A parameter that the service rejects: 400 with the message."""


class Api:
    def __init__(self, era: date, remembered: int) -> None:
        self._era = era
        self._body = lru_cache(maxsize=remembered)(_body)

    def answer(self, request: Request, listings: Listings) -> Answer:
        try:
            return self._route(request, listings)
        except RefusedError as refused:
            return json_error(400, str(refused))

    def _route(self, request: Request, listings: Listings) -> Answer:
        match request.path.split("/")[2:]:
            case ["daily_papers"]:
                return self._daily(request, _daily(request.query, listings, request.time))
            case ["papers"]:
                return self._index(request, listings)
            case ["papers", "search"]:
                return self._search(request, listings)
            case ["papers", identifier]:
                return self._paper(listings.find(identifier, request.time))
        return _linked(request, listings)

    def _daily(self, request: Request, entries: Entries) -> Answer:
        limit, page = number(request.query, "limit", DEFAULT_LIMIT, 1, MAX), number(request.query, "p", 0, 0, None)
        answer = self._list(entries[page * limit : (page + 1) * limit])
        if len(entries) > (page + 1) * limit:
            _name_next(answer, request.asking(p=str(page + 1)))
        return answer

    def _index(self, request: Request, listings: Listings) -> Answer:
        """All papers by date of publication, newest first, in a shorter form; a cursor gives the last one seen."""
        limit = number(request.query, "limit", DEFAULT_LIMIT, 1, MAX)
        papers = sorted(listings.newest(request.time), key=linked.place, reverse=True)
        if "cursor" in request.query:
            last = _cursor(request.query["cursor"])
            papers = [entry for entry in papers if linked.place(entry) < last]
        answer = json_answer([linked.summary(entry) for entry in papers[:limit]])
        if len(papers) > limit:
            _name_next(answer, request.asking(cursor=linked.cursor(papers[limit - 1])))
        return answer

    def _search(self, request: Request, listings: Listings) -> Answer:
        words = request.query.get("q", "")
        if not words:
            raise RefusedError("Invalid input: expected string, received undefined")
        if len(words) > MAX_QUERY:
            raise RefusedError(f"Too big: expected string to have <={MAX_QUERY} characters")
        limit = number(request.query, "limit", SEARCH_LIMIT, 1, SEARCH_MOST)
        return self._list(listings.search(words, request.time)[:limit])

    def _paper(self, entry: Entry | None) -> Answer:
        if entry is None:
            return json_error(404, "Paper not found")
        return json_answer(entry.item["paper"] | (linked.counted(entry.id) if self._era >= LINKS_SHOWN else {}))

    def _list(self, entries: Entries) -> Answer:
        return Answer(200, [("Content-Type", JSON)], self._body(entries))


def _body(entries: Entries) -> bytes:
    return json_list(entry.json for entry in entries)


def _daily(query: dict[str, str], listings: Listings, now: datetime) -> Entries:
    entries = _listed(query, listings, now)
    if "submitter" in query:
        named = query["submitter"]
        return tuple(entry for entry in entries if entry.item.get("submittedBy", {}).get("name") == named)
    return entries


def _listed(query: dict[str, str], listings: Listings, now: datetime) -> Entries:
    match query.get("sort", "publishedAt"):
        case "trending":  # whatever the date
            return listings.trending(now)
        case "publishedAt":
            pass
        case _:
            raise RefusedError('Invalid option: expected one of "publishedAt"|"trending"')
    for name, kind in PERIODS.items():
        if name in query:
            return _period(kind, query[name], listings, now)
    return listings.newest(now)


def _period(kind: Kind, text: str, listings: Listings, now: datetime) -> Entries:
    try:
        period = parse_period(kind, text)
    except ValueError:
        raise RefusedError(f"Invalid {'date' if kind == 'day' else kind}") from None
    if period.first > now.date():
        raise RefusedError(f"The {'date' if kind == 'day' else kind} is in the future")
    return listings.period(period, now)


def _linked(request: Request, listings: Listings) -> Answer:
    match request.path.split("/")[2:]:
        case ["arxiv", identifier, "repos"]:
            known = listings.find(identifier, request.time)
            return json_answer(linked.repos(identifier)) if known else json_error(404, "Paper not found")
        case [("models" | "datasets" | "spaces") as kind]:
            return json_answer(_filtered(request, kind, listings))
    return json_error(404, "Not found")


def _filtered(request: Request, kind: str, listings: Listings) -> list[linked.Repo]:
    """What is linked to the paper in `filter=arxiv:ID`; without the filter this site lists nothing."""
    name, _, identifier = request.query.get("filter", "").partition(":")
    known = name == "arxiv" and listings.find(identifier, request.time)
    return linked.repos(identifier)[kind] if known else []


def _cursor(text: str) -> tuple[str, str]:
    try:
        return linked.seen(text)
    except ValueError:
        raise RefusedError("Invalid cursor") from None


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


def _name_next(answer: Answer, following: Request) -> None:
    answer.set("Link", f'<http://{following.header("Host") or "localhost"}{following.target}>; rel="next"')
