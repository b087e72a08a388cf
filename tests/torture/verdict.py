"""What was expected, what was found, and whether it holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SHOWN = 5  # details of one verdict


@dataclass(frozen=True)
class Verdict:
    """One condition; `found`, `wanted` and the details of failures are for humans."""

    what: str
    found: str
    wanted: str
    passed: bool
    details: tuple[str, ...] = ()


def at_most(what: str, found: float, most: float, unit: str = "") -> Verdict:
    """A number with an upper limit."""
    return Verdict(what, f"{_number(found)}{unit}", f"<= {_number(most)}{unit}", found <= most)


def none_of(what: str, found: Sequence[str]) -> Verdict:
    """A list that must be empty."""
    return Verdict(what, f"{len(found):,}", "0", not found, tuple(found[:SHOWN]))


def exactly(what: str, found: int, wanted: int) -> Verdict:
    """A number that must be exact."""
    return Verdict(what, f"{found:,}", f"{wanted:,}", found == wanted)


def lines(title: str, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """A trial as text."""
    what, found, wanted = (max(len(getattr(one, name)) for one in verdicts) for name in ("what", "found", "wanted"))
    yield title
    for one in verdicts:
        outcome = "passed" if one.passed else "FAILED"
        yield f"  {one.what:<{what}}  {one.found:>{found}}  {one.wanted:<{wanted}}  {outcome}"
        yield from (f"    {detail}" for detail in one.details)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
