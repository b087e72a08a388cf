"""A walk through a day of OAI-PMH that is stopped, and what the next run does with its pages."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from dailypapers.ingest.archive.walk import Walk
from dailypapers.ingest.sources.urls import oai_updated_between, same_oai_list
from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite import Answer, Request, switches
from tests.papersite.arxiv import faults
from tests.papersite.arxiv.site import ArxivSite
from tests.papersite.faults_wire import reset
from tests.product import Product, Result

OAI, DAY = Series("arxiv-oai"), date(2026, 8, 13)
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
FIRST = f"/oai?verb=ListRecords&metadataPrefix=arXiv&from={DAY}&until={DAY}"
Run = Callable[..., Result]


@pytest.fixture
def arxiv() -> Iterator[ArxivSite]:
    with ArxivSite(now=NOW, records_per_page=60) as site:
        yield site


@pytest.fixture
def run(product: Product, arxiv: ArxivSite) -> Run:
    def run(at: datetime, product: Product = product, *, site_at: datetime | None = None) -> Result:
        arxiv.now = site_at or at
        return product("run", "arxiv-oai", "--day", f"{DAY}", "--endpoint", f"arxiv={arxiv.url}", now=at)

    return run


@pytest.fixture
def stopped(run: Run, arxiv: ArxivSite) -> list[str]:
    """Ctrl-C after the last page was answered; returns what was requested."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Walk, "seal", interrupted)
        assert run(NOW).status == 130
    asked = requests(arxiv)
    assert len(asked) >= 3
    return asked


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def requests(arxiv: ArxivSite) -> list[str]:
    return [line.target for line in arxiv.log if line.path == "/oai"]


def fetches(product: Product) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(product.store.certificate(OAI, DAY).read_bytes())["fetches"]
    return found


def papers(product: Product) -> set[str]:
    return {json.loads(row)["arxiv_id"] for row in product.store.papers(OAI, DAY).read_bytes().splitlines()}


def unfinished(store: Store) -> list[str]:
    return [path.name for path in store.root.rglob("*.tmp")]


def test_a_walk_that_was_stopped_continues_with_the_page_on_its_way(
    product: Product, run: Run, arxiv: ArxivSite, stopped: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(product.store.parts(OAI, DAY)) == len(stopped) - 1
    assert (product.store.archives(OAI, DAY), product.store.stored_days(OAI)) == ([], [])
    # The site states its time, with which its pages would differ.
    assert run(LATER, site_at=NOW).status == 0
    assert requests(arxiv) == [*stopped, stopped[-1]]
    alone = Product(Store(product.store.root.with_name("alone")), capsys)
    assert run(NOW, alone).status == 0
    assert product.files() == alone.files()


def test_a_walk_of_another_day_is_archived_and_the_day_is_read_from_its_beginning(
    product: Product, run: Run, arxiv: ArxivSite, stopped: list[str]
) -> None:
    result = run(NOW + timedelta(days=1))
    pages = len(stopped) - 1
    assert (result.status, f"{pages} pages of 2026-10-20T12:00:00Z are archived as an incomplete" in result.err) == (
        0,
        True,
    )
    assert requests(arxiv)[len(stopped)] == FIRST
    assert len(requests(arxiv)) == 2 * len(stopped)
    old, new = fetches(product)
    assert (old["papers"], old["whole"], old["doubt"]) == (60 * pages, False, "failed")
    assert old["views"][0]["failed"].endswith("the walk was stopped here, and too long ago to be continued")
    assert (new["papers"], new["whole"]) == (len(arxiv.changed(DAY)), True)
    assert papers(product) == {paper.id for paper in arxiv.changed(DAY)}
    assert unfinished(product.store) == []


@pytest.mark.usefixtures("stopped")
def test_the_next_run_removes_old_pages_of_a_day_that_it_does_not_fetch(product: Product, arxiv: ArxivSite) -> None:
    def ran() -> Result:
        return product("run", "arxiv-oai", "--endpoint", f"arxiv={arxiv.url}", now=NOW + timedelta(days=400))

    parts = product.store.parts(OAI, DAY)
    ran()
    assert product.store.parts(OAI, DAY) == parts
    for path in parts:
        os.utime(path, (0, time.time() - timedelta(hours=25).total_seconds()))
    assert f"arxiv-oai {DAY}: the pages of a walk that was stopped long ago are removed" in ran().err
    assert not list(product.store.pages(OAI, DAY).iterdir())


def test_a_token_that_the_site_refuses_begins_the_day_again(
    product: Product, run: Run, arxiv: ArxivSite, stopped: list[str]
) -> None:
    def refuse_once(request: Request, answer: Answer) -> Answer:
        if "resumptionToken" not in request.target:
            return answer
        arxiv.switches.clear()
        return arxiv.answer(Request("GET", request.target, at=NOW + timedelta(days=1)))

    arxiv.switches.append(refuse_once)
    assert run(LATER).status == 0
    assert requests(arxiv)[len(stopped) :] == [stopped[-1], *stopped]
    (fetch,) = fetches(product)
    assert (fetch["at"], fetch["whole"], fetch["papers"]) == ("2026-10-20T15:00:00Z", True, len(arxiv.changed(DAY)))
    assert unfinished(product.store) == []


def test_the_pages_stay_while_the_site_does_not_answer(
    product: Product, run: Run, arxiv: ArxivSite, stopped: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dailypapers.ingest.fetch.client.TRIES", 1)
    arxiv.switches.append(reset("/oai"))
    assert run(LATER).status == 3
    assert len(product.store.parts(OAI, DAY)) == len(stopped) - 1
    assert product.store.archives(OAI, DAY) == []
    arxiv.switches.clear()
    assert run(LATER).status == 0
    assert requests(arxiv) == [*stopped, stopped[-1], stopped[-1]]


def test_stored_pages_that_a_new_parser_reads_as_the_end_are_archived(
    product: Product, run: Run, arxiv: ArxivSite, stopped: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dailypapers.parsers.arxiv.oai._next_url", lambda _url, _token: None)
    assert run(LATER).status == 0
    assert requests(arxiv) == stopped
    assert [fetch["papers"] for fetch in fetches(product)] == [60 * (len(stopped) - 1)]
    assert unfinished(product.store) == []


def test_a_walk_during_which_the_site_updates_its_records_is_not_whole(
    product: Product, run: Run, arxiv: ArxivSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = (datetime(2026, 10, 20, hour, 50, tzinfo=UTC) for hour in (1, 2))
    with monkeypatch.context() as patch:
        patch.setattr("dailypapers.ingest.clock.Clock.now", lambda _: after if len(requests(arxiv)) > 1 else before)
        assert "the site updated its records while their pages were read" in run(NOW).out
    (fetch,) = fetches(product)
    assert (fetch["at"], fetch["whole"]) == ("2026-10-20T01:50:00Z", False)
    assert fetch["papers"] == len(arxiv.changed(DAY))
    assert run(NOW).status == 0
    assert [fetch["whole"] for fetch in fetches(product)] == [False, True]


@pytest.mark.parametrize(
    ("begun", "now", "updated"),
    [
        ("2026-10-20T05:00", "2026-10-21T01:59", False),
        ("2026-10-20T23:59", "2026-10-21T02:00", True),
        ("2026-10-20T04:59", "2026-10-21T01:00", True),
        ("2026-10-20T12:00", "2026-10-22T01:00", True),
        ("2026-10-20T01:59", "2026-10-20T02:00", True),
        ("2026-10-20T05:00", "2026-10-20T23:59", False),
    ],
)
def test_records_are_updated_once_a_day(begun: str, now: str, *, updated: bool) -> None:
    assert oai_updated_between(*(datetime.fromisoformat(at).replace(tzinfo=UTC) for at in (begun, now))) is updated


TOKEN = "/oai?verb=ListRecords&resumptionToken"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that waits for 0.6 s where it waits for 150 s, so that a stall of 60 s takes 0.24 s."""
    monkeypatch.setattr("dailypapers.ingest.fetch.client.SLOW_TIMEOUT", httpx.Timeout(0.6))
    monkeypatch.setattr("dailypapers.ingest.fetch.client.TRIES", 2)


@pytest.mark.usefixtures("impatient")
def test_answers_that_stall_for_a_minute_are_waited_for(product: Product, run: Run, arxiv: ArxivSite) -> None:
    arxiv.switches.append(faults.stall(0.24, TOKEN))
    assert run(NOW).status == 0
    assert len(requests(arxiv)) == len(set(requests(arxiv)))
    assert papers(product) == {paper.id for paper in arxiv.changed(DAY)}


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_does_not_come_is_requested_again(product: Product, run: Run, arxiv: ArxivSite) -> None:
    arxiv.switches.append(switches.times(1, TOKEN, faults.stall(1.0)))
    assert run(NOW).status == 0
    (traffic,) = product.runs()[-1]["sites"]
    answered = -(-len(arxiv.changed(DAY)) // 60) + 1  # and robots.txt
    assert (traffic["retries"], traffic["requests"]["fault"], traffic["requests"]["200"]) == (1, 1, answered)
    assert papers(product) == {paper.id for paper in arxiv.changed(DAY)}


@pytest.mark.usefixtures("impatient")
def test_a_harvest_whose_answers_do_not_come_is_never_complete(product: Product, run: Run, arxiv: ArxivSite) -> None:
    arxiv.switches.append(switches.when(lambda request: "%7C120%7C" in request.target, faults.stall(1.0, "/")))
    result = run(NOW)
    assert "no answer in time (ReadTimeout)" in result.out
    (fetch,) = fetches(product)
    assert (fetch["whole"], fetch["papers"]) == (False, 120)
    assert json.loads(product.store.certificate(OAI, DAY).read_bytes())["state"] == "partial"
    arxiv.switches.clear()
    assert run(LATER).status == 0
    assert papers(product) == {paper.id for paper in arxiv.changed(DAY)}
    assert unfinished(product.store) == []


def test_a_day_does_not_depend_on_what_is_packed_in_memory(
    product: Product, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(NOW)
    small = Product(Store(product.store.root.with_name("small")), capsys)
    monkeypatch.setattr("dailypapers.snapshots.merge.MAX_PLAIN", 10)
    monkeypatch.setattr("dailypapers.ingest.archive.seal.MAX_PLAIN", 1_000)
    assert run(NOW, small).status == 0
    assert small.files() == product.files()
    assert small("build", "--all", "--check", now=NOW).status == 0


def test_the_pages_after_so_many_items_are_not_profiled(
    product: Product, run: Run, arxiv: ArxivSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dailypapers.ingest.listing.view_reader.MAX_PROFILED", 100)
    run(NOW)
    certificate = json.loads(product.store.certificate(OAI, DAY).read_bytes())
    assert certificate["profiles"]["records"]["items"] == 120
    assert certificate["fetches"][0]["views"][0]["items"] == len(arxiv.changed(DAY))


@pytest.mark.parametrize(
    ("begun", "now", "same"),
    [
        ("2026-10-20T05:00", "2026-10-20T23:59", True),
        ("2026-10-20T00:00", "2026-10-20T01:59", True),
        ("2026-10-20T12:00", "2026-10-20T12:00", True),
        ("2026-10-20T23:59", "2026-10-21T00:00", False),
        ("2026-10-20T12:00", "2026-10-20T11:59", False),
        ("2026-10-20T01:00", "2026-10-20T02:00", False),
        ("2026-10-20T04:59", "2026-10-20T05:00", False),
    ],
)
def test_a_list_is_the_same_within_a_day_that_no_update_divides(begun: str, now: str, *, same: bool) -> None:
    assert same_oai_list(*(datetime.fromisoformat(at).replace(tzinfo=UTC) for at in (begun, now))) is same
