"""`papers`, `show`, `search`, `query` and `history`: what a user sees of one paper over all sources and days."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len

import dailypapers
from dailypapers.cli.main import main
from dailypapers.cli.table import shortened, table, wrapped
from tests.papersite import PaperSite
from tests.product import DAY, NOW, SERIES, Product, Result

CONTROL = "\x1b]0;owned\x07\x1b[31m\u202e"
WIDE = "多视角 Motion Synthesis 한국어"
TITLES = {
    "2512.00001": "Lamps that sleep: an energy-aware curriculum",
    "2512.00002": f"{WIDE} of Łukasz lamps",
    "2512.00003": f"Hostile {CONTROL} lamps",
    "2512.00004": "A long title " + "of many words " * 20,
}


def item(identifier: str, upvotes: int = 1, **more: Any) -> dict[str, Any]:
    paper = {
        "id": identifier,
        "title": TITLES.get(identifier, f"Paper {identifier}"),
        "summary": "We study lamps.",
        "upvotes": upvotes,
        "publishedAt": "2025-12-01T00:00:00.000Z",
        "authors": [{"name": "Łukasz Kaiserling", "hidden": False}],
        **more,
    }
    return {"paper": paper, "title": paper["title"], "numComments": 0}


def imported(product: Product, day: str, at: str, *items: dict[str, Any], source: str = "hf-daily") -> None:
    """Import an answer of the API as if it had been served at that time."""
    page = product.store.root.parent / "page.json"
    page.write_text(json.dumps(items))
    assert product("import", source, page, "--day", day, "--fetched-at", at).status == 0


@pytest.fixture
def filled(product: Product) -> Product:
    """Two days: three papers, then two, of which one was on the list before."""
    organization = {"name": "lamp-lab", "fullname": "The Lamp Laboratory"}
    imported(
        product, "2025-12-09", "2025-12-09T10:00:00Z",
        item("2512.00001", 5, ai_keywords=["lamps", "Energy"]), item("2512.00002", 30), item("2512.00003", 7),
    )  # fmt: skip
    imported(product, "2025-12-09", "2025-12-09T20:00:00Z", item("2512.00001", 9), item("2512.00002", 40))
    imported(
        product, "2025-12-10", "2025-12-10T10:00:00Z",
        item("2512.00001", 12), item("2512.00004", 50, organization=organization),
    )  # fmt: skip
    return product


def keys(result: Result) -> list[str]:
    assert result.status == 0, result.err
    return [line.split()[0] for line in result.out.splitlines()]


def test_each_paper_is_listed_once_the_newest_first(filled: Product) -> None:
    result = filled("papers")
    assert keys(result) == ["2512.00004", "2512.00001", "2512.00002", "2512.00003"]
    assert result.out.splitlines()[1] == "2512.00001  2025-12-09  12  Lamps that sleep: an energy-aware curriculum"
    # A pipe gets whole titles, and no head.
    assert TITLES["2512.00004"].strip() in result.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--since", "2025-12-10"], ["2512.00004"]),
        (["--since", "0001-01-01", "--limit", "1"], ["2512.00004"]),
        (["--since", "9999-12-31"], []),
        (["--since", "2025-12-09"], ["2512.00004", "2512.00001", "2512.00002", "2512.00003"]),
        (["--since", "2025-12-09T10:00:00Z"], ["2512.00004"]),
        (["--day", "2025-12-10"], ["2512.00004", "2512.00001"]),
        (["--day", "2025-12-09", "--limit", "1"], ["2512.00001"]),
        (["--source", "hf-weekly"], []),
        (["--source", "hf-daily", "--limit", "2"], ["2512.00004", "2512.00001"]),
        (["--org", "LAMP-lab"], ["2512.00004"]),
        (["--org", "the lamp laboratory"], ["2512.00004"]),
        (["--keyword", "energy"], ["2512.00001"]),
        (["--min-upvotes", "40"], ["2512.00004", "2512.00002"]),
        (["--sort", "upvotes"], ["2512.00004", "2512.00002", "2512.00001", "2512.00003"]),
        (["--sort", "rising", "--limit", "1"], ["2512.00004"]),
    ],
)
def test_conditions_and_order(filled: Product, words: list[str], expected: list[str]) -> None:
    assert keys(filled("papers", *words)) == expected


def test_a_day_is_that_of_the_days_lists_not_of_the_week_that_begins_on_it(filled: Product) -> None:
    imported(filled, "2025-12-08", "2025-12-09T11:00:00Z", item("2512.00002"), source="hf-weekly")
    assert keys(filled("papers", "--day", "2025-12-08")) == []
    assert keys(filled("papers", "--day", "2025-12-10", "--source", "hf-weekly")) == ["2512.00002"]


def test_the_state_of_the_day_is_said_so_that_a_hole_is_no_quiet_day(filled: Product) -> None:
    assert "hf-daily 2025-12-10 is settling: seen in one view only" in filled("papers", "--day", "2025-12-10").err
    result = filled("papers", "--day", "2025-12-11")
    assert (result.status, result.out) == (0, "")
    assert result.err.startswith("hf-daily 2025-12-11 is not in the store; fetch it: ")
    assert f"dailypapers --store {filled.store.root} run hf-daily --day 2025-12-11" in result.err
    result = filled("papers", "--day", "2025-12-10", "--as-of", "2025-12-09T12:00:00Z")
    assert (result.out, result.err.splitlines()[0]) == (
        "", "hf-daily 2025-12-10 is missing: it had not been fetched by then"
    )  # fmt: skip
    result = filled("papers", "--day", "2025-12-09", "--as-of", "2025-12-09T12:00:00Z")
    assert result.err.splitlines()[0] == "hf-daily 2025-12-09 is open: seen in one view only"
    (day,) = json.loads(filled("papers", "--day", "2025-12-11", "--json").out)["days"]
    assert (day["source"], day["day"], day["state"]) == ("hf-daily", "2025-12-11", None)


def test_a_search_is_asked_for_with_its_words(filled: Product) -> None:
    result = filled("papers", "--source", "hf-search", "--query", "lamps", "--day", f"{DAY}")
    assert (result.status, result.out) == (0, "")
    assert f'hf-search "lamps" {DAY} is not in the store' in result.err
    assert "papers --since" in result.err
    # No cursor is for all searches of a source at once.
    result = filled("papers", "--source", "hf-search")
    assert (result.status, result.err) == (0, "no paper matches\n")


def test_no_fetch_is_advised_that_would_be_refused(filled: Product) -> None:
    result = filled("papers", "--day", "2020-01-01")
    assert (result.status, "fetch it" in result.err) == (0, False)


def cursor_of(result: Result) -> str:
    match = re.search(r"dailypapers --store \S+ papers --since (\S+)", result.err)
    assert match, result.err
    return match[1]


def test_a_cursor_gives_what_is_new_exactly_once(filled: Product) -> None:
    cursor = cursor_of(filled("papers", "--limit", "1"))
    result = filled("papers", "--since", cursor)
    assert (result.out, "nothing new" in result.err) == ("", True)
    # Also what is older than all that was known before.
    imported(filled, "2025-12-08", "2025-12-08T10:00:00Z", item("2512.00007"), item("2512.00008"))
    imported(filled, "2025-12-10", "2025-12-10T12:00:00Z", item("2512.00009"))
    first = filled("papers", "--since", cursor, "--limit", "2")
    assert "there is more: continue with the cursor" in first.err
    second = filled("papers", "--since", cursor_of(first))
    assert [*keys(first), *keys(second)] == ["2512.00007", "2512.00008", "2512.00009"]
    assert "resync" not in first.err + second.err
    answer = json.loads(filled("papers", "--since", cursor, "--json").out)
    assert [paper["arxiv_id"] for paper in answer["papers"]] == ["2512.00007", "2512.00008", "2512.00009"]
    assert (answer["cursor"], answer["resync"], answer["more"]) == (cursor_of(second), False, False)


def test_the_first_cursor_need_not_be_known(filled: Product) -> None:
    everything = filled("papers", "--since", "start")
    assert sorted(keys(everything)) == sorted(keys(filled("papers", "--limit", "100")))
    first = filled("papers", "--since", "start", "--limit", "1")
    assert [*keys(first), *keys(filled("papers", "--since", cursor_of(first)))] == keys(everything)
    assert "nothing new" in filled("papers", "--since", cursor_of(everything)).err


def test_the_command_that_goes_on_names_the_same_source(filled: Product) -> None:
    for options in ([], ["--since", "start"]):
        result = filled("papers", *options, "--source", "hf-daily", "--limit", "1")
        assert re.search(r" papers --since \S+ --source hf-daily$", result.err.rstrip())


def test_a_cursor_of_a_lost_catalog_is_a_resync_that_misses_nothing(filled: Product) -> None:
    cursor = cursor_of(filled("papers"))
    shutil.rmtree(filled.store.root / "catalog")
    imported(filled, "2025-12-10", "2025-12-10T12:00:00Z", item("2512.00009"))
    result = filled("papers", "--since", cursor)
    assert "2512.00009" in keys(result)
    assert "resync: the catalog was rebuilt since this cursor" in result.err
    assert json.loads(filled("papers", "--since", cursor, "--json").out)["resync"] is True
    assert "resync" not in filled("papers", "--since", cursor_of(result)).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--since", "soon"], "today or yesterday, a time, a cursor, or start"),
        (["--since", "2025-12-09T99:00:00Z"], "is not a time"),
        (["--since", "2025-12-10T12:00:00Z.zzz.1"], "is not a cursor"),
        (["--since", "2025-12-10T12:00:00Z.1a2b3c4d.1", "--org", "x"], "a cursor goes with --source, --query and"),
        (["--since", "2025-12-10T12:00:00Z.1a2b3c4d.1", "--as-of", "2025-12-10"], "not with a cursor"),
        (["--query", "x"], "--query needs --source"),
        (["--source", "hf-dayly"], "did you mean hf-daily?"),
        (["--source", "hf-daily", "--query", "x"], "takes no --query"),
        (["--limit", "0"], "--limit"),
        (["--day", "2030-01-01"], "2030-01-01 is in the future; today is "),
        (["--day", "2030-01-01", "--source", "hf-daily"], "2030-01-01 is in the future; today is "),
        (["--day", "2020-01-01", "--source", "hf-daily"], "hf-daily begins on 2023-05-04"),
        (["--since", "start", "--source", "hf-search"], "hf-search needs --query"),
        (["--as-of", "2099-01-01"], "until now"),
    ],
)
def test_wrong_usage(filled: Product, words: list[str], said: str) -> None:
    result = filled("papers", *words)
    assert (result.status, result.out, said in result.err) == (2, "", True), result.err


@pytest.mark.parametrize("words", [["papers"], ["show", "x"], ["search", "x"], ["query", "SELECT 1"], ["history", "x"]])
def test_where_there_is_no_store_the_command_to_begin_with_is_said(product: Product, words: list[str]) -> None:
    result = product(*words)
    assert (result.status, "start with: dailypapers run" in result.err) == (3, True)
    assert not product.store.root.exists()


def test_a_damaged_catalog_is_built_again_and_the_log_says_so(filled: Product) -> None:
    before = filled("papers").out
    catalog = filled.store.root / "catalog" / "catalog.sqlite"
    catalog.write_bytes(b"not a database")
    result = filled("papers", "--log-format", "json")
    assert (result.status, result.out) == (0, before)
    warning = json.loads(result.err.splitlines()[0])
    assert (warning["level"], "is set aside as .damaged and built again" in warning["message"]) == ("warning", True)


FORMS = [
    "2512.00001",
    "2512.00001v3",
    "arxiv:2512.00001",
    "arXiv:2512.00001",
    " 2512.00001 ",
    "https://arxiv.org/abs/2512.00001v2",
    "http://arxiv.org/pdf/2512.00001.pdf",
    "https://arxiv.org/html/2512.00001v1#S2",
    "https://huggingface.co/papers/2512.00001",
    "https://huggingface.co/papers/2512.00001?ref=feed#community",
    "10.48550/arXiv.2512.00001",
    "https://doi.org/10.48550/arXiv.2512.00001",
    "doi:10.48550/arXiv.2512.00001",
]


@pytest.mark.parametrize("form", FORMS)
def test_a_paper_is_found_by_all_that_names_it(filled: Product, form: str) -> None:
    assert json.loads(filled("show", form, "--json").out)["key"] == "arxiv:2512.00001"


def test_the_card_of_a_paper(filled: Product) -> None:
    result = filled("show", "2512.00001", "--sources")
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == TITLES["2512.00001"]
    for line in [
        "  key         arxiv:2512.00001",
        "  authors     Łukasz Kaiserling",
        "  published   2025-12-01",
        "  keywords    lamps, Energy",
        "  page        https://huggingface.co/papers/2512.00001",
        "  numbers     12 upvotes, 0 comments",
        "  first seen  2025-12-09 10:00 UTC",
        "Abstract",
        "  We study lamps.",
        "Listed on 2 lists",
        "Where each field is from",
    ]:
        assert line in lines
    listed = [line for line in lines if line.startswith("  2025-12-") and "hf-daily  rank" in line]
    assert [line.split("first seen ")[1] for line in listed] == [
        "2025-12-09 10:00 UTC; the day is settling",
        "2025-12-10 10:00 UTC; the day is settling",
    ]
    assert "  2025-12-10 hf-daily, as observed 2025-12-10 10:00 UTC" in lines


def test_json_of_a_paper_has_the_record_its_listings_and_the_source_of_each_field(filled: Product) -> None:
    answer = json.loads(filled("show", "2512.00001", "--sources", "--json").out)
    (record,) = [paper for paper in filled.papers(DAY) if paper["key"] == "arxiv:2512.00001"]
    assert answer["upvotes"] == record["upvotes"] == 12
    assert answer["first_seen"] == "2025-12-09T10:00:00Z"
    assert [(each["day"], each["upvotes"], each["state"]) for each in answer["listings"]] == [
        ("2025-12-09", 9, "settling"), ("2025-12-10", 12, "settling"),
    ]  # fmt: skip
    assert answer["sources"]["upvotes"]["day"] == "2025-12-10"
    assert answer["sources"]["keywords"]["day"] == "2025-12-09"
    assert "sources" not in json.loads(filled("show", "2512.00001", "--json").out)


@pytest.mark.parametrize("command", ["show", "history"])
@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("2512.00011", 'did you mean arxiv:2512.00001 "Lamps that sleep'),
        ("2512.99999", "find it by its words: dailypapers search WORDS"),
        ("2401.00001", "find it by its words"),
        ("sleep lamps", 'did you mean arxiv:2512.00001 "Lamps that sleep'),
        ("doi:10.1000/none", "no paper 'doi:10.1000/none' in the store"),
        ("title:0123456789abcdef", "no paper 'title:0123456789abcdef'"),
        ("", "no paper ''"),
    ],
)
def test_an_unknown_paper_is_exit_3_with_what_may_be_meant(filled: Product, command: str, key: str, said: str) -> None:
    result = filled(command, key)
    assert (result.status, result.out, said in result.err) == (3, "", True), result.err


def test_a_paper_as_of_a_time(filled: Product) -> None:
    then = json.loads(filled("show", "2512.00001", "--as-of", "2025-12-09T12:00:00Z", "--json").out)
    assert (then["upvotes"], len(then["listings"])) == (5, 1)
    result = filled("show", "2512.00004", "--as-of", "2025-12-09T12:00:00Z")
    assert result.status == 3
    said = "arxiv:2512.00004 was not known at 2025-12-09T12:00:00Z; it was first seen at 2025-12-10T10:00:00Z"
    assert said in result.err
    history = json.loads(filled("history", "2512.00001", "--as-of", "2025-12-09T12:00:00Z", "--json").out)
    assert [point["upvotes"] for listing in history for point in listing["points"]] == [5]
    result = filled("papers", "--as-of", "2025-12-09T12:00:00Z")
    assert keys(result) == ["2512.00001", "2512.00002", "2512.00003"]
    assert [line.split()[2] for line in result.out.splitlines()] == ["5", "30", "7"]
    assert "--since" not in result.err
    assert filled("query", "SELECT count(*) FROM paper", "--as-of", "2025-12-09T12:00:00Z").out.split() == [
        "count(*)", "3",
    ]  # fmt: skip


def test_a_paper_as_of_a_time_is_the_same_in_the_shell_and_in_python(filled: Product) -> None:
    """Merged from all its listings as they are built from the fetches until then, not from its newest listing alone."""
    at = "2025-12-10T12:00:00Z"
    weekly = item("2512.00001", 11, ai_summary="Of the week.")
    imported(filled, "2025-12-08", "2025-12-10T11:00:00Z", weekly, source="hf-weekly")
    imported(filled, "2025-12-08", "2025-12-10T13:00:00Z", item("2512.00001", 99), source="hf-weekly")
    store = dailypapers.open(filled.store.root)
    shown = json.loads(filled("show", "2512.00001", "--as-of", at, "--json").out)
    (listed, *_) = [
        each
        for each in json.loads(filled("papers", "--as-of", at, "--json").out)["papers"]
        if each["key"] == shown["key"]
    ]
    python, found = store.paper("2512.00001", as_of=at), store.find(as_of=at)
    assert (shown["upvotes"], shown["ai_summary"], len(shown["listings"])) == (11, "Of the week.", 3)
    assert python in found
    for names in (python.fields.keys(), ["first_day"]):
        assert [shown[name] for name in names] == [listed[name] for name in names]
    assert {name: shown[name] for name in python.fields} == json.loads(json.dumps(python.fields))
    bare = [{name: value for name, value in each.items() if name != "state"} for each in shown["listings"]]
    assert (bare, shown["aliases"]) == (listed["listings"], listed["aliases"])


def test_a_paper_that_came_after_the_end_of_its_day_is_late(filled: Product) -> None:
    imported(filled, "2025-12-10", "2025-12-11T10:00:00Z", item("2512.00001", 12), item("2512.00009", 3))
    imported(filled, "2025-12-11", "2025-12-14T10:00:00Z", item("2512.00008", 3))
    (late,) = json.loads(filled("show", "2512.00009", "--json").out)["listings"]
    # Nobody had looked before.
    (first,) = json.loads(filled("show", "2512.00008", "--json").out)["listings"]
    assert (late["late"], first["late"]) == (True, False)
    assert "first seen 2025-12-11 10:00 UTC, late; the day is" in filled("show", "2512.00009").out
    assert "late" not in filled("show", "2512.00008").out


def test_search(filled: Product) -> None:
    result = filled("search", "sleep", "lamps")
    assert (keys(result), result.err) == (["2512.00001"], "1 paper\n")
    assert keys(filled("search", "lukasz")) != []
    result = filled("search", "nothing at all")
    assert (result.status, result.out, result.err) == (0, "", "no paper has all of: nothing at all\n")
    result = filled("search", "--limit", "1", "lamps")
    assert (len(keys(result)), result.err) == (1, "the best 1 of 4 papers\n")
    result = filled("search", "--", "--", "()")
    assert (result.status, result.out, "no word to search for" in result.err) == (0, "", True)
    result = filled("search", " ".join(["lamps"] * 40))
    assert (result.status, "what follows the first 32 words" in result.err) == (0, True)
    answer = json.loads(filled("search", "lamps", "--json").out)
    assert (answer["total"], answer["words"], len(answer["papers"])) == (4, ["lamps"], 4)


def test_a_search_as_of_a_time_says_that_its_text_is_of_today(filled: Product) -> None:
    result = filled("search", "lamps", "--as-of", "2025-12-09T12:00:00Z")
    assert set(keys(result)) == {"2512.00001", "2512.00002", "2512.00003"}
    assert "papers known at 2025-12-09T12:00:00Z, searched by the text that they have today" in result.err


def test_a_search_loads_nothing_heavy(filled: Product) -> None:
    """It takes a quarter of a second at most: the record model alone would take that."""
    # A folder that changed within the last two seconds is looked at again, as it may change unnoticed.
    os.utime(filled.store.papers(SERIES, DAY).parent, (0, 0))
    filled("search", "lamps")
    code = (
        "import sys; from dailypapers.cli.main import main; "
        f"status = main(['--store', {str(filled.store.root)!r}, 'search', 'lamps']); "
        "print(status, *({name.split('.')[0] for name in sys.modules} | set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    *_, last = out.splitlines()
    status, *loaded = last.split()
    assert (status, "2512.00001" in out) == ("0", True)
    assert {"pydantic", "httpx", "selectolax", "fastwarc", "rich.console"}.isdisjoint(loaded)


def test_query(filled: Product) -> None:
    sql = "SELECT key, upvotes, title FROM paper WHERE upvotes < 40 ORDER BY upvotes"
    lines = filled("query", sql).out.splitlines()
    assert lines[0] == "key               upvotes  title"
    assert lines[1].startswith("arxiv:2512.00003        7  Hostile \\x1b]0;owned")
    answer = json.loads(filled("query", "SELECT NULL AS a, x'00ff' AS b, 1.5 AS c", "--json").out)
    assert answer == {
        "version": 1, "columns": ["a", "b", "c"], "rows": [{"a": None, "b": "00ff", "c": 1.5}], "cut": False,
    }  # fmt: skip
    answer = json.loads(filled("query", "SELECT 1 AS a, 2 AS a, 3 AS a", "--json").out)
    assert (answer["columns"], answer["rows"]) == (["a", "a:1", "a:2"], [{"a": 1, "a:1": 2, "a:2": 3}])
    assert filled("query", "SELECT key FROM paper WHERE 0").out == "key\n"
    result = filled("query", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
    assert (result.status, "cut after 10000 rows" in result.err) == (0, True)


@pytest.mark.parametrize(
    "sql", ["DROP TABLE paper", "SELEC 1", "ATTACH 'x' AS y", "PRAGMA user_version", "", "SELECT 1; SELECT 2"]
)
def test_sql_that_is_not_one_select_is_wrong_usage(filled: Product, sql: str) -> None:
    filled("papers")
    before = filled.files()
    result = filled("query", sql)
    assert (result.status, result.out, result.err != "") == (2, "", True)
    assert filled.files() == before


def test_history_over_all_days_and_each(filled: Product) -> None:
    lines = filled("history", "2512.00001").out.splitlines()
    assert lines[0] == f"arxiv:2512.00001: {TITLES['2512.00001']}"
    assert lines[1] == "  2025-12-09T10:00:00Z to 2025-12-10T10:00:00Z, on 2 lists"
    assert re.fullmatch(r"  upvotes   [▁▂▃▄▅▆▇█]{48} 5 -> 12", lines[2])
    assert lines[-2:] == [
        "  2025-12-09  hf-daily  upvotes 5 -> 9    comments 0 -> 0",
        "  2025-12-10  hf-daily  upvotes 12 -> 12  comments 0 -> 0",
    ]
    rows = json.loads(filled("history", "https://arxiv.org/abs/2512.00001", "--json").out)
    assert [[point["upvotes"] for point in row["points"]] for row in rows] == [[5, 9], [12]]
    assert {row["paper"] for row in rows} == {"arxiv:2512.00001"}
    assert "hf-daily 20" not in filled("history", "2512.00004").out


def test_papers_are_joined_and_split(filled: Product) -> None:
    result = filled("papers", "join", "2512.00001", "https://arxiv.org/abs/2512.00002")
    assert (result.status, result.err) == (0, "")
    said, first, *others = result.out.splitlines()
    assert said.startswith("join: the two keys are one paper now, as ")
    assert said.endswith("joins.txt says")
    assert first.startswith("  arxiv:2512.0000")
    assert len(others) == 1
    assert len(keys(filled("papers"))) == 3
    shown = {json.loads(filled("show", key, "--json").out)["key"] for key in ("2512.00001", "2512.00002")}
    assert len(shown) == 1
    result = filled("papers", "split", "2512.00001", "2512.00002", "--json")
    assert json.loads(result.out) == {"decision": "split", "papers": ["arxiv:2512.00001", "arxiv:2512.00002"]}
    assert len(keys(filled("papers"))) == 4
    lines = filled.store.joins.read_text().splitlines()
    assert lines[-1].split() == ["split", "arxiv:2512.00001", "arxiv:2512.00002"]


@pytest.mark.parametrize(
    "words", [("2512.00001", "2512.77777"), ("2512.00001", "2512.00001"), ("nonsense", "2512.00001")]
)
def test_a_decision_about_no_two_papers_is_refused(filled: Product, words: tuple[str, str]) -> None:
    result = filled("papers", "join", *words)
    assert (result.status, result.out) == (3, "")
    assert not filled.store.joins.exists()


def test_no_control_character_of_a_site_reaches_the_terminal(filled: Product) -> None:
    for words in (
        ["papers"], ["show", "2512.00003"], ["search", "hostile"], ["history", "2512.00003"],
        ["query", "SELECT title FROM paper"], ["show", f"2512.00003{CONTROL}"], ["search", CONTROL],
    ):  # fmt: skip
        result = filled(*words)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", result.out + result.err), words
    assert json.loads(filled("show", "2512.00003", "--json").out)["title"] == TITLES["2512.00003"]


def on_a_terminal(product: Product, monkeypatch: pytest.MonkeyPatch, *words: str, columns: int) -> list[str]:
    """The lines that a command prints on a terminal of that width."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal, os.fdopen(ours, "rb", buffering=0) as screen:
        monkeypatch.setattr("sys.stdout", terminal)
        monkeypatch.setattr("os.get_terminal_size", lambda _: os.terminal_size((columns, 24)))
        assert main(["--store", str(product.store.root), "--now", NOW.isoformat(), *words]) == 0
        terminal.write("END\n")
        terminal.flush()
        shown = b""
        while not shown.endswith(b"END\r\n"):
            shown += screen.read(100_000)
        return shown.decode().replace("\r\n", "\n").splitlines()[:-1]


@pytest.mark.parametrize("columns", [40, 60, 79, 400])
def test_a_terminal_gets_a_head_and_lines_that_fit(
    filled: Product, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    filled("papers")
    head, *lines = on_a_terminal(filled, monkeypatch, "papers", columns=columns)
    assert head.split() == ["PAPER", "LISTED", "UPVOTES", "TITLE"]
    assert len(lines) == 4
    title = head.index("TITLE")
    # Titles begin in the same column, and are cut to the width, but for 20 columns that they always get.
    assert all(cell_len(line) <= max(columns, title + 20) for line in lines)
    assert [line[:title].split()[-1] for line in lines] == ["50", "12", "40", "7"]
    assert all(line[title - 1] == " " and line[title] != " " for line in lines)
    assert ("…" in lines[0]) is (columns < 400)


def test_colour_is_for_the_head_only(filled: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    filled("papers")
    head, *lines = on_a_terminal(filled, monkeypatch, "papers", columns=80)
    assert head.startswith("\x1b[1m")
    assert "\x1b" not in "".join(lines)


def test_tables_are_aligned_by_columns_of_a_terminal() -> None:
    rows = [("日本語", "1", "a"), ("e\u0301", "22", "b"), ("plain text", "333", "c")]
    lines = list(table(rows, right={1}))
    assert [cell_len(line) for line in lines] == [18, 18, 18]
    assert [line[-1] for line in lines] == ["a", "b", "c"]
    assert list(table([])) == []
    assert list(table([("x\ny\x1b",)])) == ["x\\ny\\x1b"]


@pytest.mark.parametrize("width", range(2, 12))
def test_text_is_cut_and_wrapped_to_columns(width: int) -> None:
    assert cell_len(shortened(WIDE, width)) <= width
    assert shortened("short", 5) == "short"
    lines = wrapped(f"{WIDE} {CONTROL}", width)
    assert all(0 < cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "").startswith("多视角MotionSynthesis한국어\\x1b")


def test_a_run_moves_the_cursor_by_itself(product: Product, site: PaperSite) -> None:
    """What a scheduler does: list what is new after each run."""
    assert product("run", "--day", f"{DAY}").status == 0
    cursor, seen = cursor_of(product("papers")), {paper["key"] for paper in product.papers()}
    site.now = NOW + timedelta(hours=3)
    assert product("run", "--day", "2025-12-08", now=site.now).status == 0
    answer = json.loads(product("papers", "--since", cursor, "--json", now=site.now).out)
    found = [paper["key"] for paper in answer["papers"]]
    assert len(found) == len(set(found)) == 130
    assert not set(found) & seen
    assert datetime.fromisoformat(answer["papers"][0]["first_seen"]) == site.now
