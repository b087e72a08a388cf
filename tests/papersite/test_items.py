"""The invented papers have the fields, sizes and oddities of real ones."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.papersite import PaperSite
from tests.papersite.eras import KNOWN_ITEM, KNOWN_PAPER
from tests.papersite.papers import day_of, paper_id
from tests.papersite.reading import BUSY, MONDAY, SATURDAY, get, ids


def test_a_seed_is_the_same_papers_anywhere(site: PaperSite) -> None:
    with PaperSite(seed=1, sizes={BUSY: 130}) as again, PaperSite(seed=2, sizes={BUSY: 130}) as other:
        target = f"/api/daily_papers?date={BUSY}&limit=100"
        assert get(again, target).content == get(site, target).content
        assert get(again, f"/papers/date/{BUSY}").content == get(site, f"/papers/date/{BUSY}").content
        assert set(ids(other.papers(BUSY))) != set(ids(site.papers(BUSY)))


def test_a_bigger_day_holds_the_papers_of_the_smaller_one() -> None:
    small = PaperSite(sizes={BUSY: 20}).papers(BUSY)
    big = PaperSite(sizes={BUSY: 60}).papers(BUSY)
    assert [item for item in big if item in small] == small


def test_sizes_are_those_of_real_answers(site: PaperSite) -> None:
    answer = get(site, f"/api/daily_papers?date={BUSY}&limit=100")
    assert 4500 < len(answer.content) / 100 < 7000
    page = get(site, f"/papers/date/{BUSY}")
    assert 9000 < len(page.content) / 130 < 15000
    for item in site.papers(BUSY):
        assert 1000 <= len(item["paper"]["summary"]) <= 1900
        assert 2 <= len(item["paper"]["authors"]) < 700


def test_the_oddities_are_there(site: PaperSite) -> None:
    items = site.papers(BUSY)
    titles, papers = [item["title"] for item in items], [item["paper"] for item in items]
    for part in ("$", '"', "&", "<", "'", "  ", "\\%", "ï", "🧭"):
        assert any(part in title for title in titles), part
    assert any("\n" in paper["summary"] for paper in papers)
    assert any(paper["id"].endswith("0") for paper in papers)
    assert any(paper["upvotes"] == 0 for paper in papers)
    assert any(author["hidden"] for paper in papers for author in paper["authors"])
    repos = [paper.get("githubRepo", "") for paper in papers]
    assert any(repo.endswith("/") for repo in repos)
    assert any("/tree/" in repo for repo in repos)
    assert any(paper.get("projectPage", "").startswith("https://github.com/") for paper in papers)
    assert b"null" not in get(site, f"/api/daily_papers?date={BUSY}&limit=100").content


@pytest.mark.parametrize("era", [date(2024, 5, 27), date(2024, 8, 6), date(2025, 9, 30), date(2026, 8, 21)])
def test_an_era_has_its_keys(era: date) -> None:
    items = PaperSite(era=era, sizes={BUSY: 60}).papers(BUSY)
    for table, shown in [(KNOWN_ITEM, items), (KNOWN_PAPER, [item["paper"] for item in items])]:
        known = {key for key, (since, until) in table.items() if since <= era <= until}
        assert {key for value in shown for key in value} == known


def test_fields_that_changed_their_meaning() -> None:
    def first(era: date) -> dict[str, Any]:
        return PaperSite(era=era).papers(MONDAY)[0]

    old, new, now = first(date(2025, 3, 10)), first(date(2025, 3, 18)), first(date(2026, 8, 21))
    assert old["publishedAt"].startswith("2025-12-15T")
    published = datetime.fromisoformat(new["paper"]["publishedAt"])
    assert datetime.fromisoformat(new["publishedAt"]) == published - timedelta(hours=5)
    assert now["paper"]["submittedOnDailyAt"] == "2025-12-15T00:00:00.000Z"
    assert new["paper"]["submittedOnDailyAt"] > now["paper"]["submittedOnDailyAt"]


def test_every_working_day_may_have_the_same_number() -> None:
    site = PaperSite(sizes=40)
    assert [len(site.papers(day)) for day in (BUSY, MONDAY, SATURDAY)] == [40, 40, 0]


def test_ids_are_unique_over_a_year_and_tell_their_day() -> None:
    site = PaperSite(sizes=8)
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(350)]
    named = {day: ids(site.papers(day)) for day in days}
    names = [name for day in days for name in named[day]]
    assert len(names) == len(set(names)) > 1900
    assert all(day_of(name) == day for day in days for name in named[day])


def test_a_day_has_ids_for_1500_papers() -> None:
    assert len({paper_id(BUSY, BUSY, place) for place in range(1500)}) == 1500
    with pytest.raises(ValueError, match="at most 1500"):
        paper_id(BUSY, BUSY, 1500)
