"""arXiv's hosts on one address: listing pages, catchup, feeds, the query API by ids, OAI-PMH by day, papers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.papersite.answers import Answer, Request
from tests.papersite.arxiv import atom, feeds, listing, oai, paper_page
from tests.papersite.arxiv.announcements import Announcements, Listed, Sizes, midnight
from tests.papersite.arxiv.papers import CATEGORIES, LICENSES, ArxivPaper, Author, Version
from tests.papersite.papers import day_of
from tests.papersite.site import PaperSite

HTML, XML = "text/html; charset=utf-8", "text/xml; charset=utf-8"
ATOM, RSS = "application/atom+xml; charset=utf-8", "application/rss+xml; charset=utf-8"
SHOWN = (25, 50, 100, 250, 500, 1000, 2000)
PAGE = 2000
DAYS = 90  # of catchup
_OURS = re.compile(r"/(?:list|catchup|rss|atom|abs)/.+|/api/query|/oai")


class ArxivSite(PaperSite):
    """The paper site, which serves arXiv too. `sizes` gives the numbers of papers that a category announces on days."""

    def __init__(
        self, *, sizes: Mapping[date, Sizes] | None = None, records_per_page: int = 1000, **options: Any
    ) -> None:
        super().__init__(**options)
        self.announcements = Announcements(dict(sizes or {}))
        self.records_per_page = records_per_page

    def answer(self, request: Request) -> Answer:
        if _OURS.fullmatch(request.path):
            return self._arxiv(request if request.at else Request(request.method, request.target, at=self.now))
        return super().answer(request)

    def _arxiv(self, request: Request) -> Answer:  # noqa: PLR0911 - one line a route
        match request.path.strip("/").split("/"):
            case ["list", category, context] if category in CATEGORIES:
                return self._list(request, category, context)
            case ["catchup", category, day] if category in CATEGORIES:
                return self._catchup(request, category, day)
            case [("rss" | "atom") as form, category]:
                return self._feed(request, form, category)
            case ["abs", *name]:
                return self._page("/".join(name), request.time)
            case ["api", "query"]:
                return self._query(request)
            case ["oai"]:
                return self._oai(request)
        return html("<h1>Bad Request</h1>", 400)

    def _list(self, request: Request, category: str, context: str) -> Answer:
        show = request.query.get("show", "2000" if context == "new" else "50")
        if not show.isdecimal() or int(show) not in SHOWN:
            return html("<h1>Bad Request</h1>", 400)
        skip = request.query.get("skip", "0")
        bounds = {"skip": int(skip) if skip.isdecimal() else 0, "show": int(show)}
        newest = self.announcements.newest(request.time)
        match context.split("-"):
            case ["new"]:
                return html(listing.new_page(category, newest, self.announcements.of(category, newest), **bounds))
            case ["recent"]:
                days = list(self._days(newest - timedelta(days=14), newest))[-5:]
                shown = [(day, self.announcements.new_and_cross(category, day)) for day in reversed(days)]
                return html(listing.recent_page(category, shown, **bounds))
            case [year, month] if int(month) in range(1, 13):
                first = date(int(year), int(month), 1)
                listed = self._between(category, first, min(_last_of_month(first), newest))
                return html(listing.period_page(category, f"{first:%B %Y}", listed, **bounds))
        return html("<h1>Bad Request</h1>", 400)

    def _catchup(self, request: Request, category: str, name: str) -> Answer:
        day, newest = date.fromisoformat(name), self.announcements.newest(request.time)
        if not request.time.date() - timedelta(days=DAYS) <= day <= request.time.date():
            return html("<h1>Bad Request</h1>", 400)
        listed = self.announcements.of(category, day) if day <= newest else ()
        start = PAGE * (int(request.query.get("page", "1")) - 1)
        abstracts = request.query.get("abs") == "True"
        return html(listing.catchup_page(category, day, listed[start : start + PAGE], abstracts=abstracts))

    def _feed(self, request: Request, form: str, category: str) -> Answer:
        if category not in CATEGORIES:
            return Answer(400, [("Content-Type", RSS)], feeds.error(category, "Bad Request", request.time).encode())
        # On a day without an announcement the feed is of that day, and empty.
        newest = self.announcements.newest(request.time)
        day = max(newest, (request.time - timedelta(hours=5)).date())
        make, kind = (feeds.rss, RSS) if form == "rss" else (feeds.atom, ATOM)
        text = make(category, self.announcements.of(category, day), midnight(day), request.time)
        return Answer(200, [("Content-Type", kind)], text.encode())

    def _page(self, name: str, now: datetime) -> Answer:
        identifier, _, version = name.partition("v")
        paper = self.find(identifier, now)
        if paper is None:
            return html("<title>404 Not Found</title>", 404)
        return html(paper_page.paper_page(paper, int(version) if version else None))

    def _query(self, request: Request) -> Answer:
        names = [name.partition("v")[0] for name in request.query.get("id_list", "").split(",") if name]
        wrong = next((name for name in names if not re.fullmatch(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}", name)), None)
        if wrong is not None:
            text = atom.error(f"incorrect id format for {wrong}", request.time)
            return Answer(400, [("Content-Type", ATOM)], text.encode())
        search = request.query.get("search_query", "")
        found = self._searched(search, request.time) if search else self._named(names, request.time)
        start, size = int(request.query.get("start", "0")), int(request.query.get("max_results", "10"))
        query = f"search_query={search}&id_list={','.join(names)}&start={start}&max_results={size}"
        shown = found[start : start + size]
        text = atom.feed(shown, query, total=len(found), start=start, size=size, now=request.time)
        return Answer(200, [("Content-Type", ATOM)], text.encode())

    def _named(self, names: Sequence[str], now: datetime) -> list[ArxivPaper]:
        """The papers with these ids; unknown ones are left out."""
        return [paper for paper in (self.find(name, now) for name in names) if paper]

    def _searched(self, search: str, now: datetime) -> list[ArxivPaper]:
        """The papers of a category that were submitted on a day, the only search that this site knows."""
        match = re.fullmatch(r"\(cat:([\w.-]+)\) AND submittedDate:\[(\d{8})0000 TO \d{8}2359\]", search)
        if match is None:
            return []
        day = datetime.strptime(match[2], "%Y%m%d").replace(tzinfo=UTC).date()
        last = min(self.announcements.newest(now), day + timedelta(days=6))
        listed = self._between(match[1], day, last)
        return [each.paper for each in listed if each.paper.published.date() == day]

    def changed(self, day: date) -> list[ArxivPaper]:
        """The papers whose records changed on a day: those announced on it."""
        listed = (each for category in CATEGORIES for each in self._between(category, day, day))
        return [*{each.paper.id: each.paper for each in listed}.values()]

    def token_period(self, now: datetime) -> str:
        """The name of the time in which resumption tokens that are issued now are valid: a day in UTC."""
        return f"{now.date()}"

    def _oai(self, request: Request) -> Answer:
        """A page of the records of a day; tokens hold the day, the place, and the time in which they are valid."""
        query, valid = request.query, self.token_period(request.time)
        token = query.get("resumptionToken", "")
        name, place, issued, *chosen = token.split("|") if token else (query.get("from", ""), "0", valid)
        chosen = chosen or ([query["set"]] if "set" in query else [])
        if issued != valid:
            body = oai.error("badResumptionToken", "The value of the resumptionToken argument is invalid or expired.")
            return self._oai_answer(request, body)
        day, start = date.fromisoformat(name), int(place)
        changed = [
            paper
            for paper in (self.changed(day) if day < request.time.date() else [])
            if not chosen or any(in_set(category, chosen[0]) for category in paper.categories)
        ]
        if not changed:
            return self._oai_answer(request, oai.error("noRecordsMatch", "The combination results in an empty list."))
        end = start + self.records_per_page
        found = [oai.record(paper, day, query.get("metadataPrefix", "arXiv")) for paper in changed[start:end]]
        next_token = "|".join([f"{day}", f"{end}", issued, *chosen]) if end < len(changed) else "" if start else None
        return self._oai_answer(request, oai.records(found, next_token))

    def _oai_answer(self, request: Request, body: str) -> Answer:
        return Answer(200, [("Content-Type", XML)], oai.answer(request.time, request.query, body).encode())

    def find(self, identifier: str, now: datetime) -> ArxivPaper | None:
        """The paper with that id, if one of the announcements of the last 40 days has it."""
        if (paper := self._of_hugging_face(identifier)) is not None:
            return paper
        newest = self.announcements.newest(now)
        listed = (
            each
            for category in CATEGORIES
            for day in self._days(newest - timedelta(days=40), newest)
            for each in self.announcements.of(category, day)
        )
        return next((each.paper for each in listed if each.paper.id == identifier), None)

    def _of_hugging_face(self, identifier: str) -> ArxivPaper | None:
        """What arXiv knows about a paper of Hugging Face's lists."""
        day = day_of(identifier)
        items = self.papers(day) if day is not None else []
        paper = next((item["paper"] for item in items if item["paper"]["id"] == identifier), None)
        if paper is None:
            return None
        names = [Author(*author["name"].rsplit(" ", 1)) for author in paper["authors"]]
        at = datetime.fromisoformat(paper["publishedAt"][:10]).replace(tzinfo=UTC)
        return ArxivPaper(
            id=identifier,
            versions=(Version(at, 900), Version(at + timedelta(days=1), 901)),
            title=" ".join(paper["title"].split()),
            authors=tuple(names),
            categories=("cs.LG", "cs.CL"),
            abstract=paper["summary"],
            license=LICENSES[0],
            submitter=names[0].name,
            doi=f"10.5555/{identifier}",
        )

    def _between(self, category: str, first: date, last: date) -> list[Listed]:
        days = self._days(first, last)
        return [listed for day in days for listed in self.announcements.new_and_cross(category, day)]

    def _days(self, first: date, last: date) -> Iterator[date]:
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return (day for day in days if self.announcements.is_due(day))


def in_set(category: str, chosen: str) -> bool:
    """Whether papers of a category are in a set, which is named in full, or by its beginning."""
    return f"{oai.set_of(category)}:".startswith(f"{chosen}:")


def html(text: str, status: int = 200) -> Answer:
    return Answer(status, [("Content-Type", HTML)], text.encode())


def _last_of_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
