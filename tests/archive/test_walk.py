"""The pages of a walk that is under way, and the archive that they become."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from dailypapers.ingest.archive.model import Entry, Fault, Fetch, ViewPass, served
from dailypapers.ingest.archive.reader import read_archives
from dailypapers.ingest.archive.walk import Walk, remove_abandoned, remove_archived
from dailypapers.ingest.archive.writer import write_fetch
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Series, Store

SERIES, DAY = Series("arxiv-oai"), date(2026, 8, 13)
AT = datetime(2026, 10, 20, 12, tzinfo=UTC)


def page(number: int, at: datetime = AT) -> list[Entry]:
    """A page and the redirect to it."""
    moved = Page(f"https://arxiv.test/{number}", 301, (("Location", f"/to/{number}"),), b"", at)
    found = Page(f"https://arxiv.test/to/{number}", 200, (), b"<records/>" * number, at)
    return [served(moved), served(found)]


PAGES = [page(number) for number in range(1, 6)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def walk_in(store: Store) -> Walk:
    return Walk(store, SERIES, DAY, "records", {})


def stopped(store: Store) -> list[Path]:
    """The stored pages of a walk that was stopped at its last page."""
    walk = walk_in(store)
    for entries in PAGES[:-1]:
        walk.add(AT, entries)
    return store.parts(SERIES, DAY)


def undisturbed(folder: Path) -> bytes:
    view = ViewPass("records", tuple(entry for entries in PAGES for entry in entries))
    written = write_fetch(Store(folder / "undisturbed"), Fetch(SERIES, DAY, AT, (view,)), {})
    assert written is not None
    return written.content


def names(store: Store) -> list[str]:
    return sorted(path.name for path in store.pages(SERIES, DAY).iterdir())


def test_the_archive_of_a_walk_is_that_of_a_fetch(store: Store, tmp_path: Path) -> None:
    assert len(stopped(store)) == 4
    assert store.archives(SERIES, DAY) == []
    walk = walk_in(store)
    assert [list(entries) for entries in walk.stored_pages()] == PAGES[:-1]
    assert (walk.begun, walk.pages, walk.has_grown) == (AT, 4, False)
    path = walk.seal(PAGES[-1])
    assert path is not None
    assert path.read_bytes() == undisturbed(tmp_path)
    assert names(store) == [path.name]
    assert (walk.begun, walk.pages) == (None, 0)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("damage", ["cut", "changed", "missing", "of another page"])
def test_a_walk_continues_before_a_damaged_page(store: Store, tmp_path: Path, number: int, damage: str) -> None:
    paths = stopped(store)
    content = paths[number].read_bytes()
    if damage == "cut":
        paths[number].write_bytes(content[:-1])
    elif damage == "changed":
        paths[number].write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    elif damage == "missing":
        paths[number].unlink()
    else:
        paths[number].write_bytes(paths[number - 1].read_bytes())
    walk = walk_in(store)
    assert [list(entries) for entries in walk.stored_pages()] == PAGES[:number]
    assert walk.begun == (AT if number else None)
    assert len(store.parts(SERIES, DAY)) == number
    for entries in PAGES[number:-1]:
        walk.add(AT, entries)
    path = walk.seal(PAGES[-1])
    assert path is not None
    assert path.read_bytes() == undisturbed(tmp_path)


def test_a_page_of_another_walk_ends_the_stored_pages(store: Store) -> None:
    walk = walk_in(store)
    walk.add(AT, PAGES[0])
    walk.add(AT + timedelta(seconds=1), PAGES[1])
    assert len(list(walk_in(store).stored_pages())) == 1
    assert len(store.parts(SERIES, DAY)) == 1


def test_pages_of_a_walk_that_is_archived_are_removed(store: Store) -> None:
    parts = {path: path.read_bytes() for path in stopped(store)}
    assert not remove_archived(store, SERIES, DAY)
    walk = walk_in(store)
    assert len(list(walk.stored_pages())) == 4
    assert walk.seal(PAGES[-1]) is not None
    assert not remove_archived(store, SERIES, DAY)
    for path, content in parts.items():
        path.write_bytes(content)
    assert remove_archived(store, SERIES, DAY)
    assert names(store) == [path.name for path in store.archives(SERIES, DAY)]


def test_an_unfinished_walk_is_archived_with_its_reason(store: Store) -> None:
    stopped(store)
    assert walk_in(store).seal_unfinished("stopped here") == 4
    (archived,) = read_archives(store.archives(SERIES, DAY), SERIES, DAY).fetches
    last = "https://arxiv.test/to/4"
    assert archived.fetch.at == AT
    assert [*archived.fetch.views[0].entries] == [
        *(entry for entries in PAGES[:-1] for entry in entries),
        Fault(last, f"{last}: stopped here"),
    ]
    assert store.parts(SERIES, DAY) == []


def test_nothing_is_archived_of_a_walk_without_pages(store: Store) -> None:
    assert walk_in(store).seal_unfinished("stopped here") == 0
    with pytest.raises(ValueError, match="no page"):
        walk_in(store).seal(PAGES[0])
    assert not store.pages(SERIES, DAY).exists()


def test_what_a_killed_process_left_beside_the_archive_is_overwritten(store: Store) -> None:
    """One temporary file at most for each day, whatever the archive would have been called."""
    aside = store.aside(SERIES, DAY)
    aside.parent.mkdir(parents=True)
    aside.write_bytes(b"torn")
    stopped(store)
    assert not aside.exists()
    aside.write_bytes(b"torn")
    assert walk_in(store).seal_unfinished("stopped here") == 4
    assert not aside.exists()
    aside.write_bytes(b"torn")
    fetch = Fetch(SERIES, DAY, AT + timedelta(hours=1), (ViewPass("records", tuple(PAGES[0])),))
    assert write_fetch(store, fetch, {}) is not None
    assert names(store) == [path.name for path in store.archives(SERIES, DAY)]


def test_a_walk_that_is_archived_already_is_not_written_again(store: Store, tmp_path: Path) -> None:
    walk, other = walk_in(store), walk_in(Store(tmp_path / "other"))
    for entries in PAGES[:-1]:
        walk.add(AT, entries)
        other.add(AT, entries)
    assert walk.has_grown
    archive = other.seal(PAGES[-1])
    assert archive is not None
    path = store.pages(SERIES, DAY) / archive.name
    path.write_bytes(b"there already")
    assert walk.seal(PAGES[-1]) is None
    assert (path.read_bytes(), store.parts(SERIES, DAY)) == (b"there already", [])
    assert (walk.begun, walk.pages, walk.has_grown) == (None, 0, False)


def test_pages_that_are_archived_of_an_earlier_fetch_are_revisits(store: Store) -> None:
    """In the stored pages as in the archive, each of which is read with the archives of the day."""
    view = ViewPass("records", tuple(PAGES[0]))
    assert write_fetch(store, Fetch(SERIES, DAY, AT - timedelta(days=1), (view,)), {}) is not None
    earlier = read_archives(store.archives(SERIES, DAY), SERIES, DAY)
    walk = Walk(store, SERIES, DAY, "records", earlier.originals)
    walk.add(AT, PAGES[0])
    walk.add(AT, PAGES[1])
    assert len(earlier.originals) == 1
    walk = Walk(store, SERIES, DAY, "records", earlier.originals)
    assert [list(entries) for entries in walk.stored_pages()] == PAGES[:2]
    path = walk.seal(PAGES[2])
    assert path is not None
    assert [record.rec_type for record in records_of(path)] == [*["response", "revisit"], *["response"] * 4, "metadata"]
    (_, found) = read_archives(store.archives(SERIES, DAY), SERIES, DAY).fetches
    assert [*found.fetch.views[0].entries] == [entry for entries in PAGES[:3] for entry in entries]


def test_old_pages_of_days_that_are_not_fetched_any_more_are_removed(store: Store) -> None:
    parts = stopped(store)
    for path in parts:
        os.utime(path, (1_000, 1_000))
    assert remove_abandoned(store, SERIES, {DAY}, 2_000) == []
    assert remove_abandoned(store, Series("hf-daily"), set(), 2_000) == []
    assert remove_abandoned(store, SERIES, set(), 1_000) == []
    os.utime(parts[0], (3_000, 3_000))
    assert remove_abandoned(store, SERIES, set(), 2_000) == []
    assert store.parts(SERIES, DAY) == parts
    os.utime(parts[0], (1_000, 1_000))
    assert remove_abandoned(store, SERIES, set(), 2_000) == [DAY]
    assert names(store) == []


def test_pages_of_a_day_that_another_process_holds_stay(store: Store) -> None:
    parts = stopped(store)
    hold = (
        "import sys, pathlib, datetime\n"
        "from dailypapers.snapshots.store.layout import Series, Store\n"
        "from dailypapers.snapshots.store.locks import fetching\n"
        f"series, day = Series('{SERIES.source}'), datetime.date.fromisoformat('{DAY}')\n"
        "with fetching(Store(pathlib.Path(sys.argv[1])), series, day): print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", hold, str(store.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert remove_abandoned(store, SERIES, set(), parts[0].stat().st_mtime + 9) == []
        holder.communicate()
    assert store.parts(SERIES, DAY) == parts


def records_of(path: Path) -> list[ArcWarcRecord]:
    with path.open("rb") as file:
        return list(ArchiveIterator(file))
