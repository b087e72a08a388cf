"""The feed of days: an entry when a day closes, and one while it stands in doubt."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

from dailypapers.feeds.folder import write_feeds
from dailypapers.snapshots.store.layout import Store
from tests.feeds.stores import DAILY_FEED, at, days_from, fetch, fill_day
from tests.feeds.validators import ATOM
from tests.support.written_days import paper, write_day

DAY = date(2025, 12, 10)
PAPER = paper(1, first_seen=at(DAY, 8))
LOOKS = [fetch(at(DAY, 8), 1), fetch(at(DAY, 25), 0), fetch(at(DAY, 49), 0)]


def entries(store: Store, out: Path, *, has_pages: bool = False) -> list[dict[str, str | None]]:
    write_feeds(out, store, [DAILY_FEED], has_pages=has_pages)
    feed = ElementTree.fromstring((out / "feeds/hf-daily.days.atom").read_bytes())
    names = ("id", "title", "updated", "content")
    found: list[dict[str, str | None]] = []
    for entry in feed.iter(f"{ATOM}entry"):
        link = entry.find(f"{ATOM}link")
        texts = {name: entry.findtext(f"{ATOM}{name}") for name in names}
        found.append(texts | {"link": None if link is None else link.get("href")})
    return found


def test_a_closed_day_is_one_entry_from_the_fetch_that_closed_it(tmp_path: Path) -> None:
    store, out = Store(tmp_path / "store"), tmp_path / "out"
    write_day(store, [PAPER], day=DAY, fetches=LOOKS)
    (first,) = entries(store, out)
    assert (first["title"], first["updated"]) == ("hf-daily 2025-12-10: closed, 1 paper", "2025-12-12T01:00:00Z")
    reason = "whole at 2025-12-11 01:00 and 2025-12-12 01:00, and no new paper since"
    assert first["content"] == f"hf-daily 2025-12-10 is closed: {reason}."
    # Later looks that find nothing new are no news, and change no byte.
    write_day(store, [PAPER], day=DAY, fetches=[*LOOKS, fetch(at(DAY, 97), 0)])
    assert entries(store, out) == [first]


def test_a_late_paper_opens_the_day_and_its_next_closing_is_the_same_entry_at_another_time(tmp_path: Path) -> None:
    store, out = Store(tmp_path / "store"), tmp_path / "out"
    write_day(store, [PAPER], day=DAY, fetches=LOOKS)
    (first,) = entries(store, out)
    late = [*LOOKS, fetch(at(DAY, 97), 1)]
    both = [PAPER, paper(2, first_seen=at(DAY, 97))]
    write_day(store, both, day=DAY, fetches=late, state="settling")
    assert entries(store, out) == []
    write_day(store, both, day=DAY, fetches=[*late, fetch(at(DAY, 120), 0)])
    (second,) = entries(store, out)
    assert (second["id"], second["title"]) == (first["id"], "hf-daily 2025-12-10: closed, 2 papers")
    assert second["updated"] == "2025-12-15T00:00:00Z"


def test_a_day_in_doubt_is_another_entry_than_its_closing(tmp_path: Path) -> None:
    store, out = Store(tmp_path / "store"), tmp_path / "out"
    write_day(store, [PAPER], day=DAY, fetches=LOOKS)
    (closed,) = entries(store, out)
    doubts = [fetch(at(DAY, hours), 0, doubt="failed", reason=f"html: HTTP {500 + hours}") for hours in (11, 13)]
    write_day(store, [PAPER], day=DAY, fetches=[LOOKS[0], *doubts], state="partial")
    (doubt,) = entries(store, out)
    assert doubt["id"] != closed["id"]
    assert (doubt["title"], doubt["updated"]) == (
        "hf-daily 2025-12-10: in doubt, 1 paper so far",
        "2025-12-10T11:00:00Z",
    )
    assert doubt["content"] == "hf-daily 2025-12-10 is partial: html: HTTP 511."


def test_open_days_have_no_entry_and_empty_ones_do(tmp_path: Path) -> None:
    store, out = Store(tmp_path / "store"), tmp_path / "out"
    write_day(store, [PAPER], day=DAY, fetches=LOOKS[:1], state="open")
    nothing = [fetch(at(DAY, hours), 0) for hours in (49, 49 + 7 * 24)]
    write_day(store, [], day=DAY + timedelta(days=1), fetches=nothing, state="empty")
    assert [entry["title"] for entry in entries(store, out)] == ["hf-daily 2025-12-11: empty"]


def test_the_newest_hundred_days_with_links_to_their_pages_where_there_are_some(tmp_path: Path) -> None:
    store, out = Store(tmp_path / "store"), tmp_path / "out"
    days = days_from(date(2025, 6, 1), 105)
    for day in days:
        fill_day(store, day, [8])
    found = entries(store, out)
    assert [entry["title"] for entry in found] == [f"hf-daily {day}: closed, 2 papers" for day in days[:4:-1]]
    assert found[0]["link"] is None
    assert entries(store, out, has_pages=True)[0]["link"] == f"../hf-daily/{days[-1]}.html"
