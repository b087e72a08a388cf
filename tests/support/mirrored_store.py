"""A store to send to a mirror: days of the paper site, some fetched twice, and a search."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.papersite import PaperSite
from tests.product import NOW
from tests.support.scripted_month import pointed_at, run_command


def make_store(root: Path, state: Path, first: str, twice: str, last: str) -> None:
    """A range of days, which were fetched twice from `twice` on, and a search."""
    with PaperSite(seed=1, now=NOW, sizes=3) as site, pointed_at(site, state):
        _run(root, 0, "backfill", "hf-daily", "--since", first, "--until", last)
        _run(root, 13, "run", "hf-daily", "--since", twice, "--until", last)
        _run(root, 0, "run", "hf-search", "--query", "diffusion models")


def _run(root: Path, hours: int, *words: str) -> None:
    done = run_command(root, NOW + timedelta(hours=hours), *words)
    if done.status:
        raise RuntimeError(f"{' '.join(words)} gave exit status {done.status}: {done.err}")
