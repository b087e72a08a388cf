"""Where redirects lead, and which are followed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dailypapers.ingest.archive.model import Fault, served
from dailypapers.ingest.fetch.client import follow_redirect, redirect_location
from dailypapers.parsers.model import Page

SITE = "https://site.test"
URL = f"{SITE}/a/b?c=1"
AT = datetime(2025, 12, 19, 12, tzinfo=UTC)


def test_five_statuses_are_redirects() -> None:
    """RFC 9110, 15.4: those that lead a GET to another address."""
    answers = {status: served(Page(URL, status, (("LOCATION", "/there"),), b"", AT)) for status in range(200, 600)}
    found = {status: location for status, entry in answers.items() if (location := redirect_location(entry))}
    assert found == dict.fromkeys((301, 302, 303, 307, 308), "/there")


def test_a_fault_and_a_redirect_without_a_target_lead_nowhere() -> None:
    assert redirect_location(Fault(URL, "refused")) is None
    assert redirect_location(served(Page(URL, 302, (), b"", AT))) is None


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/there", f"{SITE}/there"),
        ("there", f"{SITE}/a/there"),
        ("?c=2", f"{SITE}/a/b?c=2"),
        ("https://site.test/there", f"{SITE}/there"),
        ("//site.test/there", f"{SITE}/there"),
    ],
)
def test_a_target_on_the_site_is_followed(location: str, target: str) -> None:
    assert follow_redirect(URL, location, SITE, [URL]) == (target, None)
    assert follow_redirect(URL, location, SITE, [URL, target]) == (None, f"redirected in a circle, to {target}")


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://site.test/there", "redirected off the site, to http://site.test/there"),
        ("https://site.test:8443/there", "redirected off the site, to https://site.test:8443/there"),
        ("https://other.test/there", "redirected off the site, to https://other.test/there"),
        ("//other.test/there", "redirected off the site, to https://other.test/there"),
        ("mailto:a@site.test", "redirected off the site, to mailto:a@site.test"),
        ("//[", "redirected to '//[', which is not an address (Invalid IPv6 URL)"),
    ],
)
def test_any_other_target_is_refused_with_the_reason(location: str, reason: str) -> None:
    assert follow_redirect(URL, location, SITE, [URL]) == (None, reason)


def test_five_redirects_in_a_row_are_followed() -> None:
    visited = [f"{SITE}/{number}" for number in range(6)]
    assert follow_redirect(URL, "/there", SITE, visited[:5]) == (f"{SITE}/there", None)
    assert follow_redirect(URL, "/there", SITE, visited) == (None, "redirected more than 5 times")
