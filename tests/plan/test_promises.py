"""What messages promise about later runs and commands is what these do; evidence that is not enough decides nothing."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest

from tests.papersite import PaperSite, switches
from tests.product import DAY, NOW, SATURDAY, SERIES, Product

HOUR, ONE_DAY = timedelta(hours=1), timedelta(days=1)


def rows(product: Product, now: datetime) -> dict[str, dict[str, object]]:
    return {row["day"]: row for row in json.loads(product("status", "--json", now=now).out)["days"]}


def go_to(site: PaperSite, now: datetime) -> datetime:
    site.now = now
    return now


def test_a_look_that_is_promised_is_taken_and_lies_never_in_the_past(product: Product, site: PaperSite) -> None:
    product("run", now=go_to(site, NOW))
    # Much too late, with the page down for that minute.
    now = go_to(site, NOW + 34 * ONE_DAY)
    site.switches.append(switches.down("/papers", 404))
    said = product("run", now=now).err
    promised = re.search(r"(\d+) partial; later runs will fetch them again, the first at (.*) UTC", said)
    assert promised
    site.switches.clear()
    for hours in (0, 0.5):
        looks = [row["next_look"] for row in rows(product, now + hours * HOUR).values() if row["next_look"]]
        assert min(map(str, looks)) >= f"{now + hours * HOUR:%Y-%m-%dT%H:%M:%SZ}"
    due = go_to(site, datetime.fromisoformat(f"{promised[2]}Z"))
    assert len(product("run", now=due).out.splitlines()) >= int(promised[1])
    assert {row["state"] for row in rows(product, due).values()} <= {"closed", "empty", "settling", "open"}


def test_what_status_says_of_the_next_run_is_what_it_fetches(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.down("/api/"))
    product("run", now=NOW)
    for hours in (0.5, 1, 5):
        now = go_to(site, NOW + hours * HOUR)
        shown = product("status", now=now).out
        fetched = product("run", now=now).out
        assert ("the next run will fetch it" in shown) is bool(fetched)


def test_no_run_is_promised_for_days_out_of_reach(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.down("/papers", 404))
    said = product("run", "--since", "2025-10-01", "--until", "2025-10-03").err
    assert "later runs" not in said
    assert (
        f"run: dailypapers --store {product.store.root} backfill hf-daily --since 2025-10-01 --until 2025-10-03" in said
    )


def test_one_doubtful_look_after_thirty_days_is_not_the_last_one(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{DAY}", now=NOW)
    now = go_to(site, NOW + 23 * ONE_DAY)
    site.switches.append(switches.down("/papers", 404))
    product("run", now=now)
    assert rows(product, now)[f"{DAY}"]["state"] == "partial"
    site.switches.clear()
    later = go_to(site, now + 2 * HOUR)
    product("run", now=later)
    assert rows(product, later)[f"{DAY}"]["state"] == "closed"


def test_a_throttled_saturday_with_papers_is_neither_empty_nor_closed(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PaperSite(seed=1, now=NOW, sizes={SATURDAY: 9}) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        served.switches += [switches.items(where, lambda _: []) for where in ("/api/", "/papers")]
        for hours in (1, 25, 49, 72):
            product("run", "--day", f"{SATURDAY}", now=NOW + hours * HOUR)
            assert product.certificate(SATURDAY)["state"] in {"settling", "partial"}
        served.switches.clear()
        for hours in (74, 90):
            product("run", "--day", f"{SATURDAY}", now=NOW + hours * HOUR)
    found = product.certificate(SATURDAY)
    assert (found["state"], found["papers"]) == ("closed", 9)


def stray(items: list[dict[str, object]]) -> list[dict[str, object]]:
    """An item more than there is, listed on another day."""
    first = json.loads(json.dumps(items[0]))
    first["paper"] |= {"id": "2401.00001", "submittedOnDailyAt": "2025-12-03T09:00:00.000Z"}
    return [*items, first]


@pytest.mark.parametrize(("views", "papers"), [(("/api/",), 12), (("/api/", "/papers"), 13)])
def test_an_item_of_another_day_is_a_note_unless_the_second_view_agrees(
    product: Product, site: PaperSite, views: tuple[str, ...], papers: int
) -> None:
    site.switches += [switches.items(where, stray) for where in views]
    for hours in (0, 13):
        product("run", "--day", f"{DAY}", now=NOW + hours * HOUR)
    found = product.certificate()
    assert (found["state"], found["papers"], len(product.papers())) == ("closed", papers, papers)
    note = "api: arxiv:2401.00001 says that it was listed on 2025-12-03; left out"
    assert (note in found["notes"]) is (papers == 12)
    assert any(note.endswith(said) for said in found["fetches"][-1]["views"][0]["notes"]) is (papers == 12)
    assert product.store.papers(SERIES, DAY).exists()
