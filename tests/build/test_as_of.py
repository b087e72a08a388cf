"""`build --as-of`: the days as the store held them at any time, to the byte, in a store of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dailypapers.snapshots.store.layout import Store
from tests.papersite import PaperSite
from tests.product import BUSY, DAY, NOW, Product
from tests.support.changed_parsers import set_version
from tests.support.hourly_copies import (
    Copy,
    between,
    copies_of_a_run,
    differing_days,
    differing_papers,
    files,
    short_script,
)
from tests.support.scripted_month import pointed_at, run_command

HOURS = 24 * 4


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Copy]]:
    """A store, and a copy of it for each hour in which something was fetched."""
    folder = tmp_path_factory.mktemp("history")
    return folder / "store", list(copies_of_a_run(folder, short_script(), HOURS))


def test_each_copy_is_made_again_to_the_byte(history: tuple[Path, list[Copy]], tmp_path: Path) -> None:
    root, copies = history
    compared = list(differing_days(root, copies))
    assert len(compared) > 40
    assert [day for day in compared if day is not None] == []
    for number in (0, len(copies) // 3, len(copies) - 1):
        at, out = between(copies, number).isoformat(), tmp_path / "out"
        result = run_command(root, copies[-1].at + timedelta(days=1), "build", "--as-of", at, "--out", f"{out}")
        assert result.status == 0
        assert files(out) == files(copies[number].root)


def test_papers_are_as_each_copy_has_them(history: tuple[Path, list[Copy]]) -> None:
    root, copies = history
    compared = [answer for copy in (copies[len(copies) // 3], copies[-2]) for answer in differing_papers(root, copy)]
    assert len(compared) > 30
    assert [answer for answer in compared if answer is not None] == []


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with three days, fetched three times an hour apart."""
    folder = tmp_path_factory.mktemp("fetched")
    with PaperSite(seed=1, now=NOW, sizes={BUSY: 130, DAY: 12}) as site, pointed_at(site, folder):
        for hours in range(3):
            words = ("run", "--since", f"{BUSY}", "--until", f"{DAY}")
            assert run_command(folder / "store", NOW + timedelta(hours=hours), *words).status == 0
    return folder / "store"


@pytest.fixture
def filled(product: Product, site: PaperSite, written: Path) -> Product:
    """Command lines on a copy of the store; the next run goes to a site like the one that was fetched."""
    shutil.copytree(written, product.store.root)
    return product


def as_of(product: Product, hours: float, *words: str | Path) -> tuple[int, str, str]:
    """Build as of some hours after the first fetch; gives status, output and messages."""
    at = NOW + timedelta(hours=hours)
    result = product("build", "--as-of", f"{at:%Y-%m-%dT%H:%M:%SZ}", *words, now=NOW + timedelta(days=3))
    return result.status, result.out, result.err


def test_the_store_is_not_touched(filled: Product, tmp_path: Path) -> None:
    def state() -> list[tuple[Path, int, int]]:
        return [(path, (stat := path.stat()).st_mtime_ns, stat.st_ino) for path in filled.store.root.rglob("*")]

    before = state()
    status, _, err = as_of(filled, 1.5, "--out", tmp_path / "out", "--jobs", "2")
    assert (status, state()) == (0, before)
    assert "out holds 3 days as of 2025-12-19T13:30:00Z; read it with: dailypapers --store " in err
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"snapshots", "as-of.json", ".lock"}


def test_a_day_that_was_not_fetched_by_then_is_not_there(filled: Product, tmp_path: Path) -> None:
    status, out, err = as_of(filled, -1, "--out", tmp_path / "out")
    assert (status, out, "holds 0 days" in err) == (0, "", True)
    assert files(tmp_path / "out") == {}


def test_sources_and_days_are_chosen_as_for_any_build(filled: Product, tmp_path: Path) -> None:
    as_of(filled, 1, "hf-daily", "--since", f"{DAY}", "--out", tmp_path / "out")
    assert {name[-16:] for name in files(tmp_path / "out")} == {
        f"{DAY}.jsonl", f"{DAY}.metrics.jsonl"[-16:], f"{DAY}.day.json"[-16:]
    }  # fmt: skip


def test_the_new_store_replaces_the_older_one_whole(filled: Product, tmp_path: Path) -> None:
    out = tmp_path / "out"
    filled.store.waived.write_text("hf-daily\t2025-01-01\t2025-01-02\tgone\n")
    as_of(filled, 2, "--out", out)
    (out / "catalog").mkdir()
    (out / "catalog" / "catalog.sqlite").write_bytes(b"of another time")
    late = files(out)
    assert (out / "waived.txt").read_bytes() == filled.store.waived.read_bytes()
    filled.store.waived.unlink()
    assert as_of(filled, -1, "--out", out)[0] == 0
    assert {path.name for path in out.iterdir()} == {"snapshots", "as-of.json", ".lock"}
    assert as_of(filled, 2, "--out", out)[0] == 0
    assert files(out) == late


@pytest.mark.parametrize("renames", range(4))
def test_killed_at_any_step_it_is_made_again(
    filled: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    out = tmp_path / "out"
    as_of(filled, 0, "--out", out)
    left = [renames]
    rename = Path.rename

    def dies(path: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return rename(path, target)

    filled.store.joins.write_text("split\tarxiv:2512.00001\tarxiv:2512.00002\n")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", dies)
        as_of(filled, 2, "--out", out)
    assert as_of(filled, 2, "--out", out)[0] == 0
    assert {path.name for path in out.iterdir()} == {"snapshots", "as-of.json", ".lock", "joins.txt"}
    as_of(filled, 2, "--out", tmp_path / "fresh")
    assert files(out) == files(tmp_path / "fresh")


def _file(folder: Path) -> None:
    folder.write_text("mine")


def _full(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.tex").write_text("mine")


def _store(folder: Path) -> None:
    (folder / "snapshots").mkdir(parents=True)


@pytest.mark.parametrize("make", [_file, _full, _store])
def test_a_folder_with_anything_else_is_left_as_it_is(
    filled: Product, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "out")
    before = sorted(tmp_path.rglob("*"))
    status, _, err = as_of(filled, 1, "--out", tmp_path / "out")
    assert (status, sorted(tmp_path.rglob("*"))) == (2, before)
    assert "name a" in err


@pytest.mark.parametrize("where", [".", "inside", ".."])
def test_the_store_itself_is_no_place_for_it(filled: Product, where: str) -> None:
    status, _, err = as_of(filled, 1, "--out", filled.store.root / where)
    assert (status, "name another folder" in err) == (2, True)
    assert not (filled.store.root / "inside").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as-of", "2025-12-19"], "belong together"),
        (["--out", "elsewhere"], "belong together"),
        (["--as-of", "2025-12-19", "--out", "elsewhere", "--all"], "go with neither"),
        (["--as-of", "2025-12-19", "--out", "elsewhere", "--check"], "go with neither"),
        (["--as-of", "yesterday", "--out", "elsewhere"], "is not a time"),
        (["--as-of", "2099-01-01", "--out", "elsewhere"], "until now (2025-12-19T12:00:00Z)"),
        (["--as-of", "0001-01-01", "--out", "elsewhere"], "from 1970"),
    ],
)
def test_wrong_usage_is_said(filled: Product, words: list[str], said: str) -> None:
    result = filled("build", *words)
    assert (result.status, said in result.err) == (2, True)
    assert not Path("elsewhere").exists()


def test_the_new_store_is_read_by_every_command_and_written_by_none(filled: Product, tmp_path: Path) -> None:
    as_of(filled, 1, "--out", tmp_path / "out")
    copy = Product(Store(tmp_path / "out"), filled.capsys)
    before, key = copy.files(), copy.papers()[0]["key"]
    for words in (["status"], ["drift"], ["rejects"], ["runs"], ["history", key], ["show", key], ["papers", "--quiet"],
                  ["search", "--quiet", "the"], ["query", "SELECT 1"]):  # fmt: skip
        result = copy(*words, now=NOW + timedelta(hours=1))
        assert (result.status, result.err) in {(0, ""), (1, "")}, words
    saved = tmp_path / "page.json"
    saved.write_text("[]")
    for words in (["run"], ["backfill", "hf-daily", "--since", f"{DAY}"], ["build"], ["build", "--check"],
                  ["import", "hf-daily", f"{saved}", "--day", f"{DAY}"], ["papers", "split", key, key],
                  ["build", "--as-of", "2025-12-19", "--out", f"{tmp_path / 'again'}"],
                  ["waive", "hf-daily", "--since", f"{DAY}", "--until", f"{DAY}", "--reason", "x"]):  # fmt: skip
        result = copy(*words)
        assert (result.status, "and is only read" in result.err) == (2, True), words
    result = copy("show", key, "--as-of", "2025-12-19T12:00:00Z")
    assert (result.status, "has no pages: ask that other one how it was at" in result.err) == (3, True)
    # All but the catalog, which is derived.
    after = {name: content for name, content in copy.files().items() if not name.startswith("catalog/")}
    assert after == before


def test_damage_of_a_later_archive_does_not_matter_and_of_an_earlier_one_is_said(
    filled: Product, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    as_of(filled, 1, "--out", out)
    sound = files(out)
    first, _, last = filled.archives()
    last.write_bytes(last.read_bytes()[:-10])
    assert as_of(filled, 1, "--out", out)[0] == 0
    assert files(out) == sound
    content = first.read_bytes()
    first.write_bytes(content[:-10])
    status, _, err = as_of(filled, 1, "--out", out)
    assert (status, f"hf-daily {DAY}: failed: {first}: damaged archive" in err, "--accept-loss" in err) == (
        1,
        True,
        True,
    )
    assert files(out) == {name: content for name, content in sound.items() if f"{DAY}" not in name}
    status, said, _ = as_of(filled, 1, "--out", out, "--accept-loss")
    assert (status, f"built without {first.name}" in said) == (1, True)
    first.unlink()
    assert as_of(filled, 1, "--out", out)[0] == 1


def test_a_day_built_by_an_older_parser_is_built_by_this_one(
    filled: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_version(monkeypatch, "hf_api", 99)
    as_of(filled, 1.5, "--out", tmp_path / "old")
    as_of(filled, 50, "--out", tmp_path / "all")
    assert filled("build").status == 0
    assert files(tmp_path / "all") == files(filled.store.root)
    assert b'"hf_api": 99' in files(tmp_path / "old")[f"snapshots/hf-daily/2025/{DAY}.day.json"]


def test_an_imported_page_counts_from_the_time_at_which_it_was_served(filled: Product, tmp_path: Path) -> None:
    early = datetime(2025, 12, 11, 9, tzinfo=UTC)
    other = Product(Store(tmp_path / "other"), filled.capsys)
    assert other("run", "--day", f"{DAY}", now=early).status == 0
    assert filled("import", "hf-daily", other.archives()[0]).status == 0
    as_of(filled, -100, "--out", tmp_path / "out")
    papers = f"snapshots/hf-daily/2025/{DAY}.jsonl"
    assert files(tmp_path / "out")[papers] == files(tmp_path / "other")[papers]
    assert filled.papers()[0]["first_seen"] == f"{early:%Y-%m-%dT%H:%M:%SZ}"
