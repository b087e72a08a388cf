"""How often a run syncs: what cannot be made again is synced at once, days are synced in groups."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from dailypapers.ingest.build import parallel as background
from dailypapers.ingest.build.parallel import GROUP
from tests.papersite import PaperSite
from tests.product import Product


def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every file and folder that is synced from now on, under the name that it has then."""
    paths: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda handle: paths.append(Path(f"/proc/self/fd/{handle}").readlink()))
    return paths


def backfill(product: Product) -> None:
    result = product("backfill", "hf-daily", "--since", "2025-11-03", "--until", f"2025-11-{2 + GROUP:02}")
    assert result.status == 0


def test_a_backfill_syncs_each_file_once_and_the_folder_of_days_once_a_group(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    product("run", "--day", "2025-11-02")
    monkeypatch.setattr(background, "MAX_DELAY", 3600)
    paths = synced(monkeypatch)
    backfill(product)
    counts = Counter(path for path in paths if "runs" not in path.parts)
    days = product.store.root / "snapshots" / "hf-daily" / "2025"
    assert counts.pop(days) == 1
    assert counts.pop(product.store.root / "pages" / "hf-daily" / "2025") == GROUP
    files = sum(len(list(days.glob(f"2025-11-{number:02}.*"))) for number in range(3, 3 + GROUP))
    # Each archive (under the one temporary name of its folder) and its folder, and each file of a day.
    assert (counts.total(), set(counts.values())) == (2 * GROUP + files, {1})


def test_a_day_does_not_wait_for_others_longer_than_the_delay(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "MAX_DELAY", 0)
    paths = synced(monkeypatch)
    backfill(product)
    assert paths.count(product.store.root / "snapshots" / "hf-daily" / "2025") >= GROUP
