"""Days that cannot be read, or only in part, are left out and named; the papers of all others are there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.parsers.model import Paper
from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.catalog.freshness import bring_up_to_date
from dailypapers.snapshots.catalog.joins import DecisionError, decide, read_decisions
from dailypapers.snapshots.catalog.model import Selection
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Store
from tests.support.catalog_days import DAILY, paper, write_day

DAY, NEXT = date(2025, 12, 8), date(2025, 12, 9)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    write_day(store, DAILY, DAY, [listed(1), listed(2)])
    write_day(store, DAILY, NEXT, [listed(3, day=NEXT)])
    return store


def listed(number: int, day: date = DAY, **fields: Any) -> Paper:
    return paper(f"Paper {number}", day=day, arxiv_id=f"2512.{number:05}", **fields)


def read(store: Store) -> tuple[list[str], list[str]]:
    """The numbers of the papers in the catalog, and why days are left out."""
    with open_catalog(store) as catalog:
        papers = catalog.papers(Selection(limit=None))
        return sorted(found.key[-1] for found in papers), catalog.days_left_out()


def edit(path: Path, change: Callable[[dict[str, Any]], None], line: int = 0) -> None:
    """Change the JSON object in a line of a day file, or that of a certificate."""
    texts = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
    content = json.loads(texts[line])
    change(content)
    texts[line] = json.dumps(content)
    path.write_text("".join(f"{text}\n" for text in texts))


@pytest.mark.parametrize(
    ("line", "change", "problem"),
    [
        (0, lambda record: record.update(title=None), "line 1 is not a record (Input should be a valid string)"),
        (1, lambda record: record.pop("key"), "line 2 is not a record (Input should be a valid string)"),
        (1, lambda record: record.update(upvotes=-1), "line 2 is not a record (Input should be greater than or equal"),
    ],
)
def test_a_line_that_is_not_a_record_costs_its_day(
    store: Store, line: int, change: Callable[[dict[str, Any]], None], problem: str
) -> None:
    path = store.papers(DAILY, DAY)
    edit(path, change, line)
    papers, (message,) = read(store)
    assert papers == ["3"]
    assert message.startswith(f"{path}: {problem}")
    assert message.endswith("; run dailypapers build --all")


def test_a_key_with_two_lines_costs_its_day(store: Store) -> None:
    edit(store.papers(DAILY, DAY), lambda record: record.update(key="arxiv:2512.00001", arxiv_id="2512.00001"), line=1)
    papers, (message,) = read(store)
    assert papers == ["3"]
    assert ": line 2 is not a record (arxiv:2512.00001 has another line); " in message


def test_a_file_that_is_not_the_one_of_its_certificate_is_taken_if_its_lines_are_records(store: Store) -> None:
    edit(store.papers(DAILY, DAY), lambda record: record.update(title="Edited by hand"))
    assert read(store) == (["1", "2", "3"], [])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda content: content.pop("as_of"), "not a certificate (KeyError('as_of')); run dailypapers build --all"),
        (lambda content: content.update(as_of="soon"), "not a certificate (ValueError("),
        (lambda content: content.update(fetches=[{}]), "not a certificate (KeyError('at'))"),
        (lambda content: content.update(source=1), "not a certificate; run dailypapers build --all"),
    ],
)
def test_a_certificate_that_cannot_be_read_costs_its_day(
    store: Store, change: Callable[[dict[str, Any]], None], problem: str
) -> None:
    path = store.certificate(DAILY, DAY)
    with open_catalog(store):
        pass
    edit(path, change)
    papers, (message,) = read(store)
    assert papers == ["3"]
    assert message.startswith(f"{path}: {problem}")


def test_an_older_day_is_validated_and_a_newer_one_is_refused(store: Store) -> None:
    path = store.certificate(DAILY, DAY)
    edit(path, lambda content: content.update(schema=SCHEMA - 1))
    assert read(store) == (["1", "2", "3"], [])
    edit(path, lambda content: content.update(schema=SCHEMA + 1))
    with pytest.raises(StoreError) as raised:
        open_catalog(store)
    assert str(raised.value) == f"{path}: schema {SCHEMA + 1} is newer than this program's {SCHEMA}; upgrade"


def test_a_day_that_is_mended_is_there_again(store: Store) -> None:
    path = store.papers(DAILY, DAY)
    content = path.read_bytes()
    path.write_bytes(b"damaged\n")
    assert len(read(store)[1]) == 1
    path.write_bytes(content)
    assert read(store) == (["1", "2", "3"], [])


def test_a_store_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=rf"^no store at {tmp_path}/gone$"):
        bring_up_to_date(Store(tmp_path / "gone"))
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (("lamps", "2512.00001"), "'lamps' is not a key like arxiv:2408.00118 or title:0123456789abcdef"),
        (("2512.00001", "arxiv:2512.00001v2"), "arxiv:2512.00001 is named twice"),
    ],
)
def test_a_decision_that_names_no_two_papers_is_refused(store: Store, keys: tuple[str, str], message: str) -> None:
    with pytest.raises(DecisionError) as raised:
        decide(store, "join", *keys)
    assert str(raised.value) == message
    assert not (store.root / "joins.txt").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"join 2512.00001 caf\xe9\n", ": not UTF-8 (invalid continuation byte)"),
        (b"# a comment\n\njoin 2512.00001 lamps\n", ":3: 'lamps' is not a key like arxiv:2408.00118 or "),
    ],
)
def test_a_file_of_decisions_that_is_wrong_is_named_with_its_line(store: Store, content: bytes, message: str) -> None:
    (store.root / "joins.txt").write_bytes(content)
    with pytest.raises(DecisionError) as raised:
        read_decisions(store)
    assert str(raised.value).startswith(f"{store.root / 'joins.txt'}{message}")


def test_a_decision_is_a_line_of_its_own_where_the_last_one_has_no_end(store: Store) -> None:
    (store.root / "joins.txt").write_text("join 2512.00001 2512.00002")
    decide(store, "split", "2512.00003", "2512.00004")
    assert [(each.verb, sorted(each.pair)) for each in read_decisions(store)] == [
        ("join", ["arxiv:2512.00001", "arxiv:2512.00002"]),
        ("split", ["arxiv:2512.00003", "arxiv:2512.00004"]),
    ]


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://huggingface.co/papers/2512.00001", "https://huggingface.co/papers/2512.00001"),
        ("http://a.example", "http://a.example"),
        ("javascript:alert(1)", None),
        ("https://good.example@evil.example/", None),
        ("https://[1.2", None),
        (None, None),
    ],
)
def test_the_page_of_a_paper_and_its_days(store: Store, url: str | None, page: str | None) -> None:
    later = DAY + timedelta(days=9)
    write_day(store, DAILY, later, [listed(7, day=later, url=url)])
    with open_catalog(store) as catalog:
        found = catalog.paper("2512.00007")
    assert found is not None
    assert (found.url, found.days) == (page, frozenset({(DAILY, later)}))
    assert found.record == listed(7, day=later, url=url)
