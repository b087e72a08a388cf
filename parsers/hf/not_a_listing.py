"""Pages that come in a listing's place: bot challenges, error pages, other pages of the site."""

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from dailypapers.parsers.markup import text
from dailypapers.parsers.model import NotAListing, Page
from dailypapers.parsers.text import first_bytes

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
