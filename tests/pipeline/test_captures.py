"""Real answers through the whole path: what stands in a day file is what the site served."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.snapshots.store.layout import Store
from tests.product import Product

FOLDER = "hf-daily-paper-newsletter-chinese"
NEVER = None
"""The machine's clock: the captures are older than any."""


@pytest.fixture(scope="module")
def answers(captures: Path) -> dict[str, list[dict[str, Any]]]:
    """The well-formed day lists of the folder by day, read without any code of the product."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((captures / "hf-daily-api").rglob("*.json"), key=lambda path: path.name):
        items = json.loads(path.read_bytes())
        if isinstance(items, list) and all(isinstance(item, dict) for item in items) and _agrees(path.name[:10], items):
            found[path.name[:10]] = items
    return found


def _agrees(day: str, items: list[dict[str, Any]]) -> bool:
    listed = [item["paper"].get("submittedOnDailyAt", day)[:10] for item in items]
    return listed.count(day) * 2 > len(listed)


def test_every_well_formed_day_becomes_a_day_file(
    product: Product, captures: Path, answers: dict[str, list[dict[str, Any]]]
) -> None:
    result = product("import", "hf-daily", captures / "hf-daily-api", now=NEVER)
    assert result.status == 1
    files = sorted(product.store.root.glob("snapshots/hf-daily/*/????-??-??.jsonl"))
    assert [path.stem for path in files] == sorted(answers)
    assert len(answers) > 80
    for path in files:
        _compare([json.loads(row) for row in path.read_text().splitlines()], answers[path.stem])
    every = sum(1 for _ in (captures / "hf-daily-api").rglob("*.json"))
    assert result.err.count("refused: ") == every - len(answers)
    before = product.files()
    product("import", "hf-daily", captures / "hf-daily-api", now=NEVER)
    assert product.files() == before


def _compare(rows: list[dict[str, Any]], items: list[dict[str, Any]]) -> None:
    assert len(rows) == len({item["paper"]["id"] for item in items})
    by_id = {row["arxiv_id"]: row for row in rows}
    for item in items:
        row, paper = by_id[item["paper"]["id"]], item["paper"]
        assert row["title"] == " ".join(paper["title"].split())
        assert row["abstract"] == " ".join(paper["summary"].split())
        assert (row["upvotes"], row["comments"]) == (paper["upvotes"], item["numComments"])
        assert [author["name"] for author in row["authors"]] == [" ".join(a["name"].split()) for a in paper["authors"]]
        assert row["author_count"] == len(paper["authors"])
        organization = item.get("organization") or item.get("submitterOrganization")
        assert (row["organization"] or {}).get("name") == (organization or {}).get("name")
        assert row["keywords"] == paper.get("ai_keywords", [])
        submitter = item.get("submittedBy") or {}
        by = paper.get("submittedOnDailyBy") or {}
        assert row["submitter"] == (submitter.get("name") or by.get("user"))


def test_days_of_exactly_fifty_are_cut(product: Product, captures: Path) -> None:
    folder = captures / "hf-daily-api" / "hf-daily-paper-newsletter-chinese"
    days = ("2025-09-30", "2026-05-12", "2026-05-13")
    result = product("import", "hf-daily", *(folder / f"{day}.json" for day in days), now=NEVER)
    assert result.out.count("cut at 50") == 3


def test_one_view_alone_is_never_closed_and_fifty_items_are_partial(product: Product, captures: Path) -> None:
    product("import", "hf-daily", captures / "hf-daily-api", now=NEVER)
    found = [json.loads(path.read_bytes()) for path in product.store.root.glob("snapshots/hf-daily/*/*.day.json")]
    assert len(found) > 80
    partial = {one["day"]: one["reason"] for one in found if one["state"] == "partial"}
    assert partial == dict.fromkeys(("2025-09-30", "2026-05-12", "2026-05-13"), "api: cut at 50")
    assert not [one["day"] for one in found if one["state"] in {"closed", "empty"}]
    assert not [
        row
        for row in json.loads(product("status", "--json", now=NEVER).out)["days"]
        if row["state"] in {"closed", "empty"}
    ]


@pytest.mark.parametrize(
    ("field", "first"),
    [
        ("submitter", "2024-06-13"),
        ("github_stars", "2025-09-25"),  # since 2025-06-25, a gap of the captures
        ("keywords", "2025-03-11"),
        ("listed", "2025-03-17"),
        ("organization", "2025-09-29"),
        ("extra.isAuthorParticipating", "2025-03-05"),  # since 2024-12-19, a gap of the captures
        ("extra.discussionId", "2025-03-05"),
    ],
)
def test_the_day_a_field_appeared_can_be_read_off_the_certificates(
    product: Product, captures: Path, field: str, first: str
) -> None:
    day = date.fromisoformat(first)
    near = [captures / "hf-daily-api" / FOLDER / f"{day + timedelta(days=n)}.json" for n in range(-4, 1)]
    product("import", "hf-daily", *(path for path in near if path.exists()), now=NEVER)
    found = [
        json.loads(path.read_bytes()) for path in sorted(product.store.root.glob("snapshots/hf-daily/*/*.day.json"))
    ]
    assert [one["day"] for one in found if one["coverage"].get(field)] == [first]
    assert all(one["unknown_fields"] == {} for one in found)


def test_the_real_page_has_thirteen_papers(product: Product, captures: Path) -> None:
    product("import", "hf-daily", captures / "hf-day-html", now=NEVER)
    path = Store(product.store.root).root / "snapshots" / "hf-daily" / "2024" / "2024-08-01.jsonl"
    rows = [json.loads(row) for row in path.read_text().splitlines()]
    assert len(rows) == 13
    assert max(row["author_count"] for row in rows) == 533
