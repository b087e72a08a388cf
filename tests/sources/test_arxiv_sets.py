"""A harvest of OAI-PMH of one set of arXiv, beside that of all records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.ingest.plan.inventory import stored_series
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Series
from tests.papersite import Answer, Request
from tests.papersite.arxiv.site import ArxivSite
from tests.product import Product, Result

DAY = date(2026, 8, 13)
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
ALL, SET = Series("arxiv-oai"), Series("arxiv-oai", "cs:cs:CL")
Run = Callable[..., Result]


@pytest.fixture
def arxiv() -> Iterator[ArxivSite]:
    with ArxivSite(now=NOW, records_per_page=20) as site:
        yield site


@pytest.fixture
def run(product: Product, arxiv: ArxivSite) -> Run:
    def run(*words: str, now: datetime = NOW) -> Result:
        return product("run", "arxiv-oai", *words, "--endpoint", f"arxiv={arxiv.url}", now=now)

    return run


def papers(product: Product, series: Series) -> dict[str, dict[str, Any]]:
    rows = map(json.loads, product.store.papers(series, DAY).read_bytes().splitlines())
    return {row["arxiv_id"]: row for row in rows}


@pytest.mark.parametrize(("name", "within"), [("cs:cs:CL", "cs.CL"), ("cs", "cs."), ("stat:stat", "stat.")])
def test_the_records_of_a_set_are_harvested(
    product: Product, run: Run, arxiv: ArxivSite, name: str, within: str
) -> None:
    result = run("--query", name, "--day", f"{DAY}")
    assert (result.status, result.out.startswith(f'arxiv-oai "{name}" {DAY}: ')) == (0, True)
    wanted = {each.id for each in arxiv.changed(DAY) if any(c.startswith(within) for c in each.categories)}
    assert papers(product, Series("arxiv-oai", name)).keys() == wanted
    first, *others = [line.target for line in arxiv.log if line.path == "/oai"]
    assert first == f"/oai?verb=ListRecords&metadataPrefix=arXiv&from={DAY}&until={DAY}&set={name}"
    assert len(others) == -(-len(wanted) // 20) - 1


def test_a_set_is_a_series_beside_that_of_all_records(
    product: Product, run: Run, arxiv: ArxivSite, tmp_path: Path
) -> None:
    run("--query", "cs:cs:CL", "--day", f"{DAY}")
    assert stored_series(product.store, SOURCES["arxiv-oai"]) == [SET]
    product(
        "backfill", "arxiv-oai", "--since", f"{DAY}", "--until", f"{DAY}", "--endpoint", f"arxiv={arxiv.url}", now=NOW
    )
    assert stored_series(product.store, SOURCES["arxiv-oai"]) == [ALL, SET]
    assert len(papers(product, ALL)) == len(arxiv.changed(DAY)) > len(papers(product, SET))
    status = product("status", "arxiv-oai", now=NOW).out
    listings = [line.partition(": ")[0] for line in status.splitlines() if line.startswith("arxiv-oai")]
    assert listings == ["arxiv-oai", 'arxiv-oai "cs:cs:CL"']
    before = product.files()
    assert product("build", "--all").status == 0
    assert product.files() == before
    mirror = f"file://{tmp_path / 'mirror'}"
    assert product("push", mirror).status == 0
    assert product("--store", f"{tmp_path / 'copy'}", "pull", mirror).status == 0
    names = [name for name in before if name.startswith(("pages/", "snapshots/"))]
    assert {name: (tmp_path / "copy" / name).read_bytes() for name in names} == {name: before[name] for name in names}


def test_an_answer_that_is_not_of_the_set_is_refused(product: Product, run: Run, arxiv: ArxivSite) -> None:
    def ignored(request: Request, answer: Answer) -> Answer:
        return arxiv.answer(Request("GET", request.target.replace("&set=stat:stat:ML", ""), at=request.at))

    arxiv.switches.append(ignored)
    result = run("--query", "stat:stat:ML", "--day", f"{DAY}")
    assert result.status == 3
    assert 'papers are not in stat.ML, not for "stat:stat:ML"' in result.out


@pytest.mark.parametrize("name", ["cs.CL", "astro", "cs:", "cs:cs:CL:x", "CS", "cs cs", "", "  "])
def test_what_is_not_a_set_is_wrong_usage(run: Run, name: str) -> None:
    result = run("--query", name, "--day", f"{DAY}")
    assert (result.status, "arxiv-oai" in result.err or "is not a set of arXiv's OAI-PMH, like" in result.err) == (
        2,
        True,
    )


def test_the_days_of_a_set_are_due_again(product: Product, run: Run, arxiv: ArxivSite) -> None:
    recent = datetime(2026, 8, 15, 12, tzinfo=UTC)
    arxiv.now = recent
    run("--query", "cs:cs:CL", "--day", f"{DAY}", now=recent)
    arxiv.now = recent + timedelta(hours=20)
    again = run(now=arxiv.now)
    assert f'arxiv-oai "cs:cs:CL" {DAY}: ' in again.out
