"""The result of a fetch: headers of pages, and what counts as an answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dailypapers.ingest.archive.model import Fault, Fetch, ViewPass, payload_digest, served, unchanged, updated_headers
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Series

AT = datetime(2025, 12, 10, 12, tzinfo=UTC)
PAGE = Page("http://site.test/", 200, (("Content-Type", "text/html"), ("ETag", '"1"'), ("Vary", "*")), b"<p>", AT)
PAIRS = tuple[tuple[str, str], ...]


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ((), (("Content-Type", "text/html"), ("ETag", '"1"'), ("Vary", "*"))),
        ((("eTAG", '"2"'),), (("Content-Type", "text/html"), ("Vary", "*"), ("eTAG", '"2"'))),
        (
            (("Age", "1"), ("vary", "a"), ("VARY", "b")),
            (("Content-Type", "text/html"), ("ETag", '"1"'), ("Age", "1"), ("vary", "a"), ("VARY", "b")),
        ),
        (
            (("CONTENT-TYPE", "a/b"), ("Content-Length", "0"), ("content-encoding", "br"), ("Content-Range", "x")),
            (("Content-Type", "text/html"), ("ETag", '"1"'), ("Vary", "*")),
        ),
    ],
)
def test_a_304_replaces_headers_but_those_of_the_body(new: PAIRS, expected: PAIRS) -> None:
    """RFC 9111, 3.2; names are not case-sensitive."""
    assert updated_headers(PAGE.headers, new) == expected


@pytest.mark.parametrize("from_file", [False, True])
def test_a_304_has_the_page_and_its_own_time(from_file: bool) -> None:
    answer = Page(PAGE.url, 304, (("ETag", '"2"'),), b"", AT + timedelta(hours=1))
    page = unchanged(served(PAGE, from_file=from_file), answer)
    assert page.page == Page(
        PAGE.url, 200, (("Content-Type", "text/html"), ("Vary", "*"), ("ETag", '"2"')), b"<p>", AT + timedelta(hours=1)
    )
    assert (page.digest, page.from_file, page.received) == (payload_digest(b"<p>"), from_file, answer.headers)


def test_digests_are_those_of_the_standard() -> None:
    """RFC 3548, 5, of FIPS 180: the SHA-1 of `abc` is a9993e36 4706816a ba3e2571 7850c26c 9cd0d89d."""
    assert payload_digest(b"abc") == "sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5"


def test_a_fetch_is_answered_if_any_of_its_views_is() -> None:
    fault = Fault("http://site.test/", "refused")
    silent, answered = ViewPass("api", (fault,)), ViewPass("html", (fault, served(PAGE)))
    assert (ViewPass("api", ()).answered, silent.answered, answered.answered) == (False, False, True)
    for views, expected in (((), False), ((silent, silent), False), ((silent, answered), True)):
        assert Fetch(Series("hf-daily"), date(2025, 12, 10), AT, views).answered == expected
