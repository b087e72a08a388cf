"""The paper site answers the API's addresses as documented; its other tests lie beside it in `papersite/`."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import httpx
import pytest

from tests.papersite import PaperSite
from tests.papersite.papers import day_of
from tests.papersite.reading import BUSY, MONDAY, SATURDAY, TLS, blob, get, ids

KINDS = ("Models", "Datasets", "Spaces")
LINKED = {f"{word}{kind}" for word in ("linked", "numTotal") for kind in KINDS}


@pytest.fixture(scope="module")
def site() -> Iterator[PaperSite]:
    with PaperSite(seed=1, sizes={BUSY: 130}) as running:
        yield running


def test_pages_cover_a_busy_day_once(site: PaperSite) -> None:
    pages = [get(site, f"/api/daily_papers?date={BUSY}&limit=100&p={page}") for page in range(3)]
    assert [len(page.json()) for page in pages] == [100, 30, 0]
    listed = [item for page in pages for item in page.json()]
    assert listed == site.papers(BUSY)
    assert len(set(ids(listed))) == 130
    votes = [item["paper"]["upvotes"] for item in listed]
    assert votes == sorted(votes, reverse=True)


def test_the_default_page_is_silently_cut_at_50(site: PaperSite) -> None:
    assert len(get(site, f"/api/daily_papers?date={BUSY}").json()) == 50


def test_link_names_the_next_page_while_there_is_one(site: PaperSite) -> None:
    target, sizes = f"{site.url}/api/daily_papers?date={BUSY}", []
    while target:
        page = httpx.get(target, verify=TLS, trust_env=False)
        sizes.append(len(page.json()))
        target = page.links.get("next", {}).get("url", "")
    assert sizes == [50, 50, 30]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("date=2025-13-40", "Invalid date"),
        ("date=yesterday", "Invalid date"),
        ("date=2025-12-20", "The date is in the future"),
        ("week=2025-W60", "Invalid week"),
        ("month=2025-13", "Invalid month"),
        ("limit=101", "Too big: expected number to be <=100"),
        ("limit=0", "Too small: expected number to be >=1"),
        ("limit=--5", "Invalid input: expected number, received NaN"),
        ("sort=upvotes", 'Invalid option: expected one of "publishedAt"|"trending"'),
    ],
)
def test_refusals(site: PaperSite, query: str, message: str) -> None:
    answer = get(site, f"/api/daily_papers?{query}")
    assert (answer.status_code, answer.json()) == (400, {"error": message})


def test_today_is_no_future_and_a_date_may_be_a_timestamp(site: PaperSite) -> None:
    assert get(site, "/api/daily_papers?date=2025-12-19").json()
    day = f"/api/daily_papers?date={MONDAY}"
    assert get(site, f"{day}T08:30:00.000Z").content == get(site, day).content


@pytest.mark.parametrize("day", [SATURDAY, date(2025, 12, 14), date(2025, 1, 1), date(2024, 12, 25)])
def test_quiet_days_are_empty(site: PaperSite, day: date) -> None:
    assert get(site, f"/api/daily_papers?date={day}").json() == []


def test_a_week_and_a_month_are_their_days(site: PaperSite) -> None:
    monday = MONDAY - timedelta(days=7)
    week = get(site, "/api/daily_papers?week=2025-W50&limit=100").json()
    week += get(site, "/api/daily_papers?week=2025-W50&limit=100&p=1").json()
    week += get(site, "/api/daily_papers?week=2025-W50&limit=100&p=2").json()
    days = [ids(site.papers(monday + timedelta(days=n))) for n in range(7)]
    assert sorted(ids(week)) == sorted(name for day in days for name in day)
    assert len(get(site, "/api/daily_papers?month=2025-12&limit=100&p=1").json()) == 100


def test_trending_ignores_the_date_and_follows_the_stars(site: PaperSite) -> None:
    listed = get(site, "/api/daily_papers?sort=trending&limit=100").json()
    stars = [item["paper"]["githubStars"] for item in listed]
    assert len(listed) == 60
    assert stars == sorted(stars, reverse=True)
    assert get(site, f"/api/daily_papers?sort=trending&limit=100&date={SATURDAY}").json() == listed


def test_submitter(site: PaperSite) -> None:
    name = site.papers(MONDAY)[0]["submittedBy"]["name"]
    mine = [item for item in site.papers(MONDAY) if item["submittedBy"]["name"] == name]
    assert get(site, f"/api/daily_papers?date={MONDAY}&submitter={name}").json() == mine


def test_one_paper_and_none(site: PaperSite) -> None:
    for item in site.papers(BUSY):
        assert day_of(item["paper"]["id"]) == BUSY
        shown = get(site, f"/api/papers/{item['paper']['id']}").json()
        assert {key: value for key, value in shown.items() if key not in LINKED} == item["paper"]
        assert shown.keys() >= LINKED
        assert all(len(shown[f"linked{kind}"]) <= min(3, shown[f"numTotal{kind}"]) for kind in KINDS)
    for wrong in ("2512.99999", "2599.00001", "trending", "٢٥١٢.12345"):
        answer = get(site, f"/api/papers/{wrong}")
        assert (answer.status_code, answer.json()) == (404, {"error": "Paper not found"})


def test_before_may_2026_a_paper_names_no_links() -> None:
    with PaperSite(era=date(2026, 5, 19)) as site:
        paper = site.papers(MONDAY)[0]["paper"]
        assert get(site, f"/api/papers/{paper['id']}").json() == paper


def test_the_index_of_all_papers_is_walked_by_cursor(site: PaperSite) -> None:
    target, papers, sizes = "/api/papers?limit=100&date=2025-12-08", [], []
    while target:
        page = get(site, target)
        papers += page.json()
        sizes.append(len(page.json()))
        target = page.links.get("next", {}).get("url", "").removeprefix(site.url)
    names = [paper["id"] for paper in papers]
    assert len(names) == len(set(names)) > 400
    assert set(sizes[:-1]) == {100}
    dates = [paper["publishedAt"] for paper in papers]
    assert dates == sorted(dates, reverse=True)
    known = {"id", "title", "thumbnailUrl", "upvotes", "publishedAt", "authors", "summary", "projectPage"}
    assert {key for paper in papers for key in paper} == known | {"organization"}
    assert set(ids(site.papers(BUSY))) <= set(names)
    for wrong in ("cursor=x", "cursor=%E2%82%AC", "limit=101"):
        assert get(site, f"/api/papers?{wrong}").status_code == 400


def test_repositories_linked_to_a_paper(site: PaperSite) -> None:
    seen = 0
    for name in ids(site.papers(MONDAY)):
        repos = get(site, f"/api/arxiv/{name}/repos").json()
        assert list(repos) == ["models", "datasets", "spaces"]
        for kind, found in repos.items():
            assert get(site, f"/api/{kind}?filter=arxiv:{name}").json() == found
            seen += len(found)
    assert seen
    assert get(site, "/api/models?filter=arxiv:2599.00001").json() == []
    assert get(site, "/api/spaces").json() == []
    assert get(site, "/api/arxiv/2599.00001/repos").status_code == 404


@pytest.mark.parametrize("path", ["papers/index", "papers/64f0/links", "settings/papers/claim"])
def test_nothing_can_be_written(site: PaperSite, path: str) -> None:
    with httpx.Client(verify=TLS, trust_env=False, base_url=site.url) as client:
        refused = client.post(f"/api/{path}", json={"id": "2512.00001"})
        assert (refused.status_code, refused.json()) == (401, {"error": "Invalid username or password."})
        named = client.post(f"/api/{path}", headers={"Authorization": "Bearer x"})
        assert (named.status_code, list(named.json())) == (403, ["error"])
        assert client.get(f"/api/{path}").status_code == 404
    assert httpx.post(f"{site.url}/api/papers", verify=TLS, trust_env=False).status_code == 404


def test_a_month_of_900_papers_is_listed_whole() -> None:
    with PaperSite(sizes=44, now=datetime(2026, 7, 31, 12, tzinfo=UTC)) as site:
        pages = [get(site, f"/api/daily_papers?month=2026-07&limit=100&p={page}").json() for page in range(12)]
        listed = [item for page in pages for item in page]
        assert len(set(ids(listed))) == len(listed) == 23 * 44
        page = blob(get(site, "/papers/month/2026-07"))
        assert ids(page["dailyPapers"]) == ids(listed)


def test_search(site: PaperSite) -> None:
    word = site.papers(MONDAY)[0]["title"].split(":")[0].split()[0]
    found = get(site, f"/api/papers/search?q={quote(word)}&limit=120")
    assert set(ids(site.papers(MONDAY)[:1])) <= set(ids(found.json()))
    assert get(site, "/api/papers/search?q=xylophonist").json() == []
    assert len(get(site, "/api/papers/search?q=learning&limit=3").json()) == 3
    assert get(site, f"/api/papers/search?q={'a' * 251}").status_code == 400
    assert get(site, "/api/papers/search?limit=5").status_code == 400
