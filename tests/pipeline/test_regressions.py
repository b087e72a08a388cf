"""Bugs that reviews found, each with the case that shows it."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from dailypapers.ingest.fetch.budgets import Budget
from dailypapers.ingest.fetch.headers import read_rate_limit
from dailypapers.ingest.fetch.rate_limiter import RateLimiter
from dailypapers.ingest.fetch.robots import check_endpoint
from dailypapers.ingest.listing.pagination import Pagination
from dailypapers.ingest.plan.revisit import DayHistory, alarm_of, next_look
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.urls import HUGGING_FACE
from dailypapers.parsers.model import Page
from dailypapers.snapshots.completeness.state import Bounds, FetchSummary
from tests.papersite import PaperSite, switches
from tests.product import DAY, NOW, SATURDAY, SERIES, Product
from tests.support.simulated_days import BEGIN, END, HOUR


@pytest.mark.parametrize("token", ["hf_secret\nx", "hf_sécret", "hf secret"])
def test_a_token_that_can_be_none_is_refused_without_being_shown(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    result = product("run", "--day", f"{DAY}")
    assert (result.status, "cret" in result.out + result.err) == (2, False)


def test_a_locked_budget_file_is_not_taken_for_a_damaged_one(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailypapers.ingest.fetch.budgets.LOCKED_SECONDS", 0)
    limiter = RateLimiter(state, 1)
    with limiter.turn("https://site.example", "hf-api", None):
        pass
    other = sqlite3.connect(state / "budget.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    inode = (state / "budget.sqlite").stat().st_ino
    with (
        pytest.raises(OSError, match="database is locked"),
        limiter.turn("https://site.example", "hf-api", Budget("hf-api", 9, 9)),
    ):
        pass
    other.close()
    limiter.close()
    assert (state / "budget.sqlite").stat().st_ino == inode


def test_a_day_of_rejects_alone_is_never_empty(product: Product, site: PaperSite) -> None:
    for where in ("/api/", "/papers"):
        site.switches.append(switches.items(where, lambda found: [{**item, "paper": {"id": 1.5}} for item in found]))
    for hours in (0, 2, 30, 60, 90):
        product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=hours))
    certificate = product.certificate()
    assert certificate["state"] == "partial"
    assert "none of its 12 items is a paper" in certificate["reason"]


def test_an_item_twice_on_one_page_is_a_double_and_no_moved_order() -> None:
    walk = Pagination("/api?limit=100", 100)
    assert walk.take(["a", "b", "a"]) is None
    assert (walk.exhausted, walk.problem) == (True, None)


def test_the_page_cap_holds_for_links_too() -> None:
    walk, path = Pagination("/api?limit=100", 100), "/api"
    for number in range(HUGGING_FACE.cap):
        following = walk.take([str(number)], f"{path}?p={number + 1}")
    assert following is None
    assert (walk.exhausted, walk.problem) == (False, f"the listing goes on after {HUGGING_FACE.cap} pages")


def test_a_list_of_the_moment_is_never_overdue() -> None:
    doubtful = FetchSummary(END - HOUR, False, "failed", "HTTP 500", 0, 0)
    listed = DayHistory(Period.NOW, BEGIN.date(), Bounds(END, may_be_empty=False, at_once=True), [doubtful])
    assert next_look(listed, END + 5 * HOUR) is None
    assert alarm_of(listed, END + timedelta(days=3)) is None


def test_a_closed_day_whose_last_look_failed_is_looked_at_again() -> None:
    looks = [FetchSummary(END + hours * HOUR, True, None, None, 5, 0) for hours in (1, 25)]
    failed = FetchSummary(END + timedelta(days=30, hours=2), False, "failed", "HTTP 500", 0, 0)
    listed = DayHistory(Period.DAY, BEGIN.date(), Bounds(END, may_be_empty=False), [*looks, failed])
    assert next_look(listed, failed.at) == failed.at + HOUR


def test_a_month_raises_its_alarm_as_long_as_run_looks_at_it() -> None:
    end = END.replace(day=1)
    doubts = [FetchSummary(end + timedelta(days=6, hours=hours), False, "apart", "apart", 5, 0) for hours in (0, 4)]
    listed = DayHistory(
        Period.MONTH, (end - timedelta(days=1)).date().replace(day=1), Bounds(end, may_be_empty=False), doubts
    )
    assert alarm_of(listed, doubts[-1].at) is not None


def test_a_run_builds_before_it_asks_what_is_due(product: Product, site: PaperSite) -> None:
    product("run")
    product.store.certificate(SERIES, NOW.date()).unlink()
    asked = len(site.log)
    result = product("run", now=NOW + timedelta(minutes=10))
    assert (result.status, len(site.log)) == (0, asked)
    assert len(product.archives(NOW.date())) == 1


def test_a_day_with_a_damaged_archive_is_not_asked_for_again_and_again(product: Product, site: PaperSite) -> None:
    product("run")
    (archive,) = product.archives(NOW.date())
    archive.write_bytes(archive.read_bytes()[:-9])
    asked = len(site.log)
    for hours in (5, 9):
        assert product("run", now=NOW + timedelta(hours=hours)).status == 3
    assert len(site.log) == asked
    assert len(product.archives(NOW.date())) == 1


def test_days_asked_for_without_a_source_mean_those_that_have_days(
    product: Product, site: PaperSite, tmp_path: Path
) -> None:
    entry = "A Title of Some Paper\n\nAn abstract that says what it is about.\n\n  • 3 authors\n·\nDec 8\n\n"
    (tmp_path / "listing.txt").write_text("Daily Papers\n\nbyAK and the research community\n\nDec 9\n\n" + entry)
    product("import", "hf-text", tmp_path / "listing.txt", "--day", "2025-12-09")
    product("run", "hf-trending")
    result = product("run", "--day", f"{SATURDAY}")
    assert result.status == 0
    assert result.out.startswith(f"hf-daily {SATURDAY}: ")
    assert len(result.out.splitlines()) == 1
    assert product("run", "--query", "x").status == 2


def test_a_damaged_certificate_of_a_search_locks_nothing(product: Product, site: PaperSite) -> None:
    product("run", "hf-search", "--query", "learning")
    (certificate,) = product.store.root.glob("snapshots/hf-search/*/*/*.day.json")
    certificate.write_text("{")
    assert product("build").status == 0
    assert json.loads(certificate.read_bytes())["query"] == "learning"


def test_what_robots_txt_forbids_is_not_reached_by_a_redirect(product: Product, site: PaperSite) -> None:
    rules = b"User-agent: *\nDisallow: /private\n"
    site.switches += [
        switches.redirect("/robots.txt", "/rules.txt", 301),
        switches.when("/rules.txt", lambda _, answer: type(answer)(200, [("Content-Type", "text/plain")], rules)),
        switches.redirect(f"/papers/date/{DAY}", "/private/page"),
    ]
    assert "its robots.txt forbids this address" in product("run", "--day", f"{DAY}").out
    assert not [entry for entry in site.log if entry.target.startswith("/private")]


def test_a_quota_that_is_used_up_is_shown_and_can_be_cleared(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.header("/papers", "RateLimit", '"pages";r=0;t=9000'))
    product("run", "--day", f"{DAY}")
    assert product("run", "--day", "2025-12-09").status == 1
    assert "the quota of hf-pages is used up" in product("sources").out
    product("sources", "--reset-rest", site.url)
    site.switches.clear()
    assert product("run", "--day", "2025-12-09").status == 0


def test_retry_after_counts_on_every_status_that_is_tried_again() -> None:
    info = read_rate_limit(Page("", 500, (("Retry-After", "120"),), b"", NOW), NOW)
    assert (info.slow_down, info.backoff) == (True, 120)
    both = Page("", 200, (("RateLimit", '"api";r=0;t=10, "pages";r=90;t=200'),), b"", NOW)
    assert read_rate_limit(both, NOW).remaining == 0


def test_no_cookie_goes_back(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.header("/", "Set-Cookie", "sid=1; Path=/"))
    product("run", "--day", f"{DAY}")
    assert not [name for entry in site.log for name, _ in entry.headers if name.lower() == "cookie"]


def test_one_site_has_one_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_endpoint("https://HuggingFace.co:443") == "https://huggingface.co"
    assert check_endpoint("http://127.0.0.1:8080") == "http://127.0.0.1:8080"


def test_a_backfill_fetches_a_day_anew_of_which_only_a_damaged_archive_is_left(
    product: Product, site: PaperSite
) -> None:
    product("run", "--day", f"{DAY}")
    (archive,) = product.store.archives(SERIES, DAY)
    archive.write_bytes(archive.read_bytes()[:100])
    product.store.certificate(SERIES, DAY).unlink()
    result = product("backfill", "--since", f"{DAY}", "--until", f"{DAY}", now=NOW + timedelta(hours=2))
    assert "another process" not in result.out
    assert product.certificate()["papers"] == 12
