"""`python -m tests.benchmarks.catalog_queries STORE`: the time of each kind of query, and the process's memory.

A process of its own, as readers are: it opens the catalog once and does not write.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Final

import orjson

from dailypapers.snapshots.catalog.catalog import Catalog, open_catalog
from dailypapers.snapshots.catalog.model import Selection
from dailypapers.snapshots.store.layout import Store
from tests.benchmarks.catalog_corpus import SERIES, SITE, Corpus

QUERIES: Final = 100
"""Of each kind."""

Query = Callable[[], object]


def kinds(catalog: Catalog, corpus: Corpus, random: Random) -> dict[str, Callable[[], Query]]:
    """By name, what makes a query of the kind."""
    cursor = catalog.cursor()
    newest = catalog.papers(Selection(limit=1))[0]
    keys = [paper.key for paper in catalog.papers(Selection(limit=200))]

    def word(first: int, last: int) -> str:
        return corpus.words[random.randrange(first, last)]

    def searched(make: Callable[[], str], selection: Selection | None = None) -> Callable[[], Query]:
        def query() -> Query:
            text = make()
            return lambda: catalog.search(text, selection=selection or Selection())

        return query

    def selected(make: Callable[[], Selection]) -> Callable[[], Query]:
        def query() -> Query:
            selection = make()
            return lambda: catalog.papers(selection)

        return query

    return {
        "search: a rare word": searched(lambda: word(5_000, 50_000)),
        "search: a word of many papers": searched(lambda: word(20, 300)),
        "search: a word of most papers": searched(lambda: word(0, 20)),
        "search: two words": searched(lambda: f"{word(0, 300)} {word(100, 5_000)}"),
        "search: two words of most papers": searched(lambda: f"{word(0, 20)} {word(0, 20)}"),
        "search: a phrase": searched(lambda: f'"{word(0, 60)} {word(0, 300)}"'),
        "search: the beginning of a word": searched(lambda: f"{word(50, 5_000)[:5]}*"),
        "search: an author": searched(lambda: word(1_000, 9_000).capitalize()),
        "search: of the site only": searched(lambda: word(100, 5_000), Selection(source=SITE.source)),
        "papers: new": selected(lambda: Selection(limit=random.randint(10, 50))),
        "papers: of a day": selected(lambda: Selection(series=SERIES, day=newest.first_day)),
        "papers: most upvotes of the site": selected(lambda: Selection(source=SITE.source, sort="upvotes")),
        "papers: rising": selected(lambda: Selection(sort="rising")),
        "papers: with a keyword": selected(lambda: Selection(keyword=word(200, 2_000))),
        "papers: with many upvotes": selected(lambda: Selection(min_upvotes=random.randint(5, 5_000))),
        "a paper by its key": lambda: lambda: catalog.paper(random.choice(keys)),
        "arrivals after a cursor": lambda: lambda: catalog.arrivals(cursor, limit=50),
    }


def measure(root: Path) -> dict[str, object]:
    """The times of all kinds by the clock and of the processor, and the peak memory, in milliseconds and MiB."""
    clock, processor = dict[str, list[float]](), dict[str, list[float]]()
    with open_catalog(Store(root)) as catalog:
        for name, make in kinds(catalog, Corpus(), Random(5)).items():
            spent = [_milliseconds(make()) for _ in range(QUERIES)]
            clock[name], processor[name] = map(list, zip(*spent, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"milliseconds": clock, "of_the_processor": processor, "mebibytes": peak}


def _milliseconds(query: Query) -> tuple[float, float]:
    """By the clock and of the processor."""
    begun, used = perf_counter(), process_time()
    query()
    return 1e3 * (perf_counter() - begun), 1e3 * (process_time() - used)


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(measure(Path(sys.argv[1]))))
