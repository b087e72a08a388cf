"""Drift of a site that changes between runs, as the commands show it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from dailypapers.ingest.monitor.problems import problems
from tests.papersite import PaperSite, Switch, switches
from tests.product import DAY, NOW, SERIES, Product
from tests.support.drift_histories import weekdays


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
