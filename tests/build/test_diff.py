"""`dailypapers build --diff` and `--check`: history read again, and told by field before anything is written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.papersite import PaperSite, switches
from tests.product import BUSY, DAY, SERIES, Product
from tests.support.changed_parsers import fields_of, set_fields, set_version

DAYS = [BUSY + timedelta(days=number) for number in range(4)]
NEXT = DAYS[-1]
Fields = Callable[[Any], dict[str, object]]


@pytest.fixture
def stored(product: Product, site: PaperSite) -> Product:
    """A store with four days, one of them with a reject."""
    site.switches.append(switches.bad_item(f"/api/daily_papers?date={DAY}"))
    product("run", "--since", f"{BUSY}", "--until", f"{NEXT}")
    return product


def _then(first: Fields, second: Fields) -> Fields:
    return lambda item: second(first(item))


@pytest.fixture
def fix(monkeypatch: pytest.MonkeyPatch) -> Callable[[Fields], None]:
    """Changes what both views' parsers make of an item."""

    def change(fields: Fields) -> None:
        for parser in ("hf_api", "hf_html"):
            set_fields(monkeypatch, parser, _then(fields_of(parser), fields))

    return change


def test_nothing_would_change(stored: Product) -> None:
    for words in (["--diff"], ["--check"], ["--diff", "--check", "--jobs", "1"]):
        result = stored("build", *words)
        assert (result.status, result.out) == (0, "")
        assert result.err.startswith("4 days compared: 0 would change, 0 damaged; papers: ")


def test_each_field_is_told_with_examples_and_nothing_is_written(
    stored: Product, fix: Callable[[Fields], None]
) -> None:
    before = stored.files()
    fix(lambda values: values | {"upvotes": 7, "project_url": "https://new.example", "submitter": None})
    result = stored("build", "--diff", "--since", f"{DAY}")
    assert result.status == 0
    lines = result.out.splitlines()
    assert lines[0] == f"2 days would change (0 of them not built yet): hf-daily {DAY}, hf-daily {NEXT}"
    upvotes = lines.index(next(line for line in lines if line.startswith("upvotes: changed in ")))
    assert [line.endswith("-> 7") for line in lines[upvotes + 1 : upvotes + 4]] == [True] * 3
    assert any(line.startswith("project_url: null -> value in ") for line in lines)
    assert any(line.startswith("submitter: value -> null in ") for line in lines)
    assert "2 days would change although no version did" in result.err
    assert stored.files() == before
    assert stored("build", "--check", "--since", f"{DAY}").status == 1


def test_a_new_version_is_no_oversight(
    stored: Product, fix: Callable[[Fields], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_version(monkeypatch, "hf_api", 99)
    fix(lambda values: values | {"upvotes": 7})
    result = stored("build", "--diff")
    assert "although no version did" not in result.err
    assert "parsers (4)" in result.out.splitlines()[-1]
    assert stored("build").status == 0
    assert stored("build", "--check").status == 0


def test_what_is_counted_is_what_a_build_then_does(stored: Product, fix: Callable[[Fields], None]) -> None:
    before = {day: {row["key"]: row for row in stored.papers(day)} for day in DAYS}
    fix(lambda values: values | {"abstract": None} if str(values["arxiv_id"]).endswith(("1", "2")) else values)
    result = json.loads(stored("--json", "build", "--diff").out)
    stored("build", "--all")
    after = {day: {row["key"]: row for row in stored.papers(day)} for day in before}
    changed = [key for day in DAYS for key in before[day] if before[day][key] != after[day][key]]
    assert changed
    (abstract,) = (change for change in result["fields"] if change["field"] == "abstract")
    assert (abstract["papers"], abstract["change"]) == (len(changed), "value -> null")
    assert abstract["examples"][0]["old"] == before[BUSY][abstract["examples"][0]["key"]]["abstract"]
    assert result["unnoticed"] == result["would_change"]


def test_gained_and_lost_papers_and_rejects_are_told(stored: Product, fix: Callable[[Fields], None]) -> None:
    victim = stored.papers(NEXT)[0]
    fix(lambda values: {} if values["arxiv_id"] == victim["arxiv_id"] else values)
    result = stored("build", "--diff")
    assert "papers lost: 1\n" in result.out
    assert f"    hf-daily {NEXT} {victim['key']} {victim['title']}\n" in result.out
    stored("build", "--all")
    rejects = stored.store.rejects(SERIES, NEXT).read_bytes().splitlines()
    assert f"rejects: {len(rejects)} more, 0 fewer\n" in result.out


def test_a_day_that_was_never_built_is_said(stored: Product) -> None:
    shutil.rmtree(stored.store.root / "snapshots")
    result = stored("build", "--diff", "--since", f"{NEXT}")
    assert result.out.startswith("1 days would change (1 of them not built yet)")
    assert "papers gained: " in result.out
    assert stored("build", "--check").status == 1


def test_a_damaged_archive_is_a_finding(stored: Product) -> None:
    (archive,) = stored.archives()
    archive.write_bytes(archive.read_bytes()[:-40])
    result = stored("build", "--diff")
    assert (result.status, archive.name in result.err) == (1, True)
    assert "0 would change, 1 damaged" in result.err


def test_several_processes_say_and_write_the_same(stored: Product) -> None:
    before = stored.files()
    for day in DAYS[:2]:
        path = stored.store.papers(SERIES, day)
        path.write_bytes(path.read_bytes().replace(b'"upvotes":', b'"upvotes":1'))
    said = [stored("--json", "build", "--diff", "--jobs", jobs).out for jobs in ("1", "2")]
    assert said[0] == said[1]
    assert len(json.loads(said[0])["would_change"]) == 2
    result = stored("build", "--all", "--jobs", "2")
    assert (result.status, len(result.out.splitlines())) == (0, 4)
    assert stored.files() == before
