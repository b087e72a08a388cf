"""Types of options that are numbers. A wrong value is refused with the limits, which `--help` does not show."""

from __future__ import annotations

from math import isnan
from typing import Any, Final

import click

MAX_COUNT: Final = 10**9
"""SQLite and Python's own limits are higher."""


class Count(click.ParamType[int]):
    """A whole number from `least` to a thousand million."""

    name = "integer"

    def __init__(self, least: int = 1) -> None:
        self._range = click.IntRange(least, MAX_COUNT)
        self._range.name = "whole number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's
        """The number. Raises click.BadParameter for anything else."""
        return int(self._range.convert(value, param, ctx))


class Seconds(click.ParamType[float]):
    """A number of seconds from 0 to `most`."""

    name = "float"

    def __init__(self, most: float) -> None:
        self._range = click.FloatRange(0, most)
        self._range.name = "number of seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - click's
        """The number. Raises click.BadParameter for anything else."""
        seconds = float(self._range.convert(value, param, ctx))
        if isnan(seconds):  # in no range and outside of none
            self.fail("nan is not a number of seconds.", param, ctx)
        return seconds
