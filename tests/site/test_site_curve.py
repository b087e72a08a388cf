"""The curve of the upvotes of a paper: its rows, its columns and its points."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from dailypapers.site.curve import curve_of
from dailypapers.snapshots.history import Metric

NOON = datetime(2025, 12, 10, 12, tzinfo=UTC)


def metric(hours: float, upvotes: int | None) -> Metric:
    return Metric(NOON + timedelta(hours=hours), "arxiv:2512.00001", upvotes, None, None)


def texts(drawing: str) -> list[str]:
    """The labels of a curve in their order, after it was parsed."""
    svg = ElementTree.fromstring(drawing)
    assert (svg.tag, svg.get("role"), svg.get("viewBox")) == ("svg", "img", "0 0 640 200")
    return [each.text or "" for each in svg.iter("text")]


@pytest.mark.parametrize(
    ("most", "labels"),
    [
        (0, ["0", "1"]),
        (3, ["0", "1", "2", "3"]),
        (5, ["0", "1", "2", "3", "4", "5"]),
        (6, ["0", "2", "4", "6"]),
        (10, ["0", "2", "4", "6", "8", "10"]),
        (11, ["0", "5", "10", "15"]),
        (26, ["0", "10", "20", "30"]),
        (50, ["0", "10", "20", "30", "40", "50"]),
        (51, ["0", "20", "40", "60"]),
        (1234, ["0", "500", "1,000", "1,500"]),
    ],
)
def test_the_rows_of_a_curve_are_round_numbers(most: int, labels: list[str]) -> None:
    curve = curve_of([metric(0, 0), metric(24, most)])
    assert curve is not None
    assert texts(curve.drawing)[:-3] == labels


@pytest.mark.parametrize(
    ("hours", "labels"),
    [
        (0, ["10 Dec 2025 12:00"]),
        (24, ["10 Dec 12:00", "11 Dec 00:00", "11 Dec 12:00"]),
        (72, ["10 Dec 12:00", "12 Dec 00:00", "13 Dec 12:00"]),
        (73, ["10 Dec 2025", "12 Dec 2025", "13 Dec 2025"]),
    ],
)
def test_the_columns_of_a_curve(hours: int, labels: list[str]) -> None:
    curve = curve_of([metric(0, 2), metric(hours, 2)])
    assert curve is not None
    assert texts(curve.drawing)[-len(labels) :] == labels


def test_the_whole_drawing_of_a_curve() -> None:
    curve = curve_of([metric(-1, None), metric(0, 0), metric(6, 4), metric(24, 8), metric(25, None)])
    assert curve is not None
    assert curve.summary == "From 0 upvotes on 10 December 2025, 12:00 UTC to 8 on 11 December 2025, 12:00 UTC"
    assert curve.drawing == (
        f'<svg class="curve" viewBox="0 0 640 200" role="img" aria-label="{curve.summary}">\n'
        '<path class="grid" d="M52,172.0H626M52,132.0H626M52,92.0H626M52,52.0H626M52,12.0H626"/>\n'
        '<text x="44" y="176.0" text-anchor="end">0</text>\n'
        '<text x="44" y="136.0" text-anchor="end">2</text>\n'
        '<text x="44" y="96.0" text-anchor="end">4</text>\n'
        '<text x="44" y="56.0" text-anchor="end">6</text>\n'
        '<text x="44" y="16.0" text-anchor="end">8</text>\n'
        '<text x="52" y="192" text-anchor="start">10 Dec 12:00</text>\n'
        '<text x="339" y="192" text-anchor="middle">11 Dec 00:00</text>\n'
        '<text x="626" y="192" text-anchor="end">11 Dec 12:00</text>\n'
        '<polygon points="52.0,172 52.0,172.0 195.5,92.0 626.0,12.0 626.0,172"/>'
        '<polyline points="52.0,172.0 195.5,92.0 626.0,12.0"/>\n'
        '<path class="dots" d="M52.0,172.0h0M195.5,92.0h0M626.0,12.0h0"/>\n</svg>'
    )


def test_one_observation_is_in_the_middle_and_none_is_no_curve() -> None:
    curve = curve_of([metric(0, 3)])
    assert curve is not None
    assert curve.summary == "3 upvotes on 10 December 2025, 12:00 UTC"
    assert '<polyline points="339.0,12.0"/>' in curve.drawing
    assert curve_of([metric(0, None)]) is None
    assert curve_of([]) is None


@pytest.mark.parametrize(("upvotes", "words"), [(0, "0 upvotes on "), (1, "1 upvote on "), (2, "2 upvotes on ")])
def test_one_upvote_is_in_the_singular(upvotes: int, words: str) -> None:
    alone, rising = curve_of([metric(0, upvotes)]), curve_of([metric(0, upvotes), metric(6, 9)])
    assert alone is not None
    assert alone.summary.startswith(words)
    assert rising is not None
    assert rising.summary.startswith(f"From {words}")


@pytest.mark.parametrize(("count", "dots"), [(40, 40), (41, 1)])
def test_of_many_observations_only_the_last_is_a_dot(count: int, dots: int) -> None:
    curve = curve_of([metric(number, number) for number in range(count)])
    assert curve is not None
    assert curve.drawing.count("h0") == dots
    last = curve.drawing.partition('<polyline points="')[2].partition('"')[0].split()[-1]
    assert curve.drawing.endswith(f'M{last}h0"/>\n</svg>')
