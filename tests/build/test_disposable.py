"""Files of the state folder that several processes write at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dailypapers.ingest.build.up_to_date import read_disposable, write_disposable


def test_what_several_write_at_once_is_whole_or_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "days" / "1.txt"
    contents = [bytes([letter]) * 300_000 for letter in b"abc"]

    def write_often(content: bytes) -> None:
        for _ in range(30):
            write_disposable(path, content)

    with ThreadPoolExecutor(3) as threads:
        written = [threads.submit(write_often, content) for content in contents]
        read = set[bytes | None]()
        while not all(each.done() for each in written):
            read.add(read_disposable(path) if path.exists() else None)
    assert [each.result() for each in written] == [None] * 3
    assert read <= {None, *contents}
    assert caplog.messages == []
    write_disposable(path, b"last")
    assert read_disposable(path) == b"last"


def test_a_file_that_is_missing_or_damaged_counts_as_missing_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "1.txt"
    assert read_disposable(path) is None
    write_disposable(path, b"a\nb\n")
    assert read_disposable(path) == b"a\nb\n"
    content = path.read_bytes()
    for damaged in (b"", content[:-1], content + b"x", content.replace(b"a\nb", b"b\na")):
        path.write_bytes(damaged)
        assert read_disposable(path) is None
    assert caplog.messages == []


def test_a_disk_that_refuses_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert read_disposable(folder) is None
    path = tmp_path / "file" / "1.txt"
    path.parent.write_bytes(b"")
    write_disposable(path, b"content")
    assert caplog.messages == [
        f"{folder} cannot be read (Is a directory); this run takes longer",
        f"{path} cannot be written (File exists); the next run takes longer",
    ]
    assert not (tmp_path / "file.tmp").exists()
