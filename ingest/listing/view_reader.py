"""The pages of one view in one fetch, read: papers, rejects, and what it proves.

The fetcher feeds pages as they come and asks where to go on; a build feeds the same pages out of the archive. So
what a walk did is never remembered, it is derived again.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime

from ingest.archive.content_encoding import content
from ingest.archive.model import Fault, Served
from ingest.errors import BodyError
from ingest.listing.mismatch import _other_period, _path_of, other_listing
from ingest.sources.model import SourceDay, View
from ingest.sources.period import Period
from parsers import Claims, NotAListing, Paper, Parsed, ParseError, Reject, parse
from parsers.versions import version
from snapshots.certificate import ViewEvidence
from snapshots.completeness.verdict import ViewResult
from snapshots.rejects import Refusal

from .pagination import Pagination

ParseCache = dict[tuple[str, str, int, str | None, str | None], Parsed]
"""Pages parsed before, by payload digest, parser, offset and the headers that make claims: a page that did not change
costs no parse."""


@dataclass(slots=True)
class ViewReader:
    """Reads one view of one fetch, entry by entry."""

    source_day: SourceDay
    view: View
    at: datetime
    memo: ParseCache = field(default_factory=dict)
    papers: list[Paper] = field(init=False)
    refusals: list[Refusal] = field(init=False)
    unknown: dict[str, int] = field(init=False)
    parsed: list[Parsed] = field(init=False)
    """The pages that count, as read."""
    failed: str | None = field(init=False)
    is_no_listing: bool = field(init=False)
    """An answer came that should be a listing and cannot be read as one."""
    worth_keeping: bool = field(init=False)
    """It failed by a page that a mended parser may read: the pages of other days are worth asking for."""
    elsewhere: bool = field(init=False)
    """It answered with the papers of another day, which is how a page says that a day has none."""
    _walk: Pagination = field(init=False)
    _items: int = field(init=False)
    _served: date | None = field(init=False)
    _reading: str | None = field(init=False)
    _promised: int | None = field(init=False)
    _notes: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all entries: the view is asked anew."""
        self.papers, self.refusals, self.unknown, self.parsed, self._notes = [], [], {}, [], []
        self.failed = self._served = self._reading = self._promised = None
        self.is_no_listing = self.worth_keeping = self.elsewhere = False
        self._items = 0
        self._walk = Pagination(self.view.path(self.source_day.day, self.source_day.series.query), self.view.page_size)

    @property
    def is_empty(self) -> bool:
        """Whether it answered, and lists nothing."""
        return self.failed is None and not self.papers and not self.refusals

    @property
    def first(self) -> str:
        """Path and query of the first page to ask for."""
        return self._walk.first

    @property
    def version(self) -> int:
        """The version of the view's parser."""
        return version(self.view.parser)

    def take(self, entry: Served | Fault) -> str | None:
        """Read the next entry; give the path of the next page to ask for, or None when there is none."""
        if isinstance(entry, Fault):
            self.failed = entry.reason
            return None
        # Forgotten where the redirect led to an answer, which is the next entry.
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
            self.failed = f"{url}: HTTP {entry.page.status}{_said(entry)}"
            return None
        parsed = self._parse(entry)
        self._served = parsed.claims.day or self._served
        # Later pages of a walk say no more than the first: a stray item may be all they have.
        first = self._walk.next_offset == 0
        trouble = other_listing(self.source_day, self.view, parsed) if first else None
        if trouble is not None:
            self._refuse(url, trouble, parsed)
            return None
        self._note(parsed)
        self.papers += parsed.papers
        self.refusals += [self._refusal(url, reject) for reject in parsed.rejects]
        keys = [paper.key for paper in parsed.papers] + [_identity(reject) for reject in parsed.rejects]
        following = self._walk.take(keys, _path_of(parsed.claims.next_url))
        lesser = f"{url}: {parsed.instead}" if parsed.instead else None
        self.worth_keeping = lesser is not None
        self.failed = self._walk.trouble or lesser
        return following

    def _parse(self, entry: Served) -> Parsed:
        offset = self._walk.next_offset
        key = (entry.digest, self.view.parser, offset, entry.page.header("link"), entry.page.header("x-total-count"))
        if key not in self.memo:
            self.memo[key] = parse(
                content(entry.page),
                self.view.parser,
                source=self.source_day.source.name,
                day=self.source_day.day,
                offset=offset,
                # Only a first page can be another listing's; see _take_page.
                wanted=None if offset else self._is_wanted,
            )
        return self.memo[key]

    def _is_wanted(self, claims: Claims, items: int) -> bool:
        return _other_period(self.source_day, self.view, claims, items) is None

    def _note(self, parsed: Parsed) -> None:
        self.parsed.append(parsed)
        self._items += parsed.items
        self._reading = parsed.reading
        self._promised = parsed.claims.promised or self._promised
        self._notes += [note for note in parsed.claims.notes if note not in self._notes]
        for name, count in parsed.unknown.items():
            self.unknown[name] = self.unknown.get(name, 0) + count

    def _refuse(self, url: str, what: str, parsed: Parsed) -> None:
        if self.source_day.source.period is Period.DAY and self.view.kind == "html":
            self.elsewhere = bool(parsed.papers)
            self._walk.exhausted = True
            self._notes.append(f"lists nothing: it answered with the page of {what}")
        else:
            self.failed = f"{url}: the answer is for {what}, not for {self._wanted()}"

    def _wanted(self) -> str:
        query = self.source_day.series.query
        return f'"{query}"' if query else f"the {self.source_day.source.period.value} {self.source_day.day}"

    def _refusal(self, url: str, reject: Reject) -> Refusal:
        place = (self.view.name, self.view.parser, self.version, url, self.at)
        return Refusal(*place, reject, identity=_identity(reject))

    def shown(self) -> ViewResult:
        """What it showed, for the judgement of the fetch."""
        keys = frozenset(paper.key for paper in self.papers)
        return ViewResult(keys, self._shortfall(), self._walk.last_count)

    def _shortfall(self) -> str | None:
        if self.failed is not None:
            return self.failed
        if self.refusals and not self.papers:
            return f"none of its {len(self.refusals)} items is a paper"
        if not self._walk.exhausted:
            return f"the listing does not end at {self._walk.last_count or 0} items"
        if self._promised is not None and self._items < self._promised:
            return f"{self._promised} items were promised, {self._items} shown"
        return None

    def evidence(self) -> ViewEvidence:
        """What this view proves, once its last entry was taken."""
        return ViewEvidence(
            view=self.view.name,
            parser=self.view.parser,
            version=self.version,
            reading=self._reading,
            pages=self._walk.pages,
            items=self._items,
            papers=len({paper.key for paper in self.papers}),
            rejects=len(self.refusals),
            promised=self._promised,
            exhausted=self._walk.exhausted and self.failed is None,
            served=self._served.isoformat() if self._served is not None else None,
            failed=self.failed,
            notes=self._notes,
        )


def _identity(reject: Reject) -> str:
    """The same for an item of the API and of the page's blob, which wraps the same paper a little differently."""
    raw = reject.raw.get("paper", reject.raw) if isinstance(reject.raw, dict) else reject.raw
    return "reject:" + hashlib.sha256(json.dumps(raw, default=str, sort_keys=True).encode()).hexdigest()


def _is_redirect(entry: Served) -> bool:
    return 300 <= entry.page.status < 400


def _said(entry: Served) -> str:
    """What an error answer says, where it has words that can be read: its title, else its beginning."""
    try:
        text = content(entry.page).body[:2000].decode("utf-8", "replace")
    except BodyError:
        return ""
    title = re.search(r"<title[^>]*>([^<]+)", text)
    words = " ".join((title[1] if title else re.sub(r"<[^>]*>", " ", text)).split())[:120]
    return f" ({words})" if words else ""
