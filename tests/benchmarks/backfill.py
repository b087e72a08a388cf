"""Row 5: 200 days of 40 papers over loopback, by processes that start from nothing, in turns.

Ours fetches both views, archives them, and builds and certifies every day. The peers fetch one view and archive
nothing, like typical scripts. A loopback site has no budget.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from dailypapers.snapshots.store.layout import Series, Store
from tests.benchmarks.crawlers import launcher
from tests.benchmarks.crawlers.site import clock, days_from
from tests.benchmarks.same import check
from tests.benchmarks.table import Figure, Table, Target
from tests.benchmarks.turns import INSTALL, NotMeasuredError

TURNS = 5
DAYS, PAPERS = 200, 40
FIRST = date(2025, 5, 2)
SERIES = Series("hf-daily")
OURS, SCRAPY = "dailypapers backfill: both views, archived, built, certified", "Scrapy: pages"
SOUP, ANSWERS, FLOOR = "requests + BeautifulSoup (lxml): pages", "httpx + json: API", "httpx: both views, unread"
LIMIT = "what a backfill may use"
MAX = 100.0  # MiB
TIMES, MEMORY = (Target(SCRAPY, 1),), (Target(LIMIT, 1),)
NEEDED = ("scrapy", "requests", "bs4", "lxml", "httpx")
ROOT = Path(__file__).parents[2]
CRAWLERS = Path(__file__).with_name("crawlers")
OF_THE_STORE = frozenset({"first_seen", "last_seen"})  # a crawler with a single pass cannot know them
OF_THE_API = frozenset({"rank"})


@dataclass(frozen=True)
class Run:
    """One process: its wall time and peak memory."""

    seconds: float
    mebibytes: float


@dataclass(frozen=True)
class Crawler:
    """One way to do the work. `command` gives the command line for a folder; `read` the papers it wrote there."""

    role: str
    name: str
    command: Callable[[Path], Sequence[str]]
    read: Callable[[Path], list[dict[str, Any]]]


def measure() -> list[Table]:
    for name in NEEDED:
        if find_spec(name) is None:
            raise NotMeasuredError(f"row 5 needs {name}; {INSTALL}")
    with TemporaryDirectory() as compiled, _site(_environment(Path(compiled))) as site:
        environment = {**_environment(Path(compiled)), "HF_ENDPOINT": site}
        crawlers = _crawlers(site)
        same_papers(crawlers, environment)
        runs = in_turns(crawlers, partial(launch, environment=environment))
    return _tables(crawlers, runs)


def _crawlers(site: str) -> list[Crawler]:
    def script(role: str, name: str, module: str) -> Crawler:
        words = [sys.executable, "-m", f"tests.benchmarks.crawlers.{module}", site, f"{FIRST}", f"{DAYS}"]
        return Crawler(role, name, lambda folder: [*words, f"{folder / 'papers.jsonl'}"], _lines)

    spider = [sys.executable, "-m", "scrapy", "runspider", f"{CRAWLERS / 'spider.py'}"]
    spider += ["-a", f"site={site}", "-a", f"first={FIRST}", "-a", f"days={DAYS}"]
    return [
        Crawler("ours", OURS, _backfill, _store),
        script("floor", FLOOR, "unread"),
        Crawler("peer", SCRAPY, lambda folder: [*spider, "-O", f"{folder / 'papers.jsonl'}:jsonlines"], _lines),
        script("peer", SOUP, "soup"),
        script("peer", ANSWERS, "answers"),
    ]


def _backfill(folder: Path) -> list[str]:
    days = days_from(FIRST, DAYS)
    words = ["backfill", "hf-daily", "--since", f"{days[0]}", "--until", f"{days[-1]}"]
    program = f"{Path(sys.executable).with_name('dailypapers')}"
    return [program, "--store", f"{folder / 'store'}", "--now", clock(days).isoformat(), *words]


def _store(folder: Path) -> list[dict[str, Any]]:
    """The papers of a store whose days are all closed."""
    store, days = Store(folder / "store"), days_from(FIRST, DAYS)
    for day in days:
        state = orjson.loads(store.certificate(SERIES, day).read_bytes())["state"]
        if state != "closed":
            raise NotMeasuredError(f"{OURS}: {day} is {state}")
    return [row for day in days for row in _rows(store.papers(SERIES, day))]


def _lines(folder: Path) -> list[dict[str, Any]]:
    return _rows(folder / "papers.jsonl")


def _rows(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def same_papers(crawlers: Sequence[Crawler], environment: Mapping[str, str]) -> None:
    """All contenders wrote the same papers. Raises NotMeasuredError otherwise."""
    found: dict[str, list[dict[str, Any]]] = {}

    def look(one: Crawler, folder: Path) -> None:
        found[one.name] = one.read(folder)

    for one in crawlers:
        if one.role != "floor":
            launch(one, environment, partial(look, one))
    ours = found.pop(OURS)
    for name, papers in found.items():
        unknown = OF_THE_STORE if name == ANSWERS else OF_THE_STORE | OF_THE_API
        check(_sorted(ours, unknown), _sorted(papers, unknown), name)
    if len(ours) != DAYS * PAPERS:
        raise NotMeasuredError(f"the site has {DAYS * PAPERS} papers, and all found {len(ours)}")


def _sorted(papers: list[dict[str, Any]], unknown: frozenset[str]) -> bytes:
    """One line per paper, sorted, without the fields that not all contenders can know."""
    rows = sorted(papers, key=lambda row: (row["day"], row["key"]))
    return b"\n".join(orjson.dumps({name: row[name] for name in row if name not in unknown}) for row in rows)


def in_turns(crawlers: Sequence[Crawler], run: Callable[[Crawler], Run]) -> dict[str, list[Run]]:
    """The runs of every crawler by name; each turn starts with another one."""
    runs: dict[str, list[Run]] = {one.name: [] for one in crawlers}
    for turn in range(TURNS):
        first = turn % len(crawlers)
        for one in [*crawlers[first:], *crawlers[:first]]:
            runs[one.name].append(run(one))
    return runs


def launch(one: Crawler, environment: Mapping[str, str], look: Callable[[Path], object] = lambda _: None) -> Run:
    """Run it in a new folder with a new state folder; `look` gets the folder before it is deleted."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        started = [sys.executable, "-I", f"{launcher.__file__}", *one.command(folder)]
        own = {**environment, "DAILYPAPERS_STATE": f"{folder / 'state'}"}
        done = subprocess.run(started, env=own, cwd=ROOT, check=True, capture_output=True)
        result = orjson.loads(done.stdout)
        if result["status"] != 0:
            raise NotMeasuredError(f"{one.name}: exit status {result['status']}: {result['said']}")
        look(folder)
    return Run(result["seconds"], result["mebibytes"])


def _environment(compiled: Path) -> dict[str, str]:
    """Compiled modules are cached, as after any installation, but outside the tree."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HF_", "DAILYPAPERS_"))}
    return kept | {"PYTHONPYCACHEPREFIX": f"{compiled}"}


@contextmanager
def _site(environment: Mapping[str, str]) -> Iterator[str]:
    """The URL of a site in a separate process, with all answers prepared."""
    words = [sys.executable, "-m", "tests.benchmarks.crawlers.site", f"{FIRST}", f"{DAYS}", f"{PAPERS}"]
    with subprocess.Popen(words, env=dict(environment), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            if not address:
                raise NotMeasuredError("the paper site of row 5 did not start")
            yield address
        finally:
            process.kill()


def _tables(crawlers: Sequence[Crawler], runs: Mapping[str, Sequence[Run]]) -> list[Table]:
    work = f"backfill of {DAYS} days x {PAPERS} papers over loopback"
    seconds = [Figure(one.role, one.name, tuple(run.seconds for run in runs[one.name]), "s") for one in crawlers]
    memory = [Figure(one.role, one.name, tuple(run.mebibytes for run in runs[one.name]), "MiB") for one in crawlers]
    limit = Figure("limit", LIMIT, (MAX,) * TURNS, "MiB")
    return [
        Table(5, f"{work}: wall time of the process", tuple(seconds), TIMES),
        Table(5, f"{work}: its peak memory", (*memory, limit), MEMORY),
    ]
