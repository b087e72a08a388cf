"""Validators of conditional requests: they are sent as the bytes that came, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dailypapers.ingest.archive.model import Served, served, unchanged
from dailypapers.ingest.fetch.request_headers import validators
from dailypapers.parsers.model import Page
from tests.papersite import PaperSite, switches
from tests.product import DAY, NOW, Product

UTF_8 = '"café — ü"'.encode().decode("latin-1")


def sent_validators(site: PaperSite) -> list[str | None]:
    """The If-None-Match headers of the requests to the API."""
    return [entry.header("if-none-match") for entry in site.log if entry.target.startswith("/api/")]


@pytest.mark.parametrize("etag", ['"caf\xe9"', '"\x80\x85\x9f\xff"', UTF_8])
def test_a_validator_is_sent_as_the_bytes_that_came(product: Product, site: PaperSite, etag: str) -> None:
    site.switches.append(switches.header("/", "ETag", etag))
    for hours in range(3):
        assert product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=hours)).status == 0
    assert sent_validators(site) == [None, etag, etag]
    assert len(product.archives()) == 3


@pytest.mark.parametrize("name", ["ETag", "Last-Modified"])
@pytest.mark.parametrize(
    "value", ["", "a\nb", "a\x00b", "a\x7f", "\u20ac", "\udcff", " padded ", '"' + "x" * 5000 + '"']
)
def test_a_validator_that_no_header_can_hold_is_not_sent(name: str, value: str) -> None:
    assert validators(Page("http://127.0.0.1/", 200, ((name, value),), b"", NOW)) == []


def test_both_validators_are_sent() -> None:
    page = Page(
        "http://127.0.0.1/", 200, (("ETag", 'W/"1"'), ("Last-Modified", "Fri, 19 Dec 2025 12:00:00 GMT")), b"", NOW
    )
    assert validators(page) == [
        (b"If-None-Match", b'W/"1"'),
        (b"If-Modified-Since", b"Fri, 19 Dec 2025 12:00:00 GMT"),
    ]


def test_a_304_leaves_the_headers_of_the_body() -> None:
    """RFC 9111, 3.2: a 304 has no body, so its length, type and encoding are those of the stored page."""
    body = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Content-Length", "2"))
    cached = served(Page("http://127.0.0.1/", 200, (*body, ("ETag", "1")), b"{}", NOW))
    answer = Page(
        "http://127.0.0.1/",
        304,
        (("content-type", "text/html"), ("content-encoding", "br"), ("content-length", "0"), ("etag", "2")),
        b"",
        NOW + timedelta(hours=1),
    )
    page = unchanged(cached, answer)
    assert isinstance(page, Served)
    assert page.page.headers == (*body, ("etag", "2"))
    assert (page.page.status, page.page.body, page.page.fetched_at) == (200, b"{}", answer.fetched_at)


@pytest.mark.parametrize(("length", "is_sent"), [(4096, True), (4097, False)])
def test_a_validator_is_sent_up_to_a_length_that_servers_take(length: int, is_sent: bool) -> None:
    page = Page("http://127.0.0.1/", 200, (("ETag", "x" * length),), b"", NOW)
    assert validators(page) == ([(b"If-None-Match", b"x" * length)] if is_sent else [])
