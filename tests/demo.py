"""`make demo`: two weeks from the paper site into a folder, then the table of days and three records in full."""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import dailypapers
from dailypapers.cli.main import main as command_line
from tests.papersite import PaperSite

SINCE, UNTIL = date(2025, 12, 1), date(2025, 12, 14)
NOW = datetime(2025, 12, 15, 9, tzinfo=UTC)
BUSY = date(2025, 12, 8)


def main(folder: Path) -> int:
    """Run the demo into `folder`, which is recreated; gives the exit status of the first command that fails."""
    shutil.rmtree(folder, ignore_errors=True)
    with PaperSite(seed=1, now=NOW, sizes={BUSY: 130}) as site:
        os.environ["HF_ENDPOINT"] = site.url
        os.environ.setdefault("DAILYPAPERS_LOG_FORMAT", "human")
        os.environ["DAILYPAPERS_STATE"] = str(folder / "state")
        print(f"A paper site with invented papers answers at {site.url}.")
        status = _command(folder, "run", "hf-daily", "--since", f"{SINCE}", "--until", f"{UNTIL}")
    status = status or _command(folder, "status", "hf-daily")
    store = dailypapers.open(folder, now=NOW)
    _table(store)
    _records(store)
    print(f"\nAll of it lies in ./{folder}: pages/ as served, snapshots/ derived from them.")
    return status


def _command(folder: Path, *arguments: str) -> int:
    words = ["--store", str(folder), "--now", f"{NOW:%Y-%m-%dT%H:%M:%SZ}", *arguments]
    print(f"\n$ dailypapers {' '.join(words)}", flush=True)
    return command_line(words)


def _table(store: dailypapers.PaperStore) -> None:
    print("\nThe days, from their certificates:")
    print("  day              state      papers  as of                 new by fetch")
    for day in store.days("hf-daily"):
        certificate = day.certificate
        new = ", ".join(str(fetch["new"]) for fetch in certificate["fetches"])
        numbers = f"{certificate['papers']:>7}  {certificate['as_of']}  {new}"
        print(f"  {day.day:%Y-%m-%d %a}   {day.state:<9} {numbers}")


def _records(store: dailypapers.PaperStore) -> None:
    papers = list(store.day("hf-daily", BUSY).papers())
    print(f"\nThree of the {len(papers)} records of {BUSY}, in full:")
    for paper in sorted(papers, key=lambda paper: paper.rank or 0)[:3]:
        print(json.dumps(paper.model_dump(mode="json"), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
