"""A month on the paper site with an issue each morning: together the issues are the day files, each paper once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from dailypapers.digest.database import opened
from dailypapers.digest.issues import due_issue, select_issue
from dailypapers.digest.model import Issue
from dailypapers.digest.outbox import Outbox
from dailypapers.digest.render import Sender
from dailypapers.digest.send import end_of, open_listings
from dailypapers.digest.sender import IssueMaker
from dailypapers.digest.subscriptions import NewSubscription, Subscriptions
from dailypapers.digest.tokens import Tokens
from dailypapers.outputs.words import format_delay
from dailypapers.snapshots.store.layout import Store
from tests.product import SERIES
from tests.support.scripted_month import DAYS, FIRST, at, pointed_at, problem_site, run_command, script, stored_papers

AT = "07:50"
LOOKS = (7.7, 19.2)
"""Hours of a day at which a run fetches."""


def issue_at(store: Store, state: Path, now: datetime) -> Issue | None:
    """The issue that is due, after it was noted with its mail."""
    with opened(state) as connection, open_listings(store) as listings:
        (subscription,) = Subscriptions(connection).all()
        due = due_issue(subscription, now)
        if due is None:
            return None
        outbox = Outbox(connection)
        issue = select_issue(listings, subscription, due, outbox.sent_keys(subscription), now).issue
        maker = IssueMaker(outbox, listings, Sender("papers@lists.example", "", "https://papers.example"), Tokens(b"x"))
        assert maker.make_due([subscription], now) == bool(issue.papers)
        return issue


def test_the_issues_of_a_month_are_its_day_files(tmp_path: Path) -> None:
    store, state, issues = Store(tmp_path / "store"), tmp_path / "mail", []
    with opened(state) as connection:
        Subscriptions(connection).add(NewSubscription("ann@example.org", SERIES, at=AT), at(FIRST, 0))
    with problem_site(script(usual=3)) as site, pointed_at(site, tmp_path):
        for day in [FIRST + timedelta(days=number) for number in range(len(DAYS) + 7)]:
            for hour in LOOKS:
                site.now = at(day, hour)
                run_command(store.root, site.now, "run")
                issue = issue_at(store, state, site.now + timedelta(minutes=30))
                issues += [issue] if issue else []
    last = issue_at(store, state, site.now + timedelta(hours=13))
    issues += [last] if last else []
    assert [issue.cut for issue in issues] == [at(FIRST, 24 * number + 7 + 50 / 60) for number in range(len(issues))]
    listed = {f"arxiv:{name}" for day in store.days_with_snapshots(SERIES) for name in stored_papers(store.root, day)}
    sent = Counter(paper.keys[0] for issue in issues for paper in issue.papers)
    assert set(sent.values()) == {1}
    assert sent.keys() == listed
    late = [paper for issue in issues for paper in issue.late]
    assert len(late) >= 3
    for paper in late:
        delay = format_delay(paper.first_seen - end_of(SERIES, paper.day))
        assert paper.late is not None
        assert f"first seen {delay} after that day had ended" in paper.late
    assert all(paper.first_seen < end_of(SERIES, paper.day) for issue in issues for paper in issue.new)
