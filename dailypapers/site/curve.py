"""The upvotes of a paper over time as a curve: inline SVG, made of nothing but numbers and dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from markupsafe import Markup

from dailypapers.snapshots.history import Metric

WIDTH: Final = 640
HEIGHT: Final = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 12, 28
_FLOOR: Final = HEIGHT - _BOTTOM
_END: Final = WIDTH - _RIGHT
_LABELS: Final = _LEFT - 8
"""Where the labels of the rows end."""
_BASELINE: Final = HEIGHT - 8
"""Of the labels of the columns."""
_DOTS: Final = 40
"""With at most this many observations, each is drawn as a dot."""
_STEPS: Final = (1, 2, 5, 10)
_SHORT: Final = 3 * 86400
"""Seconds up to which the axis shows hours beside the day."""
_INSTANTS: Final = 256
"""Instants in memory: the papers of a day have the same ones."""

Point = tuple[datetime, int]


class Curve(NamedTuple):
    """What a page shows of the upvotes."""

    drawing: Markup
    """An `svg` element."""
    summary: str
    """The same in a sentence."""


def curve_of(metrics: Sequence[Metric]) -> Curve | None:
    """The curve of the metrics that have upvotes, in order of time; None if there is none."""
    points = [(metric.at, metric.upvotes) for metric in metrics if metric.upvotes is not None]
    if not points:
        return None
    summary = _summary(points[0], points[-1])
    # Numbers and dates need no escaping.
    return Curve(Markup(_drawing(points, summary)), summary)  # noqa: S704


def _drawing(points: Sequence[Point], summary: str) -> str:
    first, last = points[0][0], points[-1][0]
    most = max([upvotes for _, upvotes in points])
    step = _step(most)
    top = step * max(1, -(-most // step))
    placed = [f"{_x(at, first, last):.1f},{_y(upvotes, top):.1f}" for at, upvotes in points]
    line = " ".join(placed)
    area = f"{placed[0].partition(',')[0]},{_FLOOR} {line} {placed[-1].partition(',')[0]},{_FLOOR}"
    dots = "".join([f"M{each}h0" for each in (placed if len(placed) <= _DOTS else placed[-1:])])
    return (
        f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{summary}">\n{_rows(step, top)}\n'
        f'{_columns(first, last)}\n<polygon points="{area}"/><polyline points="{line}"/>\n'
        # Each dot is a line of no length with round ends.
        f'<path class="dots" d="{dots}"/>\n</svg>'
    )


def _summary(first: Point, last: Point) -> str:
    if first[0] == last[0]:
        return f"{_counted(first[1])} on {_in_words(first[0])}"
    return f"From {_counted(first[1])} on {_in_words(first[0])} to {last[1]} on {_in_words(last[0])}"


def _counted(upvotes: int) -> str:
    return f"{upvotes} upvote{'' if upvotes == 1 else 's'}"


@lru_cache(_INSTANTS)
def _in_words(at: datetime) -> str:
    return f"{at:%d %B %Y, %H:%M} UTC"


def _step(most: int) -> int:
    """The distance of the lines across: at most five of them, at round numbers."""
    power = 1
    while power * 50 < most:
        power *= 10
    return next(power * step for step in _STEPS if power * step * 5 >= most)


def _x(at: datetime, first: datetime, last: datetime) -> float:
    if first == last:
        return (_LEFT + _END) / 2
    return _LEFT + (_END - _LEFT) * ((at - first) / (last - first))


def _y(upvotes: int, top: int) -> float:
    return _FLOOR - (_FLOOR - _TOP) * upvotes / top


@lru_cache(_INSTANTS)
def _rows(step: int, top: int) -> str:
    """The lines across, and their labels."""
    rows = [(_y(value, top), value) for value in range(0, top + 1, step)]
    grid = "".join(f"M{_LEFT},{y:.1f}H{_END}" for y, _ in rows)
    labels = [f'<text x="{_LABELS}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>' for y, value in rows]
    return "\n".join([f'<path class="grid" d="{grid}"/>', *labels])


@lru_cache(_INSTANTS)
def _columns(first: datetime, last: datetime) -> str:
    """The labels of the first instant, of the last, and of the one between them."""
    pattern = "%d %b %H:%M" if (last - first).total_seconds() <= _SHORT else "%d %b %Y"
    if first == last:
        return _column(_x(first, first, last), f"{first:%d %b %Y %H:%M}", "middle")
    columns = [
        _column(_LEFT, f"{first:{pattern}}", "start"),
        _column((_LEFT + _END) / 2, f"{first + (last - first) / 2:{pattern}}", "middle"),
        _column(_END, f"{last:{pattern}}", "end"),
    ]
    return "\n".join(columns)


def _column(at: float, label: str, anchor: str) -> str:
    return f'<text x="{at:g}" y="{_BASELINE}" text-anchor="{anchor}">{label}</text>'
