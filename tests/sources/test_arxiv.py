"""arXiv's announcements and listings, against the paper site."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dailypapers.snapshots.store.layout import Series
from tests.papersite import Answer, Request, switches
from tests.papersite.arxiv import faults
from tests.papersite.arxiv.announcements import Sizes
from tests.papersite.arxiv.site import ArxivSite
from tests.product import Product, Result

DAY = date(2026, 8, 12)  # a Wednesday
BUSY = Sizes(79, 132, 28)
SERIES = Series("arxiv-new", "cs.CL")
MORNING = datetime(2026, 8, 12, 1, 30, tzinfo=UTC)


@pytest.fixture
def arxiv() -> Iterator[ArxivSite]:
    with ArxivSite(sizes={DAY: BUSY}, now=MORNING) as site:
        yield site


@pytest.fixture
def run(product: Product, arxiv: ArxivSite) -> Any:
    """Run a command at a time of the site's clock."""

    def run(*words: str, at: datetime = MORNING) -> Result:
        arxiv.now = at
        return product(*words, "--endpoint", f"arxiv={arxiv.url}", now=at)

    return run


def rows(product: Product, series: Series = SERIES, day: date = DAY) -> list[dict[str, Any]]:
    return [json.loads(row) for row in product.store.papers(series, day).read_text().splitlines()]


def certificate(product: Product, series: Series = SERIES, day: date = DAY) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(product.store.certificate(series, day).read_bytes())
    return found


def test_an_announcement_is_closed_as_soon_as_both_views_show_it(product: Product, run: Any, arxiv: ArxivSite) -> None:
    result = run("run", "arxiv-new", "--query", "cs.CL")
    assert (result.status, result.err) == (0, "")
    line = "239 papers (239 new); page 239; feed 239; closed"
    assert result.out == f'arxiv-new "cs.CL" 2026-08-12: {line}\n'
    listed = {each.paper.id: each for each in arxiv.announcements.of("cs.CL", DAY)}
    found = {row["arxiv_id"]: row for row in rows(product)}
    assert found.keys() == listed.keys()
    for name, each in listed.items():
        row = found[name]
        assert row["announce_type"] == each.section
        assert (row["title"], row["categories"]) == (each.paper.title, [*each.paper.categories])
        # From the feed, which alone has them.
        assert (row["license"], row["arxiv_version"]) == (each.paper.license, each.paper.version)
    kinds = [row["announce_type"] for row in rows(product)]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"new": 79, "cross": 132, "replace": 28}
    profile = certificate(product)["profiles"]["page"]
    assert (profile["matched"]["dt"], profile["matched"]["authors"]) == (239, 239)
    page, feed = certificate(product)["fetches"][0]["views"]
    assert (page["promised"], page["items"], feed["promised"], feed["items"]) == (239, 239, None, 239)
    assert run("run", "arxiv-new", at=MORNING + timedelta(hours=6)).err == "nothing is due\n"


def test_an_entry_that_its_heading_counts_and_the_page_lacks_is_named(
    product: Product, run: Any, arxiv: ArxivSite
) -> None:
    arxiv.switches.append(faults.without_entry(100))
    result = run("run", "arxiv-new", "--query", "cs.CL")
    assert "partial: page: 239 items were promised, 238 shown" in result.out
    # The feed has it, so it is not missing.
    assert len(rows(product)) == 239
    (page, _) = certificate(product)["fetches"][0]["views"]
    assert page["notes"] == ["Cross submissions: the heading promises 132 entries, the page shows 131"]
    arxiv.switches.clear()
    assert "closed" in run("run", "arxiv-new", at=MORNING + timedelta(hours=1)).out


def test_a_stale_feed_is_a_doubt(run: Any, arxiv: ArxivSite) -> None:
    arxiv.switches.append(faults.stale_feed(arxiv))
    assert "partial: the views differ by " in run("run", "arxiv-new", "--query", "cs.CL").out
    arxiv.switches.clear()
    assert "closed" in run("run", "arxiv-new", at=MORNING + timedelta(hours=1)).out


def test_it_is_looked_at_until_the_announcement_is_out(product: Product, run: Any, arxiv: ArxivSite) -> None:
    # In winter it is out an hour later in UTC, here after the first look.
    day = date(2026, 12, 9)
    first = datetime(2026, 12, 9, 0, 58, tzinfo=UTC)
    result = run("run", "arxiv-new", "--query", "cs.CL", "--day", "2026-12-09", at=first)
    assert "partial: no view lists anything where papers are due" in result.out
    notes = [view["notes"] for view in certificate(product, day=day)["fetches"][0]["views"]]
    assert notes == [["lists nothing: it answered with the page of the day 2026-12-08"]] * 2
    assert run("run", "arxiv-new", at=first + timedelta(minutes=30)).err == "nothing is due\n"
    assert "closed" in run("run", "arxiv-new", at=first + timedelta(hours=1)).out


@pytest.mark.parametrize("day", [date(2026, 8, 15), date(2026, 9, 7)], ids=["a Saturday", "Labor Day"])
def test_a_day_without_announcement_is_empty(product: Product, run: Any, day: date) -> None:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    result = run("run", "arxiv-new", "--query", "cs.CL", at=at)
    assert (result.status, result.out.endswith("; empty\n")) == (0, True)
    assert certificate(product, day=day)["reason"] == (
        "nothing is listed on this day: the site showed the papers of another one"
    )
    assert run("run", "arxiv-new", at=at + timedelta(hours=3)).err == "nothing is due\n"


def test_a_page_of_another_category_is_no_answer(run: Any, arxiv: ArxivSite) -> None:
    def another(request: Request, _: Answer) -> Answer:
        return arxiv.answer(Request("GET", "/list/hep-th/new", at=request.at))

    arxiv.switches.append(switches.when("/list/", another))
    result = run("run", "arxiv-new", "--query", "math.GT")
    assert "page FAILED: " in result.out
    assert "of its 239 papers are not in math.GT, not for " in result.out


@pytest.mark.parametrize("fault", [faults.rate_exceeded, faults.not_acceptable])
def test_throttling_is_obeyed_and_no_answer(product: Product, run: Any, arxiv: ArxivSite, fault: Any) -> None:
    arxiv.switches.append(fault("/list/"))
    result = run("run", "arxiv-new", "--query", "cs.CL", "--max-wait", "1")
    assert result.status == 3 or "partial" in result.out
    assert "it wants fewer requests" in result.err


def test_a_replica_in_lag_is_asked_again_after_the_time_that_it_names(run: Any, arxiv: ArxivSite) -> None:
    arxiv.switches.append(faults.replica_lag())
    result = run("run", "arxiv-new", "--query", "cs.CL", "--max-wait", "10")
    assert "HTTP 503 with Retry-After of 300 s" in result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "arxiv-new"], 'arxiv-new needs --query, e.g. --query "cs.CL"'),
        (["run", "arxiv-new", "--query", "language models"], "is not a category or an archive of arXiv, like cs.CL"),
        (["run", "arxiv-new", "--query", "cs.CL", "--day", "2026-08-11"], "shows only its current list"),
    ],
)
def test_wrong_usage(product: Product, arxiv: ArxivSite, words: list[str], said: str) -> None:
    result = product(*words, now=MORNING)
    assert (result.status, said in result.err) == (2, True)


def test_catchup_fetches_past_announcements(product: Product, run: Any, arxiv: ArxivSite) -> None:
    at = datetime(2026, 9, 20, 12, tzinfo=UTC)
    result = run(
        "backfill", "arxiv-catchup", "--query", "cs.CL", "--since", "2026-08-10", "--until", "2026-08-16", at=at
    )
    assert (result.status, result.err.count("empty"), result.err.count("closed")) == (0, 2, 5) or result.out
    series = Series("arxiv-catchup", "cs.CL")
    states = [certificate(product, series, date(2026, 8, day))["state"] for day in range(10, 17)]
    assert states == ["closed"] * 5 + ["empty"] * 2
    assert len(rows(product, series)) == 239


def test_a_month_is_read_over_all_its_pages(product: Product, run: Any, arxiv: ArxivSite) -> None:
    at = datetime(2026, 10, 5, 12, tzinfo=UTC)
    assert run("run", "arxiv-list", "--query", "cs.CL", "--day", "2026-08-12", at=at).status == 0
    series, first = Series("arxiv-list", "cs.CL"), date(2026, 8, 1)
    days = [first + timedelta(days=number) for number in range(31)]
    truth = {each.paper.id for day in days for each in arxiv.announcements.new_and_cross("cs.CL", day)}
    assert {row["arxiv_id"] for row in rows(product, series, first)} == truth


OAI = Series("arxiv-oai")
CHANGED = date(2026, 8, 13)
LATER = datetime(2026, 8, 16, 12, tzinfo=UTC)


def requests(arxiv: ArxivSite, path: str = "/oai") -> list[str]:
    return [line.target for line in arxiv.log if line.target.startswith(path)]


def test_all_records_of_a_day_are_harvested_page_by_page(product: Product, run: Any, arxiv: ArxivSite) -> None:
    arxiv.records_per_page = 100
    result = run("run", "arxiv-oai", "--day", f"{CHANGED}", at=LATER)
    truth = {paper.id for paper in arxiv.changed(CHANGED)}
    assert len(truth) > 150
    assert (result.status, f"{len(truth)} papers ({len(truth)} new); records {len(truth)} on " in result.out) == (
        0,
        True,
    )
    assert {row["arxiv_id"] for row in rows(product, OAI, CHANGED)} == truth
    first, *others = requests(arxiv)
    assert first == f"/oai?verb=ListRecords&metadataPrefix=arXiv&from={CHANGED}&until={CHANGED}"
    assert len(others) == len(set(others)) == -(-len(truth) // 100) - 1
    assert all(target.startswith("/oai?verb=ListRecords&resumptionToken=") for target in others)


def test_a_record_that_left_its_day_is_no_fall_and_no_departure(
    product: Product, run: Any, arxiv: ArxivSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("run", "arxiv-oai", "--day", f"{CHANGED}", at=LATER)
    before = len(rows(product, OAI, CHANGED))
    # Half of the records were changed since, and are under another day.
    changed = arxiv.changed
    monkeypatch.setattr(arxiv, "changed", lambda day: changed(day)[::2])
    for hours in (13, 26):
        result = run("run", "arxiv-oai", "--day", f"{CHANGED}", at=LATER + timedelta(hours=hours))
        assert (result.status, result.out.endswith("; closed\n")) == (0, True)
    assert len(rows(product, OAI, CHANGED)) == before
    assert {row["last_seen"] for row in rows(product, OAI, CHANGED)} == {None}


def test_a_withdrawal_is_a_tombstone_that_a_later_version_lifts(
    product: Product, run: Any, arxiv: ArxivSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = arxiv.changed(CHANGED)
    gone = replace(first, comment="This paper has been withdrawn by the author: Lemma 2 is wrong")
    back = replace(first, comment="Lemma 2 is fixed")
    states = []
    for hours, paper in enumerate((first, gone, back)):
        monkeypatch.setattr(arxiv, "changed", lambda _, paper=paper: [paper, *others])
        run("run", "arxiv-oai", "--day", f"{CHANGED}", at=LATER + timedelta(hours=hours))
        (row,) = [row for row in rows(product, OAI, CHANGED) if row["arxiv_id"] == first.id]
        states.append((row["withdrawn"], row["author_comment"]))
    assert states == [(False, first.comment or None), (True, gone.comment), (False, back.comment)]


def test_a_day_of_which_the_site_says_that_it_has_no_records_is_empty(product: Product, run: Any) -> None:
    saturday = date(2026, 8, 15)
    assert "; settling\n" in run("run", "arxiv-oai", "--day", f"{saturday}", at=LATER).out
    run("run", "arxiv-oai", "--day", f"{saturday}", at=LATER + timedelta(days=2))
    result = run("run", "arxiv-oai", "--day", f"{saturday}", at=LATER + timedelta(days=2, hours=2))
    assert (result.status, result.out.endswith("; empty\n")) == (0, True)
    notes = certificate(product, OAI, saturday)["fetches"][-1]["views"][0]["notes"]
    assert notes == ["noRecordsMatch: the site says that there are no records"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (faults.same_token, "page 2 names a page as the next one that was read before"),
        (lambda: faults.rate_exceeded("/oai?verb=ListRecords&resumptionToken"), "'Rate exceeded.'"),
    ],
    ids=["the same token", "throttled"],
)
def test_a_harvest_that_does_not_end_is_partial(
    product: Product, run: Any, arxiv: ArxivSite, fault: Any, said: str
) -> None:
    arxiv.records_per_page = 100
    arxiv.switches.append(fault())
    result = run("run", "arxiv-oai", "--day", f"{CHANGED}", "--max-wait", "0.5", at=LATER)
    assert "records " in result.out
    assert said in result.out + result.err
    assert certificate(product, OAI, CHANGED)["state"] == "partial"
    arxiv.switches.clear()
    product("sources", "--reset-rest", arxiv.url)
    assert len(rows(product, OAI, CHANGED)) < len(arxiv.changed(CHANGED))


def test_a_token_that_has_expired_begins_the_day_again(product: Product, run: Any, arxiv: ArxivSite) -> None:
    arxiv.records_per_page = 100
    expired: list[str] = []

    def expire(request: Request, answer: Answer) -> Answer:
        if "resumptionToken" in request.target and not expired:
            expired.append(request.target)
            late = Request("GET", request.target, at=LATER + timedelta(days=1))
            return arxiv.answer(late)
        return answer

    arxiv.switches.append(expire)
    result = run("run", "arxiv-oai", "--day", f"{CHANGED}", at=LATER)
    assert result.status == 0
    assert len(rows(product, OAI, CHANGED)) == len(arxiv.changed(CHANGED))
    assert requests(arxiv).count(f"/oai?verb=ListRecords&metadataPrefix=arXiv&from={CHANGED}&until={CHANGED}") == 2


def test_a_page_of_deleted_records_does_not_end_the_harvest(product: Product, run: Any, arxiv: ArxivSite) -> None:
    arxiv.records_per_page = 100
    first = f"/oai?verb=ListRecords&metadataPrefix=arXiv&from={CHANGED}&until={CHANGED}"
    arxiv.switches.append(faults.all_deleted(first))
    assert run("run", "arxiv-oai", "--day", f"{CHANGED}", at=LATER).status == 0
    assert len(rows(product, OAI, CHANGED)) == len(arxiv.changed(CHANGED)) - 100
    notes = certificate(product, OAI, CHANGED)["fetches"][-1]["views"][0]["notes"]
    assert len([note for note in notes if note.startswith("deleted: 'oai:arXiv.org:")]) == 100


QUERY = "cat:cs.CL"
FOUND = Series("arxiv-api", QUERY)


def test_the_query_api_is_read_by_days_of_submission(product: Product, run: Any, arxiv: ArxivSite) -> None:
    submitted = date(2026, 8, 11)
    truth = {
        each.paper.id
        for day in (date(2026, 8, 11), DAY, date(2026, 8, 13))
        for each in arxiv.announcements.new_and_cross("cs.CL", day)
        if each.paper.published.date() == submitted
    }
    result = run("run", "arxiv-api", "--query", QUERY, "--day", f"{submitted}", at=LATER)
    assert result.status == 0
    assert {row["arxiv_id"] for row in rows(product, FOUND, submitted)} == truth
    assert {row["published"] for row in rows(product, FOUND, submitted)} == {f"{submitted}"}


def test_an_empty_page_of_the_query_api_that_promises_papers_is_a_failure(run: Any, arxiv: ArxivSite) -> None:
    cut = re.compile(rb"  <entry>.*</entry>\n", re.DOTALL)
    arxiv.switches.append(switches.body("/api/query", lambda page: cut.sub(b"", page)))
    result = run("run", "arxiv-api", "--query", QUERY, "--day", "2026-08-11", at=LATER)
    assert re.search(r"partial: api: \d+ items were promised, 0 shown", result.out)


def test_a_query_that_the_api_does_not_know_is_refused(product: Product, arxiv: ArxivSite) -> None:
    result = product("run", "arxiv-api", "--query", "language models", now=MORNING)
    assert (result.status, "is not a query of arXiv's API, like cat:cs.CL AND ti:transformer" in result.err) == (
        2,
        True,
    )
