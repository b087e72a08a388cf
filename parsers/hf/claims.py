"""What a Daily Papers page says it lists: a day, a week (`2026-W19`) or a month (`2026-05`); and pages that are no
listing."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from dailypapers.parsers.markup import text
from dailypapers.parsers.model import Claims, NotAListing, Page
from dailypapers.parsers.text import day_of, first_bytes
from dailypapers.parsers.tolerant_json import describe

_CHALLENGE: Final = re.compile(
    r"just a moment|attention required|captcha|human verification|are you (?:a )?(?:human|robot)"
    r"|verify(?:ing)? (?:that )?you|checking your browser|access denied|unusual traffic",
    re.IGNORECASE,
)
_ERROR: Final = re.compile(
    r"\b(?:400|401|403|404|408|410|429|500|502|503|504)\b|too many requests|not found|bad gateway"
    r"|service unavailable|time-?out|server error|maintenance|rate limit|something went wrong",
    re.IGNORECASE,
)
_MAX_HEADINGS: Final = 20
"""Of a page without a listing; real ones have two or three."""


def refuse(page: Page, tree: LexborHTMLParser) -> None:
    """Raise NotAListing, which quotes the page's title, if the page is recognised as something else."""
    if reason := _reason(page, tree):
        raise NotAListing(page.url, reason)


def _reason(page: Page, tree: LexborHTMLParser) -> str | None:
    start = first_bytes(page.body)
    if not start:
        return "the page is empty"
    if not start.startswith(b"<"):
        beginning = start[:40].decode(errors="replace")
        return f"no HTML page, it begins with {beginning!a}; is it an API answer? Try hf_api"
    head, title = _headings(tree), _title(tree)
    if _CHALLENGE.search(head):
        return f"a challenge page came, the site took us for a bot: {title}"
    if page.status >= 400 or _ERROR.search(head):
        return f"an error page came (status {page.status}): {title}"
    if tree.css_first('[data-target="PaperContent"]'):
        return f"the page of one paper, not a listing: {title}"
    return None


def _headings(tree: LexborHTMLParser) -> str:
    return " | ".join(text(node)[:200] for node in tree.css("title, h1, h2")[:_MAX_HEADINGS])


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("title") or tree.css_first("h1")
    return f"its title is {text(node)[:200]!a}" if node else "it has no title"


_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_PERIODS: Final = frozenset({"day", "week", "month"})


def claims_of_blob(props: Mapping[str, object]) -> Claims:
    """Claims of a hydration blob: `dateString` (2024: `date`) and `periodType`; none for trending and search."""
    query, trending = props.get("query"), props.get("isTrending")
    if trending is True or (isinstance(query, str) and query.strip()):
        what = "the trending list" if trending is True else f"a search for {query!a}"
        period = "trending" if trending is True else "search"
        return Claims(None, period, count_of(props.get("totalCount")), notes=(f"the page is {what}, of no day",))
    claims = claims_of_date(props.get("dateString") or props.get("date"), props.get("periodType"))
    return replace(claims, promised=count_of(props.get("totalCount")))


def count_of(value: object) -> int | None:
    """A number of items as a page or a header promises it; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value[:18])
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def claims_of_date(stamp: object, period: object = None) -> Claims:
    """Claims of a written date: first day and kind of the period, or a note that it cannot be read."""
    if not isinstance(stamp, str):
        return Claims(notes=(f"the page claims no date: {describe(stamp)}",))
    try:
        day, form = _first_day(stamp)
    except ValueError:
        return Claims(notes=(f"the page claims no date that can be read: {describe(stamp)}",))
    known = period if isinstance(period, str) and period in _PERIODS else form
    return Claims(day=_start(day, known), period=known)


def _first_day(stamp: str) -> tuple[date, str]:
    if week := _WEEK.fullmatch(stamp):
        return date.fromisocalendar(int(week[1]), int(week[2]), 1), "week"
    if month := _MONTH.fullmatch(stamp):
        return date(int(month[1]), int(month[2]), 1), "month"
    return day_of(stamp), "day"


def _start(day: date, period: str) -> date:
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day
