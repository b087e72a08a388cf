"""A pipe in the place of a file of the store: a message, where its reader would wait for ever for a writer."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Never

import pytest

from dailypapers.snapshots.store.atomic import open_regular, read_whole
from tests.product import DAY, SERIES, Product
from tests.support.written_days import paper, write_day

SECONDS = 300
PLACES = {
    f"snapshots/hf-daily/2025/{DAY}.day.json": (
        "status",
        "papers",
        "build",
        "drift",
        "feed hf-daily",
        "export --out x",
    ),
    f"snapshots/hf-daily/2025/{DAY}.jsonl": ("papers", "feed hf-daily", "export --out x", "site --no-search --out y"),
    f"snapshots/hf-daily/2025/{DAY}.rejects.jsonl": ("rejects",),
    f"snapshots/hf-daily/2025/{DAY}.metrics.jsonl": ("history 2512.00001", "export --out x"),
    "waived.txt": ("status", "waive hf-daily --since 2025-11-03 --until 2025-11-04 --reason gone"),
    "joins.txt": ("papers",),
    f"attempts/hf-daily/{DAY}.json": ("status",),
    "catalog/catalog.sqlite": ("papers", "search paper"),
    "runs/2025-12-10/20251210T120000Z-00000000.json": ("runs", "runs show last", "status"),
}
"""Files of a store, and commands that read them."""


@pytest.fixture
def watch() -> Iterator[None]:
    """An error in whatever waits for too long."""

    def stop(number: int, frame: FrameType | None) -> Never:
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    ("place", "words"), [(place, words) for place, all_words in PLACES.items() for words in all_words]
)
@pytest.mark.usefixtures("watch")
def test_no_command_waits_for_a_pipe(
    product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (product.store.root / "pages").mkdir(parents=True)
    write_day(product.store, [paper(1, upvotes=1)], day=DAY)
    pipe = product.store.root / place
    pipe.unlink(missing_ok=True)
    pipe.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(pipe)
    assert product(*words.split()).status in {0, 1, 3}


CONFIGURED = ("cron check", "mail send", "feed hf-daily")
"""Commands that read a file named by --file."""


@pytest.mark.parametrize("words", CONFIGURED)
@pytest.mark.usefixtures("watch")
def test_a_named_pipe_is_no_file_of_settings(product: Product, tmp_path: Path, words: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    result = product(*words.split(), "--file", tmp_path / "pipe")
    assert (result.status, f"{tmp_path / 'pipe'}" in result.err, "Not a regular file" in result.err) == (2, True, True)


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}", "/dev/../dev/fd/{}"])
@pytest.mark.usefixtures("watch")
def test_an_open_pipe_is_read_as_a_file_of_settings(product: Product, name: str) -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader), os.fdopen(writer, "wb") as file:
        file.write(b"jobs:\n- {name: hourly, schedule: '17 * * * *', run: run}\n")
        file.close()
        path = name.format(reader)
        result = product("cron", "check", "--file", path)
    assert (result.status, result.err) == (0, f"{path}: no problems found\n")


@pytest.mark.usefixtures("watch")
def test_a_pipe_is_named(product: Product) -> None:
    write_day(product.store, [paper(1)], day=DAY)
    pipe = product.store.certificate(SERIES, DAY)
    pipe.unlink()
    os.mkfifo(pipe)
    result = product("status")
    assert (result.status, f"{pipe}: Not a regular file" in result.err) == (3, True)


@pytest.mark.usefixtures("watch")
def test_only_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a\nb")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    assert read_whole(tmp_path / "link") == b"a\nb"
    with open_regular(tmp_path / "file") as lines:
        assert list(lines) == [b"a\n", b"b"]
    for name, kind in {"pipe": OSError, "missing": FileNotFoundError, ".": IsADirectoryError}.items():
        for read in (read_whole, open_regular):
            with pytest.raises(kind) as error:
                read(tmp_path / name)
            assert error.value.filename == str(tmp_path / name)
    with pytest.raises(OSError, match="Not a regular file"):
        read_whole(Path("/dev/null"))
