"""A build that continues from a checkpoint gives the bytes of one from scratch, and parses the new fetch alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from dailypapers.ingest.build import accumulation, checkpoint
from dailypapers.ingest.build.accumulation import FetchReading, read_fetch
from dailypapers.ingest.build.checkpoint import MAX_DAYS, MIN_FETCHES, Checkpoints
from dailypapers.ingest.build.day import build_day
from dailypapers.ingest.build.up_to_date import read_disposable, write_disposable
from dailypapers.ingest.plan.inventory import load_day
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite import PaperSite, switches
from tests.papersite.answers import Switch
from tests.product import DAY, NOW, SERIES, Product

SOURCE_DAY = SourceDay(SOURCES["hf-daily"], SERIES, DAY)
BEGIN = datetime.combine(DAY, time(), UTC)
API, PAGE = f"/api/daily_papers?date={DAY}", f"/papers/date/{DAY}"
Items = list[dict[str, Any]]


def votes(number: int) -> Callable[[Items], Items]:
    """An edit that changes the numbers of every third paper."""

    def edit(found: Items) -> Items:
        for item in found[number % 3 :: 3]:
            item["paper"]["upvotes"] = number
        return found

    return edit


TROUBLES: Sequence[Sequence[Switch]] = (
    (),
    (),
    (),
    (switches.down(API),),
    (switches.challenge(PAGE),),
    (switches.items(API, lambda found: []),),
    (switches.items(API, lambda found: []), switches.items(PAGE, lambda found: [])),
    (switches.items(API, lambda found: found[:2]),),
    (switches.items(API, lambda found: found[4:]), switches.items(PAGE, lambda found: found[4:])),
    (switches.bad_item(API),),
    (switches.lone_surrogate(API),),
    (switches.header(API, "ETag", '"always-new"'),),
    (switches.no_blob(PAGE),),
)


def look(product: Product, site: PaperSite, now: datetime, *troubles: Switch) -> None:
    """Fetch the day once, with these troubles."""
    site.switches[:] = troubles
    product("run", "hf-daily", "--day", f"{DAY}", now=now)


def assert_as_from_scratch(product: Product) -> None:
    """Compare the files of the day with those of a build without a checkpoint."""
    snapshot = build_day(load_day(product.store, SOURCE_DAY))
    assert snapshot is not None
    for path, content in snapshot.files(product.store).items():
        assert (path.read_bytes() if path.exists() else None) == content, path


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The archive files whose pages were parsed for a build."""
    names: list[str] = []

    def counted(*arguments: Any) -> FetchReading:
        names.append(arguments[1].path.name)
        return read_fetch(*arguments)

    monkeypatch.setattr(accumulation, "read_fetch", counted)
    return names


@pytest.mark.parametrize("seed", range(3))
def test_every_look_gives_the_bytes_of_a_build_from_scratch(product: Product, site: PaperSite, seed: int) -> None:
    random, now = Random(seed), NOW - timedelta(days=9)
    for number in range(14):
        now += random.choice([timedelta(hours=1), timedelta(hours=5), timedelta(days=1)])
        look(product, site, now, switches.items("papers", votes(number)), *random.choice(TROUBLES))
        assert_as_from_scratch(product)


def looks_of_a_day(product: Product, site: PaperSite, number: int = MIN_FETCHES + 2) -> None:
    """Fetch the day at each of its first hours."""
    for hour in range(number):
        look(product, site, BEGIN + timedelta(hours=hour), switches.items("papers", votes(hour)))


def checkpoint_of(state: Path) -> Path:
    """The only checkpoint in the state folder."""
    (path,) = state.glob("checkpoints/*/*.json")
    return path


def test_only_the_new_fetch_is_parsed(product: Product, site: PaperSite, parsed: list[str]) -> None:
    for number in range(MIN_FETCHES + 3):
        parsed.clear()
        look(product, site, BEGIN + timedelta(hours=number), switches.items("papers", votes(number)))
        names = [path.name for path in product.archives()]
        assert parsed == (names if number < MIN_FETCHES else names[-1:])
    assert_as_from_scratch(product)


def damage(path: Path) -> None:
    """Cut the file."""
    path.write_bytes(path.read_bytes()[:-1])


def of_another_version(path: Path) -> None:
    """Let the checkpoint be one of another version, and one whose use would show."""
    saved = json.loads(read_disposable(path) or b"")
    saved["header"] += "?"
    saved["totals"]["metrics"] = []
    write_disposable(path, json.dumps(saved).encode())


@pytest.mark.parametrize("spoil", [Path.unlink, damage, of_another_version])
def test_a_checkpoint_that_does_not_count(
    product: Product, site: PaperSite, state: Path, parsed: list[str], spoil: Callable[[Path], None]
) -> None:
    looks_of_a_day(product, site)
    spoil(checkpoint_of(state))
    parsed.clear()
    look(product, site, BEGIN + timedelta(hours=20))
    assert parsed == [path.name for path in product.archives()]
    assert_as_from_scratch(product)


def test_a_checkpoint_that_counts_is_used(product: Product, site: PaperSite, state: Path) -> None:
    """The counterpart of the above: a wrong one that is well-formed shows."""
    looks_of_a_day(product, site)
    path = checkpoint_of(state)
    saved = json.loads(read_disposable(path) or b"")
    saved["totals"]["metrics"] = []
    write_disposable(path, json.dumps(saved).encode())
    look(product, site, BEGIN + timedelta(hours=20), switches.items("papers", votes(20)))
    with pytest.raises(AssertionError):
        assert_as_from_scratch(product)


def test_an_import_of_an_older_page_is_built_from_scratch(
    product: Product, site: PaperSite, tmp_path: Path, parsed: list[str]
) -> None:
    looks_of_a_day(product, site)
    page = tmp_path / f"{DAY}.json"
    page.write_bytes(httpx.get(f"{site.url}{API}&limit=100").content)
    result = product("import", "hf-daily", page, "--fetched-at", f"{BEGIN:%Y-%m-%dT00:00:30Z}", now=NOW)
    assert result.status == 0, result.err
    parsed.clear()
    look(product, site, BEGIN + timedelta(hours=20))
    assert len(parsed) == len(product.archives())
    assert_as_from_scratch(product)


def test_a_page_that_comes_back_changes_how_an_earlier_fetch_reads(product: Product, site: PaperSite) -> None:
    """The original of an unchanged page is lost: what reads as a fault is not remembered."""
    site.switches.clear()
    for hour in range(MIN_FETCHES + 2):
        product("run", "hf-daily", "--day", f"{DAY}", now=BEGIN + timedelta(hours=hour))
    first = product.archives()[0]
    content = first.read_bytes()
    first.unlink()
    product("build", "--accept-loss", now=NOW)
    product("run", "hf-daily", "--day", f"{DAY}", now=BEGIN + timedelta(hours=12))
    assert_as_from_scratch(product)
    first.write_bytes(content)
    product("run", "hf-daily", "--day", f"{DAY}", now=BEGIN + timedelta(hours=13))
    assert_as_from_scratch(product)


def test_only_the_newest_days_keep_theirs(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, Store(tmp_path / "store"), SourceSeries(SOURCES["hf-daily"], SERIES))
    days = [DAY + timedelta(days=number) for number in range(MAX_DAYS + 3)]
    for day in days:
        write_disposable(checkpoints.folder / f"{day}.json", b"")
    checkpoints.remove_oldest()
    assert sorted(path.stem for path in checkpoints.folder.iterdir()) == [f"{day}" for day in days[3:]]


def test_days_of_few_fetches_or_many_papers_have_no_checkpoint(
    product: Product, site: PaperSite, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks_of_a_day(product, site, MIN_FETCHES - 1)
    assert [*state.glob("checkpoints/*/*")] == []
    monkeypatch.setattr(checkpoint, "MAX_PAPERS", 11)
    looks_of_a_day(product, site, MIN_FETCHES)
    assert [*state.glob("checkpoints/*/*")] == []
    monkeypatch.setattr(checkpoint, "MAX_PAPERS", 12)
    look(product, site, BEGIN + timedelta(hours=20))
    assert checkpoint_of(state).name == f"{DAY}.json"


def test_each_store_and_series_has_its_own_checkpoints(tmp_path: Path) -> None:
    made = [
        Checkpoints(tmp_path, Store(tmp_path / store), SourceSeries(SOURCES[name], Series(name)))
        for store, name in (("a", "hf-daily"), ("b", "hf-daily"), ("a", "hf-weekly"))
    ]
    assert len({each.folder for each in made}) == len({each.header for each in made}) == 3
    assert {each.folder.parent for each in made} == {tmp_path / "checkpoints"}
    (tmp_path / "link").symlink_to("a")
    same = Checkpoints(tmp_path, Store(tmp_path / "link"), SourceSeries(SOURCES["hf-daily"], SERIES))
    assert (same.folder, same.header) == (made[0].folder, made[0].header)
    assert same.of(SOURCE_DAY).path == same.folder / f"{DAY}.json"


def test_the_oldest_checkpoint_goes_when_a_new_day_has_one(
    product: Product, site: PaperSite, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks_of_a_day(product, site)
    folder = checkpoint_of(state).parent
    for day in ("2025-12-08", "2025-12-09"):
        write_disposable(folder / f"{day}.json", b"")
    monkeypatch.setattr(checkpoint, "MAX_DAYS", 2)
    look(product, site, BEGIN + timedelta(hours=20))
    # The day had one already.
    assert len([*folder.iterdir()]) == 3
    (folder / f"{DAY}.json").unlink()
    look(product, site, BEGIN + timedelta(hours=21))
    assert sorted(path.stem for path in folder.iterdir()) == ["2025-12-09", f"{DAY}"]
