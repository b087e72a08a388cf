"""Whether the facts of a certificate are as a build writes them; looked at where drift cannot be computed from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from .facts import ViewProfile

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
