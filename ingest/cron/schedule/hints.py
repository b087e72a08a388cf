"""What to write instead of an expression that Debian's cron does not take."""

from __future__ import annotations

import re

from ingest.cron.errors import Mistake


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
