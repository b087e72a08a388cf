"""What is in an issue: what is new, what is late and why, and the days in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dailypapers.digest.send import describe_day
from dailypapers.ingest.monitor.status import DayCounts, DayStatus, SeriesStatus
from dailypapers.ingest.plan.revisit import DayHistory
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import bounds_of
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.certificate import StateName
from dailypapers.snapshots.completeness.state import FetchSummary, State
from dailypapers.snapshots.store.layout import Series
from tests.digest.conftest import SUBSCRIBED, Mailing, at, listed
from tests.feeds.stores import fetch
from tests.support.written_days import write_day


def text_of(mailing: Mailing, number: int = -1) -> str:
    """The text part of a mail that was received."""
    part = mailing.sink.received[number].message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def subjects(mailing: Mailing) -> list[str]:
    return [str(each.message["Subject"]) for each in mailing.sink.received]


def test_the_first_issue_has_the_papers_of_a_day_before_it(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(9, 6)), listed(2, at(9, 8)), day=date(2025, 12, 9))
    mailing.list_papers(listed(3, at(10, 5)))
    mailing.subscribe()
    assert mailing("send", now=at(10, 7, 1)).status == 0
    assert subjects(mailing) == ["Hugging Face Daily Papers 2025-12-10: 2 new"]
    assert "Invented paper 1" not in text_of(mailing)
    assert "Invented paper 2" in text_of(mailing)
    assert "9 December 2025: " in text_of(mailing)


def test_the_next_issue_has_what_came_since_and_nothing_twice(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe()
    mailing("send", now=at(10, 7, 1))
    mailing("send", now=at(10, 8))
    mailing.list_papers(listed(2, at(10, 19)))
    # Listed again on the next day, as a paper that was given another date.
    mailing.list_papers(listed(1, at(11, 5)), listed(3, at(11, 6)), day=date(2025, 12, 11))
    mailing("send", now=at(11, 7))
    assert subjects(mailing) == [
        "Hugging Face Daily Papers 2025-12-10: 1 new",
        "Hugging Face Daily Papers 2025-12-11: 2 new",
    ]
    assert "Invented paper 1" not in text_of(mailing)


def test_a_late_paper_has_its_reason(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe()
    mailing("send", now=at(10, 7))
    mailing.list_papers(listed(2, at(11, 9, 30)))
    mailing.list_papers(listed(3, at(12, 6)), day=date(2025, 12, 12))
    mailing("send", now=at(12, 7))
    assert subjects(mailing)[-1] == "Hugging Face Daily Papers 2025-12-12: 1 new, 1 late"
    assert "Late since the last issue (1)" in text_of(mailing)
    assert "Late: listed for 10 December 2025, first seen 9 h after that day had" in text_of(mailing)


def test_an_imported_history_is_not_sent(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe()
    mailing("send", now=at(10, 7))
    for number in range(2, 30):
        day = date(2025, 11, 4) - timedelta(days=number)
        mailing.list_papers(listed(number, at(10, 12)), day=day)
    mailing.list_papers(listed(40, at(10, 12)), day=date(2025, 11, 20))
    mailing("send", now=at(11, 7))
    assert subjects(mailing)[-1] == "Hugging Face Daily Papers 2025-12-11: 1 new"


def test_nothing_new_is_no_mail_unless_it_is_wanted(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe()
    mailing.subscribe("bob@example.org", "--always")
    mailing("send", now=at(10, 7))
    mailing("send", now=at(11, 7))
    assert mailing.sink.recipients() == ["ann@example.org", "bob@example.org", "bob@example.org"]
    assert subjects(mailing)[-1] == "Hugging Face Daily Papers 2025-12-11: nothing new"
    assert "11 December 2025: not fetched" in text_of(mailing)


def test_a_machine_that_slept_sends_one_mail_that_names_the_days(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe()
    mailing("send", now=at(10, 7))
    for day in (11, 12, 13):
        mailing.list_papers(listed(day, at(day, 5)), day=date(2025, 12, day))
    mailing("send", now=at(13, 15))
    assert subjects(mailing)[1:] == ["Hugging Face Daily Papers 2025-12-13: 3 new"]
    text = " ".join(text_of(mailing).split())
    assert "No mail was sent on 11 December 2025, 12 December 2025: this issue has the papers" in text
    assert str(mailing.sink.received[-1].message["Date"]) == "Sat, 13 Dec 2025 07:00:00 +0000"


def test_only_what_a_search_finds(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5), title="Sparse attention"), listed(2, at(10, 5), title="Dense retrieval"))
    mailing.subscribe("ann@example.org", "--search", "attention")
    mailing("send", now=at(10, 7))
    mailing.list_papers(listed(3, at(10, 12), title="Attention again"), listed(4, at(10, 12), title="Other"))
    mailing("send", now=at(11, 7))
    assert subjects(mailing) == [
        "Hugging Face Daily Papers 2025-12-10: 1 new",
        "Hugging Face Daily Papers 2025-12-11: 1 new",
    ]
    assert "Attention again" in text_of(mailing)


def test_a_lost_catalog_loses_no_paper_and_repeats_none(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5)))
    mailing.subscribe()
    mailing("send", now=at(10, 7))
    mailing.list_papers(listed(2, at(10, 12)))
    for path in (mailing.product.store.root / "catalog").iterdir():
        path.unlink()
    mailing("send", now=at(11, 7))
    assert subjects(mailing)[-1] == "Hugging Face Daily Papers 2025-12-11: 1 new"
    assert "Invented paper 2" in text_of(mailing)


def test_a_paper_that_gets_its_id_later_is_not_sent_again(mailing: Mailing) -> None:
    bare = listed(1, at(10, 5), arxiv_id=None, url=None, pdf_url=None, key="title:0123456789abcdef", author_count=1)
    mailing.list_papers(bare.model_copy(update={"title": "A title that both records have"}))
    mailing.subscribe()
    mailing("send", now=at(10, 7))
    with_id = listed(1, at(11, 5), title="A title that both records have", author_count=1)
    mailing.list_papers(with_id, listed(2, at(11, 5)), day=date(2025, 12, 11))
    key = "title:0123456789abcdef"
    (mailing.product.store.root / "joins.txt").write_text(f"join\t{key}\tarxiv:2512.00001\n")
    mailing("send", now=at(11, 7))
    assert subjects(mailing)[-1] == "Hugging Face Daily Papers 2025-12-11: 1 new"


def test_preview_writes_both_parts_and_sends_nothing(mailing: Mailing) -> None:
    mailing.list_papers(listed(1, at(10, 5)))
    result = mailing("preview", "--out", mailing.folder / "out", now=SUBSCRIBED)
    assert result.status == 0
    assert result.out.startswith("Subject: Hugging Face Daily Papers 2025-12-10: 1 new\n")
    assert (mailing.folder / "out" / "digest.txt").read_text("utf-8") in result.out + "\n"
    assert "Invented paper 1" in (mailing.folder / "out" / "digest.html").read_text("utf-8")
    assert mailing.sink.received == []
    assert not (mailing.folder / "state").exists()


def test_a_late_paper_of_a_week_is_late_for_the_week(mailing: Mailing) -> None:
    weekly = Series("hf-weekly")
    (mailing.product.store.root / "pages").mkdir(parents=True)
    monday = date(2025, 12, 1)
    fetches = [fetch(at(7, 9), 0), fetch(at(9, 9), 1)]
    papers = [listed(1, at(9, 9), source="hf-weekly")]
    write_day(mailing.product.store, papers, series=weekly, day=monday, fetches=fetches)
    mailing.subscribe("ann@example.org", "--series", "hf-weekly")
    mailing("send", now=at(10, 7))
    text = " ".join(text_of(mailing).split())
    assert "listed for 1 December 2025, first seen 33 h after that week had ended" in text
    assert "8 December 2025: not fetched" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("open", "not over yet, 3 papers so far"),
        ("settling", "over, 3 papers; a later fetch will show whether any were added"),
        ("closed", "complete, 3 papers"),
        ("empty", "empty: the list had no papers"),
        ("partial", "in doubt, 3 papers so far: the views differ"),
    ],
)
def test_the_states_of_a_day_in_words(name: StateName, words: str) -> None:
    day = day_status(date(2025, 12, 10), State(name, "the views differ"))
    assert describe_day(day, SeriesStatus(SOURCES["hf-daily"], day.series, [day]), Period.DAY) == words


def test_a_young_day_says_how_complete_such_a_day_usually_is() -> None:
    def looks(day: date, *new: int) -> list[FetchSummary]:
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        times = (begin + timedelta(hours=5 * (number + 1)) for number in range(len(new)))
        return [FetchSummary(time, True, None, None, count, count) for time, count in zip(times, new, strict=True)]

    today = date(2025, 12, 10)
    days = []
    for number in range(50, -1, -1):
        day = today - timedelta(days=number)
        state = State("open" if day == today else "closed", "")
        seen = looks(day, 3) if day == today else looks(day, 3, 3, 3, 3)
        history = DayHistory(Period.DAY, day, bounds_of(SOURCES["hf-daily"], day), seen)
        days.append(day_status(day, state)._replace(history=history))
    status = SeriesStatus(SOURCES["hf-daily"], days[-1].series, days)
    assert describe_day(days[-1], status, Period.DAY) == (
        "3 papers so far; by 05:00 UTC 25 % of a day's papers have usually been listed"
    )


def day_status(day: date, state: State) -> DayStatus:
    counts = DayCounts(papers=3, gone=0, rejects=0, as_of="2025-12-10T12:00:00Z", lost=[], fetches=1)
    return DayStatus(Series("hf-daily"), day, state, counts)
