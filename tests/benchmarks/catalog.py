"""Row 4: the catalog of up to three million papers: rebuilt, brought up to date, and asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import orjson

from snapshots.catalog.freshness import update_days
from snapshots.catalog.schema import catalog_file
from snapshots.store.layout import Store
from snapshots.store.locks import building
from tests.benchmarks.catalog_corpus import Corpus, write_days
from tests.benchmarks.table import Figure, Table, Target

ROW: Final = 4
SIZES: Final = (10_000, 100_000, 1_000_000, 3_000_000)
MORE: Final = 5_000
"""Papers that come to a catalog that is there."""
MAX_SECONDS_OF_MORE: Final = 1.0
MAX_GROWTH: Final = 1.3
"""Of the time for them from 100,000 papers to a million."""
LEAST_PER_SECOND: Final = 8_000
MAX_MEMORY: Final = 200.0
MAX_MILLISECONDS: Final = {10_000: (25.0, 25.0), 1_000_000: (60.0, 200.0), 3_000_000: (120.0, 350.0)}
"""By papers: of the median and of the 99th percentile of each kind of query."""
LIMIT: Final = "limit"
OURS: Final = "the catalog"

_REBUILD: Final = """
import resource, sys, time
from pathlib import Path
from snapshots.catalog.freshness import bring_up_to_date
from snapshots.store.layout import Store
begun, used = time.perf_counter(), time.process_time()
bring_up_to_date(Store(Path(sys.argv[1])))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(time.perf_counter() - begun, time.process_time() - used, peak)
"""


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured of a catalog of this many papers."""

    papers: int
    rebuilt: tuple[float, float, float]
    """Seconds, seconds of the processor, and MiB."""
    more: float
    """Seconds for MORE papers."""
    queries: dict[str, list[float]]
    mebibytes: float


def measure(sizes: Sequence[int] = SIZES) -> list[Table]:
    """The tables; of each size its own, and how the time for more papers grows."""
    with TemporaryDirectory() as name:
        found = list(measured(Store(Path(name)), sizes))
    return [table for size in found for table in tables(size)] + list(_growth(found))


def measured(store: Store, sizes: Sequence[int]) -> Iterator[Size]:
    """Grow a store to each size, and build its catalog anew there."""
    corpus, papers = Corpus(), 0
    for size in sizes:
        for _ in write_days(store, corpus, papers, size - papers):
            pass
        catalog_file(store).unlink(missing_ok=True)
        seconds, used, peak = map(float, _output("-c", _REBUILD, f"{store.root}").split())
        answers = orjson.loads(_output("-m", "tests.benchmarks.catalog_queries", f"{store.root}"))
        papers = size + MORE
        more = _more(store, corpus, size)
        yield Size(size, (seconds, used, peak), more, answers["milliseconds"], answers["mebibytes"])


def tables(size: Size) -> Iterator[Table]:
    """The time of each kind of query, the rebuild, more papers, and memory."""
    limits = MAX_MILLISECONDS.get(size.papers)
    for number, what in enumerate(("median", "99th percentile")):
        found = [Figure("ours", name, (_percentile(times, number),)) for name, times in size.queries.items()]
        worst = max(found, key=lambda figure: figure.median)
        others = [Figure("kind", figure.name, figure.turns) for figure in found if figure is not worst]
        limit = () if limits is None else (Figure("limit", LIMIT, (limits[number],)),)
        targets = () if limits is None else (Target(LIMIT, 1.0),)
        work = f"{size.papers:,} papers: {what} of each kind of query, the slowest first"
        yield Table(ROW, work, (worst, *limit, *others), targets)
    seconds, used, peak = size.rebuilt
    yield _against(
        f"{size.papers:,} papers: rebuild with full text", seconds, size.papers / LEAST_PER_SECOND, "s", used
    )
    if size.papers == 100_000:
        yield _against(f"{MORE:,} papers more in {size.papers:,}", size.more, MAX_SECONDS_OF_MORE, "s")
    yield _against(f"{size.papers:,} papers: memory of the rebuild", peak, MAX_MEMORY, "MiB")
    yield _against(f"{size.papers:,} papers: memory of a reader", size.mebibytes, MAX_MEMORY, "MiB")


def _growth(sizes: Sequence[Size]) -> Iterator[Table]:
    more = {size.papers: size.more for size in sizes}
    if {100_000, 1_000_000} <= more.keys():
        few = Figure("floor", "in 100,000", (more[100_000],), "s")
        work = f"{MORE:,} papers more"
        yield Table(
            ROW, work, (Figure("ours", "in 1,000,000", (more[1_000_000],), "s"), few), (Target(few.name, MAX_GROWTH),)
        )


def _against(work: str, found: float, limit: float, unit: str, used: float | None = None) -> Table:
    remarks = () if used is None else (f"{used:.1f} s of the processor",)
    figures = (Figure("ours", OURS, (found,), unit), Figure("limit", LIMIT, (limit,), unit))
    return Table(ROW, work, figures, (Target(LIMIT, 1.0),), remarks)


def _more(store: Store, corpus: Corpus, papers: int) -> float:
    days = list(write_days(store, corpus, papers, MORE))
    begun = perf_counter()
    with building(store):
        update_days(store, days)
    return perf_counter() - begun


def _percentile(times: Sequence[float], number: int) -> float:
    return quantiles(times, n=100, method="inclusive")[(49, 98)[number]]


def _output(*words: str) -> bytes:
    done: Any = subprocess.run([sys.executable, *words], check=True, stdout=subprocess.PIPE)
    found: bytes = done.stdout
    return found
