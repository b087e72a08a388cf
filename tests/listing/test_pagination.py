"""Walks through the pages of a listing, against servers that cut, repeat and reorder."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.ingest.listing.pagination import Pagination, with_parameters
from dailypapers.ingest.sources.urls import ARXIV_API, ARXIV_CATCHUP, ARXIV_IDS, ARXIV_OAI, HUGGING_FACE
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


def numbered(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last)]


def test_after_a_cut_page_the_walk_goes_on_by_fifty_and_begins_again_by_a_hundred() -> None:
    state = Pagination("/api?date=D&limit=100", 100)
    assert state.take(numbered(0, 100)) == "/api?date=D&limit=100&p=1"
    assert (state.next_offset, state.last_count, state.exhausted) == (100, 100, False)
    assert state.take(numbered(100, 150)) == "/api?date=D&limit=50&p=3"
    # One of the first walk's papers has moved here: the walk is done again, from the first page.
    assert state.take(numbered(149, 160)) == state.first
    assert (state.next_offset, state.last_count, state.exhausted) == (0, 11, False)
    assert state.take(numbered(0, 99)) is None
    assert (state.exhausted, state.problem, state.pages) == (True, None, 4)


def test_an_item_twice_on_one_page_is_no_sign_of_a_changed_order() -> None:
    state = Pagination("/api", 100)
    assert state.take(["a", "b", "a"]) is None
    assert (state.exhausted, state.problem, state.last_count) == (True, None, 3)


def test_the_position_of_a_page_is_a_number_of_pages_or_of_items() -> None:
    pages = Pagination("/catchup?page=1", 3, ARXIV_CATCHUP)
    assert pages.take(numbered(0, 3)) == "/catchup?page=2"
    assert pages.take(numbered(3, 6)) == "/catchup?page=3"
    items = Pagination("/api?start=0&max_results=3", 3, ARXIV_API)
    assert items.take(numbered(0, 3)) == "/api?start=3&max_results=3"
    assert items.take(numbered(3, 6)) == "/api?start=6&max_results=3"
    assert items.take(numbered(6, 8)) is None


def test_a_listing_paged_by_items_ends_where_it_promised() -> None:
    state = Pagination("/api?start=0&max_results=3", 3, ARXIV_API)
    assert state.take(numbered(0, 3), promised=6) == "/api?start=3&max_results=3"
    assert state.take(numbered(3, 6), promised=6) is None
    assert state.exhausted
    # One that is paged by pages counts whole pages only.
    state = Pagination("/api", 100)
    assert state.take(numbered(0, 100), promised=100) == "/api?limit=100&p=1"


def test_a_page_that_is_last_by_its_size_is_followed_where_it_names_another() -> None:
    state = Pagination("/api", 100)
    assert state.take(numbered(0, 30), linked="/api?p=1") == "/api?p=1"
    assert not state.exhausted
    assert state.take(numbered(30, 60)) is None
    assert state.exhausted


@pytest.mark.parametrize(
    ("promised", "problem"),
    [(3, "page 1 promises 3 items and shows 2"), (2, None), (1, None), (None, None)],
)
def test_a_page_of_given_papers_ends_at_once(promised: int | None, problem: str | None) -> None:
    state = Pagination("/api/query?id_list=", None, ARXIV_IDS)
    assert state.take(["a", "b"], promised=promised) is None
    assert (state.exhausted, state.problem) == (True, problem)


def test_a_listing_of_a_single_page_ends_with_it() -> None:
    state = Pagination("/papers/date/D", None)
    assert state.take(numbered(0, 50)) is None
    assert (state.exhausted, state.next_offset) == (True, 0)


def test_a_listing_whose_pages_name_the_next_one_ends_where_none_is_named() -> None:
    state = Pagination("/oai", None, ARXIV_OAI)
    assert state.take(["a"], "/oai?token=1") == "/oai?token=1"
    assert state.take([], "/oai?token=2") == "/oai?token=2"
    assert not state.exhausted
    assert state.take(["a", "b"], None) is None
    assert (state.exhausted, state.problem, state.pages) == (True, None, 3)


def test_a_listing_whose_pages_name_each_other_in_a_circle_is_an_error() -> None:
    state = Pagination("/oai", None, ARXIV_OAI)
    for number in (1, 2):
        assert state.take(["a"], f"/oai?token={number}")
    assert state.take(["b"], "/oai?token=1") is None
    assert (state.exhausted, state.problem) == (False, "page 3 names a page as the next one that was read before")


def test_links_are_followed_up_to_a_number_of_pages() -> None:
    state = Pagination("/oai", None, ARXIV_OAI._replace(cap=3))
    assert [state.take(["a"], f"/oai?token={number}") for number in range(3)] == ["/oai?token=0", "/oai?token=1", None]
    assert (state.exhausted, state.problem) == (False, "the listing goes on after 3 pages")


def test_setting_a_parameter_changes_nothing_else_of_an_address() -> None:
    assert with_parameters("https://a.example/x?a=1&b=&p=0#end", p="2", q="x y") == (
        "https://a.example/x?a=1&b=&p=2&q=x+y#end"
    )
