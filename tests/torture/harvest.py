"""A harvest of arXiv's OAI-PMH through stalls and expiring tokens, killed again and again.

Times are three hundredths of the real ones: a stall of 60 s takes 1.8 s, and the client waits for 4.5 s instead of
150 s.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite.arxiv.harvest import Asked, HarvestSite, identifier
from tests.torture.processes import Backfill, watch
from tests.torture.verdict import Verdict, at_most, exactly, none_of

RECORDS, DAYS, KILLS, PER_PAGE = 100_000, 40, 50, 250
BULK = 0.05  # the share of the records that one day has
SLOW_FOR, WAITS_FOR, STALLS_FOR = 1.8, 4.5, 6.0  # seconds
PEAK = 200.0  # MiB
GROWTH = (1 / 2, 8.0)
"""The MiB by which an undisturbed harvest may grow since that share of its days."""
SERIES = Series("arxiv-oai")
FIRST = date(2026, 8, 3)
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)  # so long after that one look at a day is enough
_MAIN = f"""
import httpx, sys
from dailypapers.cli.main import main
from dailypapers.ingest.fetch import client
client.SLOW_TIMEOUT = httpx.Timeout({WAITS_FOR})
raise SystemExit(main())
"""


@dataclass(frozen=True)
class Repeated:
    """Pages that were requested more than once."""

    interrupted: int = 0
    """Those that were on their way when the process was killed, or the client had given up."""
    begun_again: int = 0
    """Those of walks whose token the site refused."""
    unexplained: list[str] = field(default_factory=list)


class Faults(NamedTuple):
    """How many requests of a harvest meet each fault."""

    expired: int = 6
    slow: int = 10
    stalled: int = 4


def harvested(
    records: int = RECORDS,
    days: int = DAYS,
    kills: int = KILLS,
    per_page: int = PER_PAGE,
    faults: Faults = Faults(),  # noqa: B008 - it cannot be changed
) -> list[Verdict]:
    """A harvest killed so many times, and an undisturbed one of the same records."""
    expired, slow, stalls = faults
    sizes, chance = _sizes(records, days), Random(18)
    pages = sum(max(1, -(-size // per_page)) for size in sizes.values())
    chosen = chance.sample(range(2, pages), expired + slow + stalls)
    numbers = {"expires": chosen[:expired], "slow": chosen[expired:-stalls], "stalls": chosen[-stalls:]}
    with TemporaryDirectory(prefix="harvest-") as name:
        with HarvestSite(sizes, now=NOW, records_per_page=per_page, seconds=(SLOW_FOR, STALLS_FOR), **numbers) as site:
            ran = _killed(Path(name, "killed"), site, chance, kills, pages)
            killed = sum(one.process.returncode == -9 for one in ran)
            last, repeated = ran[-1], pages_twice(site.asked)
            refused = sum(asked.expired for asked in site.asked)
        with HarvestSite(sizes, now=NOW, records_per_page=per_page) as site:
            alone = _start(Path(name, "alone"), site)
            watch([alone])
        stores = [Store(Path(name, folder, "store")) for folder in ("killed", "alone")]
        return [
            none_of("harvests that failed, of 2", [one.complaint for one in (last, alone) if one.failed]),
            exactly("kills", killed, kills),
            Verdict("requests with an expired token", f"{refused}", f">= {expired}", refused >= expired),
            *_complete(stores[0], stores[1], sizes),
            at_most(f"interrupted pages requested again, of {pages}", repeated.interrupted, kills + stalls),
            none_of(
                f"other pages requested again, without {repeated.begun_again} of the refused walks",
                repeated.unexplained,
            ),
            at_most("peak memory of a process", max(one.peak for one in (*ran, alone)), PEAK, " MiB"),
            *_growth(alone),
        ]


def _complete(store: Store, undisturbed: Store, sizes: dict[date, int]) -> Iterator[Verdict]:
    yield exactly(f"records, over {len(sizes)} days", len(_found(store, sizes)), sum(sizes.values()))
    yield none_of("days that are missing, wrong or not closed", [*_wrong(store, sizes)])
    yield none_of("day files that are not those of the undisturbed harvest", _unlike(store, undisturbed, [*sizes]))
    yield none_of("files left over", [f"{path}" for path in store.root.rglob("*.tmp")])


def pages_twice(asked: Sequence[Asked]) -> Repeated:
    """The pages that were requested again, and why, from the site's log."""
    done, last = set[tuple[str, int]](), None
    interrupted = begun_again = 0
    unexplained = []
    for each in asked:
        if each.expired:
            walk = {page for page in done if page[0] == each.day}
            begun_again += len(walk)
            done -= walk
            continue
        if each.page in done:
            is_next = last is not None and last.page == each.page
            if last is not None and is_next and (last.process != each.process or last.stalled):
                interrupted += 1
            else:
                unexplained.append(f"{each.day} from {each.place}, by process {each.process}")
        done.add(each.page)
        last = each
    return Repeated(interrupted, begun_again, unexplained)


def _sizes(records: int, days: int) -> dict[date, int]:
    """One day of very many records, one without any, and the others alike."""
    bulk = int(BULK * records)
    each, rest = divmod(records - bulk, days - 2)
    sizes = [each, bulk, 0, each + rest, *[each] * (days - 4)]
    return {FIRST + timedelta(days=number): size for number, size in enumerate(sizes)}


def _killed(folder: Path, site: HarvestSite, chance: Random, kills: int, pages: int) -> list[Backfill]:
    """Harvests that are killed shortly after a request that is chosen at random, and the one that ends."""
    ran = []
    for number in range(kills):
        site.process = number
        until = len(site.asked) + chance.randint(1, 2 * max(1, int(0.8 * pages / kills)) - 1)
        ran.append(_start(folder, site))
        while len(site.asked) < until and ran[-1].process.poll() is None:
            ran[-1].look()
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.1))
        ran[-1].look()
        ran[-1].process.kill()
        ran[-1].process.wait()
        # A request may still be on its way.
        time.sleep(0.1)
    site.process = kills
    ran.append(_start(folder, site))
    watch(ran[-1:])
    return ran


def _start(folder: Path, site: HarvestSite) -> Backfill:
    folder.mkdir(exist_ok=True)
    days, said = [*site.records], folder / "said.txt"
    words = ["--store", f"{folder / 'store'}", "--now", NOW.isoformat(), "backfill", "arxiv-oai"]
    words += ["--since", f"{days[0]}", "--until", f"{days[-1]}", "--endpoint", f"arxiv={site.url}"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "DAILYPAPERS_"))}
    variables = {"DAILYPAPERS_STATE": f"{folder / 'state'}", "DAILYPAPERS_BUDGET": "arxiv=100000/1"}
    environment = kept | variables | {"PYTHONPATH": f"{Path(__file__).parents[2]}"}
    with said.open("wb") as out, said.with_suffix(".log").open("wb") as log:
        command = [sys.executable, "-c", _MAIN, *words]
        return Backfill(days, subprocess.Popen(command, env=environment, stdout=out, stderr=log), said)


def _found(store: Store, sizes: dict[date, int]) -> set[str]:
    rows = (row for day in sizes for row in _content(store.papers(SERIES, day)).splitlines())
    return {json.loads(row)["arxiv_id"] for row in rows}


def _wrong(store: Store, sizes: dict[date, int]) -> Iterator[str]:
    before = 0
    for day, size in sizes.items():
        certificate = json.loads(_content(store.certificate(SERIES, day)) or b'{"state": "missing"}')
        wanted = {identifier(number) for number in range(before, before + size)}
        if _found(store, {day: size}) != wanted or certificate["state"] != ("closed" if size else "empty"):
            yield f"{day}: {certificate['state']}, not the {size} records of the site"
        before += size


def _unlike(store: Store, other: Store, days: Sequence[date]) -> list[str]:
    paths = ((store.papers(SERIES, day), other.papers(SERIES, day)) for day in days)
    return [path.name for path, wanted in paths if _content(path) != _content(wanted)]


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _growth(alone: Backfill) -> Iterator[Verdict]:
    share, most = GROWTH
    day = round(share * len(alone.days))
    before, after = alone.memory_at(day), alone.memory_at(len(alone.days))
    what = f"growth from day {day} ({before:.1f} MiB) to day {len(alone.days)} ({after:.1f} MiB)"
    yield at_most(what, after - before if before and after else float("inf"), most, " MiB")
