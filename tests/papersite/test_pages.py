"""The pages have the markup and the ways of the real ones."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.papersite import PaperSite
from tests.papersite.reading import BUSY, MONDAY, SATURDAY, blob, get, ids


def card(article: LexborNode) -> dict[str, object]:
    def text(selector: str) -> str:
        found = article.css(selector)
        return found[0].text().strip() if found else ""

    authors = re.search(r"·\s*(\d+) authors", text("ul > li.order-first"))
    assert authors
    return {
        "title": article.css("h3 > a")[0].text(),
        "upvotes": int(text('a[href^="/login?next="] div.leading-none')),
        "authors": int(authors[1]),
        "comments": int(text('a[href$="#community"]') or 0),
    }


def as_card(item: dict[str, Any]) -> dict[str, object]:
    paper = item["paper"]
    counts = {"upvotes": paper["upvotes"], "authors": len(paper["authors"]), "comments": item["numComments"]}
    return {"title": item["title"], **counts}


@pytest.mark.parametrize("era", ["site", "old"])
@pytest.mark.parametrize("day", [BUSY, MONDAY])
def test_cards_blob_and_api_agree(request: pytest.FixtureRequest, era: str, day: date) -> None:
    site: PaperSite = request.getfixturevalue(era)
    page = get(site, f"/papers?date={day}")
    items = blob(page)["dailyPapers"]
    assert [item.pop("upvoted") for item in items] == [False] * len(items)
    assert items == site.papers(day)
    articles = LexborHTMLParser(page.text).css("main section article")
    assert [card(article) for article in articles] == [as_card(item) for item in items]


def test_the_old_page_says_its_day(old: PaperSite) -> None:
    page = get(old, f"/papers?date={MONDAY}")
    props = blob(page)
    assert props.keys() == {"canSubmit", "date", "dailyPapers", "nextDate", "prevDate", "publisher"}
    assert (props["date"], props["prevDate"]) == ("2025-12-15T00:00:00.000Z", "2025-12-12")
    tree = LexborHTMLParser(page.text)
    assert [node.attributes["datetime"] for node in tree.css("time")] == [props["date"]]
    links = [node.attributes["href"] for node in tree.css('section a[href^="/papers?date="]')]
    assert links == ["/papers?date=2025-12-12", "/papers?date=2025-12-16"] * 2
    targets = [node.attributes["data-target"] for node in tree.css(".SVELTE_HYDRATER")]
    assert targets == ["MainHeader", "SSOBanner", "DailyPapersBannerSubscribe", "DailyPapers"]


def test_the_new_page_says_its_period(site: PaperSite) -> None:
    for target, kind in [("date/2025-12-15", "day"), ("week/2025-W50", "week"), ("month/2025-12", "month")]:
        page = get(site, f"/papers/{target}")
        props = blob(page)
        assert (props["periodType"], props["dateString"]) == (kind, target.split("/")[1])
        assert (props["query"], props["isTrending"], "date" in props) == ("", False, False)
        assert f'href="/papers/{target.split("/")[0]}/{props["prevDate"]}"' in page.text
    listed = get(site, "/api/daily_papers?month=2025-12&limit=100").json()
    assert ids(props["dailyPapers"][:100]) == ids(listed)


def test_the_new_card_has_a_label_a_chip_and_stars(site: PaperSite) -> None:
    tree = LexborHTMLParser(get(site, f"/papers/date/{MONDAY}").text)
    items = site.papers(MONDAY)
    assert len(tree.css("article label div.leading-none")) == len(items)
    stars = [node.text().strip() for node in tree.css('article a[title="GitHub stars"]')]
    assert stars == [str(item["paper"]["githubStars"]) for item in items if "githubStars" in item["paper"]]
    names = [item["organization"]["fullname"] for item in items if "organization" in item]
    assert [node.text() for node in tree.css("article span.truncate")] == names


def test_an_empty_day_is_served_as_the_day_before_it(site: PaperSite, old: PaperSite) -> None:
    for day in (SATURDAY, SATURDAY + timedelta(days=1)):
        assert blob(get(site, f"/papers/date/{day}"))["dateString"] == "2025-12-12"
        page = get(old, f"/papers?date={day}")
        assert blob(page)["date"] == "2025-12-12T00:00:00.000Z"
        assert 'datetime="2025-12-12T00:00:00.000Z"' in page.text


def test_papers_alone_leads_to_the_newest_day(site: PaperSite, old: PaperSite) -> None:
    answer = get(site, "/papers")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/papers/date/2025-12-19")
    assert blob(get(old, "/papers"))["date"] == "2025-12-19T00:00:00.000Z"
    assert "nextDate" not in blob(get(old, "/papers"))


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("date/2025-13-40", "/papers"),
        ("date/2025-12-20", "/papers"),
        ("date/2020-01-01", "/papers"),
        ("month/2026-01", "/papers/month/2025-12"),
        ("week/2025-W52", "/papers/week/2025-W51"),
    ],
)
def test_addresses_without_a_list_lead_elsewhere(site: PaperSite, target: str, leads_to: str) -> None:
    answer = get(site, f"/papers/{target}")
    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)


def test_trending_and_search_pages_are_the_api_lists(site: PaperSite) -> None:
    trending = blob(get(site, "/papers/trending"))
    assert trending["isTrending"] is True
    assert "dateString" not in trending
    api = get(site, "/api/daily_papers?sort=trending&limit=100").json()
    assert ids(trending["dailyPapers"]) == ids(api)
    found = blob(get(site, "/papers?q=protein%20design"))
    assert found["query"] == "protein design"
    api = get(site, "/api/papers/search?q=protein%20design&limit=120").json()
    assert ids(found["dailyPapers"]) == ids(api)
    assert blob(get(site, "/papers/trending?q=protein%20design"))["isTrending"] is True


def test_unknown_addresses(site: PaperSite) -> None:
    assert get(site, "/papers/nothing").headers["Content-Type"].startswith("text/html")
    assert [get(site, target).status_code for target in ("/x", "/papersx", "/papers/nothing")] == [404] * 3
    assert get(site, "/robots.txt").text.startswith("User-agent: *")
