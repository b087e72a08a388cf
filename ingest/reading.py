"""The pages of one view in one fetch, read: papers, rejects, and what it proves.

The fetcher feeds pages as they come and asks where to go on; a build feeds the same pages out of the archive. So
what a walk did is never remembered, it is derived again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime

from parsers import Paper, Parsed, ParseError, Reject, parse
from parsers.driver import module
from snapshots.certificate import ViewEvidence
from snapshots.rejects import Refusal

from .decode import content
from .errors import BodyError
from .exchange import Fault, Served
from .sources import Source, View
from .walk import Walk

Memo = dict[tuple[str, str, int], Parsed]
"""Pages parsed before, by payload digest, parser and offset: a page that did not change costs no parse."""


@dataclass(slots=True)
class ViewReader:
    """Reads one view of one fetch, entry by entry."""

    source: Source
    view: View
    day: date
    at: datetime
    memo: Memo = field(default_factory=dict)
    papers: list[Paper] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    failed: str | None = None
    _walk: Walk = field(init=False)
    _items: int = 0
    _served: date | None = None
    _reading: str | None = None
    _promised: int | None = None
    _notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._walk = Walk(self.view.path(self.day), self.view.page_size)

    @property
    def version(self) -> int:
        """The version of the view's parser."""
        return module(self.view.parser).VERSION

    def take(self, entry: Served | Fault) -> str | None:
        """Read the next entry; give the path of the next page to ask for, or None when there is none."""
        if isinstance(entry, Fault):
            self.failed = entry.reason
            return None
        if 300 <= entry.page.status < 400:
            return None
        try:
            return self._take_page(entry)
        except (BodyError, ParseError) as error:
            self.failed = str(error)
            return None

    def _take_page(self, entry: Served) -> str | None:
        if entry.page.status != 200:
            self.failed = f"{entry.page.url}: HTTP {entry.page.status}{_said(entry)}"
            return None
        parsed = self._parse(entry)
        self._note(parsed)
        if self._of_another_day(entry.page.url, parsed):
            self._walk.exhausted = self.failed is None
            return None
        self.papers += parsed.papers
        self.refusals += [self._refusal(entry.page.url, reject) for reject in parsed.rejects]
        following = self._walk.take([paper.key for paper in parsed.papers] + [_identity(r) for r in parsed.rejects])
        self.failed = self._walk.trouble
        return following

    def _parse(self, entry: Served) -> Parsed:
        offset = self._walk.next_offset
        key = (entry.digest, self.view.parser, offset)
        if key not in self.memo:
            page = content(entry.page)
            self.memo[key] = parse(page, self.view.parser, source=self.source.name, day=self.day, offset=offset)
        return self.memo[key]

    def _note(self, parsed: Parsed) -> None:
        self._items += parsed.items
        self._reading = parsed.reading
        self._served = parsed.claims.day or self._served
        self._promised = parsed.claims.promised or self._promised
        self._notes += [note for note in parsed.claims.notes if note not in self._notes]
        for name, count in parsed.unknown.items():
            self.unknown[name] = self.unknown.get(name, 0) + count

    def _of_another_day(self, url: str, parsed: Parsed) -> bool:
        """A day without papers is answered with another day's page; an API answer of another day is no answer."""
        day = parsed.claims.day
        if day is None or day == self.day:
            return False
        if self.view.kind == "json":
            self.failed = f"{url}: the answer is for {day}, not for {self.day}"
        else:
            self._notes.append(f"{self.view.name} lists nothing: it answered with the page of {day}")
        return True

    def _refusal(self, url: str, reject: Reject) -> Refusal:
        return Refusal(self.view.name, self.view.parser, self.version, url, self.at, reject)

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
            served=self._served,
            failed=self.failed,
            notes=self._notes,
        )


def _identity(reject: Reject) -> str:
    raw = json.dumps(reject.raw, default=str, sort_keys=True)
    return "reject:" + hashlib.sha256(raw.encode()).hexdigest()


def _said(entry: Served) -> str:
    """The first words of an error answer, where it has any that can be read."""
    try:
        text = content(entry.page).body[:300].decode("utf-8", "replace")
    except BodyError:
        return ""
    return f" ({' '.join(text.split())[:120]})" if text.strip() else ""
