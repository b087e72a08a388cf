"""Switches that make the site give well-formed but wrong answers.

Each is a function of the request and of the site's time. Most of them make the site answer another request instead:
of an earlier time, of another page or day, without some papers. So both the blob and the cards of a page show it, and
switches can be combined: a later one applies on top of the earlier ones.

    site.switches += [during(noon, night, stale("/papers", hours=6)), when(asks(day), cut_at(50))]
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Literal
from urllib.parse import urlsplit

import orjson

from tests.papersite.answers import Answer, Request, Switch
from tests.papersite.answers import redirect as moved
from tests.papersite.days import everything
from tests.papersite.entries import Item
from tests.papersite.periods import ONE_DAY, Kind, Period, parse_period
from tests.papersite.switches import Where, down, when

LISTS = "/api/daily_papers"
NAMES: dict[str, Kind] = {"date": "day", "week": "week", "month": "month"}
WHOLE = 100  # the largest page there is


def asked(request: Request) -> Period | None:
    """The day, week or month in a request, in either view, or None."""
    match request.path.strip("/").split("/"):
        case ["papers", ("date" | "week" | "month") as name, text]:
            return _period(name, text)
        case ["papers"] | ["api", "daily_papers"]:
            named = next((name for name in NAMES if name in request.query), None)
            return _period(named, request.query[named]) if named else None
    return None


def asks(*days: date) -> Callable[[Request], bool]:
    """A `where`: whether the request is for the list of one of these days."""
    wanted = {Period("day", day) for day in days}
    return lambda request: asked(request) in wanted


def reroute(where: Where, change: Callable[[Request], Request]) -> Switch:
    """The site's answer to the changed request."""

    def rerouted(request: Request, answer: Answer) -> Answer:
        again = answer.again
        if again is None:  # refused before the request was handled
            return answer
        other = again(change(request))
        other.again = lambda following: again(change(following))
        return other

    return when(where, rerouted)


def cut_at(most: int = 50, where: Where = LISTS, *, paging: bool = True) -> Switch:
    """A page of the API has at most `most` items, whatever `limit` says.

    With `paging`, `p` counts such pages; otherwise it is ignored, and every page is the first.
    """

    def cut(request: Request) -> Request:
        limit = request.query.get("limit", "")
        kept = request.asking(limit=str(most)) if limit.isdecimal() and int(limit) > most else request
        return kept if paging else kept.asking(p="0")

    return reroute(where, cut)


def repeated(page: int = 1, gives: int = 0, where: Where = LISTS) -> Switch:
    """One page of the API has the items of another."""

    def repeat(request: Request) -> Request:
        return request.asking(p=str(gives)) if request.query.get("p", "0") == str(page) else request

    return reroute(where, repeat)


def empty(where: Where, page: Literal["asked", "other"] = "asked") -> Switch:
    """Status 200 without items: `[]`, or the requested page with an empty list.

    With `other`, the page is that of the day, week or month before, with all its papers.
    """

    def emptied(request: Request) -> Request:
        period = asked(request)
        if page == "other" and period and request.path.startswith("/papers"):
            before = period.previous if period.kind != "day" else Period("day", period.first - ONE_DAY)
            return renamed(request, before.name)
        return replace(request, hidden=everything)

    return reroute(where, emptied)


def stale(where: Where, hours: float) -> Switch:
    """The answer of some hours ago, with the current Date."""
    return reroute(where, lambda request: replace(request, at=request.time - timedelta(hours=hours)))


def hide(where: Where, hidden: Callable[[Item], bool]) -> Switch:
    """Papers that a view never shows: `hide("/papers", lambda item: item["paper"]["upvotes"] == 0)`."""

    def hiding(request: Request) -> Request:
        already = request.hidden
        if already is everything:
            return request
        both = hidden if already is None else lambda item: hidden(item) or already(item)
        return replace(request, hidden=both)

    return reroute(where, hiding)


def wrong_day(day: date, shown: date, where: Where = "/papers") -> Switch:
    """Another day instead of the requested one: pages redirect there, the API sends its items."""
    rerouted = reroute("/api/", lambda request: renamed(request, shown.isoformat()))

    def wrong(request: Request, answer: Answer) -> Answer:
        if request.path.startswith("/api/"):
            return rerouted(request, answer)
        return moved(renamed(request, shown.isoformat()).target)

    return when(where, when(asks(day), wrong))


def promise(where: Where, extra: int = 3) -> Switch:
    """Claims more items than there are.

    The API has no field for it: `X-Total-Count` (which the Hub lets scripts read) is too high, and a last page has
    a `Link` to a next one, which is empty. The blob of a page has a `totalCount`.
    """

    def promised(request: Request, answer: Answer) -> Answer:
        if answer.status != 200:
            return answer
        if request.path == LISTS:
            return _promised_items(request, answer, extra)
        total = b"&quot;totalCount&quot;:%d,&quot;dailyPapers&quot;:" % (answer.body.count(b"<article ") + extra)
        answer.body = answer.body.replace(b"&quot;dailyPapers&quot;:", total, 1)
        return answer

    return when(where, promised)


def flaky(where: Where, share: float, seed: int = 1, status: int = 503) -> Switch:
    """A share of the requests fails: the same URL at the same site time always fails or never."""

    def fails(request: Request) -> bool:
        return Random(f"flaky/{seed}/{request.target}/{request.time}").random() < share

    return when(where, when(fails, down("/", status)))


def renamed(request: Request, name: str) -> Request:
    """The same request for another day, week or month, given as in a URL."""
    for parameter in NAMES:
        if parameter in request.query:
            return request.asking(**{parameter: name})
    parts = urlsplit(request.target)
    return replace(request, target=parts._replace(path=f"{parts.path.rpartition('/')[0]}/{name}").geturl())


def _period(name: str, text: str) -> Period | None:
    try:
        return parse_period(NAMES[name], text)
    except ValueError:
        return None


def _promised_items(request: Request, answer: Answer, extra: int) -> Answer:
    answer.set("X-Total-Count", str(len(_on_all_pages(request, answer)) + extra))
    if answer.header("Link") is None:
        following = request.asking(p=str(int(request.query.get("p", "0")) + 1))
        answer.set("Link", f'<http://{request.header("Host") or "localhost"}{following.target}>; rel="next"')
    return answer


def _on_all_pages(request: Request, answer: Answer) -> set[str]:
    """The papers on the pages of the site, up to a page that adds none."""
    found: set[str] = set()
    for page in count():
        following = answer.again and answer.again(request.asking(limit=str(WHOLE), p=str(page)))
        names = {item["paper"]["id"] for item in orjson.loads(following.body)} if following else set()
        if names <= found:
            break
        found |= names
    return found
