"""The pages of one view in one fetch: papers, rejects, and what the view proves.

The fetcher passes pages as they arrive and asks for the next one; a build passes the same pages from the archive. So
the course of the pagination is not stored but derived again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from dailypapers.ingest.archive.content_encoding import content
from dailypapers.ingest.archive.model import Fault, Served
from dailypapers.ingest.errors import BodyError
from dailypapers.ingest.log_lines import redacted
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import CATEGORY, SET, WORDS, SourceDay, View
from dailypapers.parsers import Claims, NotAListing, Paper, Parsed, ParseError, Reject, parse
from dailypapers.parsers.driver import ValidPapers
from dailypapers.parsers.versions import version
from dailypapers.snapshots.certificate import ViewEvidence
from dailypapers.snapshots.completeness.verdict import ViewResult
from dailypapers.snapshots.reader import PackedPapers, keys_of
from dailypapers.snapshots.rejects import Refusal

from .pagination import Pagination


def other_listing(source_day: SourceDay, view: View, parsed: Parsed) -> str | None:
    """Which listing a page is of, if it is not the one requested; text for messages."""
    kind, query = source_day.source.query, source_day.series.query
    if other := other_period(source_day, view, parsed.claims, parsed.items):
        return other
    if query is None:
        return None
    if kind == WORDS:
        return _not_searched(query, parsed.papers)
    if kind == SET:
        return _not_in_set(query, parsed.papers)
    return _not_in_category(query, parsed.papers) if kind == CATEGORY else None


def other_period(source_day: SourceDay, view: View, claims: Claims, items: int) -> str | None:
    """Which period a page is of, by its claims, if it is not the one requested."""
    period, day = source_day.source.period, source_day.day
    if source_day.source.states_day:
        return None if claims.day == day else f"the day {claims.day}" if claims.day else "no day"
    if view.kind == "json":
        return _other_days(period, day, claims, items)
    if claims.day is None:
        # A page that claims nothing counts as the one requested.
        return None if claims.period in {None, source_day.source.kind} else f"the {claims.period} list"
    if claims.period in {None, period.value} and period.first_day(claims.day) == day:
        return None
    return f"the {claims.period or Period.DAY.value} {claims.day}"


def _other_days(period: Period, day: date, claims: Claims, items: int) -> str | None:
    """The API gives a day for each item; a single stray item is only noted."""
    if period is Period.NOW or items < 2:
        return None
    if claims.day is None:
        return "several days" if claims.period == "mixed" and period is Period.DAY else None
    return None if period.first_day(claims.day) == day else f"the day {claims.day}"


def _not_searched(query: str, papers: Sequence[Paper]) -> str | None:
    """An answer in which no paper contains a word of the search is the answer to something else."""
    words = set(re.findall(r"\w+", query.casefold()))
    if not words or not papers or any(words & _words(paper) for paper in papers):
        return None
    return f"something else: none of its {len(papers)} papers holds a word of the search"


def _not_in_set(name: str, papers: Sequence[Paper]) -> str | None:
    """The records of a set are in its category or archive; the archives of the set `physics` are too many to tell."""
    within_group = name.partition(":")[2].replace(":", ".")
    return None if name == "physics" else _not_in_category(within_group or name, papers)


def _not_in_category(name: str, papers: Sequence[Paper]) -> str | None:
    """A list of which most papers are not in the category, or in one of the archive, is that of another one."""
    of_archive = f"{name}."
    others = [
        paper for paper in papers if not any(each == name or each.startswith(of_archive) for each in paper.categories)
    ]
    if len(others) * 2 <= len(papers):
        return None
    return f"another category: {len(others)} of its {len(papers)} papers are not in {name}"


def _words(paper: Paper) -> set[str]:
    names = [author["name"] for author in paper.authors]
    text = " ".join([paper.title, paper.abstract or "", paper.ai_summary or "", *names, *paper.keywords])
    return set(re.findall(r"\w+", text.casefold()))


MAX_PROFILED: Final = 2_000
"""Items after which no further page of a listing without a limit is profiled for `drift`."""
STATED_EMPTY: Final = timedelta(days=2)
"""After this time, a site that says that a day has no papers is believed."""


@dataclass(frozen=True, slots=True)
class ParseCache:
    """What was parsed of one source-day, so that no page is parsed twice, and no item that two views show alike."""

    pages: dict[tuple[str, str, int, str | None, str | None], Parsed] = field(default_factory=dict)
    """By payload digest, parser, offset and the headers with claims."""
    papers: ValidPapers = field(default_factory=dict)


@dataclass(slots=True)
class ViewReader:
    """Reads one view of one fetch, entry by entry."""

    source_day: SourceDay
    view: View
    at: datetime
    parse_cache: ParseCache = field(default_factory=ParseCache)
    papers: list[Paper] | PackedPapers = field(init=False)
    refusals: list[Refusal] = field(default_factory=list, init=False)
    parsed: list[Parsed] = field(default_factory=list, init=False)
    """The parsed pages of this listing."""
    failed: str | None = field(default=None, init=False)
    """Why the view has no valid answer."""
    is_no_listing: bool = field(default=False, init=False)
    """An answer should be a listing, but cannot be parsed as one."""
    worth_keeping: bool = field(default=False, init=False)
    """It failed at a page that a fixed parser may read, so the pages of other days are still worth fetching."""
    elsewhere: bool = field(default=False, init=False)
    """The page lists the papers of another day, or says that there are none: so a site shows that a day has none."""
    strays: list[str] = field(default_factory=list, init=False)
    """Notes on papers that were left out because they say that they were listed on another day."""
    _mismatch: str | None = field(default=None, init=False)
    _served: date | None = field(default=None, init=False)
    _pagination: Pagination = field(init=False)

    def __post_init__(self) -> None:
        first = self.view.path(self.source_day.day, self.source_day.series.query)
        self._pagination = Pagination(first, self.view.page_size, self.view.paging)
        self.papers = PackedPapers() if self._is_long else []

    def restarted(self, at: datetime) -> ViewReader:
        """A reader that has not read anything yet, to fetch the view again at `at`."""
        return ViewReader(self.source_day, self.view, at, self.parse_cache)

    @property
    def _is_long(self) -> bool:
        """Whether there may be a hundred thousand items, too many to be in memory as they are."""
        return self.view.paging.by_links

    @property
    def is_empty(self) -> bool:
        """Whether the answer is valid, and lists nothing."""
        return self.failed is None and not self.papers and not self.refusals

    @property
    def first(self) -> str:
        """Path and query of the first page."""
        return self._pagination.first

    @property
    def version(self) -> int:
        """The version of the view's parser."""
        return version(self.view.parser)

    def take(self, entry: Served | Fault) -> str | None:
        """Read the next entry. Returns the path of the next page to request, or None if there is none."""
        next_page = self._take(entry)
        if self.failed is not None:
            # An error page may repeat the token of the request, and its title goes to certificates and messages.
            self.failed = redacted(self.failed)
        return next_page

    def _take(self, entry: Served | Fault) -> str | None:
        if isinstance(entry, Fault):
            self.failed = entry.reason
            return None
        # The answer that a redirect leads to is the next entry, and replaces this.
        self.failed = f"{entry.page.url}: HTTP {entry.page.status} leads nowhere" if _is_redirect(entry) else None
        if self.failed is not None:
            return None
        try:
            return self._take_page(entry)
        except (BodyError, ParseError) as error:
            self.failed, self.is_no_listing = str(error), True
            self.worth_keeping = isinstance(error, ParseError) and not isinstance(error, NotAListing)
            return None

    def _take_page(self, entry: Served) -> str | None:
        url = entry.page.url
        if entry.page.status != 200:
            self.failed = f"{url}: HTTP {entry.page.status}{_error_title(entry)}"
            return None
        parsed = self._parse(entry)
        self._served = parsed.claims.day or self._served
        # Only the first page proves which listing it is: a later one may hold nothing but a stray item.
        is_first = self._pagination.next_offset == 0
        mismatch = other_listing(self.source_day, self.view, parsed) if is_first else None
        if mismatch is not None:
            self._refuse(url, mismatch, parsed)
            return None
        self.parsed.append(parsed)
        self.elsewhere = self.elsewhere or self._states_empty(parsed)
        self.papers.extend(parsed.papers)
        self.refusals += [self._refusal(url, reject) for reject in parsed.rejects]
        keys = keys_of(parsed.papers) + [_identity(reject) for reject in parsed.rejects]
        next_page = self._pagination.take(keys, _path_of(parsed.claims.next_url), parsed.claims.promised)
        fallback = f"{url}: {parsed.instead}" if parsed.instead else None
        self.worth_keeping = fallback is not None
        self.failed = self._pagination.problem or fallback
        return next_page

    def _parse(self, entry: Served) -> Parsed:
        page, offset = entry.page, self._pagination.next_offset
        key = (entry.digest, self.view.parser, offset, page.header("link"), page.header("x-total-count"))
        pages = self.parse_cache.pages
        if key not in pages:
            parsed = parse(
                content(page),
                self.view.parser,
                source=self.source_day.source.name,
                day=self.source_day.day,
                offset=offset,
                # Only a first page can be of another listing; see _take_page.
                wanted=None if offset else self._is_wanted,
                known=self.parse_cache.papers,
            )
            pages[key] = self._packed(parsed) if self._is_long else parsed
        return pages[key]

    def _packed(self, parsed: Parsed) -> Parsed:
        """A page with its papers packed, and without the items as found that are not profiled."""
        raw = parsed.raw if self._items < MAX_PROFILED else ()
        return replace(parsed, papers=PackedPapers(parsed.papers), raw=raw)

    def _is_wanted(self, claims: Claims, items: int) -> bool:
        return other_period(self.source_day, self.view, claims, items) is None

    def _states_empty(self, parsed: Parsed) -> bool:
        """Whether the page says itself that the day has nothing, so long after it that nothing can come any more."""
        end = self.source_day.source.period.end(self.source_day.day)
        return parsed.states_empty and self.at - end >= STATED_EMPTY

    @property
    def _shows_other_days(self) -> bool:
        """Whether the page of another day is how this view says that a day has no papers."""
        source = self.source_day.source
        return source.states_day or (source.period is Period.DAY and self.view.kind == "html")

    def _refuse(self, url: str, mismatch: str, parsed: Parsed) -> None:
        is_other_day = other_period(self.source_day, self.view, parsed.claims, parsed.items) is not None
        if is_other_day and self._shows_other_days:
            self.elsewhere = bool(parsed.papers)
            self._pagination.exhausted = True
            self._mismatch = mismatch
        else:
            self.failed = f"{url}: the answer is for {mismatch}, not for {self._wanted()}"

    def _wanted(self) -> str:
        query = self.source_day.series.query
        return f'"{query}"' if query else f"the {self.source_day.source.period.value} {self.source_day.day}"

    def _refusal(self, url: str, reject: Reject) -> Refusal:
        return Refusal(self.view.name, self.view.parser, self.version, url, self.at, reject, _identity(reject))

    def leave_out(self, strays: Mapping[str, date]) -> None:
        """Remove papers, by key, that say they were listed on another day, and note them."""
        self.papers = [paper for paper in self.papers if paper.key not in strays]
        self.strays = [f"{key} says that it was listed on {listed}; left out" for key, listed in strays.items()]

    def result(self) -> ViewResult:
        """What the view showed, as input for the verdict on the fetch."""
        keys = frozenset(keys_of(self.papers))
        return ViewResult(keys, self._shortfall(), self._pagination.last_count)

    def _shortfall(self) -> str | None:
        if self.failed is not None:
            return self.failed
        if self.refusals and not self.papers:
            return f"none of its {len(self.refusals)} items is a paper"
        if not self._pagination.exhausted:
            return f"the listing does not end at {self._pagination.last_count or 0} items"
        if self._promised is not None and self._items < self._promised:
            return f"{self._promised} items were promised, {self._items} shown"
        return None

    @property
    def _items(self) -> int:
        return sum(page.items for page in self.parsed)

    @property
    def _promised(self) -> int | None:
        return next((page.claims.promised for page in reversed(self.parsed) if page.claims.promised), None)

    def evidence(self) -> ViewEvidence:
        """The entry of the certificate, once the last entry was read."""
        return ViewEvidence(
            view=self.view.name,
            parser=self.view.parser,
            version=self.version,
            reading=self.parsed[-1].reading if self.parsed else None,
            pages=self._pagination.pages,
            items=self._items,
            papers=len(set(keys_of(self.papers))),
            rejects=len(self.refusals),
            promised=self._promised,
            exhausted=self._pagination.exhausted and self.failed is None,
            served=self._served.isoformat() if self._served is not None else None,
            failed=self.failed,
            notes=self._notes(),
        )

    def _notes(self) -> list[str]:
        notes: list[str] = []
        for page in self.parsed:
            notes += [note for note in page.claims.notes if note not in notes]
        if self._mismatch is not None:
            notes.append(f"lists nothing: it answered with the page of {self._mismatch}")
        return [redacted(note) for note in notes + self.strays]


def _identity(reject: Reject) -> str:
    """The same for an item of the API and of the page's blob, which nest the paper differently."""
    raw = reject.raw.get("paper", reject.raw) if isinstance(reject.raw, dict) else reject.raw
    return "reject:" + hashlib.sha256(json.dumps(raw, default=str, sort_keys=True).encode()).hexdigest()


def _is_redirect(entry: Served) -> bool:
    return 300 <= entry.page.status < 400


def _path_of(url: str | None) -> str | None:
    """Path and query of a URL: pages are only requested from the site itself."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # `http://[bad/x`
        return None
    return f"{parts.path}?{parts.query}" if parts.path.startswith("/") else None


def _error_title(entry: Served) -> str:
    """The title of an error page, or the beginning of its text."""
    try:
        text = content(entry.page).body[:2000].decode("utf-8", "replace")
    except BodyError:
        return ""
    title = re.search(r"<title[^>]*>([^<]+)", text)
    words = " ".join((title[1] if title else re.sub(r"<[^>]*>", " ", text)).split())[:120]
    return f" ({words})" if words else ""
