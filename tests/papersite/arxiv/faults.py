"""What goes wrong at arXiv, each a switch (see `tests.papersite.switches`)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta

from tests.papersite.answers import Answer, Request, Switch
from tests.papersite.arxiv import feeds, listing
from tests.papersite.arxiv.announcements import midnight
from tests.papersite.arxiv.site import HTML, RSS, ArxivSite
from tests.papersite.switches import Where, body, when


def stale_feed(site: ArxivSite) -> Switch:
    """Feeds have the batch of the announcement before, under the dates of today."""

    def stale(request: Request, _: Answer) -> Answer:
        category, newest = request.path.rpartition("/")[2], site.announcements.newest(request.time)
        before = site.announcements.newest(request.time - timedelta(days=1))
        listed = site.announcements.of(category, before)
        return Answer(
            200, [("Content-Type", RSS)], feeds.rss(category, listed, midnight(newest), request.time).encode()
        )

    return when("/rss/", stale)


def replica_lag(where: Where = "/list/") -> Switch:
    """Counts promise entries and none are rendered: arXiv answers 503 and wants to be asked five minutes later."""
    lagging = Answer(503, [("Retry-After", "300"), ("Content-Type", HTML)], b"<h1>Service Unavailable</h1>")
    return when(where, lambda _request, _answer: Answer(lagging.status, list(lagging.headers), lagging.body))


def rate_exceeded(where: Where = "/") -> Switch:
    """Throttling with the status of success."""
    return when(where, lambda _request, _answer: Answer(200, [("Content-Type", "text/plain")], b"Rate exceeded."))


def not_acceptable(where: Where = "/") -> Switch:
    """Throttling as 406."""
    return when(where, lambda _request, _answer: Answer(406, [("Content-Type", HTML)], b"<h1>Not Acceptable</h1>"))


def without_entry(number: int, where: Where = "/list/") -> Switch:
    """The page lacks its n-th entry; its headings still count it."""
    return body(where, _cut(number))


def _cut(number: int) -> Callable[[bytes], bytes]:
    def cut(page: bytes) -> bytes:
        start = page.find(f"<dt>\n      <a name='item{number}'>".encode())
        end = page.find(b"</dd>\n", start) + len(b"</dd>\n")
        return page[:start] + page[end:] if start >= 0 else page

    return cut


def empty_page(where: Where = "/list/") -> Switch:
    """A new page without any entry, as replicas in lag have shown for hours."""

    def emptied(request: Request, answer: Answer) -> Answer:
        day = request.time.date()
        answer.body = listing.new_page(request.path.split("/")[2], day, []).encode()
        return answer

    return when(where, emptied)


def same_token(where: Where = "/oai") -> Switch:
    """Every page names itself as the next one."""

    def repeated(request: Request, answer: Answer) -> Answer:
        token = request.query.get("resumptionToken")
        if token:
            answer.body = re.sub(
                rb"<resumptionToken>[^<]*", b"<resumptionToken>" + token.encode(), answer.body, count=1
            )
        return answer

    return when(where, repeated)


def stall(seconds: float = 60.0, where: Where = "/oai") -> Switch:
    """The answer comes so late, as it does at times since 2025."""

    def late(_: Request, answer: Answer) -> Answer:
        time.sleep(seconds)
        return answer

    return when(where, late)


def without_records(where: Where = "/oai") -> Switch:
    """The page has no records, and still names the next one."""
    return body(where, lambda page: re.sub(rb"    <record>.*</record>\n", b"", page, flags=re.DOTALL))


def all_deleted(where: Where = "/oai") -> Switch:
    """All records of the page are deleted: they have a header alone."""

    def emptied(page: bytes) -> bytes:
        page = re.sub(rb"      <metadata>.*?</metadata>\n", b"", page, flags=re.DOTALL)
        return page.replace(b"<header>", b'<header status="deleted">')

    return body(where, emptied)
