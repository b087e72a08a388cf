"""What is wrong with a schedule or a job, and what would be right: one sentence each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches


class Mistake(ValueError):  # noqa: N818 - named for what it is
    """Something in `cron.yaml` that cannot be, and what to write instead."""

    def __init__(self, wrong: str, right: str | None = None) -> None:
        super().__init__(f"{wrong}; write {right}" if right else wrong)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The one of the known words that was probably meant."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def unknown_words(field: str, text: str, names: tuple[str, ...]) -> Mistake:
    """Why an item of a field is none."""
    if text == "":
        return Mistake(f"{field}: a comma with nothing beside it", "the numbers with one comma between two of them")
    said = f"{field} {text!r}"
    for pattern, wrong, right in _FOREIGN:
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return Mistake(f"{said}: Debian's cron knows no {wrong}", right)
    name = text[:3].lower()
    if name in names and text.isalpha():
        return Mistake(f"{said}: a name has three letters", name)
    if re.fullmatch(r"[0-9]+", text):
        return Mistake(f"{said} is too long", str(int(text)))
    known = (
        f"a number, a range such as 1-5, or a name: {', '.join(names)}" if names else "a number or a range such as 1-5"
    )
    return Mistake(f"{said} is none", f"*, {known}")


_FOREIGN = (
    (r"l|l-[0-9]+", "last day of the month", "1 (the day after), or 28"),
    (r"[0-9]*l?w", "nearest working day", "mon-fri as week day"),
    (r"([0-7]|[a-z]{3})l", "last week day of a month", "the week day alone, for every week"),
    (r"[0-9a-z]+#.*", "first or second week day of a month", "the week day alone, for every week"),
    (r"\?", "?", "*"),
    (r"[0-9]*~[0-9]*", "random times", "one number, and `jitter: 10m` in the job"),
    (r"h(\(.*\))?(/.*)?", "hashed times", "one number, and `jitter: 10m` in the job"),
)
"""What other crons have (Quartz, Jenkins, cronie, croniter), and Debian's does not."""


def ranges_over_the_edge(field: str, first: str, last: str, low: int, high: int, names: tuple[str, ...]) -> Mistake:
    """A range that ends before it begins: Debian's cron takes it and never runs it."""
    end, begin = (names[-1], names[0]) if first.lower() in names else (str(high), str(low))
    parts = [first if first == end else f"{first}-{end}", last if last == begin else f"{begin}-{last}"]
    return Mistake(f"{field} {first}-{last} ends before it begins and would never run", ",".join(parts))
