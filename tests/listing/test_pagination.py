"""Walks through the pages of a listing, against servers that cut, repeat and reorder."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.listing.pagination import Pagination
from ingest.sources.paging import HUGGING_FACE
from tests.support.hypothesis_examples import examples

Server = Callable[[int, int], list[str]]


def walk(server: Server) -> tuple[Pagination, list[str], int]:
    """Walk to the end: the walk, the different items found, and the number of pages asked."""
    state = Pagination("/api?date=D&limit=100", 100)
    found: dict[str, None] = {}
    path: str | None = state.first
    while path is not None:
        query = parse_qs(urlsplit(path).query)
        items = server(int(query["limit"][0]), int(query.get("p", ["0"])[0]))
        found |= dict.fromkeys(items)
        path = state.take(items)
    return state, list(found), state.pages


def honest(total: int) -> Server:
    """A server that pages as asked."""
    items = [str(number) for number in range(total)]
    return lambda limit, page: items[limit * page : limit * (page + 1)]


def cutting(total: int) -> Server:
    """A server that gives 50 whatever is asked, and pages in steps of 50."""
    return lambda _, page: honest(total)(50, page)


@pytest.mark.parametrize(
    ("total", "pages"), [(0, 1), (1, 1), (49, 1), (50, 2), (51, 1), (99, 1), (100, 2), (130, 2), (150, 3), (900, 10)]
)
def test_honest_server(total: int, pages: int) -> None:
    state, found, asked = walk(honest(total))
    assert (len(found), state.exhausted, state.problem) == (total, True, None)
    assert asked == pages


@examples(100)
@given(st.integers(0, 1000))
def test_a_server_that_cuts_at_fifty_hides_nothing(total: int) -> None:
    state, found, _ = walk(cutting(total))
    assert (len(found), state.exhausted) == (total, True)


def test_a_server_that_ignores_the_page_is_found_out() -> None:
    state, found, asked = walk(lambda *_: honest(130)(50, 0))
    assert (len(found), state.exhausted, asked) == (50, False, 6)
    assert state.problem == "walked 3 times: 100 items served, 50 different ones"


def test_an_order_that_moves_is_walked_again_and_joined() -> None:
    """A paper slips from the second page to the first between the two: one is seen twice, one not at all."""
    items = [str(number) for number in range(130)]
    moved = [*items[:99], items[129], *items[99:129]]
    asked: list[int] = []

    def server(limit: int, page: int) -> list[str]:
        asked.append(page)
        order = items if len(asked) == 1 else moved
        return order[limit * page : limit * (page + 1)]

    state, found, pages = walk(server)
    assert (len(found), state.exhausted, pages) == (130, True, 4)


def test_a_listing_without_end_is_an_error() -> None:
    state, _, pages = walk(lambda limit, page: [f"{page}-{number}" for number in range(limit)])
    assert (state.exhausted, pages) == (False, HUGGING_FACE.cap)
    assert state.problem == f"the listing goes on after {HUGGING_FACE.cap} pages"
