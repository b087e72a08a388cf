"""What arXiv knows about the papers of another source: `run arxiv-api --for`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dailypapers.ingest.fetch import known_ids as ids
from dailypapers.ingest.sources.arxiv import ids_of_url
from dailypapers.snapshots.store.layout import Series
from tests.papersite import Answer, Request
from tests.papersite.arxiv.site import ArxivSite
from tests.product import Product, Result
from tests.support.catalog_days import paper, write_day

HF = datetime(2025, 12, 19, 12, tzinfo=UTC)
DAILY, DESCRIBED = Series("hf-daily"), Series("arxiv-papers", "hf-daily")
Run = Callable[[datetime], Result]


@pytest.fixture
def arxiv() -> Iterator[ArxivSite]:
    with ArxivSite(now=HF) as site:
        yield site


@pytest.fixture
def run(product: Product, arxiv: ArxivSite) -> Run:
    """Run the command at a time of the site's clock."""

    def run(at: datetime) -> Result:
        arxiv.now = at
        return product("run", "arxiv-api", "--for", "hf-daily", "--endpoint", f"arxiv={arxiv.url}", now=at)

    return run


def rows(product: Product, series: Series, day: date) -> list[dict[str, Any]]:
    return [json.loads(row) for row in product.store.papers(series, day).read_text().splitlines()]


def requests(arxiv: ArxivSite) -> list[str]:
    return [line.target for line in arxiv.log if line.path == "/api/query"]


@pytest.fixture
def listed(product: Product, arxiv: ArxivSite, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of three stored days of Hugging Face."""
    monkeypatch.setenv("HF_ENDPOINT", arxiv.url)
    for day in ("2025-12-09", "2025-12-10", "2025-12-11"):
        assert product("run", "hf-daily", "--day", day, now=HF).status == 0
    days = (date(2025, 12, day) for day in (9, 10, 11))
    return [row["arxiv_id"] for day in days for row in rows(product, DAILY, day)]


def test_what_arxiv_knows_about_the_papers_of_another_source(
    product: Product, run: Run, arxiv: ArxivSite, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ids, "BATCH", 30)
    result = run(HF)
    assert (result.status, result.err) == (0, "")
    described = {row["arxiv_id"]: row for row in rows(product, DESCRIBED, HF.date())}
    assert described.keys() == set(listed)
    assert all(row["categories"] == ["cs.LG", "cs.CL"] and row["arxiv_version"] == 2 for row in described.values())
    assert json.loads(product.store.certificate(DESCRIBED, HF.date()).read_bytes())["state"] == "closed"
    asked = requests(arxiv)
    assert len(asked) == -(-len(listed) // 30)
    # Only what is missing: nothing now, then the papers of one more day.
    assert run(HF).err == "arXiv has described all papers of hf-daily\n"
    assert product("run", "hf-daily", "--day", "2025-12-12", now=HF).status == 0
    later = HF + timedelta(days=1)
    assert run(later).status == 0
    new = {row["arxiv_id"] for row in rows(product, DAILY, date(2025, 12, 12))}
    assert {row["arxiv_id"] for row in rows(product, DESCRIBED, later.date())} == new - set(listed)
    before = product.files()
    assert product("build", "--all", now=later).status == 0
    assert product.files() == before


def test_a_batch_that_is_answered_with_an_empty_page_is_a_failure_and_asked_again(
    product: Product, run: Run, arxiv: ArxivSite, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ids, "BATCH", 30)
    cut = re.compile(rb"  <entry>.*</entry>\n", re.DOTALL)
    second: list[str] = []

    def empty_second(request: Request, answer: Answer) -> Answer:
        if request.path == "/api/query":
            second.append(request.target)
            if len(second) == 2:
                answer.body = cut.sub(b"", answer.body)
        return answer

    arxiv.switches.append(empty_second)
    result = run(HF)
    assert "api 30, but FAILED: page 2 promises 30 items and shows 0" in result.out
    assert len(rows(product, DESCRIBED, HF.date())) == 30
    assert run(HF + timedelta(hours=1)).status == 0
    assert {row["arxiv_id"] for row in rows(product, DESCRIBED, HF.date())} == set(listed)


def asked_ids(arxiv: ArxivSite) -> list[str]:
    """The ids of all requests so far."""
    return [each for target in requests(arxiv) for each in ids_of_url(target)]


def test_an_id_that_arxiv_does_not_know_is_requested_again_a_day_later(
    product: Product, run: Run, arxiv: ArxivSite, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown, find = listed[3], arxiv.find
    monkeypatch.setattr(arxiv, "find", lambda name, now: None if name == unknown else find(name, now))
    assert run(HF).status == 0
    assert {row["arxiv_id"] for row in rows(product, DESCRIBED, HF.date())} == {*listed} - {unknown}
    before = asked_ids(arxiv)
    result = run(HF + timedelta(hours=23))
    assert (result.status, result.err, asked_ids(arxiv)) == (
        0,
        "arXiv has described all papers of hf-daily except 1 that it did not have when asked in the last 24 hours: "
        f"{unknown}\n",
        before,
    )
    # Other papers are requested without it, and it is requested alone once its time has come.
    assert product("run", "hf-daily", "--day", "2025-12-12", now=HF).status == 0
    assert run(HF + timedelta(hours=23, minutes=30)).status == 0
    new = asked_ids(arxiv)[len(before) :]
    assert {row["arxiv_id"] for row in rows(product, DAILY, date(2025, 12, 12))} - {*listed} == {*new}
    monkeypatch.setattr(arxiv, "find", find)
    assert run(HF + timedelta(hours=24)).status == 0
    assert asked_ids(arxiv)[len(before) + len(new) :] == [unknown]
    assert run(HF + timedelta(hours=25)).err == ("arXiv has described all papers of hf-daily\n")


def test_a_newer_version_is_requested_at_once_and_then_once_a_day(
    product: Product, run: Run, arxiv: ArxivSite, listed: list[str]
) -> None:
    assert run(HF).status == 0
    before, newer = len(asked_ids(arxiv)), HF + timedelta(hours=1)
    replaced = paper(
        "Lamps", day=date(2025, 12, 14), arxiv_id=listed[0], arxiv_version=3, first_seen=HF + timedelta(minutes=30)
    )
    write_day(product.store, DAILY, date(2025, 12, 14), [replaced])
    for hours in (0, 1, 23):
        assert run(newer + timedelta(hours=hours)).status == 0
        assert asked_ids(arxiv)[before:] == [listed[0]]
    assert run(newer + timedelta(hours=24)).status == 0
    assert asked_ids(arxiv)[before:] == [listed[0]] * 2


def test_an_answer_that_was_archived_and_not_built_is_built_and_not_requested_again(
    product: Product, run: Run, arxiv: ArxivSite, listed: list[str]
) -> None:
    assert run(HF).status == 0
    before = len(asked_ids(arxiv))
    for path in product.store.derived(DESCRIBED, HF.date()).values():
        path.unlink(missing_ok=True)
    product.store.certificate(DESCRIBED, HF.date()).unlink(missing_ok=True)
    assert run(HF + timedelta(hours=1)).status == 0
    assert {row["arxiv_id"] for row in rows(product, DESCRIBED, HF.date())} == set(listed)
    assert len(asked_ids(arxiv)) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "hf-daily", "--for", "hf-daily"], "--for goes with arxiv-api alone"),
        (["run", "arxiv-api", "--query", "cat:cs.CL", "--for", "hf-daily"], "--for goes with arxiv-api alone"),
        (["run", "arxiv-api", "--for", "hf-weekly"], "nothing of it is stored; first fetch it"),
        (["run", "arxiv-api", "--for", "nothing"], "no source 'nothing'"),
        (["run", "arxiv-papers", "--query", "hf-daily"], "dailypapers run arxiv-api --for hf-daily"),
    ],
)
def test_wrong_usage_of_for(product: Product, words: list[str], said: str) -> None:
    result = product(*words, now=HF)
    assert (result.status, said in result.err) == (2, True)
