"""Days that fill: how they do it is as measured, and what they show is what their history says."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest

from tests.papersite import Fate, Moving, PaperSite, Request
from tests.papersite.papers import Paper
from tests.papersite.periods import is_quiet, midnight
from tests.papersite.reading import MONDAY, blob, get, ids

HOUR = timedelta(hours=1)
TUESDAY = MONDAY + timedelta(days=1)
MONTH = [date(2025, 12, 1) + timedelta(days=n) for n in range(40)]
WORKING = [day for day in MONTH if not is_quiet(day)]


def names(papers: Sequence[Paper]) -> set[str]:
    return {paper.id for paper in papers}


@pytest.fixture(scope="module")
def script() -> Moving:
    return Moving(3)


def test_a_list_is_what_its_history_says_at_every_hour() -> None:
    script = Moving(5, 12, late=0.2, moved=0.2, removed=0.2)
    for day in WORKING[:8]:
        history = script.history(day)
        for hour in range(0, 24 * 10, 3):
            now = midnight(day) + hour * HOUR
            shown = {name for name, stay in history.items() if stay.appeared <= now and not _left(stay.left, now)}
            assert names(script.listing(day, now)) == shown


def _left(left: datetime | None, now: datetime) -> bool:
    return left is not None and left <= now


def test_it_depends_on_seed_day_and_time_alone() -> None:
    now = midnight(TUESDAY) + 11 * HOUR
    asked = [(day, now + hours * HOUR) for day in (MONDAY, TUESDAY) for hours in (40, 0, 200, 3)]
    forward, backward = Moving(2), Moving(2)
    first = [[paper.item for paper in forward.listing(*each)] for each in asked]
    second = [[paper.item for paper in backward.listing(*each)] for each in reversed(asked)]
    assert first == second[::-1]
    assert first[0] != [paper.item for paper in Moving(4).listing(*asked[0])]


def test_thirty_percent_come_after_the_morning(script: Moving) -> None:
    shares = []
    for day in WORKING:
        came = [stay.appeared for stay in script.history(day).values()]
        assert min(came) >= midnight(day)
        shares.append(sum(instant >= midnight(day) + 10 * HOUR for instant in came) / len(came))
    assert 0.2 < sum(shares) / len(shares) < 0.4
    assert max(shares) - min(shares) > 0.4


@pytest.mark.parametrize(("hours", "votes"), [(11, 7), (30, 12), (78, 15)])
def test_votes_grow_as_measured(script: Moving, hours: int, votes: int) -> None:
    papers = [paper for day in WORKING for paper in script.listing(day, midnight(day) + hours * HOUR)]
    assert median(paper.item["paper"]["upvotes"] for paper in papers) == pytest.approx(votes, abs=2)


def test_numbers_grow_and_rarely_fall(script: Moving) -> None:
    fallen = grown = 0
    for day in WORKING:
        early = {paper.id: paper.item for paper in script.listing(day, midnight(day) + 24 * HOUR)}
        for paper in script.listing(day, midnight(day) + 24 * 14 * HOUR):
            before = early.get(paper.id)
            if before:
                grown += before["paper"]["upvotes"] < paper.item["paper"]["upvotes"]
                fallen += before["paper"]["upvotes"] > paper.item["paper"]["upvotes"]
                assert before["numComments"] <= paper.item["numComments"]
                assert before["paper"].get("githubStars", 0) <= paper.item["paper"].get("githubStars", 0)
    assert 0 < fallen < grown / 20


@pytest.mark.parametrize("day", [date(2025, 12, 13), date(2025, 12, 14), date(2026, 1, 1), date(2025, 12, 25)])
def test_quiet_days_stay_empty(day: date) -> None:
    script = Moving(3, moved=0.5, late=0.5)
    assert script.history(day) == {}
    assert script.listing(day, midnight(day) + 500 * HOUR) == ()


def test_late_papers_are_rare_and_of_their_day() -> None:
    assert not any(_late(Moving(3, late=0), day) for day in WORKING)
    late = [stay for day in WORKING for stay in _late(Moving(3, late=0.1), day)]
    assert len(late) == pytest.approx(0.1 * 28 * len(WORKING), rel=0.4)
    with PaperSite(script=Moving(3, late=1), era=date(2026, 4, 1), now=midnight(MONDAY) + 200 * HOUR) as site:
        stamps = [item["paper"]["submittedOnDailyAt"] for item in site.papers(MONDAY)]
    assert stamps
    assert {stamp[:10] for stamp in stamps} == {f"{MONDAY}"}


def _late(script: Moving, day: date) -> list[datetime]:
    end = midnight(day) + 24 * HOUR
    came = [stay.appeared for stay in script.history(day).values() if stay.appeared >= end]
    assert all(instant <= end + 24 * 5 * HOUR for instant in came)
    return came


def test_a_paper_that_moves_is_on_one_day_at_a_time() -> None:
    script = Moving(5, 20, moved=0.3)
    moves = 0
    for day in WORKING[:10]:
        for name, stay in script.history(day).items():
            if stay.left is None:
                continue
            moves += 1
            (target,) = [other for other in MONTH if script.history(other).get(name, stay).appeared == stay.left]
            assert target == stay.left.date() > day
            for now, shown in [(stay.left - HOUR / 60, day), (stay.left, target)]:
                assert [other for other in MONTH if name in names(script.listing(other, now))] == [shown]
    assert moves > 20


def scripted() -> Moving:
    """Of MONDAY's three papers one stays, one moves to TUESDAY, one is removed."""
    start = midnight(MONDAY)
    return Moving(
        1,
        {MONDAY: 3, TUESDAY: 2},
        fates={
            (MONDAY, 0): Fate(start + HOUR),
            (MONDAY, 1): Fate(start + 2 * HOUR, start + 30 * HOUR, TUESDAY),
            (MONDAY, 2): Fate(start + 3 * HOUR, start + 40 * HOUR),
            (TUESDAY, 0): Fate(start + 25 * HOUR),
            (TUESDAY, 1): Fate(start + 24 * 6 * HOUR),
        },
    )


def test_a_fate_may_be_told() -> None:
    script, start = scripted(), midnight(MONDAY)
    sizes = [
        [len(script.listing(day, start + hours * HOUR)) for day in (MONDAY, TUESDAY)]
        for hours in (0, 1, 3, 25, 30, 40, 144)
    ]
    assert sizes == [[0, 0], [1, 0], [3, 0], [3, 1], [2, 2], [1, 2], [1, 3]]


def test_one_paper_is_found_wherever_it_is() -> None:
    script, start = scripted(), midnight(MONDAY)
    history = script.history(MONDAY)
    stays, moves, goes = history
    with PaperSite(script=script, era=date(2026, 4, 1), now=start + 35 * HOUR) as site:
        (there,) = [item for item in site.papers(TUESDAY) if item["paper"]["id"] == moves]
        assert get(site, f"/api/papers/{moves}").json() == there["paper"]
        assert there["paper"]["submittedOnDailyAt"] == f"{TUESDAY}T06:00:00.000Z"
        before = script.listing(MONDAY, start + 29 * HOUR)
        (here,) = [paper.item for paper in before if paper.id == moves]
        assert here["submittedBy"] != there["submittedBy"]
        site.now = start + 48 * HOUR
        assert get(site, f"/api/papers/{goes}").status_code == 200
        assert ids(site.papers(MONDAY)) == [stays]
        site.now = start
        assert [get(site, f"/api/papers/{name}").status_code for name in history] == [404] * 3


@pytest.mark.parametrize(
    ("hours", "day", "message"), [(0, None, "cannot leave"), (None, TUESDAY, "must leave"), (2, TUESDAY, "before")]
)
def test_a_fate_that_cannot_be(hours: int | None, day: date | None, message: str) -> None:
    start = midnight(MONDAY)
    with pytest.raises(ValueError, match=message):
        Fate(start, None if hours is None else start + hours * HOUR, day)


def test_both_views_show_the_present_state(script: Moving) -> None:
    sizes = []
    with PaperSite(script=script) as site:
        for hours in (0, 5, 12, 30):
            site.now = midnight(MONDAY) + hours * HOUR
            truth = site.papers(MONDAY)
            assert get(site, f"/api/daily_papers?date={MONDAY}&limit=100").json() == truth
            props = blob(get(site, f"/papers/date/{MONDAY}"))
            shown = props["dailyPapers"] if props["dateString"] == f"{MONDAY}" else []
            assert ids(shown) == ids(truth)
            sizes.append(len(truth))
    assert sizes == sorted(sizes)
    assert (sizes[0], len(set(sizes))) == (0, 4)


def test_what_did_not_change_is_not_made_again(script: Moving) -> None:
    site = PaperSite(script=script)
    requests = [Request("GET", target) for target in (f"/papers/date/{MONDAY}", f"/api/daily_papers?date={MONDAY}")]

    def bodies(now: datetime) -> list[bytes]:
        site.now = now
        return [site.answer(request).body for request in requests]

    first = bodies(datetime(2026, 6, 1, tzinfo=UTC))
    for hours in (1, 100):
        again = bodies(datetime(2026, 6, 1, tzinfo=UTC) + hours * HOUR)
        assert all(body is kept for body, kept in zip(again, first, strict=True))
    assert all(body != kept for body, kept in zip(bodies(midnight(MONDAY) + 90 * HOUR), first, strict=True))
