"""The address of the next page, as a page gives it."""

from __future__ import annotations

import pytest

from dailypapers.ingest.listing.view_reader import _path_of


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://[bad/x", None),
        (None, None),
        ("mailto:x", None),
        ("https://a.example/api?p=1", "/api?p=1"),
        ("/x", "/x?"),
    ],
)
def test_an_address_that_is_none_is_no_next_page(url: str | None, path: str | None) -> None:
    assert _path_of(url) == path
