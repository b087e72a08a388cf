"""What changed at a site, computed from the certificates of a series: which field, how, and between which days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from .facts import FieldFacts, ProfiledDay
from .observations import Feature, Observed, Sizes, Table, count_all, observations
from .shares import Gap, Step, certainty, steps

PAST: Final = 40
"""Observed days that are the past ..."""
MIN_DAYS: Final = 8
MIN_ITEMS: Final = 60
"""... which must have at least this many days and items."""
AFTER: Final = 5
WIDE: Final = 3
"""A median more than this many times the range of the past away, for `AFTER` days, is a change."""


def shifts(sizes: Sequence[Sizes], slack: int = 0) -> list[tuple[Sizes, Sizes]]:
    """The last day before and the first day after each change, in order; differences within `slack` do not count."""
    result: list[tuple[Sizes, Sizes]] = []
    start = 0
    for place in range(1, len(sizes)):
        past = sizes[max(start, place - PAST) : place]
        if _is_enough(past) and _has_changed(past, sizes[place : place + AFTER], slack):
            result.append((sizes[place - 1], sizes[place]))
            start = place
    return result


def _is_enough(past: Sequence[Sizes]) -> bool:
    return len(past) >= MIN_DAYS and sum(day.items for day in past) >= MIN_ITEMS


def _has_changed(past: Sequence[Sizes], after: Sequence[Sizes], slack: int) -> bool:
    least, most = min(day.least for day in past) - slack, max(day.most for day in past) + slack
    next_days = after[:2]
    next_items = sum(day.items for day in next_days)
    if most - least == 2 * slack:
        # All items had one size, as ids have: it changed if no item has it any more.
        return next_items >= MIN_DAYS and all(day.least > most or day.most < least for day in next_days)
    if _all_beyond(next_days, least, most) and next_items >= 2 * MIN_DAYS:
        return len(after) > 1
    low, high = min(day.middle for day in past), max(day.middle for day in past)
    room = WIDE * (high - low)
    return room > 0 and len(after) == AFTER and _all_beyond(after, low - room, high + room)


def _all_beyond(days: Sequence[Sizes], low: int, high: int) -> bool:
    return all(day.middle < low for day in days) or all(day.middle > high for day in days)


KINDS: Final = {"breaks": "shape", "dates": "meaning", "clock": "meaning"}
RISES: Final = {"breaks": "has line breaks", "dates": "holds dates", "clock": "has a time of day"}
FALLS: Final = {
    "breaks": "now has hardly any line breaks",
    "dates": "no longer holds dates",
    "clock": "lost its time of day",
}


def describe_step(feature: Feature, step: Step, facts: FieldFacts) -> tuple[str, str]:
    """The kind of a change of a share, and its text; the text is empty if another change says the same."""
    rises = step.after > step.before
    match feature.kind:
        case "field":
            change = _describe_field(step)
        case "type":
            change = "type", f"{feature.of} in {_shares(step)}"
        case "value":
            change = "value", _describe_value(feature.of, step)
        case "offset":
            change = "meaning", _describe_offset(feature.of, step, facts)
        case "agree":
            change = "agreement", "" if rises else f"{feature.view} agree in {_shares(step)}"
        case "reading" | "name" | "part":
            change = "page", _describe_page(feature, step)
        case shape:
            change = KINDS[shape], RISES[shape] if rises else FALLS[shape]
    return change


def _describe_field(step: Step) -> tuple[str, str]:
    if step.before == 0:
        return ("new", "new") if step.new else ("back", "is back")
    if step.after == 0:
        return "gone", "gone"
    return "share", f"in {_shares(step)} of the items"


def _describe_value(value: str, step: Step) -> str:
    """Only for a value that nearly all items had or have: shares in between change for many reasons."""
    if step.before < 0.1 and step.after > 0.5:
        return f"is now {value!r}"
    return f"is no longer {value!r}" if step.before > 0.9 and step.after < 0.5 else ""


def _describe_offset(other: str, step: Step, facts: FieldFacts) -> str:
    if step.after < step.before:
        return f"changed meaning: no longer at a constant distance from {other}"
    _, _, gaps = facts.get("offsets", {}).get(other, (0, 0, []))
    hours = " or ".join(f"{gap / 3600:+g} h" for gap in gaps)
    return f"changed meaning: always {other} {hours}" if hours else f"changed meaning: always equal to {other}"


def _describe_page(feature: Feature, step: Step) -> str:
    rises = step.after > step.before
    match feature.kind:
        case "reading":
            return f"{feature.view}: now read from its {feature.of}" if rises and step.after > 0.5 else ""
        case "name":
            return f"{feature.view}: {feature.of} is {'new' if rises else 'gone'} beside the items"
    return "" if rises else f"{feature.view}: {feature.of} in {_shares(step)} of the cards"


def describe_shift(feature: Feature, before: Sizes, after: Sizes) -> str:
    """The text of a change of sizes."""
    size = "its length" if feature.kind == "length" else "its distance to the day"
    return f"{size} was {_span(before)}, is {_span(after)}"


def _span(sizes: Sizes) -> str:
    if sizes.least == sizes.most:
        return f"{sizes.middle}"
    return f"{sizes.least} to {sizes.most} (median {sizes.middle})"


def _shares(step: Step) -> str:
    return f"{_percent(step.after)} instead of {_percent(step.before)}"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


NEAR: Final = timedelta(days=7)
"""Changes of the same field in two views within this time are one."""
CERTAIN: Final = 9
"""From this certainty on a change is certain."""
GUESS: Final = 3
"""The certainty of what may have many causes, however improbable it is by chance."""
ALIKE: Final = 0.3
"""The shares of a field and of the one that it became differ by no more."""

Confidence = Literal["certain", "likely", "perhaps"]
_ORDER: Final = ("certain", "likely", "perhaps")


class Change(NamedTuple):
    """One change of one field, or of how a page is built."""

    views: str
    """The views, or the two views or forms (`api/html`), in which it was seen."""
    field: str
    """The path; empty if the page changed and none of its fields."""
    kind: str
    """`new`, `back`, `gone`, `became`, `share`, `type`, `value`, `meaning`, `shape`, `page` or `agreement`."""
    last: date
    """The last day on which it was as before."""
    first: date
    """The first day on which it was not."""
    missed: bool
    """Days between the two were not observed: it changed on one of them, or on `first`."""
    description: str
    certainty: int
    """Zeros after the decimal point of its probability by chance, at most 99."""
    share: float
    """The share of the items, before it went or since it came."""

    @property
    def days(self) -> str:
        """The day of the change, or the two between which it happened."""
        return f"between {self.last} and {self.first}" if self.missed else f"{self.first}"

    @property
    def confidence(self) -> Confidence:
        """How sure it is that this is a change."""
        return "certain" if self.certainty >= CERTAIN else "likely" if self.certainty > GUESS else "perhaps"


def changes(certificates: Iterable[ProfiledDay], gap: Gap) -> list[Change]:
    """All changes, the certain ones first, then by day. `gap` counts the days between two that were missed."""
    certificates = list(certificates)
    seen = observations(certificates)
    table = count_all(seen, certificates)
    candidates = [*_share_changes(table, seen, gap), *_size_changes(table, gap)]
    described = [change for change in candidates if change.description]
    return sorted(_joined(_renamed(_without_echoes(described), seen)), key=_rank)


def _rank(change: Change) -> tuple[int, date, date, str, str]:
    return _ORDER.index(change.confidence), change.first, change.last, change.kind, change.field


def _share_changes(table: Table, seen: Sequence[Observed], gap: Gap) -> Iterator[Change]:
    for feature, counts in table.counts.items():
        for step in steps(counts, gap):
            yield _change(feature, step, gap, _facts(seen, feature.view, feature.path, step.first))


def _change(feature: Feature, step: Step, gap: Gap, facts: FieldFacts) -> Change:
    kind, description = describe_step(feature, step, facts)
    sure = certainty(step.p_value)
    return Change(
        views=feature.view,
        field=feature.path,
        kind=kind,
        last=step.last,
        first=step.first,
        missed=gap(step.last, step.first) > 0,
        description=description,
        certainty=min(sure, GUESS) if kind == "share" else sure,
        share=max(step.before, step.after),
    )


def _size_changes(table: Table, gap: Gap) -> Iterator[Change]:
    for feature, sizes in table.sizes.items():
        # A list that begins a few hours before midnight has not changed.
        for before, after in shifts(sizes, slack=1 if feature.kind == "days" else 0):
            place = (feature.view, feature.path, "shape", before.day, after.day)
            missed = gap(before.day, after.day) > 0
            yield Change(*place, missed, describe_shift(feature, before, after), CERTAIN - 1, 1.0)


def _facts(seen: Sequence[Observed], view: str, path: str, day: date) -> FieldFacts:
    """The facts of a field on a day."""
    profiles = (observed.profile for observed in seen if observed.view == view and observed.day == day)
    return next((profile["fields"][path] for profile in profiles if path in profile["fields"]), FieldFacts())


def _without_echoes(candidates: Sequence[Change]) -> list[Change]:
    """Without the other lengths and distances of a field whose values or meaning changed, which follow from that."""
    causes = [change for change in candidates if change.kind in {"value", "type", "meaning"}]
    return [
        change
        for change in candidates
        if change.kind != "shape" or not any(_is_echo(change, cause) for cause in causes)
    ]


def _is_echo(change: Change, cause: Change) -> bool:
    is_same = (change.views, change.field) == (cause.views, cause.field)
    return change.kind == "shape" and is_same and abs(change.first - cause.first) <= NEAR


def _renamed(candidates: Sequence[Change], seen: Sequence[Observed]) -> list[Change]:
    """A field that went on the day on which another one like it came became that one."""
    result = list(candidates)
    for old in [change for change in candidates if change.kind == "gone"]:
        types = _facts(seen, old.views, old.field, old.last).get("types")
        for new in [change for change in result if change.kind == "new" and _is_instead(old, change)]:
            if types and types.keys() == _facts(seen, new.views, new.field, new.first).get("types", {}).keys():
                result[result.index(old)] = old._replace(kind="became", description=f"became {new.field}")
                result.remove(new)
                break
    return result


def _is_instead(old: Change, new: Change) -> bool:
    place = (old.views, old.last, old.first, old.field.rpartition(".")[0])
    is_same = place == (new.views, new.last, new.first, new.field.rpartition(".")[0])
    return is_same and abs(old.share - new.share) <= ALIKE


def _joined(candidates: Sequence[Change]) -> list[Change]:
    """One change that several views show is one, with the narrowest days."""
    result: list[Change] = []
    for change in sorted(candidates, key=lambda change: (change.kind != "became", change.missed, change.first)):
        same = next((number for number, other in enumerate(result) if _is_same(other, change)), None)
        if same is None:
            result.append(change)
        elif change.views not in result[same].views:
            result[same] = result[same]._replace(views=f"{result[same].views}, {change.views}")
    return result


def _is_same(change: Change, other: Change) -> bool:
    if abs(change.first - other.first) > NEAR or (change.views.startswith(other.views) and change.kind == other.kind):
        return False
    # A view whose types are not counted only shows that one field went and the other came.
    came = other.kind == "new" and change.description == f"became {other.field}"
    went = other.kind == "gone" and change.kind == "became" and change.field == other.field
    alike = (change.field, change.kind, change.description) == (other.field, other.kind, other.description)
    return came or went or alike
