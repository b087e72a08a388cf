"""`dailypapers feed`: one document on stdout, files in a folder, and what a reader that subscribed to them shows."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import feedparser_sgmllib
import orjson
import pytest
from reader import Reader, make_reader

from tests.feeds.stores import at, contents
from tests.feeds.validators import atom_errors, json_feed, parsed
from tests.papersite import Moving, PaperSite
from tests.papersite.paper_timeline import Fate
from tests.product import Product
from tests.support.scripted_month import pointed_at, run_command

FIRST = date(2025, 11, 27)
DAYS = [FIRST + timedelta(days=number) for number in range(9)]
LATE_DAY = DAYS[1]
LATE = at(DAYS[-1], 23.2)
FATES = {(LATE_DAY, 0): Fate(LATE)}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A store of nine days, and the same after a paper of the second day came."""
    folder = tmp_path_factory.mktemp("feed-command")
    before, after = folder / "before", folder / "after"
    with PaperSite(script=Moving(3, 4, fates=FATES), now=at(FIRST, 1)) as site, pointed_at(site, folder):
        for day in DAYS:
            for hours in (10, 23):
                site.now = at(day, hours)
                run_command(before, site.now, "run")
        shutil.copytree(before, after)
        site.now = at(DAYS[-1], 23.4)
        assert run_command(after, site.now, "run", "--day", f"{LATE_DAY}").status == 0
    return before, after


def run(store: Path, *words: str | Path) -> bytes:
    result = run_command(store, at(DAYS[-1], 23.5), "feed", *map(str, words))
    assert (result.status, result.err) == (0, "")
    return result.out.encode()


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    # The copy of feedparser inside reader 3.26 imports a dependency of feedparser by its former name.
    monkeypatch.setitem(sys.modules, "sgmllib", feedparser_sgmllib)
    (tmp_path / "public").mkdir()
    with make_reader(":memory:", feed_root=str(tmp_path / "public")) as opened:
        yield opened


def unread(reader: Reader) -> int:
    """Update all feeds and count the unread entries, which are then marked as read."""
    reader.update_feeds(scheduled=False)
    assert [feed.last_exception for feed in reader.get_feeds()] == [None]
    entries = list(reader.get_entries(read=False))
    for entry in entries:
        reader.mark_entry_as_read(entry)
    return len(entries)


# reader asks pathlib for something that Python 3.13 deprecates.
@pytest.mark.filterwarnings(r"ignore:pathlib\.PurePath\.is_reserved:DeprecationWarning")
@pytest.mark.parametrize("format_", ["atom", "rss", "json"])
def test_a_reader_shows_a_late_paper_as_new_and_nothing_twice(
    stores: tuple[Path, Path], reader: Reader, tmp_path: Path, format_: str
) -> None:
    before, after = stores
    public = tmp_path / "public"
    run(before, "--out", public, "--format", "all", "--base-url", "https://papers.example.org/")
    reader.add_feed(f"feeds/hf-daily.{format_}")
    listed = json_feed((public / "feeds/hf-daily.json").read_bytes())["items"]
    assert unread(reader) == len(listed) > 10
    run(after, "hf-daily", "--out", public, "--format", "all", "--base-url", "https://papers.example.org/")
    first = json_feed((public / "feeds/hf-daily.json").read_bytes())["items"][0]
    assert (first["tags"], first["_dailypapers"]["day"]) == (["late"], f"{LATE_DAY}")
    assert first["content_text"].startswith(
        "Listed for 2025-11-28; first seen 2025-12-05 23:24 UTC, 6 days after that day had ended. "
    )
    assert unread(reader) == 1
    shutil.rmtree(public)
    run(after, "--out", public, "--format", "all", "--base-url", "https://elsewhere.example/")
    assert unread(reader) == 0


@pytest.mark.parametrize("format_", ["atom", "rss", "json"])
def test_without_out_stdout_has_the_live_document(stores: tuple[Path, Path], tmp_path: Path, format_: str) -> None:
    printed = run(stores[1], "hf-daily", "--format", format_)
    run(stores[1], "--out", tmp_path / "out", "--format", format_)
    written = (tmp_path / f"out/feeds/hf-daily.{format_}").read_bytes()
    if format_ == "json":
        assert {**json_feed(written), "next_url": 0} == {**json_feed(printed), "next_url": 0}
    else:
        assert len(parsed(printed).entries) == len(parsed(written).entries)
        links = [line for line in written.splitlines() if b"prev-archive" not in line]
        assert links == printed.splitlines()


def test_all_documents_of_a_real_run_are_valid(stores: tuple[Path, Path], tmp_path: Path) -> None:
    run(stores[1], "--out", tmp_path / "out", "--format", "all", "--base-url", "https://papers.example.org/p")
    files = contents(tmp_path / "out/feeds")
    assert {name for name in files if "-part-" not in name} == {
        "hf-daily.atom",
        "hf-daily.rss",
        "hf-daily.json",
        "hf-daily.days.atom",
        "hf-daily/2025-11.atom",
        "hf-daily/2025-11.json",
    }
    assert atom_errors(tmp_path / "out/feeds" / name for name in files if name.endswith(".atom")) == []
    for name, content in files.items():
        checked = json_feed(content) if name.endswith(".json") else parsed(content)
        assert checked
    rss = ElementTree.fromstring(files["hf-daily.rss"])
    guids = [item.findtext("guid") for item in rss.iter("item")]
    assert len(guids) == len(set(guids))
    assert rss.findtext("channel/link") == "https://huggingface.co/papers"


def test_json_says_what_was_written(stores: tuple[Path, Path], tmp_path: Path) -> None:
    said = orjson.loads(run(stores[1], "--json", "--out", tmp_path / "out"))
    assert said["files"][0] == "feeds/hf-daily/2025-11.atom"
    assert (len(said["files"]), said["changed"]) == (3, 3)
    assert run(stores[1], "--out", tmp_path / "out") == f"{tmp_path / 'out'}: 3 files, 0 changed\n".encode()
    assert run(stores[1], "--quiet", "--out", tmp_path / "out") == b""
    assert json_feed(run(stores[1], "--json", "hf-daily"))["title"] == "Hugging Face Daily Papers"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hf-daily", "--format", "all"], "--format all writes several files: add --out DIR"),
        (["hf-daily", "--base-url", "javascript:alert(1)", "--out", "x"], "write the address of the folder"),
        (["hf-daily", "--base-url", "https://a.example/?x=1", "--out", "x"], "write the address of the folder"),
        (["hf-dayly"], "no source 'hf-dayly'"),
        (["hf-daily", "--search", " - "], "--search ' - ' has no word"),
        (["hf-daily", "--search", "x", "--out", "x"], "save the search in feeds.yaml"),
        (["hf-daily", "--since", "start", "--out", "x"], "--since is for stdout"),
        (
            ["hf-daily", "--since", "yesterday"],
            "'yesterday' is not a cursor like 2025-12-10T12:00:00Z.1a2b3c4d.12345, or start",
        ),
        (["hf-daily", "--file", "nowhere.yaml"], "there is no nowhere.yaml; write one with feeds:"),
        (["hf-daily", "--query", "agents"], "hf-daily takes no --query"),
    ],
)
def test_wrong_usage_is_exit_2(stores: tuple[Path, Path], words: list[str], said: str) -> None:
    result = run_command(stores[1], at(DAYS[-1], 23.5), "feed", *words)
    assert (result.status, said in result.err) == (2, True)


def test_several_series_need_a_name_or_a_folder(product: Product, site: PaperSite) -> None:
    product("run", "hf-daily", "hf-trending")
    result = product("feed")
    assert result.status == 2
    assert "without --out, name one feed (hf-daily, hf-trending)" in result.err
    assert product("feed", "hf-trending").out.startswith("<?xml")


def test_the_store_and_a_folder_of_other_files_are_refused(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("x")
    for folder in (product.store.root, tmp_path / "thesis"):
        assert product("feed", "--out", folder).status == 2


def test_no_store_is_exit_3(product: Product) -> None:
    assert product("feed", "hf-daily").status == 3
