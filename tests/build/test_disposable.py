"""Files of the state folder that several processes write at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.build.disposable import read_disposable, write_disposable


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
