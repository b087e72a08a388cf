"""Row 4: the catalog of up to three million papers: rebuilt, brought up to date, and asked.

`python -m tests.benchmarks.catalog [PAPERS...] [--store DIR]` measures some sizes alone; a store in a folder of its own
stays, so that the next run does not have to write it again. Three million papers need 25 GB.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, Final

import orjson

from dailypapers.snapshots.catalog.freshness import update_days
from dailypapers.snapshots.catalog.schema import catalog_file
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import building
from tests.benchmarks.catalog_corpus import Corpus, remove_days, write_days
from tests.benchmarks.table import Figure, Table, Target, printed

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
from dailypapers.snapshots.catalog.freshness import bring_up_to_date
from dailypapers.snapshots.store.layout import Store
begun, used = time.perf_counter(), time.process_time()
bring_up_to_date(Store(Path(sys.argv[1])))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(time.perf_counter() - begun, time.process_time() - used, peak)
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock and of the processor."""

    clock: float
    processor: float


def measure(sizes: Sequence[int] = SIZES, store: Store | None = None) -> Iterator[Table]:
    """The tables of each size, and how the time for more papers grows; the store is a temporary one by default."""
    corpus, more = Corpus(), dict[int, Spent]()
    with _temporary() if store is None else nullcontext(store) as place:
        for size in sizes:
            remove_days(place, size)
            for _ in write_days(place, corpus, 0, size):
                pass
            yield from _rebuilt(place, size)
            more[size] = _more(place, corpus, size)
            if size == 100_000:
                yield _against(f"{MORE:,} papers more in {size:,}", more[size], MAX_SECONDS_OF_MORE)
            yield from _asked(place, size)
    yield from _growth(more)


def _rebuilt(store: Store, papers: int) -> Iterator[Table]:
    catalog_file(store).unlink(missing_ok=True)
    clock, processor, peak = map(float, _output("-c", _REBUILD, f"{store.root}").split())
    work = f"{papers:,} papers: rebuild with full text"
    yield _against(work, Spent(clock, processor), papers / LEAST_PER_SECOND)
    yield _memory(f"{papers:,} papers: memory of the rebuild", peak)


def _asked(store: Store, papers: int) -> Iterator[Table]:
    """The time of each kind of query, the slowest first; and the memory of a reader."""
    answers = orjson.loads(_output("-m", "tests.benchmarks.catalog_queries", f"{store.root}"))
    limits = MAX_MILLISECONDS.get(papers)
    for number, what in enumerate(("median", "99th percentile")):
        found = [Figure("kind", name, (_percentile(each, number),)) for name, each in answers["milliseconds"].items()]
        found.sort(key=lambda figure: figure.median, reverse=True)
        worst = Figure("ours", found[0].name, found[0].turns)
        limit = () if limits is None else (Figure("limit", LIMIT, (limits[number],)),)
        targets = () if limits is None else (Target(LIMIT, 1.0),)
        used = max(_percentile(each, number) for each in answers["of_the_processor"].values())
        remarks = (f"{used:.1f} ms of the processor, the slowest kind",)
        work = f"{papers:,} papers: {what} of each kind of query, the slowest first"
        yield Table(ROW, work, (worst, *limit, *found[1:]), targets, remarks)
    yield _memory(f"{papers:,} papers: memory of a reader", answers["mebibytes"])


def _growth(more: dict[int, Spent]) -> Iterator[Table]:
    if {100_000, 1_000_000} <= more.keys():
        few, many = more[100_000], more[1_000_000]
        figures = (
            Figure("ours", "in 1,000,000", (many.clock,), "s"),
            Figure("floor", "in 100,000", (few.clock,), "s"),
        )
        remark = f"{many.processor / few.processor:.2f}x of the processor"
        yield Table(ROW, f"{MORE:,} papers more", figures, (Target("in 100,000", MAX_GROWTH),), (remark,))


def _against(work: str, spent: Spent, limit: float) -> Table:
    figures = (Figure("ours", OURS, (spent.clock,), "s"), Figure("limit", LIMIT, (limit,), "s"))
    return Table(ROW, work, figures, (Target(LIMIT, 1.0),), (f"{spent.processor:.2f} s of the processor",))


def _memory(work: str, mebibytes: float) -> Table:
    figures = (Figure("ours", OURS, (mebibytes,), "MiB"), Figure("limit", LIMIT, (MAX_MEMORY,), "MiB"))
    return Table(ROW, work, figures, (Target(LIMIT, 1.0),))


def _more(store: Store, corpus: Corpus, papers: int) -> Spent:
    days = list(write_days(store, corpus, papers, MORE))
    begun, used = perf_counter(), process_time()
    with building(store):
        update_days(store, days)
    return Spent(perf_counter() - begun, process_time() - used)


def _percentile(times: Sequence[float], number: int) -> float:
    return quantiles(times, n=100, method="inclusive")[(49, 98)[number]]


def _output(*words: str) -> bytes:
    done: Any = subprocess.run([sys.executable, *words], check=True, stdout=subprocess.PIPE)
    found: bytes = done.stdout
    return found


@contextmanager
def _temporary() -> Iterator[Store]:
    with TemporaryDirectory() as name:
        yield Store(Path(name))


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.catalog", description=__doc__)
    parser.add_argument(
        "sizes", nargs="*", type=int, metavar="PAPERS", help="how many, each a multiple of 1,000 (default: all sizes)"
    )
    parser.add_argument("--store", type=Path, metavar="DIR", help="where the store is, and stays")
    asked = parser.parse_args()
    if any(size % 1000 or size < 1 for size in asked.sizes):
        parser.error("PAPERS: a number of thousands, such as 10000")
    for _ in printed(measure(sorted(asked.sizes) or SIZES, asked.store and Store(asked.store))):
        pass


if __name__ == "__main__":
    _main()
