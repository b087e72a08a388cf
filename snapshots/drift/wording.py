"""Changes in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .observations import Feature, Sizes
from .share_changes import Step

KINDS: Final = {"breaks": "shape", "dates": "meaning", "clock": "meaning"}
RISES: Final = {"breaks": "has line breaks", "dates": "holds dates", "clock": "has a time of day"}
FALLS: Final = {
    "breaks": "has hardly any line breaks now",
    "dates": "holds no dates any more",
    "clock": "lost its time of day",
}


def in_words(feature: Feature, step: Step, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Which kind of change it is, and what there is to say of it; nothing where another change says it."""
    rises = step.after > step.before
    match feature.kind:
        case "field":
            return _of_field(step)
        case "type":
            found = "type", f"{feature.of} in {_shares(step)}"
        case "value":
            found = "value", _of_value(feature.of, step)
        case "offset":
            found = "meaning", _of_offset(feature.of, step, facts)
        case "agree":
            found = "agreement", "" if rises else f"{feature.view} agree in {_shares(step)}"
        case "reading" | "name" | "part":
            found = "page", _of_page(feature, step)
        case shape:
            found = KINDS[shape], RISES[shape] if rises else FALLS[shape]
    return found


def _of_field(step: Step) -> tuple[str, str]:
    if step.before == 0:
        return ("new", "new") if step.new else ("back", "is back")
    if step.after == 0:
        return "gone", "gone"
    return "share", f"in {_shares(step)} of the items"


def _of_value(value: str, step: Step) -> str:
    """A value that nearly all had or have; shares in between move for many reasons."""
    if step.before < 0.1 and step.after > 0.5:
        return f"is now {value!r}"
    return f"is {value!r} no more" if step.before > 0.9 and step.after < 0.5 else ""


def _of_offset(other: str, step: Step, facts: Mapping[str, Any]) -> str:
    if step.after < step.before:
        return f"changed meaning: no longer at a constant distance from {other}"
    gaps = facts.get("offsets", {}).get(other, [0, 0, []])[2]
    hours = " or ".join(f"{gap / 3600:+g} h" for gap in gaps)
    return f"changed meaning: it is always {other} {hours}" if hours else f"changed meaning: always like {other}"


def _of_page(feature: Feature, step: Step) -> str:
    rises = step.after > step.before
    match feature.kind:
        case "reading":
            return f"{feature.view}: now read from its {feature.of}" if rises and step.after > 0.5 else ""
        case "name":
            return f"{feature.view}: {feature.of} is {'new' if rises else 'gone'} beside the items"
    return "" if rises else f"{feature.view}: {feature.of} in {_shares(step)} of the cards"


def of_sizes(feature: Feature, before: Sizes, after: Sizes) -> str:
    """A change of sizes."""
    what = "its length" if feature.kind == "length" else "its distance to the day"
    return f"{what} was {_span(before)}, is {_span(after)}"


def _span(one: Sizes) -> str:
    return f"{one.middle}" if one.least == one.most else f"{one.least} to {one.most}, in the middle {one.middle}"


def _shares(step: Step) -> str:
    return f"{_percent(step.after)} instead of {_percent(step.before)}"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
