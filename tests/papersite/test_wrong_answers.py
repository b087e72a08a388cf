"""Each trouble does what its name says, to blob, cards and API alike, and they may be combined."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.papersite import Moving, PaperSite, Switch
from tests.papersite.periods import midnight
from tests.papersite.reading import BUSY, MONDAY, SATURDAY, blob, get, ids
from tests.papersite.switches import down, during, when
from tests.papersite.wrong_answers import asks, cut_at, empty, flaky, hide, promise, repeated, stale, wrong_day

API, PAGE = f"/api/daily_papers?date={BUSY}&limit=100", f"/papers/date/{BUSY}"
FRIDAY = date(2025, 12, 5)


def site(*switches: Switch, era: int = 2026) -> PaperSite:
    return PaperSite(sizes={BUSY: 130}, switches=switches, era=era)


def sizes(running: PaperSite, *pages: str) -> list[int]:
    return [len(get(running, f"/api/daily_papers?date={BUSY}&{page}").json()) for page in pages]


def listed(page: httpx.Response) -> list[str]:
    """The ids of the blob, which are those of the cards."""
    names = ids(blob(page)["dailyPapers"])
    links = LexborHTMLParser(page.text).css("article h3 a")
    assert [f"/papers/{name}" for name in names] == [link.attributes["href"] for link in links]
    return names


def test_cut_at_50_with_paging_gives_all_in_steps_of_50() -> None:
    with site(cut_at(50)) as running:
        assert sizes(running, "limit=100", "limit=100&p=1", "limit=50&p=2", "limit=50&p=3") == [50, 50, 30, 0]
        pages = [get(running, f"{API}&p={page}").json() for page in range(3)]
        assert [item for page in pages for item in page] == running.papers(BUSY)
        assert sizes(running, "limit=10", "limit=many") == [10, 1]  # an error is one object
        assert len(listed(get(running, PAGE))) == 130


def test_cut_at_50_without_paging_gives_the_first_50_for_ever() -> None:
    with site(cut_at(50, paging=False)) as running:
        pages = [get(running, f"{API}&p={page}").json() for page in range(4)]
        assert pages == [running.papers(BUSY)[:50]] * 4


def test_a_repeated_page() -> None:
    with site(repeated()) as running:
        first, second, third = (get(running, f"{API}&p={page}").json() for page in range(3))
        assert (len(first), second, third) == (100, first, [])


@pytest.mark.parametrize("era", [2024, 2026])
def test_an_empty_site_shows_the_asked_day_without_papers(era: int) -> None:
    target = f"/papers?date={BUSY}"
    with site(empty("/"), era=era) as running:
        assert get(running, API).json() == []
        for day in (BUSY, SATURDAY):
            page = get(running, target.replace(f"{BUSY}", f"{day}"))
            props = blob(page)
            assert (props.get("dateString") or props["date"][:10], listed(page)) == (f"{day}", [])
        week = get(running, "/papers/week/2025-W50")
        assert (week.status_code, listed(week)) == (200, [])
        assert listed(get(running, "/papers/trending")) == []
        assert get(running, "/papers").status_code in {200, 302}


def test_an_empty_site_may_show_another_day_instead() -> None:
    with site(empty("/", "other")) as running:
        assert get(running, API).json() == []
        page = get(running, PAGE)
        assert (blob(page)["dateString"], listed(page)) == (f"{FRIDAY}", ids(running.papers(FRIDAY)))
        for asked, shown in [("week/2025-W50", "2025-W49"), ("month/2025-12", "2025-11")]:
            page = get(running, f"/papers/{asked}")
            assert blob(page)["dateString"] == shown
            assert listed(page)


@pytest.mark.parametrize(("where", "api", "page"), [("/api/", 0, 130), ("/papers", 100, 0)])
def test_one_view_may_be_empty(where: str, api: int, page: int) -> None:
    with site(empty(where)) as running:
        assert (len(get(running, API).json()), len(listed(get(running, PAGE)))) == (api, page)


def test_empty_for_a_while() -> None:
    with site() as running:
        running.switches = [during(running.now, running.now + timedelta(minutes=5), empty("/api/"))]
        assert sizes(running, "limit=100") == [0]
        running.now += timedelta(minutes=5)
        assert sizes(running, "limit=100") == [100]


def test_a_stale_page_beside_a_fresh_api() -> None:
    script, noon = Moving(3, {MONDAY: 30}), midnight(MONDAY) + timedelta(hours=12)
    with PaperSite(script=script, now=noon, switches=[stale("/papers", hours=6)]) as running:
        page, fresh = get(running, f"/papers/date/{MONDAY}"), get(running, f"/api/daily_papers?date={MONDAY}")
        assert page.headers["Date"] == fresh.headers["Date"] == "Mon, 15 Dec 2025 12:00:00 GMT"
        assert fresh.json() == running.papers(MONDAY)
        running.now -= timedelta(hours=6)
        assert ids(blob(page)["dailyPapers"]) == ids(running.papers(MONDAY)) != ids(fresh.json())


def test_papers_that_one_view_never_shows() -> None:
    def even(item: dict[str, Any]) -> bool:
        return int(item["paper"]["id"][-1]) % 2 == 0

    with site(hide("/papers", even)) as running:
        truth = running.papers(BUSY)
        shown = listed(get(running, PAGE))
        assert set(shown) == {item["paper"]["id"] for item in truth if not even(item)}
        assert sizes(running, "limit=100", "limit=100&p=1") == [100, 30]
        running.switches = [hide("/api/", even), hide("/api/", lambda item: item["paper"]["upvotes"] < 5)]
        left = [item for item in truth if not even(item) and item["paper"]["upvotes"] >= 5]
        assert get(running, API).json() == left


def test_a_site_that_hides_all_papers_leads_nowhere_for_ever() -> None:
    with PaperSite(sizes={}, switches=[hide("/", lambda _: True)], now=midnight(date(2023, 6, 1))) as running:
        assert get(running, "/papers/date/2023-05-08").headers["Location"] == "/papers"
        assert listed(get(running, "/papers")) == []


def test_a_promise_that_is_too_high() -> None:
    with site(promise("/", extra=7)) as running:
        answers = [get(running, f"{API}&p={page}") for page in range(3)]
        assert [answer.headers["X-Total-Count"] for answer in answers] == ["137"] * 3
        assert [len(answer.json()) for answer in answers] == [100, 30, 0]
        following = answers[1].links["next"]["url"]
        assert get(running, following.removeprefix(running.url)).json() == []
        assert blob(get(running, PAGE))["totalCount"] == 137
        assert get(running, "/api/daily_papers?date=nonsense").status_code == 400


def test_the_wrong_day() -> None:
    switches = [wrong_day(BUSY, FRIDAY), wrong_day(BUSY, FRIDAY, "/api/")]
    with site(*switches) as running:
        answer = get(running, PAGE)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/papers/date/{FRIDAY}")
        assert get(running, f"/papers?date={BUSY}").headers["Location"] == f"/papers?date={FRIDAY}"
        assert blob(get(running, f"/papers/date/{FRIDAY}"))["dateString"] == f"{FRIDAY}"
        assert get(running, API).json() == running.papers(FRIDAY)


def test_some_days_only() -> None:
    with site(when("/api/", when(asks(BUSY, SATURDAY), down("/")))) as running:
        statuses = [get(running, f"/api/daily_papers?date={day}").status_code for day in (BUSY, SATURDAY, MONDAY)]
        assert statuses == [500, 500, 200]
        assert get(running, PAGE).status_code == 200
        assert get(running, "/api/daily_papers?week=2025-W60").status_code == 400


def test_one_view_down_for_days() -> None:
    with site() as running:
        end = running.now + timedelta(days=3)
        running.switches = [during(running.now, end, down("/papers"))]
        statuses = []
        for _ in range(4):
            statuses.append((get(running, PAGE).status_code, get(running, API).status_code))
            running.now += timedelta(days=1)
        assert statuses == [(500, 200)] * 3 + [(200, 200)]


def test_a_flaky_site_fails_the_same_requests_each_time() -> None:
    targets = [f"/api/daily_papers?date=2025-12-{day:02}" for day in range(1, 19)]
    with site(flaky("/api/", 0.3)) as running:
        runs = [[get(running, target).status_code for target in targets] for _ in range(2)]
        assert runs[0] == runs[1]
        assert 1 < runs[0].count(503) < 12
        running.now += timedelta(hours=1)
        assert [get(running, target).status_code for target in targets] != runs[0]


def test_troubles_may_be_combined() -> None:
    script, noon = Moving(3, {MONDAY: 90}), midnight(MONDAY) + timedelta(hours=12)
    with PaperSite(script=script, now=noon) as running:
        running.now -= timedelta(hours=6)
        before = running.papers(MONDAY)
        running.now = noon
        for chosen in ([stale("/", 6), cut_at(20)], [cut_at(20), stale("/", 6)]):
            running.switches = chosen
            pages = [get(running, f"/api/daily_papers?date={MONDAY}&limit=100&p={page}").json() for page in range(6)]
            assert [item for page in pages for item in page] == before
            assert len(pages[0]) == 20
