"""An S3 server for all tests of a process, and a store to send there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from dailypapers.snapshots.store.layout import Store
from tests.product import Product
from tests.support.mirrored_store import make_store
from tests.support.s3_server import BUCKET, S3Server, s3_server

_NUMBERS = count()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mirrored")
    make_store(folder / "store", folder, "2025-12-08", "2025-12-10", "2025-12-11")
    return folder / "store"


@pytest.fixture
def filled(prepared: Path, product: Product) -> Product:
    """Command lines on a copy of the store."""
    shutil.copytree(prepared, product.store.root)
    return product


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Product:
    """Command lines on a second store, which is not there yet."""
    return Product(Store(tmp_path / "second"), capsys)


@pytest.fixture(scope="session")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@pytest.fixture
def s3(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The server, which the environment names."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


@dataclass(frozen=True)
class Disk:
    """A mirror in a folder, handled like a bucket: where nothing depends on S3, since that takes longer."""

    root: Path

    def objects(self, prefix: str = "") -> dict[str, bytes]:
        files = (path for path in (self.root / prefix).rglob("*") if path.is_file() and path.name != ".lock")
        return {path.relative_to(self.root / prefix).as_posix(): path.read_bytes() for path in files}

    def put(self, key: str, content: bytes) -> None:
        (self.root / key).parent.mkdir(parents=True, exist_ok=True)
        (self.root / key).write_bytes(content)

    def delete(self, key: str) -> None:
        (self.root / key).unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "disk")


@pytest.fixture
def disk_url(disk: Disk, prefix: str) -> str:
    return f"file://{disk.root}/{prefix}"


@pytest.fixture
def prefix() -> str:
    """A part of the bucket for one test."""
    return f"papers-{next(_NUMBERS)}"


@pytest.fixture
def url(prefix: str) -> str:
    return f"s3://{BUCKET}/{prefix}"
