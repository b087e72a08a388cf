"""What drift is computed from: counts of the raw fields of a listing, as certificates hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


_LIMIT: Final = 2**53
"""Integers below it are exact as floats, and no listing has as many of anything."""

Check = Callable[[object], bool]


def has_valid_facts(certificate: Mapping[str, object]) -> bool:
    """Whether the agreements and profiles of a certificate have all their parts, of the right types and in range."""
    return _all_valid(certificate["agreement"], _is_agreement) and _all_valid(certificate["profiles"], _is_profile)


def _all_valid(values: object, is_valid: Check) -> bool:
    return isinstance(values, dict) and all(map(is_valid, values.values()))


def _is_agreement(fields: object) -> bool:
    return _all_valid(fields, lambda counts: isinstance(counts, list) and len(counts) == 2 and _is_share(*counts))


def _is_profile(profile: object) -> bool:
    return (
        isinstance(profile, dict)
        and profile.keys() >= ViewProfile.__required_keys__
        and all(isinstance(profile[name], bool) for name in ("at_known", "timely"))
        and isinstance(profile["keys"], str)
        and isinstance(profile["reading"], str | None)
        and _is_count(profile["items"])
        and _are_counts(profile["matched"])
        and _all_valid(profile["fields"], _is_field)
    )


def _is_field(facts: object) -> bool:
    return (
        isinstance(facts, dict)
        and _is_share(facts.get("in"), facts.get("of"))
        and all(_FACTS[name](value) for name, value in facts.items() if name in _FACTS)
    )


def _are_dates(dates: object) -> bool:
    return isinstance(dates, dict) and _is_share(dates.get("clock"), dates.get("of")) and _are_sizes(dates.get("days"))


def _is_offset(offset: object) -> bool:
    return isinstance(offset, list) and len(offset) == 3 and _is_share(offset[1], offset[0])


def _are_sizes(sizes: object) -> bool:
    if not isinstance(sizes, list) or len(sizes) != 3:
        return False
    return all(type(size) is int and abs(size) < _LIMIT for size in sizes)


def _are_counts(counts: object) -> bool:
    return _all_valid(counts, _is_count)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < _LIMIT


def _is_share(part: object, whole: object) -> bool:
    return type(part) is int and type(whole) is int and 0 <= part <= whole < _LIMIT


_FACTS: Final[Mapping[str, Check]] = {
    "types": _are_counts,
    "values": _are_counts,
    "broken": _is_count,
    "length": _are_sizes,
    "dates": _are_dates,
    "offsets": lambda offsets: _all_valid(offsets, _is_offset),
}
"""The facts that only some fields have."""
