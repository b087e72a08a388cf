"""Whether a store equals the site's script for each day, record by record."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from dailypapers.snapshots.store.layout import Series, Store
from tests.benchmarks.mapping import record
from tests.papersite import PaperSite

SERIES = Series("hf-daily")
OF_THE_STORE = ("first_seen", "last_seen")


def wrong_days(root: Path, site: PaperSite, days: Sequence[date]) -> list[str]:
    """The days of the range that are missing, unsettled or differ from the script, and days outside the range,
    each with what is wrong.
    """
    store = Store(root)
    found = [f"{day}: {wrong}" for day in days for wrong in _wrong(store, site, day)]
    return found + [f"{day}: not asked for" for day in store.stored_days(SERIES) if day not in set(days)]


def _wrong(store: Store, site: PaperSite, day: date) -> Iterator[str]:
    certificate, papers = store.certificate(SERIES, day), store.papers(SERIES, day)
    if not certificate.exists():
        yield "no certificate"
        return
    listed = [record(item, f"{day}", rank) for rank, item in enumerate(site.papers(day), 1)]
    state = orjson.loads(certificate.read_bytes())["state"]
    if state != ("closed" if listed else "empty"):
        yield f"is {state}"
    rows = [orjson.loads(row) for row in papers.read_bytes().splitlines()] if papers.exists() else []
    if list(map(_known, rows)) != [_known(one) for one in sorted(listed, key=lambda one: str(one["key"]))]:
        yield f"{len(rows)} papers that are not the {len(listed)} of the site"


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in OF_THE_STORE}
