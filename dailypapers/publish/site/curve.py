"""The upvotes of a paper over time as the coordinates of a curve; a template draws it as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from snapshots.metrics import Metric

WIDTH: Final = 640
HEIGHT: Final = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 12, 28
_DOTS: Final = 40
"""With at most this many observations, each is drawn as a dot."""
_STEPS: Final = (1, 2, 5, 10)
_SHORT: Final = 3 * 86400
"""Seconds up to which the axis shows hours beside the day."""


class Tick(NamedTuple):
    """A place on an axis and its label."""

    at: float
    label: str
    anchor: str = "middle"


class Curve(NamedTuple):
    """Everything that the drawing needs, in units of its view box."""

    line: str
    """The points as `points` of a polyline."""
    area: str
    """The same down to the axis, as a polygon."""
    dots: str
    """The points as `d` of a path, each a line of no length with round ends."""
    grid: str
    """The lines across as `d` of a path."""
    rows: Sequence[Tick]
    columns: Sequence[Tick]
    summary: str
    """The same in a sentence."""
    width: int = WIDTH
    height: int = HEIGHT
    labels: int = _LEFT - 8
    """Where the labels of the rows end."""
    baseline: int = HEIGHT - 8
    """Of the labels of the columns."""


def curve_of(metrics: Sequence[Metric]) -> Curve | None:
    """The curve of the metrics that have upvotes, in order of time; None if there is none."""
    points = [(metric.at, metric.upvotes) for metric in metrics if metric.upvotes is not None]
    if not points:
        return None
    first, last = points[0], points[-1]
    step = _step(max(upvotes for _, upvotes in points))
    top = step * max(1, -(-max(upvotes for _, upvotes in points) // step))
    placed = [(f"{_x(at, first[0], last[0]):.1f}", f"{_y(upvotes, top):.1f}") for at, upvotes in points]
    line = " ".join(f"{x},{y}" for x, y in placed)
    floor = HEIGHT - _BOTTOM
    rows = [Tick(_y(value, top), f"{value:,}") for value in range(0, top + 1, step)]
    return Curve(
        line=line,
        area=f"{placed[0][0]},{floor} {line} {placed[-1][0]},{floor}",
        dots="".join(f"M{x},{y}h0" for x, y in (placed if len(placed) <= _DOTS else placed[-1:])),
        grid="".join(f"M{_LEFT},{row.at:.1f}H{WIDTH - _RIGHT}" for row in rows),
        rows=[Tick(round(row.at + 4, 1), row.label) for row in rows],
        columns=_columns(first[0], last[0]),
        summary=_summary(first, last),
    )


def _summary(first: tuple[datetime, int], last: tuple[datetime, int]) -> str:
    if first[0] == last[0]:
        return f"{first[1]} upvotes on {first[0]:%d %B %Y, %H:%M} UTC"
    return f"From {first[1]} upvotes on {first[0]:%d %B %Y, %H:%M} UTC to {last[1]} on {last[0]:%d %B %Y, %H:%M} UTC"


def _step(most: int) -> int:
    """The distance of the lines across: at most five of them, at round numbers."""
    power = 1
    while power * 50 < most:
        power *= 10
    return next(power * step for step in _STEPS if power * step * 5 >= most)


def _x(at: datetime, first: datetime, last: datetime) -> float:
    if first == last:
        return (_LEFT + WIDTH - _RIGHT) / 2
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * ((at - first) / (last - first))


def _y(upvotes: int, top: int) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * upvotes / top


def _columns(first: datetime, last: datetime) -> list[Tick]:
    pattern = "%d %b %H:%M" if (last - first).total_seconds() <= _SHORT else "%d %b %Y"
    if first == last:
        return [Tick(_x(first, first, last), f"{first:%d %b %Y %H:%M}")]
    middle = first + (last - first) / 2
    return [
        Tick(_LEFT, f"{first:{pattern}}", "start"),
        Tick((_LEFT + WIDTH - _RIGHT) / 2, f"{middle:{pattern}}"),
        Tick(WIDTH - _RIGHT, f"{last:{pattern}}", "end"),
    ]
