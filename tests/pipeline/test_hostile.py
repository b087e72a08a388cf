"""Every fault of the web, alone and in mixtures: once the site heals, the store equals its truth."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.papersite import PaperSite
from tests.papersite.faults import FAULTS, HARMLESS, LASTING, mixture
from tests.papersite.switches import times, when
from tests.product import NOW, SERIES, Product

BUSY = date(2025, 12, 9)
DAYS = [BUSY - timedelta(days=1), BUSY]
PAGES = "/papers"
MIXTURES, BLOCKS = int(os.environ.get("DAILYPAPERS_MIXTURES", "48")), 8
"""`make torture` tries 200."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[PaperSite]:
    """Two days: one of few papers, one of two pages."""
    with PaperSite(seed=3, now=NOW, sizes={DAYS[0]: 4, BUSY: 104}) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        yield site


def fetch(product: Product, command: str, now: datetime) -> int:
    """Run or backfill the two days."""
    words = [*(["backfill", "hf-daily"] if command == "backfill" else ["run"]), "--max-wait", "100"]
    return product(*words, "--since", f"{DAYS[0]}", "--until", f"{DAYS[-1]}", now=now).status


def heal(product: Product, site: PaperSite, now: datetime) -> None:
    """Let the site be healthy and rested, and look at both days, due or not."""
    site.switches.clear()
    until_up(site)
    product("sources", "--reset-rest", site.url)
    for day in DAYS:
        assert product("run", "--day", f"{day}", now=now).status == 0


def until_up(site: PaperSite) -> None:
    """Wait, in real time, until connections are taken again."""
    for _ in range(2000):
        try:
            httpx.get(f"{site.url}/robots.txt")
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the site does not come back")


def check(product: Product, site: PaperSite, seed: object = None) -> None:
    """The store equals the truth of the site, with no paper twice and none lost."""
    for day in DAYS:
        truth = {item["paper"]["id"]: (item["paper"]["title"], item["paper"]["upvotes"]) for item in site.papers(day)}
        papers = product.papers(day)
        found = {paper["arxiv_id"]: (paper["title"], paper["upvotes"]) for paper in papers}
        assert len(papers) == len(found), (seed, day)
        assert found == {key: (" ".join(title.split()), votes) for key, (title, votes) in truth.items()}, (seed, day)
        assert product.certificate(day)["fetches"][-1]["whole"], (seed, day)
    assert product("build", "--check").status == 0, seed


@pytest.mark.parametrize("command", ["run", "backfill"])
@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_alone(product: Product, small: PaperSite, name: str, command: str) -> None:
    """The first requests of each view meet it, more often than a page is tried."""
    for where in ("/api/daily_papers", PAGES):
        small.switches.append(times(6, where, FAULTS[name](where)))
    status = fetch(product, command, NOW)
    assert status in {0, 1, 3}
    if name in HARMLESS:
        assert status == 0
        check(product, small)
    heal(product, small, NOW + timedelta(days=1))
    check(product, small)


@pytest.mark.parametrize("name", sorted(set(FAULTS) - LASTING - {"refused"}))
def test_a_passing_fault_is_over_within_a_page_s_tries(product: Product, small: PaperSite, name: str) -> None:
    """Met once by each view, it costs at most the fetch it was met in; the next command makes all whole.

    What refuses all connections, for real time, has a test of its own.
    """
    small.switches += [times(1, where, FAULTS[name](where)) for where in ("/api/daily_papers", PAGES)]
    fetch(product, "run", NOW)
    until_up(small)
    assert fetch(product, "backfill", NOW + timedelta(hours=13)) in {0, 1}
    for day in DAYS:
        product("run", "--day", f"{day}", now=NOW + timedelta(days=1))
    check(product, small)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_mixtures(
    product: Product, small: PaperSite, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for seed in range(block, MIXTURES, BLOCKS):
        other = Product(type(product.store)(tmp_path_factory.mktemp("mixed") / "store"), product.capsys)
        small.switches[:] = [when(lambda request: request.target != "/robots.txt", mixture(seed))]
        assert fetch(other, "run" if seed % 2 else "backfill", NOW) in {0, 1, 3}, seed
        heal(other, small, NOW + timedelta(days=1))
        check(other, small, seed)


def test_a_site_that_refuses_all_connections_is_asked_again_later(product: Product, small: PaperSite) -> None:
    with small.refusing():
        assert fetch(product, "run", NOW) == 3
    assert {name.partition("/")[0] for name in product.files()} == {"attempts"}
    assert fetch(product, "run", NOW + timedelta(hours=1)) == 0
    check(product, small)


def test_a_site_that_wants_a_day_of_rest_gets_it(product: Product, small: PaperSite) -> None:
    small.switches.append(FAULTS["429-long"](PAGES))
    assert fetch(product, "run", NOW) == 1
    asked = len(small.log)
    assert fetch(product, "backfill", NOW + timedelta(hours=1)) == 3
    assert len(small.log) == asked
    assert "taken as 24 h" in product("sources").out


def test_a_run_that_never_ends_by_itself_is_cut(
    product: Product, small: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Header bytes that drip keep every wait for bytes short; the deadline holds all the same."""
    from tests.papersite.faults_wire import drip_body, drip_headers  # noqa: PLC0415 - the two that have no end

    monkeypatch.setattr("dailypapers.ingest.fetch.client.DEADLINE", 0.5)
    small.switches += [
        drip_headers("/api/daily_papers", interval=0.05, length=10_000),
        drip_body(PAGES, interval=0.05, length=10_000),
    ]
    result = product("run", "--day", f"{BUSY}")
    assert result.status == 3
    assert result.out.count("not done within") + result.err.count("not done within") == 2
    assert SERIES.source in result.out + result.err


def test_fault_names_are_told_in_the_docs() -> None:
    text = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text()
    assert [name for name in FAULTS if f"`{name}`" not in text] == []
