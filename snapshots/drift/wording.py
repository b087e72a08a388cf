"""The text of a change, as people read it."""

from __future__ import annotations

from typing import Final

from .facts import FieldFacts
from .observations import Feature, Sizes
from .shares import Step

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
