"""What drift is computed from: counts of the raw fields of a listing, as certificates hold them."""

from __future__ import annotations

from typing import TypedDict


class DatesJson(TypedDict):
    """The dates in one raw field."""

    of: int
    clock: int
    """How many have a time of day of their own."""
    days: list[int]
    """The least, the middle and the greatest distance to the day of the listing."""


# `in` is a keyword, so this one cannot be a class.
FactsJson = TypedDict(
    "FactsJson",
    {
        "in": int,
        "of": int,
        "types": dict[str, int],
        "length": list[int],
        "broken": int,
        "values": dict[str, int],
        "dates": DatesJson,
        "offsets": dict[str, tuple[int, int, list[float]]],
    },
    total=False,
)
"""One raw field: `in` how many items it is, `of` how many; types, sizes, values and dates where they apply.

`offsets` holds for each other date of the items: how many items have both, how many of those share one of the two most
common distances, and these distances in seconds (three values, which are a list in JSON).
"""


class ProfileJson(TypedDict):
    """A `snapshots.certificate.ViewProfile` as a certificate file holds it."""

    file: str
    at: str
    at_known: bool
    timely: bool
    reading: str | None
    items: int
    keys: str
    matched: dict[str, int]
    fields: dict[str, FactsJson]


class DayJson(TypedDict):
    """The part of a certificate that drift reads."""

    day: str
    state: str
    agreement: dict[str, dict[str, list[int]]]
    profiles: dict[str, ProfileJson]
