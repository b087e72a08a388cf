"""A store with all kinds of listings that fills up, fetch by fetch, and the site of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dailypapers.cli.main import main
from dailypapers.snapshots.certificate import certificate_bytes, read_certificate, sha256, with_checksum
from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite import Moving, PaperSite

SERIES = ("hf-daily", "hf-weekly", "hf-monthly", "hf-trending")
FETCHES = tuple(
    datetime(2025, month, day, hour, tzinfo=UTC)
    for month, day, hour in ((11, 28, 9), (11, 28, 18), (12, 1, 9), (12, 1, 20), (12, 2, 9), (12, 3, 9))
)
"""Over the end of a month and of a week; the day between is a Saturday, so empty."""


@dataclass(frozen=True)
class Growing:
    """A store and the site that it is fetched from."""

    store: Store
    papers: PaperSite

    def fetch(self, now: datetime) -> None:
        """Run `dailypapers run` at a time."""
        self.papers.now = now
        dailypapers("--store", f"{self.store.root}", "--now", f"{now:%Y-%m-%dT%H:%M:%SZ}", "run", *SERIES)


@contextmanager
def growing(root: Path) -> Iterator[Growing]:
    with (
        PaperSite(script=Moving(seed=1, sizes=4, late=0.2), now=FETCHES[0]) as papers,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("HF_ENDPOINT", papers.url)
        patch.setenv("DAILYPAPERS_STATE", f"{root}/state")
        yield Growing(Store(root / "store"), papers)


def filled(root: Path) -> Store:
    """The store after all fetches."""
    with growing(root) as fetched:
        for now in FETCHES:
            fetched.fetch(now)
    return fetched.store


def make_site(store: Store, out: Path, *words: str, search: bool = False) -> str:
    """Run `dailypapers site`; gives what it printed."""
    options = words if search else (*words, "--no-search")
    return dailypapers("--store", f"{store.root}", "site", "--out", f"{out}", *options)


def dailypapers(*words: str) -> str:
    printed, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(errors):
        status = main(list(words))
    assert status == 0, printed.getvalue() + errors.getvalue()
    return printed.getvalue()


def put_day_file(store: Store, series: Series, day: date, content: bytes) -> None:
    """Replace a day file, and name it in the certificate, as another parser would have made it."""
    path = store.certificate(series, day)
    certificate = read_certificate(path)
    assert certificate is not None
    file = store.papers(series, day)
    file.write_bytes(content)
    certificate["files"]["papers"] = {"file": file.name, "bytes": len(content), "sha256": sha256(content)}
    certificate["papers"] = len(content.splitlines())
    path.write_bytes(certificate_bytes(with_checksum(certificate)))


def tree(folder: Path) -> dict[str, bytes]:
    """Every file by name, without the lock."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != ".made.lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
