"""`drift` reports what changed in arXiv's pages, feeds and answers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from tests.papersite import switches
from tests.papersite.arxiv.announcements import Sizes
from tests.papersite.arxiv.site import ArxivSite
from tests.product import Product

# A week of announcements, which is the shortest past that counts, and a day of other answers.
DAYS = [date(2026, 8, day) for day in (3, 4, 5, 6, 7, 10)]
NEW = ["arxiv-new", "--query", "cs.CL"]


def replaced(path: str, old: bytes, new: bytes) -> Any:
    return switches.body(path, lambda page: page.replace(old, new))


FEED = replaced("/rss/cs.CL", b"</item>", b"<review>open</review></item>")
PAGE = replaced("/list/cs.CL/new", b"<p class='mathjax'>", b"<p class='abstract'>")
OAI = replaced("/oai", b"</arXiv>", b"<orcid>0000-0001</orcid></arXiv>")
API = replaced("/api/query", b"summary>", b"description>")


@pytest.mark.parametrize(
    ("changes", "words", "days", "reported"),
    [
        (
            [FEED, PAGE],
            NEW,
            0,
            ["abstract: gone", "review: new", "page: abstract in 0 % instead of 100 % of the cards"],
        ),
        ([OAI], ["arxiv-oai"], 1, ["metadata.orcid: new"]),
        (
            [API],
            ["arxiv-api", "--query", "cat:cs.CL"],
            2,
            [r"summary: became '{http://www\x2ew3\x2eorg/2005/Atom}description'"],
        ),
    ],
    ids=["page and feed", "OAI-PMH", "query API"],
)
def test_a_change_is_reported(
    product: Product, changes: list[Any], words: list[str], days: int, reported: list[str]
) -> None:
    with ArxivSite(sizes=dict.fromkeys(DAYS, Sizes(12, 3, 3)), now=datetime(2026, 8, 3, tzinfo=UTC)) as site:
        for day in DAYS:
            site.switches += changes if day == DAYS[-1] else []
            site.now = datetime.combine(day, time(1, 30), UTC) + timedelta(days=days)
            day_of = [] if words == NEW else ["--day", f"{day}"]
            result = product("run", *words, *day_of, "--endpoint", f"arxiv={site.url}", now=site.now)
            assert result.status == 0, result.out + result.err
        lines = product("drift", now=site.now).out.splitlines()[1:]
    assert lines[0] == "certain:"
    assert [line.split("  ")[-1] for line in lines[1:]] == reported
