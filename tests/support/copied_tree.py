"""A copy of this project's tree, for tests that change it."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("dailypapers", "ingest", "parsers", "snapshots", "tests", "docs")
FILES = ("pyproject.toml", "README.md", "CHANGELOG.md", "cron.yaml")


def copy_tree(to: Path) -> Path:
    """Copy the packages, tests and documents, without compiled files; gives the new root."""
    for name in PARTS:
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        # The package links to the folders beside it.
        shutil.copytree(ROOT / name, to / name, symlinks=True, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, to / name)
    return to
