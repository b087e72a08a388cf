"""What drift is computed from: counts of the raw fields of a listing, as certificates hold them."""

from __future__ import annotations

from typing import Final, TypedDict

WRAPPED: Final = "paper"
"""The object in an item whose fields are counted like the item's own."""


class DateFacts(TypedDict):
    """The dates in one raw field."""

    of: int
    clock: int
    """How many have a time of day of their own."""
    days: list[int]
    """The least, the middle and the greatest distance to the day of the listing."""


# `in` is a keyword, so this one cannot be a class.
FieldFacts = TypedDict(
    "FieldFacts",
    {
        "in": int,
        "of": int,
        "types": dict[str, int],
        "length": list[int],
        "broken": int,
        "values": dict[str, int],
        "dates": DateFacts,
        "offsets": dict[str, tuple[int, int, list[float]]],
    },
    total=False,
)
"""One raw field: `in` how many items it is, `of` how many; types, sizes, values and dates where they apply.

`offsets` holds for each other date of the items: how many items have both, how many of those share one of the two most
common distances, and these distances in seconds (three values, which are a list in JSON).
"""


class ViewProfile(TypedDict):
    """How the listing looked through one view, and how its page was built."""

    file: str
    """The archive file of the fetch: the newest before the listing's end, else the first after it."""
    at: str
    at_known: bool
    timely: bool
    """Fetched at most a day after the listing's end; a later fetch does not show when the site changed."""
    reading: str | None
    items: int
    keys: str
    """Names beside the items, of the hydration blob, separated by blanks."""
    matched: dict[str, int]
    """In how many places of the page each part of a card was found."""
    fields: dict[str, FieldFacts]
    """The facts of each raw field by its path (`dailypapers.snapshots.drift.profile`)."""


class ProfiledDay(TypedDict):
    """The part of a certificate that drift reads."""

    day: str
    state: str
    agreement: dict[str, dict[str, list[int]]]
    profiles: dict[str, ViewProfile]


def in_presence(path: str) -> bool:
    """Whether `profile.presence` counts a path."""
    owner = path.rpartition(".")[0]
    return owner in {"", WRAPPED}


def has_shapes(view_profile: ViewProfile) -> bool:
    """Whether the fields of a view were counted by `profile.profile`, not by `profile.presence`."""
    return any("types" in facts for facts in view_profile["fields"].values())


def without_shapes(view_profile: ViewProfile) -> ViewProfile:
    """A profile as it would be with its fields counted by `profile.presence`."""
    if not has_shapes(view_profile):
        return view_profile
    fields = view_profile["fields"].items()
    counts: dict[str, FieldFacts] = {
        path: {"in": facts["in"], "of": facts["of"]} for path, facts in fields if in_presence(path)
    }
    return {**view_profile, "fields": counts}
