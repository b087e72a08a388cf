"""Drift: what changed at the site, on which day, and nothing that did not change."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from ingest.monitor.problems import problems
from ingest.sources.calendars import hugging_face
from snapshots.drift.beta_binomial import Count
from snapshots.drift.detect import Change
from snapshots.drift.facts import without_shapes
from snapshots.drift.share_changes import Step, steps
from tests.papersite import PaperSite, Switch, switches
from tests.product import DAY, NOW, SERIES, Product
from tests.support.drift_histories import MONDAY, History, certificate, history, truths, weekdays

SEEDS = range(int(os.environ.get("DAILYPAPERS_HISTORIES", "2")))


def test_real_captures_tell_every_change_and_nothing_else(product: Product, captures: Path) -> None:
    product("--quiet", "import", "hf-daily", captures / "hf-daily-api", now=None)
    result = product("drift", "hf-daily", now=None)
    assert result.status == 0
    assert result.out.splitlines() == [
        "hf-daily: 90 days fetched in time, 2024-03-12 to 2026-05-15; 34 changes",
        "certain:",
        "  2024-06-12  mediaUrl: became thumbnail",
        "  2024-06-12  mediaUrls: new",
        "  2024-06-13  submittedBy: new",
        "  between 2024-07-19 and 2024-12-11  paper.discussionId, submittedBy._id, submittedBy.followerCount: new",
        "  between 2024-12-11 and 2025-03-05  isAuthorParticipating, paper.githubRepo: new",
        # One day of the captures has none of it among 12 papers, which proves nothing.
        "  between 2024-12-11 and 2025-03-06  paper.projectPage: new",
        "  2025-03-11  submittedBy: gone",
        "  2025-03-11  publishedAt: changed meaning: always paper.publishedAt -5 h or -4 h",
        "  2025-03-11  paper.ai_keywords, summary: new",
        "  2025-03-11  title: has line breaks",
        "  2025-03-17  submittedBy: is back",
        "  2025-03-17  paper.mediaUrls, paper.submittedOnDailyAt, paper.submittedOnDailyBy: new",
        "  between 2025-03-20 and 2025-09-25  paper.ai_summary, paper.githubStars, submittedBy.isHfAdmin: new",
        "  2025-09-29  submitterOrganization: new",
        "  2025-10-03  submitterOrganization: became organization",
        "  2025-10-03  paper.organization: new",
        "  between 2025-10-10 and 2026-04-01"
        "  paper.githubRepoAddedBy, paper.submittedOnDailyBy.name, submittedBy.isUserFollowing: new",
        "  between 2025-10-10 and 2026-04-01"
        "  paper.summary, paper.title, summary, title: now has hardly any line breaks",
        "  2026-04-03  paper.publishedAt, publishedAt: lost its time of day",
        "  2026-05-14  paper.submittedOnDailyAt: lost its time of day",
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_invented_history_is_told_and_nothing_else(seed: int) -> None:
    made = history(seed)
    # What is said to be a guess may be one: of a field that is in all items on some days and in none on others.
    found = [(name, one) for one in made.found() if one.confidence != "perhaps" for name in _plain(one)]
    expected = _visible(made)
    assert {(field, kind) for field, kind, _ in expected} == {name for name, _ in found}
    for field, kind, day in expected:
        # A quiet day just before or after may have had none of a field that not every item has.
        slack, ones = timedelta(days=5), [one for name, one in found if name == (field, kind)]
        assert any(one.last - slack <= day <= one.first + slack for one in ones), (field, kind, ones)


def _plain(change: Change) -> list[tuple[str, str]]:
    if change.kind == "became":
        return [(change.field, "gone"), (change.description.removeprefix("became "), "new")]
    return [(change.field, change.kind)]


def _visible(made: History) -> list[tuple[str, str, date]]:
    """What changed, but for what came and went while nobody looked."""
    stays = {"submitterOrganization": (date(2025, 9, 29), date(2025, 10, 2))}
    hidden = not any(date(2025, 3, 11) <= day <= date(2025, 3, 14) for day in made.days)
    found = []
    for field, kind, day in truths():
        first, last = stays.get(field, (None, None))
        unseen = first is not None and last is not None and not any(first <= one <= last for one in made.days)
        absent = hidden and field == "submittedBy" and day > date(2025, 1, 1)
        if not unseen and not absent:
            found.append((field, kind, day))
    return found


def counts(shares: Sequence[float], items: int = 20, first: date = MONDAY) -> list[Count]:
    """A share day by day."""
    return [
        Count(day, round(share * items), items) for day, share in zip(weekdays(len(shares), first), shares, strict=True)
    ]


def unseen(counted: Sequence[Count]) -> Any:
    stored = {one.day for one in counted}

    def gap(last: date, first: date) -> int:
        days = (last + timedelta(days=number) for number in range(1, (first - last).days))
        return sum(1 for day in days if day not in stored and not hugging_face(day))

    return gap


def moved(counted: Sequence[Count]) -> list[Step]:
    return steps(counted, unseen(counted))


@pytest.mark.parametrize(
    ("shares", "place"),
    [
        ([0.0] * 5 + [1.0], 5),
        ([0.0] * 30 + [0.15] * 10, 30),
        ([1.0] * 10 + [0.0], 10),
        ([0.5] * 20 + [0.0] * 4, 20),
        ([1.0] * 10 + [0.3], 10),
        ([0.3] * 30 + [0.8] * 5, 30),
    ],
    ids=["new at once", "new in few", "gone at once", "gone from half", "fell from all", "rose for a week"],
)
def test_a_sudden_change_is_found_on_its_day(shares: Sequence[float], place: int) -> None:
    counted = counts(shares)
    assert [one.first for one in moved(counted)] == [counted[place].day]


@pytest.mark.parametrize(
    "shares",
    [
        [0.98 - 0.015 * day for day in range(40)],
        [0.2 + 0.01 * day for day in range(60)],
        [0.3, 0.6, 0.4, 0.7, 0.2] * 12,
        [0.0] * 40 + [0.05] + [0.0] * 20,
        [0.5] * 20 + [0.9] + [0.5] * 10,
        [1.0] * 20 + [0.9] * 10,
        [0.9, 0.9, 0.9, 0.9, 0.3] * 10,
    ],
    ids=["falls slowly", "climbs slowly", "scatters", "once", "a day's mood", "a few lack it", "Fridays are other"],
)
def test_what_is_slow_or_scatters_is_no_change(shares: Sequence[float]) -> None:
    assert moved(counts(shares)) == []


@pytest.mark.parametrize("items", [1, 2, 3])
def test_a_quiet_day_without_a_field_that_half_have_is_no_change(items: int) -> None:
    counted = counts([0.5] * 30)
    counted[20] = Count(counted[20].day, 0, items)
    assert moved(counted) == []


def test_what_is_missing_on_a_day_that_is_not_over_may_still_come() -> None:
    counted = counts([1.0] * 20)
    day = weekdays(21)[-1]
    assert moved([*counted, Count(day, 0, 20, young=True)]) == []
    assert [one.first for one in moved([*counted, Count(day, 0, 20)])] == [day]


def test_days_without_proof_after_days_that_were_missed_make_it_a_range() -> None:
    counted = counts([0.0] * 20)
    later = weekdays(6, date(2025, 11, 3))
    few = [Count(later[0], 0, 3), *(Count(day, 4, 10) for day in later[1:])]
    (step,) = moved([*counted, *few])
    assert (step.last, step.first) == (counted[-1].day, later[1])


def one_field(values: Sequence[Sequence[object]]) -> list[Change]:
    """The changes of a history whose items have an id and that one field, where it is not None."""
    days, random, made = weekdays(len(values)), Random(0), History()
    for day, row in zip(days, values, strict=True):
        ids = [{"id": f"{random.getrandbits(96):024x}"} for _ in row]
        items = [one | ({} if value is None else {"it": value}) for one, value in zip(ids, row, strict=True)]
        made.certificates.append(certificate(day, items))
        made.days.append(day)
    return made.found()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (["7", "13", "21"] * 4, [7, 13, 21] * 4, {"text in 0 % instead of 100 %", "int in 100 % instead of 0 %"}),
        (["user"] * 12, ["bot"] * 12, {"is now 'bot'", "is no longer 'user'"}),
        (["a" * 24] * 3 + ["b" * 24] * 9, ["c" * 36] * 3 + ["d" * 36] * 9, None),
        (["2025-01-02"] * 12, ["January 2"] * 12, {"no longer holds dates"}),
        ([["x"]] * 12, [["x"] * 30] * 12, {"its length was 1, is 30"}),
        (["short"] * 6 + ["shorter"] * 6, ["long " * 30] * 12, None),
    ],
    ids=["type", "value", "ids", "dates", "lists", "texts"],
)
def test_a_change_of_shape_is_named(before: list[object], after: list[object], words: set[str] | None) -> None:
    found = one_field([before] * 12 + [after] * 3)
    assert found
    assert {(one.field, one.first) for one in found} == {("it", weekdays(13)[-1])}
    assert words is None or {one.description for one in found} == words


def test_a_list_seen_the_morning_after_tells_of_its_own_day() -> None:
    days = weekdays(6)
    rows = [[{"id": f"{number}"} | ({"it": 1} if day == days[-1] else {}) for number in range(20)] for day in days]
    made = History([certificate(day, items) for day, items in zip(days, rows, strict=True)], days)
    for day, one in zip(days, made.certificates, strict=True):
        one["profiles"]["api"]["at"] = f"{day + timedelta(days=1)}T06:00:00Z"
    assert [(one.field, one.days) for one in made.found()] == [("it", f"{days[-1]}")]


def seen_by_run(product: Product, site: PaperSite, days: Sequence[datetime]) -> None:
    for instant in days:
        site.now = instant
        product("--quiet", "run", "hf-daily", "--day", f"{instant.date()}", now=instant)


def test_a_new_field_is_told_on_the_day_it_appears(product: Product, site: PaperSite) -> None:
    days = [datetime(day.year, day.month, day.day, 12, tzinfo=NOW.tzinfo) for day in weekdays(6, date(2025, 12, 1))]
    seen_by_run(product, site, days[:-1])
    assert product("drift", now=days[-2]).out.count("\n") == 1
    assert [one for one in problems(product.store, days[-2]) if one.kind == "drift"] == []

    site.switches.append(switches.items("/", lambda found: [{**item, "mood": "fine"} for item in found]))
    seen_by_run(product, site, days[-1:])
    result = product("drift", now=days[-1])
    assert result.status == 1
    assert result.out.splitlines()[1:] == ["certain:", f"  {days[-1].date()}  mood: new"]
    (row,) = orjson.loads(product("drift", "--json", now=days[-1]).out)
    assert (row["field"], row["kind"], row["views"], row["when"]) == ("mood", "new", "api, html", f"{days[-1].date()}")
    status = product("status", now=days[-1])
    assert (status.status, f"{days[-1].date()}: drift: mood: new; see dailypapers drift" in status.out) == (1, True)
    assert product("drift", "--since", f"{days[-1].date() + timedelta(days=1)}", now=days[-1]).out.count("\n") == 1
    assert product("drift", now=days[-1] + timedelta(days=7)).status == 0


@pytest.mark.parametrize("view", ["/api/", "/papers"])
def test_days_of_one_view_alone_are_no_drift(product: Product, site: PaperSite, view: str) -> None:
    """A view that stands alone is profiled with its values, for some days, then by presence again."""
    days = [datetime(day.year, day.month, day.day, 12, tzinfo=NOW.tzinfo) for day in weekdays(9, date(2025, 12, 1))]
    site.switches.append(switches.during(days[5], days[7], switches.down(view)))
    seen_by_run(product, site, days)
    alone = [day.date() for day in days if len(product.certificate(day.date())["profiles"]) == 1]
    assert alone == [day.date() for day in days[5:7]]
    result = product("drift", now=days[-1])
    assert (result.status, result.out.splitlines()[1:]) == (0, [])


def test_values_of_two_outages_far_apart_are_not_compared() -> None:
    """The second view shows its values only while it stands alone: what changed in between is no news."""
    days, made = weekdays(40), History()
    for number, day in enumerate(days):
        one = certificate(day, [{"id": f"{item}", "it": number if number < 20 else f"{number}"} for item in range(20)])
        view = one["profiles"]["api"]
        one["profiles"] = {"html": view if number in {5, 35} else without_shapes(view)}
        made.certificates.append(one)
        made.days.append(day)
    assert made.found() == []


def test_cards_that_part_from_the_blob_are_drift(product: Product, site: PaperSite) -> None:
    days = [datetime(day.year, day.month, day.day, 12, tzinfo=NOW.tzinfo) for day in weekdays(6, date(2025, 12, 1))]
    seen_by_run(product, site, days[:-2])
    agreement = product.certificate(days[0].date())["agreement"]
    assert agreement["html: blob/cards"].keys() == {"title", "upvotes", "comments", "author_count"}
    assert all(agree == both for fields in agreement.values() for agree, both in fields.values())

    site.switches.append(
        switches.body("/papers", lambda page: page.replace(b'class="leading-none">', b'class="leading-none">9'))
    )
    seen_by_run(product, site, days[-2:])
    disagreement = product.certificate(days[-1].date())["disagreements"]["html: blob/cards"]["upvotes"]
    assert disagreement["papers"] > 0
    result = product("drift", now=days[-1]).out
    assert f"  {days[-2].date()}  upvotes: html: blob/cards agree in 0 % instead of 100 %" in result


@pytest.mark.parametrize(
    ("dress", "words"),
    [
        (switches.no_blob(), "html: now read from its cards"),
        (switches.renamed_cards(), "html: article in 0 % instead of 100 % of the cards"),
        (
            switches.items("/", lambda found: [{renamed(name): item[name] for name in item} for item in found]),
            "thumbnail: became preview",
        ),
    ],
    ids=["no blob", "other cards", "another name"],
)
def test_another_page_is_drift_at_once(product: Product, site: PaperSite, dress: Switch, words: str) -> None:
    days = [datetime(day.year, day.month, day.day, 12, tzinfo=NOW.tzinfo) for day in weekdays(7, date(2025, 12, 1))]
    seen_by_run(product, site, days[:-2])
    site.switches.append(dress)
    seen_by_run(product, site, days[-2:])
    assert product("drift", now=days[-1]).out.splitlines()[1:] == ["certain:", f"  {days[-2].date()}  {words}"]
    (trouble,) = [one for one in problems(product.store, days[-1]) if one.kind == "drift"]
    assert (trouble.day, trouble.reason) == (days[-2].date(), f"{words}; see dailypapers drift")


def renamed(name: str) -> str:
    return "preview" if name == "thumbnail" else name


def test_a_certificate_of_before_has_no_profile_and_is_built_again(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{DAY}")
    path, now = product.store.certificate(SERIES, DAY), product.certificate()
    old = {name: value for name, value in now.items() if name not in {"profiles", "agreement"}}
    path.write_bytes(orjson.dumps(old | {"parsers": now["parsers"] | {"rules": 1}}))
    assert f"{DAY}: " not in product("status", "--since", f"{DAY}").out
    assert product("drift").out == "hf-daily: no day was fetched in time; no changes\n"
    assert product("build").out.startswith(f"hf-daily {DAY}: 12 papers")
    assert product.certificate() == now
