"""Feeds of searches: on stdout, saved in feeds.yaml, and of what arrived after a cursor."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.ingest.errors import UsageError
from dailypapers.outputs.topics import saved_searches
from tests.feeds.stores import at, contents, days_from, fetch
from tests.feeds.validators import atom_errors, json_feed, parsed
from tests.product import DAY, NOW, Product
from tests.support.written_days import paper, write_day

DAYS = days_from(DAY - timedelta(days=4), 5)
TITLES = ("Agents that plan", "Tools for agents", "Łukasz and 強化学習", "Diffusion without tears")

SEARCHES = """\
feeds:
  - name: agents
    series: hf-daily
    search: agent*
  - name: tools
    series: hf-daily
    search: '"tools for"'
"""


@pytest.fixture
def filled(product: Product, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Product:
    monkeypatch.chdir(tmp_path)
    for day in DAYS:
        add_day(product, day)
    return product


def add_day(product: Product, day: Any) -> None:
    """A day with a paper of each title."""
    number = day.toordinal() % 1000 * 10
    papers = [paper(number + n, title=title, first_seen=at(day, 8 + n)) for n, title in enumerate(TITLES)]
    write_day(product.store, papers, day=day, fetches=[fetch(at(day, 8), 4)], state="open")


def items(product: Product, *words: str) -> list[str]:
    result = product("feed", *words, "--format", "json")
    assert (result.status, result.err) == (0, "")
    return [item["title"] for item in json_feed(result.out.encode())["items"]]


def test_a_search_has_the_papers_with_all_its_words_the_newest_first(filled: Product) -> None:
    assert items(filled, "hf-daily", "--search", "agents") == ["Tools for agents", "Agents that plan"] * 5
    assert items(filled, "hf-daily", "--search", "lukasz 強化") == ["Łukasz and 強化学習"] * 5
    assert items(filled, "hf-daily", "--search", "nothing") == []
    assert set(items(filled, "hf-daily")) == set(TITLES)


def test_the_entries_of_a_search_are_those_of_the_series(filled: Product) -> None:
    def entries(*words: str) -> Any:
        return json_feed(filled("feed", "hf-daily", "--format", "json", *words).out.encode())["items"]

    found, every = entries("--search", "agents"), entries()
    assert all(entry in every for entry in found)


def test_saved_searches_are_files_beside_the_series(filled: Product, tmp_path: Path) -> None:
    Path("feeds.yaml").write_text(SEARCHES)
    out = tmp_path / "out"
    assert filled("feed", "--out", out, "--format", "all", "--base-url", "https://p.example/").status == 0
    files = contents(out / "feeds")
    assert {name for name in files if "hf-daily" not in name} == {
        f"{name}.{suffix}" for name in ("agents", "tools") for suffix in ("atom", "rss", "json")
    }
    assert [entry.title for entry in parsed(files["tools.rss"]).entries] == ["Tools for agents"] * 5
    assert json_feed(files["agents.json"])["feed_url"] == "https://p.example/feeds/agents.json"
    assert json_feed(files["agents.json"])["title"] == "agent* - Hugging Face Daily Papers"
    assert atom_errors((out / "feeds").glob("*.atom")) == []


def test_a_new_day_changes_the_search_that_finds_something_in_it(filled: Product, tmp_path: Path) -> None:
    Path("feeds.yaml").write_text(SEARCHES)
    out = tmp_path / "out"
    filled("feed", "--out", out)
    before = contents(out / "feeds")
    day = DAYS[-1] + timedelta(days=1)
    write_day(
        filled.store,
        [paper(1, title="Agents again", first_seen=at(day, 8))],
        day=day,
        fetches=[fetch(at(day, 8), 1)],
        state="open",
    )
    filled("feed", "--out", out, now=NOW)
    after = contents(out / "feeds")
    assert {name for name in after if after[name] != before[name]} == {"agents.atom", "hf-daily.atom"}
    shutil.rmtree(out)
    filled("feed", "--out", out)
    assert contents(out / "feeds") == after


def test_a_search_that_is_no_longer_saved_is_removed_by_a_run_for_all(filled: Product, tmp_path: Path) -> None:
    Path("feeds.yaml").write_text(SEARCHES)
    out = tmp_path / "out"
    filled("feed", "--out", out)
    Path("feeds.yaml").write_text(SEARCHES.partition("  - name: tools")[0])
    filled("feed", "hf-daily", "--out", out)
    assert (out / "feeds/tools.atom").exists()
    filled("feed", "--out", out)
    assert sorted(path.name for path in (out / "feeds").iterdir()) == [
        "agents.atom",
        "hf-daily.atom",
        "hf-daily.days.atom",
    ]


def test_a_saved_search_is_a_feed_by_its_name(filled: Product, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SEARCHES)
    assert items(filled, "tools", "--file", "mine.yaml") == ["Tools for agents"] * 5
    result = filled("feed", "tools", "--file", "mine.yaml", "--search", "x")
    assert (result.status, "tools is a saved search" in result.err) == (2, True)


def test_each_paper_comes_once_after_the_cursor_before(filled: Product) -> None:
    def portion(since: str, *words: str) -> Any:
        result = filled("feed", "hf-daily", "--format", "json", "--since", since, *words)
        assert (result.status, result.err) == (0, "")
        return json_feed(result.out.encode())

    first = portion("start")
    assert (len(first["items"]), first["_dailypapers"]["resync"]) == (20, False)
    cursor = first["_dailypapers"]["cursor"]
    assert portion(cursor)["items"] == []
    add_day(filled, DAYS[-1] + timedelta(days=1))
    second = portion(cursor)
    assert [item["title"] for item in second["items"]] == list(TITLES[::-1])
    assert {item["id"] for item in second["items"]}.isdisjoint(item["id"] for item in first["items"])
    assert len(portion(cursor, "--search", "agents")["items"]) == 2
    # A lost catalog may repeat papers, but misses none.
    shutil.rmtree(filled.store.root / "catalog")
    again = portion(cursor)
    assert again["_dailypapers"]["resync"] is True
    assert {item["id"] for item in again["items"]} >= {item["id"] for item in second["items"]}


def test_a_damaged_catalog_is_built_again_and_that_is_said(filled: Product) -> None:
    assert len(items(filled, "hf-daily", "--search", "agents")) == 10
    (filled.store.root / "catalog" / "catalog.sqlite").write_bytes(b"x" * 9000)
    result = filled("feed", "hf-daily", "--search", "agents", "--format", "json")
    assert (result.status, len(json_feed(result.out.encode())["items"])) == (0, 10)
    assert result.err.startswith("dailypapers.snapshots.catalog.freshness: ")
    assert "it is not an SQLite file" in result.err


def test_other_formats_say_the_cursor_on_stderr(filled: Product) -> None:
    result = filled("feed", "hf-daily", "--since", "start")
    assert len(parsed(result.out.encode()).entries) == 20
    said, _, cursor = result.err.rpartition(" ")
    assert said == "continue with --since"
    result = filled("feed", "hf-daily", "--format", "rss", "--since", cursor.strip())
    assert parsed(result.out.encode()).entries == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("feeds: 1", ":1: the file must have the key feeds and no other; write feeds:"),
        ("- name: a", ":1: the file must have the key feeds and no other"),
        (SEARCHES + "jobs: []\n", ":1: the file must have the key feeds and no other"),
        (SEARCHES.replace("tools\n", "agents\n"), ":5: the feed in line 2 is called 'agents' too"),
        ("feeds: [&x {name: a, series: hf-daily, search: a}, *x]", ":1: the feed in line 1 is called 'a' too"),
        (SEARCHES.replace("name: tools", "name: ../tools"), ":5: '../tools' is not 1 to 60 of a-z, 0-9 and -"),
        (SEARCHES.replace("name: tools", "name: hf-daily"), ":5: 'hf-daily' is not 1 to 60 of"),
        (SEARCHES.replace("name: tools", f"name: {'a' * 61}"), ":5: "),
        (SEARCHES.replace("    series: hf-daily\n", "", 1), ":2: 'series' is missing or is not one line of text"),
        (SEARCHES.replace("hf-daily", "hf-dayly", 1), ":3: no source 'hf-dayly'; did you mean hf-daily?"),
        (SEARCHES.replace("hf-daily", "hf-search", 1), ":2: hf-search needs --query"),
        (SEARCHES.replace("agent*", "'?!'"), ":4: '?!' has no word; write search:"),
        (SEARCHES.replace("search: agent*", "serch: x"), ":2: unknown key 'serch'; did you mean search?"),
        ("feeds:\n  - agents\n", ":2: a feed must be keys with values; write name: agents"),
        ("feeds:\n\t- name: agents\n", ":2: a tab; indent with spaces"),
        ("a" * 200_000, ":1: the file has more than 131072 bytes; write feeds:"),
    ],
)
def test_each_mistake_in_the_file_has_its_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(content)
    with pytest.raises(UsageError) as error:
        saved_searches(path)
    assert f"{path}{said}" in str(error.value)


def test_all_mistakes_are_said_at_once_and_nothing_is_written(filled: Product, tmp_path: Path) -> None:
    Path("feeds.yaml").write_text(SEARCHES.replace("hf-daily", "x", 1).replace('"tools for"', "?"))
    result = filled("feed", "--out", tmp_path / "out")
    assert (result.status, result.err.count("feeds.yaml:")) == (2, 2)
    assert not (tmp_path / "out").exists()


def test_a_search_in_a_series_with_a_query(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(SEARCHES.replace("series: hf-daily", "series: hf-search\n    query: diffusion  models", 1))
    assert str(saved_searches(path)[0].series.series) == 'hf-search "diffusion models"'
