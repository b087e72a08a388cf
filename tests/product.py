"""The product as users see it: command lines in, exit status and output out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from dailypapers.cli.main import main
from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite import PaperSite

NOW = datetime(2025, 12, 19, 12, tzinfo=UTC)
DAY = date(2025, 12, 10)
BUSY = date(2025, 12, 8)
SATURDAY = date(2025, 12, 6)
SERIES = Series("hf-daily")


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a command line."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Product:
    """Command lines on one store."""

    store: Store
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str | Path, now: datetime | None = NOW) -> Result:
        """Run a command line under a fixed clock."""
        clock = ["--now", now.isoformat()] if now else []
        self.capsys.readouterr()
        status = main(["--store", str(self.store.root), *clock, *map(str, words)])
        return Result(status, *self.capsys.readouterr())

    def papers(self, day: date = DAY) -> list[dict[str, Any]]:
        """The day file as plain JSON."""
        return [orjson.loads(row) for row in self.store.papers(SERIES, day).read_bytes().splitlines()]

    def certificate(self, day: date = DAY) -> dict[str, Any]:
        """The day's certificate."""
        found: dict[str, Any] = orjson.loads(self.store.certificate(SERIES, day).read_bytes())
        return found

    def archives(self, day: date = DAY) -> list[Path]:
        """The day's archive files."""
        return self.store.archives(SERIES, day)

    def files(self) -> dict[str, bytes]:
        """Every file of the store by name, except locks and run reports."""
        files = (path for path in self.store.root.rglob("*") if path.is_file() and path.name != ".lock")
        named = {str(path.relative_to(self.store.root)): path.read_bytes() for path in files}
        return {name: content for name, content in named.items() if not name.startswith("runs/")}

    def runs(self) -> list[dict[str, Any]]:
        """The reports of the runs, oldest first."""
        return [orjson.loads(path.read_bytes()) for path in sorted(self.store.root.glob("runs/*/*.json"))]


@pytest.fixture
def product(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Product:
    """Command lines on an empty store."""
    return Product(Store(tmp_path / "store"), capsys)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[PaperSite]:
    """A paper site that the product uses instead of Hugging Face."""
    with PaperSite(seed=1, now=NOW, sizes={BUSY: 130, DAY: 12}) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Records the waits of the product instead of waiting; its clock for waits advances by the same amount."""
    noted: list[float] = []
    start = time.time()
    monkeypatch.setattr("dailypapers.ingest.fetch.rate_limiter.sleep", noted.append)
    monkeypatch.setattr("dailypapers.ingest.fetch.client.sleep", noted.append)
    monkeypatch.setattr("dailypapers.ingest.fetch.rate_limiter.now", lambda: start + sum(noted))
    return noted


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages as on a terminal."""
    monkeypatch.setenv("DAILYPAPERS_LOG_FORMAT", "human")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A separate state folder for each test."""
    monkeypatch.setenv("DAILYPAPERS_STATE", str(tmp_path / "state"))
    return tmp_path / "state"
