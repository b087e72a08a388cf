"""A store of two years in which early days lack fields that later days have, as in the history of the site."""

from __future__ import annotations

import contextlib
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dailypapers.cli.main import main
from tests.papersite import PaperSite

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
# More early files than DuckDB looks at by default (32).
ERAS = (
    (2024, "2024-01-01", "2024-02-20"),
    (date(2025, 4, 1), "2025-04-01", "2025-04-04"),
    (2026, "2025-12-08", "2025-12-19"),
)


def make_store(root: Path, state: Path) -> None:
    """Fill a store by backfills from sites of three eras."""
    for era, since, until in ERAS:
        with PaperSite(seed=1, now=NOW, era=era, sizes=3) as site, pytest.MonkeyPatch.context() as patch:
            patch.setenv("HF_ENDPOINT", site.url)
            patch.setenv("DAILYPAPERS_STATE", str(state))
            _dailypapers("--store", f"{root}", "backfill", "hf-daily", "--since", since, "--until", until)


def _dailypapers(*words: str) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = main(["--now", NOW.isoformat(), *words])
    assert status == 0, printed.getvalue()
