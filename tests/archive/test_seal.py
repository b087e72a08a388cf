"""Files that end with a record, but not with the summary of what is before it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from dailypapers.ingest.archive.content_encoding import members
from dailypapers.ingest.archive.model import Fault, Fetch, ViewPass, served
from dailypapers.ingest.archive.reader import read_archives, read_part
from dailypapers.ingest.archive.writer import write_fetch
from dailypapers.ingest.errors import DamagedArchive
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Series, Store
from tests.product import BUSY, DAY, NOW, SERIES

PAGE = served(Page("http://127.0.0.1/papers", 200, (), b"<p>hello</p>", NOW))
FAULT = Fault("http://127.0.0.1/api", "refused")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive of three records and its summary."""
    views = (ViewPass("api", (FAULT,)), ViewPass("html", (PAGE, PAGE)))
    written = write_fetch(Store(tmp_path), Fetch(SERIES, DAY, NOW, views), {})
    assert written is not None
    return written.path


def end_with(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Write another summary into a file, made of the one that is there."""
    content = path.read_bytes()
    *_, (offset, last) = members("", content, 2**20)
    head, _, block = last.partition(b"\r\n\r\n")
    block = orjson.dumps(change(orjson.loads(block)))
    head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(block), head)
    path.write_bytes(content[:offset] + gzip.compress(head + b"\r\n\r\n" + block + b"\r\n\r\n"))


def damage(path: Path) -> str:
    """What is wrong with the file, which has to be named with what helps."""
    (error,) = read_archives([path], SERIES, DAY).damaged
    found = re.fullmatch(r"(.*): damaged archive \((.*)\); restore it from a copy", str(error))
    assert found is not None, error
    assert found[1] == str(path)
    assert str(path) not in found[2]
    return found[2]


def with_views(*records: int) -> Callable[[dict[str, Any]], Any]:
    return lambda summary: summary | {"views": [{"view": "api", "records": [*records]}]}


LIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "the summary counts 2 records, there are 3": lambda summary: summary | {"records": 2},
    "the summary counts 4 records, there are 3": lambda summary: summary | {"records": 4},
    "a newer dailypapers wrote it, in schema 2": lambda summary: summary | {"schema": 2},
    "its summary is not an object but ['schema', ": list,
    "a view refers to a record that is not among the 3": with_views(1, 4),
    "the time '2025-12-08 10:00:00' is not like 2025-12-08T10:00:00Z": lambda summary: (
        summary | {"at": "2025-12-08 10:00:00"}
    ),
    "it holds hf-daily 2025-12-11 but is in the folder of hf-daily 2025-12-10": lambda summary: (
        summary | {"day": "2025-12-11"}
    ),
    'it holds hf-search "cats" 2025-12-10 but is in the folder of hf-daily 2025-12-10': lambda summary: (
        summary | {"source": "hf-search", "query": "cats"}
    ),
    "'kind'": lambda summary: {name: value for name, value in summary.items() if name != "kind"},
}


@pytest.mark.parametrize("message", LIES)
def test_a_summary_that_is_wrong_is_refused_with_the_reason(path: Path, message: str) -> None:
    end_with(path, LIES[message])
    assert damage(path).startswith(message)


def test_records_are_counted_from_one(path: Path) -> None:
    end_with(path, with_views(0))
    assert damage(path) == "a view refers to a record that is not among the 3"
    end_with(path, with_views(1, 3))
    (archived,) = read_archives([path], SERIES, DAY).fetches
    assert archived.fetch.views == (ViewPass("api", (FAULT, PAGE)),)


@pytest.mark.parametrize(
    "change",
    [
        lambda summary: summary | {"bytes": summary["bytes"] + 1},
        lambda summary: summary | {"sha256": sha256(b"").hexdigest()},
    ],
)
def test_the_length_and_the_checksum_are_compared_each(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    end_with(path, change)
    assert damage(path) == "its bytes do not match the checksum in the summary"


def test_a_summary_that_is_the_same_written_in_another_way_is_accepted(path: Path) -> None:
    (before,) = read_archives([path], SERIES, DAY).fetches
    end_with(path, lambda summary: dict(reversed(summary.items())))
    (after,) = read_archives([path], SERIES, DAY).fetches
    assert after.fetch == before.fetch
    assert after.sha256 == sha256(path.read_bytes()).hexdigest() != before.sha256


def test_a_file_without_a_summary_and_an_empty_one_are_refused(path: Path) -> None:
    content = path.read_bytes()
    *_, (offset, _) = members("", content, 2**20)
    path.write_bytes(content[:offset])
    assert damage(path) == "it does not end with the summary of a fetch"
    path.write_bytes(b"")
    assert damage(path) == "it is empty"


def test_damaged_files_are_reported_and_the_others_read(path: Path) -> None:
    """Each in its order."""
    copies = [path.with_name(f"{number}.warc.gz") for number in range(4)]
    for number, copy in enumerate(copies):
        copy.write_bytes(path.read_bytes() if number % 2 else b"rubbish")
    folder = read_archives(copies, SERIES, DAY)
    assert [archived.path for archived in folder.fetches] == [copies[1], copies[3]]
    assert [str(error).partition(": ")[0] for error in folder.damaged] == [str(copies[0]), str(copies[2])]


def test_a_part_of_a_fetch_is_checked_as_an_archive_is(path: Path) -> None:
    end_with(path, lambda summary: summary | {"part": 7})
    part = read_part(path, SERIES, DAY, {})
    *_, (offset, _) = members("", path.read_bytes(), 2**20)
    assert (part.number, part.size) == (7, offset)
    assert part.fetch.views == (ViewPass("api", (FAULT,)), ViewPass("html", (PAGE, Fault(PAGE.page.url, LOST))))
    for series, day in ((SERIES, BUSY), (Series("hf-search", "cats"), DAY)):
        with pytest.raises(DamagedArchive, match="but is in the folder of"):
            read_part(path, series, day, {})
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedArchive, match=f"^{re.escape(str(path))}: damaged archive .*cut short"):
        read_part(path, SERIES, DAY, {})


LOST = f"{PAGE.page.url}: the page it equals, of 2025-12-19T12:00:00Z, is lost"


@pytest.mark.parametrize("members_allowed", [3, 4])
def test_a_file_may_have_so_many_records(path: Path, monkeypatch: pytest.MonkeyPatch, members_allowed: int) -> None:
    monkeypatch.setattr("dailypapers.ingest.archive.seal._MAX_RECORDS", members_allowed)
    folder = read_archives([path], SERIES, DAY)
    assert len(folder.fetches) == (members_allowed == 4)


def test_records_are_read_each_time_only_if_they_are_too_many_for_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(len(member) for _, member in members("", path.read_bytes(), 2**20))
    for allowed, kind in ((size, tuple), (size - 1, object)):
        monkeypatch.setattr("dailypapers.ingest.archive.seal.MAX_PLAIN", allowed)
        (archived,) = read_archives([path], SERIES, DAY).fetches
        assert isinstance(archived.fetch.views[1].entries, kind)
        assert [*archived.fetch.views[1].entries] == [PAGE, PAGE]
    assert not isinstance(archived.fetch.views[1].entries, tuple)
