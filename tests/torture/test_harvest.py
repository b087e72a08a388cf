"""A sample of the harvest that is killed, and that its judge refuses what it is there to refuse."""

from dataclasses import replace

from tests.papersite.arxiv.harvest import Asked
from tests.torture.harvest import Faults, Repeated, harvested, pages_twice

FIRST = Asked(process=0, day="2026-08-03", place=0, expired=False, stalled=False)
SECOND, THIRD = replace(FIRST, place=250), replace(FIRST, place=500)


def test_a_sample() -> None:
    verdicts = harvested(records=2_400, days=6, kills=4, per_page=100, faults=Faults(1, 1, 1))
    sized = ("peak memory", "growth")
    assert [verdict for verdict in verdicts if not verdict.passed and not verdict.what.startswith(sized)] == []


def test_a_page_on_its_way_may_be_requested_again() -> None:
    again = replace(SECOND, process=1)
    assert pages_twice([FIRST, SECOND, again, replace(THIRD, process=1)]) == Repeated(interrupted=1)
    assert pages_twice([FIRST, replace(SECOND, stalled=True), SECOND, THIRD]) == Repeated(interrupted=1)


def test_a_page_that_was_answered_may_not_be_requested_again() -> None:
    for again in (replace(FIRST, process=1), SECOND, replace(SECOND, process=1)):
        last = THIRD if again.page == SECOND.page else SECOND
        found = pages_twice([FIRST, SECOND, last, again] if last == THIRD else [FIRST, SECOND, again])
        assert (found.interrupted, len(found.unexplained)) == (0, 1)
    assert len(pages_twice([FIRST, FIRST]).unexplained) == 1


def test_a_refused_token_explains_the_pages_of_its_day_alone() -> None:
    refused, other = replace(THIRD, expired=True), replace(FIRST, day="2026-08-04")
    found = pages_twice([other, FIRST, SECOND, refused, FIRST, SECOND, THIRD, other])
    assert (found.begun_again, found.unexplained) == (2, ["2026-08-04 from 0, by process 0"])
