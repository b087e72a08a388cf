"""The feeds of a folder: archives that rest, late papers, one entry a paper, and only what changed is written."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, NoReturn
from urllib.parse import urljoin
from xml.etree import ElementTree

import orjson
import pytest

from dailypapers.feeds import document as archives
from dailypapers.feeds.folder import FeedsResult, write_feeds
from dailypapers.snapshots.catalog.catalog import Catalog
from dailypapers.snapshots.catalog.listing import FirstSeen
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.reader import read_range
from dailypapers.snapshots.store.layout import Series, Store
from tests.feeds.stores import DAILY_FEED, at, contents, days_from, fetch, fill_day
from tests.feeds.validators import ATOM, json_feed
from tests.outputs.stopped_writes import stopped_after, whole_files
from tests.support.written_days import DAILY, paper, write_day

DAYS = days_from(date(2025, 11, 10), 35)
LAST = DAYS[-1]
BASE = "https://papers.example.org/"
LATE = at(LAST, 50)


@pytest.fixture(scope="module")
def full_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("feeds") / "store"
    for day in DAYS:
        fill_day(Store(root), day)
    return root


@pytest.fixture
def store(full_store: Path, tmp_path: Path) -> Store:
    return Store(Path(shutil.copytree(full_store, tmp_path / "store")))


@pytest.fixture(autouse=True)
def small_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PART_SIZE": 20, "LIVE_MIN": 5, "LIVE_MAX": 40}.items():
        monkeypatch.setattr(archives, name, value)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def write(store: Store, out: Path, **options: Any) -> FeedsResult:
    return write_feeds(out, store, [DAILY_FEED], **{"base_url": BASE} | options)


def add_late_paper(store: Store, day: date = LAST) -> None:
    """A paper of a closed day that comes after all others."""
    papers = [*read_range(store, DAILY, day, day), paper(9, first_seen=LATE)]
    fetches = [fetch(at(day, 8), 2), fetch(at(day, 14), 2), fetch(at(day, 25), 0), fetch(LATE, 1)]
    write_day(store, papers, day=day, fetches=fetches, state="settling")


def followed(out: Path, begin: str = "feeds/hf-daily.atom") -> dict[str, list[str]]:
    """The ids of each Atom document that is reached from one by the links to archives."""
    found, name = {}, begin
    while name:
        feed = ElementTree.fromstring((out / name).read_bytes())
        found[name] = [entry.findtext(f"{ATOM}id") or "" for entry in feed.iter(f"{ATOM}entry")]
        links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
        previous = links.get("prev-archive")
        name = urljoin(f"{BASE}{name}", previous).removeprefix(BASE) if previous else ""
    return found


def followed_json(out: Path) -> list[str]:
    found, name = [], "feeds/hf-daily.json"
    while name:
        feed = json_feed((out / name).read_bytes())
        found += [item["id"] for item in feed["items"]]
        name = urljoin(f"{BASE}{name}", feed["next_url"]).removeprefix(BASE) if "next_url" in feed else ""
    return found


def keys(store: Store) -> set[str]:
    return {paper.key for paper in read_range(store, DAILY)}


def ids(keys: Iterable[str]) -> set[str]:
    return {f"https://huggingface.co/papers/{key.removeprefix('arxiv:')}" for key in keys}


@pytest.mark.parametrize("base_url", [BASE, BASE[:-1], None])
def test_the_links_lead_to_every_paper_once(store: Store, out: Path, base_url: str | None) -> None:
    write(store, out, base_url=base_url)
    documents = followed(out)
    names = ["feeds/hf-daily.atom", "feeds/hf-daily/2025-12-part-2.atom", "feeds/hf-daily/2025-12-part-1.atom"]
    assert list(documents) == [*names, "feeds/hf-daily/2025-11.atom"]
    live = documents.pop("feeds/hf-daily.atom")
    archived = [each for document in documents.values() for each in document]
    assert len(archived) == len(set(archived))
    assert set(archived) | set(live) == ids(keys(store))
    assert set(followed_json(out)) == ids(keys(store))


def test_archives_are_marked_and_name_the_live_document(store: Store, out: Path) -> None:
    write(store, out)
    mark = "{http://purl.org/syndication/history/1.0}archive"
    archive = ElementTree.fromstring((out / "feeds/hf-daily/2025-11.atom").read_bytes())
    assert archive.find(mark) is not None
    links = {link.get("rel"): link.get("href") for link in archive.findall(f"{ATOM}link")}
    assert links["current"] == f"{BASE}feeds/hf-daily.atom"
    assert links["self"] == f"{BASE}feeds/hf-daily/2025-11.atom"
    live = ElementTree.fromstring((out / "feeds/hf-daily.atom").read_bytes())
    assert live.find(mark) is None
    assert live.findtext(f"{ATOM}id") == archive.findtext(f"{ATOM}id")


def test_a_late_paper_changes_no_archive(store: Store, out: Path) -> None:
    write(store, out)
    before = contents(out)
    add_late_paper(store, DAYS[3])
    result = write(store, out)
    changed = {name for name, content in contents(out).items() if before.get(name) != content}
    live = {"feeds/hf-daily.atom", "feeds/hf-daily.rss", "feeds/hf-daily.json", "feeds/hf-daily.days.atom"}
    assert changed == live | {".made.json"}
    assert (result.changed, result.warnings) == (4, ())
    entry = next(ElementTree.fromstring((out / "feeds/hf-daily.atom").read_bytes()).iter(f"{ATOM}entry"))
    assert entry.findtext(f"{ATOM}published") == "2025-12-16T02:00:00Z"
    assert [category.get("term") for category in entry.findall(f"{ATOM}category")] == ["late"]
    note = "Listed for 2025-11-13; first seen 2025-12-16 02:00 UTC, 32 days after that day had ended."
    assert entry.findtext(f"{ATOM}content") == note


def test_a_paper_of_a_day_that_was_first_fetched_later_is_not_late(store: Store, out: Path) -> None:
    fill_day(store, date(2025, 10, 1), [24 * 80])
    write(store, out)
    item = json_feed((out / "feeds/hf-daily.json").read_bytes())["items"][0]
    assert (
        item["content_text"]
        == "Listed for 2025-10-01; first seen 2025-12-20 00:00 UTC, when that day was first fetched."
    )
    assert (item["_dailypapers"]["late"], "tags" in item) == (False, False)


@pytest.mark.parametrize(("hours", "words"), [(24, "less than 1 h"), (33, "9 h"), (71.9, "47 h"), (72, "2 days")])
def test_how_late_a_paper_is(store: Store, out: Path, hours: float, words: str) -> None:
    fill_day(store, LAST + timedelta(days=1), [8, hours])
    write(store, out)
    item = json_feed((out / "feeds/hf-daily.json").read_bytes())["items"][0]
    assert item["content_text"].endswith(f"UTC, {words} after that day had ended.")
    assert item["tags"] == ["late"]


def test_a_paper_on_two_days_is_one_entry_of_the_day_that_showed_it_first(store: Store, out: Path) -> None:
    first = next(iter(read_range(store, DAILY, DAYS[2], DAYS[2])))
    again = first.model_copy(update={"first_seen": at(LAST, 60)})
    write_day(store, [again], day=LAST + timedelta(days=1), fetches=[fetch(at(LAST, 60), 1)], state="open")
    write(store, out)
    found = [name for name, listed in followed(out).items() if ids([first.key]) & set(listed)]
    assert found == ["feeds/hf-daily/2025-11.atom"]


def test_writing_again_changes_nothing_and_opens_no_day(
    store: Store, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, out)
    before = {path: path.stat().st_mtime_ns for path in (out / "feeds").rglob("*")}

    def refuse(*_: object) -> None:
        pytest.fail("a day was opened")

    for module in ("day_events.verified_day", "entry.read_rows"):
        monkeypatch.setattr(f"dailypapers.feeds.{module}", refuse)
    assert write(store, out).changed == 0
    assert {path: path.stat().st_mtime_ns for path in (out / "feeds").rglob("*")} == before


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
def test_a_killed_run_leaves_nothing_that_the_next_one_takes_for_its_own(store: Store, out: Path, step: int) -> None:
    """Also when the store goes back: the manifest of the run before names the same days for files that are newer."""
    earlier = Store(Path(shutil.copytree(store.root, store.root.with_name("earlier"))))
    write(store, out)
    before = contents(out)
    add_late_paper(store)
    fill_day(store, DAYS[4], number=500)
    with stopped_after(step):
        write(store, out)
    assert whole_files(out) != before
    write(earlier, out)
    assert whole_files(out) | {".made.lock": b""} == before


def test_a_killed_run_with_another_address_leaves_none_of_its_links(store: Store, out: Path) -> None:
    write(store, out)
    before = contents(out)
    with stopped_after(3):
        write(store, out, base_url="https://elsewhere.example")
    write(store, out)
    assert whole_files(out) | {".made.lock": b""} == before


def test_an_archive_of_a_killed_run_goes_with_its_papers(store: Store, out: Path) -> None:
    write(store, out)
    before = contents(out)
    earlier = Store(Path(shutil.copytree(store.root, store.root.with_name("earlier"))))
    for day in days_from(LAST + timedelta(days=1), 40):
        fill_day(store, day)
    with stopped_after(6):
        write(store, out)
    assert whole_files(out).keys() - before.keys()
    write(earlier, out)
    assert whole_files(out) | {".made.lock": b""} == before


def test_other_feeds_are_not_trusted_after_a_killed_run(store: Store, out: Path) -> None:
    """A run for other feeds keeps them, and the next one for them makes them again."""
    other = replace(DAILY_FEED, series=Series("hf-weekly"))
    write_feeds(out, store, [DAILY_FEED], base_url=BASE)
    before = contents(out / "feeds")
    earlier = Store(Path(shutil.copytree(store.root, store.root.with_name("earlier"))))
    add_late_paper(store)
    with stopped_after(2):
        write_feeds(out, store, [DAILY_FEED], base_url=BASE)
    write_feeds(out, earlier, [other], base_url=BASE)
    write_feeds(out, earlier, [DAILY_FEED], base_url=BASE)
    after = contents(out / "feeds")
    assert {name: after.get(name) for name in before} == before


@pytest.mark.parametrize("damage", ["nothing", "days", "manifest", "folder", "document", "catalog"])
def test_step_by_step_is_the_same_as_from_nothing(store: Store, out: Path, tmp_path: Path, damage: str) -> None:
    write(store, out)
    for number, day in enumerate(days_from(LAST + timedelta(days=1), 20)):
        fill_day(store, day)
        if number == 5:
            _damage(store, out, damage)
        if number % 2:
            write(store, out)
    add_late_paper(store, DAYS[30])
    write(store, out)
    write(store, tmp_path / "other")
    assert contents(out) == contents(tmp_path / "other")
    assert "feeds/hf-daily/2025-12.atom" in contents(out)


@pytest.mark.parametrize("seed", range(4))
def test_any_changes_give_the_same_as_from_nothing(seed: int, tmp_path: Path) -> None:
    """Of a history of many months, of which a run looks only at the last ones."""
    rng, store, out = Random(seed), Store(tmp_path / "store"), tmp_path / "out"
    days = [date(2025, 1, 1) + timedelta(days=3 * number) for number in range(70)]
    for day in days:
        fill_day(store, day)
    write(store, out)
    order = rng.sample(CHANGES * 2, 2 * len(CHANGES))
    while order:
        changes = [order.pop() for _ in order[: rng.choice([1, 1, 2])]]
        for change in changes:
            days = change(rng, store, days)
        formats = rng.choice([("atom", "rss", "json")] * 3 + [("rss",)])
        write(store, out, formats=formats)
        if rng.random() < 0.2:
            rng.choice([each for each in (out / "feeds").rglob("*") if each.is_file()]).unlink()
        write(store, out)
        write(store, tmp_path / f"new-{len(order)}")
        assert contents(out) == contents(tmp_path / f"new-{len(order)}"), changes


def test_after_a_new_day_only_papers_of_the_last_months_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, out, read, asked = Store(tmp_path / "store"), tmp_path / "out", Catalog.first_seen, list[str]()

    def first_seen(catalog: Catalog, series: Series, since: str) -> FirstSeen:
        asked.append(since)
        return read(catalog, series, since)

    monkeypatch.setattr(Catalog, "first_seen", first_seen)
    for day in days_from(date(2025, 1, 1), 125):
        fill_day(store, day)
    write(store, out)
    fill_day(store, date(2025, 5, 6))
    write(store, out)
    add_late_paper(store, date(2025, 2, 1))
    write(store, out)
    # In the month of the changed day, and after it, any archive may be another one.
    assert asked == ["", "2025-03~", "2025-01~"]


def _a_new_day(_: Random, store: Store, days: list[date]) -> list[date]:
    fill_day(store, days[-1] + timedelta(days=1))
    return [*days, days[-1] + timedelta(days=1)]


def _days_after_months(_: Random, store: Store, days: list[date]) -> list[date]:
    later = days_from(days[-1] + timedelta(days=130), 12)
    for day in later:
        fill_day(store, day)
    return [*days, *later]


def _a_day_of_the_past(rng: Random, store: Store, days: list[date]) -> list[date]:
    day = rng.choice(days[:-1]) + timedelta(days=1)
    fill_day(store, day)
    return sorted({*days, day})


def _a_late_paper(rng: Random, store: Store, days: list[date]) -> list[date]:
    day = rng.choice(days)
    seen = at(days[-1], 30)
    write_day(store, [*read_range(store, DAILY, day, day), paper(9, first_seen=seen)], day=day, state="settling")
    return days


def _a_paper_of_another_day(rng: Random, store: Store, days: list[date]) -> list[date]:
    """Listed again; first seen there before or after."""
    one, other = rng.choice(days[: len(days) // 2]), rng.choice(days)
    again = next(iter(read_range(store, DAILY, one, one))).model_copy(update={"first_seen": at(other, 9)})
    write_day(store, [*read_range(store, DAILY, other, other), again], day=other)
    return days


def _a_day_that_went(rng: Random, store: Store, days: list[date]) -> list[date]:
    day = rng.choice(days)
    store.certificate(DAILY, day).unlink()
    return [each for each in days if each != day]


def test_a_store_that_may_only_be_read_gives_the_same_feeds(
    store: Store, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Store) -> NoReturn:
        raise PermissionError(f"{store.lock}")

    with monkeypatch.context() as patch:
        patch.setattr("dailypapers.snapshots.catalog.catalog.bring_up_to_date", refuse)
        write(store, tmp_path / "other")
    assert not (store.root / "catalog").exists()
    write(store, out)
    assert contents(out) == contents(tmp_path / "other")


def test_a_damaged_day_of_the_past_changes_no_file(store: Store, out: Path) -> None:
    write(store, out)
    before = contents(out)
    with store.papers(DAILY, DAYS[3]).open("ab") as file:
        file.write(b"{}\n")
    # A rename tells the catalog.
    store.papers(DAILY, DAYS[3]).replace(out / "aside")
    (out / "aside").replace(store.papers(DAILY, DAYS[3]))
    with pytest.raises(StoreError, match="run dailypapers build"):
        write(store, out)
    assert contents(out) == before


CHANGES = [_a_new_day, _days_after_months, _a_day_of_the_past, _a_late_paper, _a_paper_of_another_day, _a_day_that_went]


def _damage(store: Store, out: Path, what: str) -> None:
    if what == "days":
        manifest = orjson.loads((out / ".made.json").read_bytes())
        manifest["feeds"]["days"]["hf-daily"]["2025-12-01"] = ["1 2"]
        (out / ".made.json").write_bytes(orjson.dumps(manifest))
    elif what == "catalog":
        shutil.rmtree(store.root / "catalog")
    elif what == "manifest":
        (out / ".made.json").write_bytes(b"{")
    elif what == "folder":
        shutil.rmtree(out)
    elif what == "document":
        (out / "feeds/hf-daily/2025-11.atom").unlink()


def test_new_votes_change_no_document(store: Store, out: Path) -> None:
    write(store, out)
    papers = [each.model_copy(update={"upvotes": 99}) for each in read_range(store, DAILY, LAST, LAST)]
    looks = [(8, 2), (14, 2), (25, 0), (49, 0), (97, 0)]
    write_day(store, papers, day=LAST, fetches=[fetch(at(LAST, hours), new) for hours, new in looks])
    before = contents(out / "feeds")
    write(store, out)
    assert contents(out / "feeds") == before


def test_an_import_into_a_month_of_the_past_is_said(store: Store, out: Path) -> None:
    write(store, out)
    papers = [*read_range(store, DAILY, DAYS[4], DAYS[4]), paper(77, first_seen=at(DAYS[4], 0))]
    write_day(store, papers, day=DAYS[4])
    warnings = write(store, out).warnings
    assert [warning.partition(" is an archive of the past and changed: ")[0] for warning in warnings] == [
        "feeds/hf-daily/2025-11.atom",
        "feeds/hf-daily/2025-11.json",
    ]
    # Another address changes every link, and is no news.
    assert write(store, out, base_url="https://elsewhere.example").warnings == ()


def test_formats_and_series_that_are_not_named_stay(store: Store, out: Path) -> None:
    write(store, out)
    (out / "feeds/hf-daily/2025-12-part-9.json").write_bytes(b"")
    before = contents(out / "feeds")
    add_late_paper(store)
    result = write(store, out, formats=("atom",))
    after = contents(out / "feeds")
    assert {name for name in after if after[name] != before.get(name)} == {"hf-daily.atom", "hf-daily.days.atom"}
    assert after.keys() == before.keys()
    assert all(name.endswith(".atom") for name in result.files)
    # The manifest still knows the others.
    assert write(store, out).changed == 2


def test_parts_are_removed_once_their_month_is_over(store: Store, out: Path) -> None:
    write(store, out)
    assert (out / "feeds/hf-daily/2025-12-part-1.json").exists()
    fill_day(store, date(2026, 1, 2))
    write(store, out)
    names = {path.name for path in (out / "feeds/hf-daily").iterdir()}
    assert names == {"2025-11.atom", "2025-11.json", "2025-12.atom", "2025-12.json"}


def test_nothing_depends_on_where_it_is_published_but_links(store: Store, out: Path, tmp_path: Path) -> None:
    write(store, out)
    write(store, tmp_path / "other", base_url="https://elsewhere.example/deep/")
    for name, content in contents(out / "feeds").items():
        other = (tmp_path / "other/feeds" / name).read_bytes()
        assert other.replace(b"https://elsewhere.example/deep/", BASE.encode()) == content


def test_an_empty_series_has_valid_feeds(tmp_path: Path, out: Path) -> None:
    result = write(Store(tmp_path / "nothing"), out)
    assert len(result.files) == 4
    feed = ElementTree.fromstring((out / "feeds/hf-daily.atom").read_bytes())
    assert feed.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"
    assert json_feed((out / "feeds/hf-daily.json").read_bytes())["items"] == []


def test_a_day_that_is_not_as_it_was_built_is_an_error(store: Store, out: Path) -> None:
    store.papers(DAILY, DAYS[3]).write_bytes(b"{}\n")
    with pytest.raises(StoreError, match=r"2025-11-13\.jsonl: not the file that its certificate names"):
        write(store, out)
