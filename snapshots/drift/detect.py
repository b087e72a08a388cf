"""What changed at a site, told from the certificates of a series alone: which field, how, and between which days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from .beta_binomial import certainty
from .observations import Feature, Observed, Table, observed, table
from .share_changes import Gap, Step, steps
from .size_changes import shifts
from .wording import in_words, of_sizes

NEAR: Final = timedelta(days=7)
"""Changes of the same field in two views within so much are one."""
CERTAIN: Final = 9
"""Zeros of the probability of chance from which a change is certain."""
GUESS: Final = 3
"""What may have many causes is a guess, however improbable by chance."""
ALIKE: Final = 0.3
"""A field that became another one is in about as many items as that one was."""


class Change(NamedTuple):
    """One change of one field, or of how a page is built."""

    views: str
    """The views, or the two views or forms (`api/html`), in which it was seen."""
    field: str
    """The path; empty where the page changed and no field of it."""
    kind: str
    """`new`, `back`, `gone`, `became`, `share`, `type`, `value`, `meaning`, `shape`, `page` or `agreement`."""
    last: date
    """The last day on which it was as before."""
    first: date
    """The first day on which it was not."""
    missed: bool
    """Days between the two were not seen: it changed on one of them, or on `first`."""
    words: str
    certainty: int
    """Zeros after the point of its probability by chance, 99 at most."""
    share: float
    """Of the items, before it went or since it came."""

    @property
    def when(self) -> str:
        """The day, or the two between which it lies."""
        return f"between {self.last} and {self.first}" if self.missed else f"{self.first}"

    @property
    def sure(self) -> str:
        """`certain`, `likely` or `perhaps`."""
        return "certain" if self.certainty >= CERTAIN else "likely" if self.certainty > GUESS else "perhaps"


def changes(certificates: Iterable[Mapping[str, Any]], gap: Gap) -> list[Change]:
    """All changes, the certain ones first, then by day. `gap` counts the days between two that were missed."""
    certificates = list(certificates)
    seen = observed(certificates)
    counted = table(seen, certificates)
    found = [one for one in [*_of_shares(counted, seen, gap), *_of_sizes(counted, gap)] if one.words]
    joined = _joined(_renamed(_without_echoes(found), seen))
    order = ("certain", "likely", "perhaps")
    return sorted(joined, key=lambda one: (order.index(one.sure), one.first, one.last, one.kind, one.field))


def _of_shares(counted: Table, seen: Sequence[Observed], gap: Gap) -> Iterable[Change]:
    for feature, counts in counted.counts.items():
        for step in steps(counts, gap):
            yield _change(feature, step, gap, _facts(seen, feature.view, feature.path, step.first))


def _change(feature: Feature, step: Step, gap: Gap, facts: Mapping[str, Any]) -> Change:
    kind, words = in_words(feature, step, facts)
    sure = certainty(step.doubt) if kind != "share" else min(certainty(step.doubt), GUESS)
    missed, share = gap(step.last, step.first) > 0, max(step.before, step.after)
    return Change(feature.view, feature.path, kind, step.last, step.first, missed, words, sure, share)


def _of_sizes(counted: Table, gap: Gap) -> Iterable[Change]:
    for feature, sizes in counted.sizes.items():
        # A list that begins a few hours before midnight is no other list.
        for before, after in shifts(sizes, slack=1 if feature.kind == "days" else 0):
            missed, words = gap(before.day, after.day) > 0, of_sizes(feature, before, after)
            place = (feature.view, feature.path, "shape", before.day, after.day)
            yield Change(*place, missed, words, CERTAIN - 1, 1.0)


def _facts(seen: Sequence[Observed], view: str, path: str, day: date) -> Mapping[str, Any]:
    """The facts of the field on that day."""
    here = (one.profile["fields"] for one in seen if one.view == view and one.day == day)
    return next((fields[path] for fields in here if path in fields), {})


def _without_echoes(found: Sequence[Change]) -> list[Change]:
    """A field whose values or meaning changed has other lengths and distances too: that is said once."""
    said = [one for one in found if one.kind in {"value", "type", "meaning"}]
    return [one for one in found if one.kind != "shape" or not any(_is_echo(one, other) for other in said)]


def _is_echo(one: Change, other: Change) -> bool:
    return (one.views, one.field) == (other.views, other.field) and abs(one.first - other.first) <= NEAR


def _renamed(found: Sequence[Change], seen: Sequence[Observed]) -> list[Change]:
    """A field that went on the day on which another one like it came became that one."""
    kept = list(found)
    for old in [one for one in found if one.kind == "gone"]:
        types = _facts(seen, old.views, old.field, old.last).get("types")
        for new in [one for one in kept if one.kind == "new" and _is_instead(old, one)]:
            if types and types.keys() == _facts(seen, new.views, new.field, new.first).get("types", {}).keys():
                kept[kept.index(old)] = old._replace(kind="became", words=f"became {new.field}")
                kept.remove(new)
                break
    return kept


def _is_instead(old: Change, new: Change) -> bool:
    place = (old.views, old.last, old.first, old.field.rpartition(".")[0])
    same = place == (new.views, new.last, new.first, new.field.rpartition(".")[0])
    return same and abs(old.share - new.share) <= ALIKE


def _joined(found: Sequence[Change]) -> list[Change]:
    """One change that several views show is one, with the narrowest days."""
    kept: list[Change] = []
    for one in sorted(found, key=lambda one: (one.kind != "became", one.missed, one.first)):
        same = next((number for number, old in enumerate(kept) if _is_same(old, one)), None)
        if same is None:
            kept.append(one)
        elif one.views not in kept[same].views:
            kept[same] = kept[same]._replace(views=f"{kept[same].views}, {one.views}")
    return kept


def _is_same(one: Change, other: Change) -> bool:
    if abs(one.first - other.first) > NEAR or (one.views.startswith(other.views) and one.kind == other.kind):
        return False
    # Of a view whose types are not counted it is known only that one field went and the other came.
    came = other.kind == "new" and one.words == f"became {other.field}"
    went = other.kind == "gone" and one.kind == "became" and one.field == other.field
    return came or went or (one.field, one.kind, one.words) == (other.field, other.kind, other.words)
