"""Answers of a view that are no listing, or not the one requested: what is said of them, and whether they are kept."""

from __future__ import annotations

import gzip
from datetime import date

import pytest

from dailypapers.ingest.archive.model import Fault
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.completeness.verdict import ViewResult
from tests.listing.pages import OTHER, URL, html, items, keys, on, reader, take
from tests.support.written_days import DAY


def test_a_fault_is_the_reason_without_secrets() -> None:
    reading = reader()
    assert reading.take(Fault(URL, "refused, with hf_abcdefghij in its title")) is None
    assert reading.failed == "refused, with hf_*** in its title"
    assert (reading.evidence()["failed"], reading.evidence()["exhausted"]) == (reading.failed, False)
    assert reading.result() == ViewResult(frozenset(), reading.failed, None)
    assert not reading.is_empty


@pytest.mark.parametrize(("status", "is_redirect"), [(299, False), (300, True), (301, True), (399, True), (400, False)])
def test_a_redirect_alone_leads_nowhere(status: int, is_redirect: bool) -> None:
    reading = reader()
    assert take(reading, b"", status) is None
    assert reading.failed == f"{URL}: HTTP {status}" + " leads nowhere" * is_redirect


def test_the_answer_that_a_redirect_leads_to_counts() -> None:
    reading = reader()
    take(reading, b"", 301)
    take(reading, items(0, 2))
    assert (reading.failed, reading.result()) == (None, ViewResult(keys(0, 2), None, 2))


@pytest.mark.parametrize(
    ("body", "headers", "title"),
    [
        (b"", {}, ""),
        (b"  \n <br> ", {}, ""),
        (b"plain\n  <b>text</b>", {}, " (plain text)"),
        (b"<h1>no</h1><title lang='en'>Too  many\nrequests</title>", {}, " (Too many requests)"),
        (b"<title>caf\xe9</title>", {}, " (caf\ufffd)"),
        (b"x" * 200, {}, f" ({'x' * 120})"),
        (b"<p>first</p>" + b" " * 2000 + b"<title>too late</title>", {}, " (first)"),
        (gzip.compress(b"<title>Too many</title>", mtime=0), {"content_encoding": "gzip"}, " (Too many)"),
        (b"not gzip", {"content_encoding": "gzip"}, ""),
        (b"<title>hf_abcdefghij</title>", {}, " (hf_***)"),
    ],
)
def test_an_error_is_named_with_the_title_of_its_page(body: bytes, headers: dict[str, str], title: str) -> None:
    reading = reader()
    assert take(reading, body, 429, **headers) is None
    assert reading.failed == f"{URL}: HTTP 429{title}"
    assert (reading.is_no_listing, reading.worth_keeping) == (False, False)


@pytest.mark.parametrize(
    ("body", "headers", "worth_keeping"),
    [
        (b"<html><title>Just a moment</title>", {}, False),  # was never a listing
        (b'{"papers": []}', {}, True),  # a list of a new form, perhaps
        (b"not gzip", {"content_encoding": "gzip"}, False),
    ],
)
def test_an_answer_that_cannot_be_read_is_kept_if_a_fixed_parser_may_read_it(
    body: bytes, headers: dict[str, str], worth_keeping: bool
) -> None:
    reading = reader()
    assert take(reading, body, 200, **headers) is None
    assert (reading.failed or "").startswith(URL)
    assert (reading.is_no_listing, reading.worth_keeping) == (True, worth_keeping)


def test_a_page_read_in_a_lesser_form_gives_its_papers_and_is_kept() -> None:
    reading = reader(view=1)
    take(reading, html(DAY).replace(b"data-props", b"data-other"))
    assert (len(reading.papers), reading.is_no_listing, reading.worth_keeping) == (3, False, True)
    assert (reading.failed or "").endswith("; the cards were read instead")
    evidence = reading.evidence()
    assert (evidence["reading"], evidence["exhausted"], evidence["papers"]) == ("cards", False, 3)


@pytest.mark.parametrize(
    ("source_day", "body", "expected"),
    [
        (on(), items(0, 3, OTHER), f"the answer is for the day {OTHER}, not for the day {DAY}"),
        (
            on(name="hf-search", query="tiny models"),
            items(0, 3),
            'the answer is for something else: none of its 3 papers holds a word of the search, not for "tiny models"',
        ),
        (
            on(date(2025, 12, 8), "hf-weekly"),
            items(0, 3, date(2025, 12, 1)),
            "the answer is for the day 2025-12-01, not for the week 2025-12-08",
        ),
    ],
)
def test_an_answer_for_something_else_is_refused_in_words(source_day: SourceDay, body: bytes, expected: str) -> None:
    reading = reader(source_day)
    assert take(reading, body) is None
    assert reading.failed == f"{URL}: {expected}"
    assert (len(reading.papers), reading.elsewhere, reading.evidence()["exhausted"]) == (0, False, False)
