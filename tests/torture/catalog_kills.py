"""Writers of the catalog killed at every step of SQLite's virtual machine; the next reader must find all papers."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.store.layout import Store
from tests.support.catalog_days import Rows, tables
from tests.support.catalog_kills import WAYS, prepare, run
from tests.torture.verdict import SHOWN, Verdict


def killed_at_every_step(stride: int = 1) -> list[Verdict]:
    """Each way of writing, killed at each step, or at every `stride`th."""
    return [_killed(way, stride) for way in WAYS]


def _killed(way: str, stride: int) -> Verdict:
    with TemporaryDirectory() as name:
        folder = Path(name)
        prepare(Store(folder / "before"), way)
        shutil.copytree(folder / "before", folder / "calm")
        status, steps = run(folder / "calm", way)
        expected = tables(Store(folder / "calm"))
        points = range(1, steps, stride)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = pool.map(lambda step: _problem(folder, way, step, expected), points)
        wrong = [problem for problem in found if problem is not None]
    passed = status == 0 and not wrong
    what = f"{way}: killed at {len(points):,} of {steps:,} steps"
    return Verdict(what, f"{len(wrong)} wrong", "0 wrong", passed, tuple(wrong[:SHOWN]))


def _problem(folder: Path, way: str, step: int, expected: dict[str, Rows]) -> str | None:
    store = Store(folder / f"{step}")
    shutil.copytree(folder / "before", store.root)
    try:
        status, _ = run(store.root, way, step)
        with open_catalog(store) as catalog:
            keys = sorted(entry.paper.key for entry in catalog.arrivals(None).entries)
        if status != -9:
            return f"step {step}: exit status {status}"
        if tables(store) != expected:
            return f"step {step}: the tables are not those of a calm run"
        return None if keys == sorted(row[0] for row in expected["paper"]) else f"step {step}: arrivals are {keys}"
    finally:
        shutil.rmtree(store.root)
