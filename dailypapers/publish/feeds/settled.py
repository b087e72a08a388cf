"""The archives that no change of the store can reach, so that a new day costs the same however many days there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from dailypapers.publish.manifest import OutputFolder

from .first_sights import DaySights

MONTHS: Final = 3
"""Months before a change whose papers are divided into documents again: the live document has papers of them."""
Made = tuple[str, Mapping[str, str]]
"""A file and what it was made of."""


class Settled(NamedTuple):
    """Archives that are as they were."""

    since: str
    """The first month (`2025-09`) that is not settled; empty if none is."""
    files: Sequence[Made]
    last: str | None
    """The name of the newest of them."""


NONE: Final = Settled("", (), None)


def changed_since(before: Mapping[str, DaySights], after: Mapping[str, DaySights]) -> str:
    """The earliest first sight of the days that changed, came or went; of all days the newest if none did.

    Empty if nothing is known of before. Papers that were first seen earlier are in the documents in which they were:
    another day takes a paper from a document only by an earlier first sight.
    """
    rows = [(before.get(day), after.get(day)) for day in before.keys() | after.keys()]
    changed = [row for pair in rows if pair[0] is not pair[1] for row in pair if row is not None]
    if not before:
        return ""
    earliest = [min(row.keys) for row in changed if row.keys]
    return min(earliest) if earliest else max((max(row.keys) for row in after.values() if row.keys), default="")


def settled(output: OutputFolder, folder: str, formats: Collection[str], head: str, changed: str) -> Settled:
    """The archives of a feed in `folder`, with that digest of their head, of months well before a change."""
    if not changed:
        return NONE
    since = _months_before(changed)
    made: dict[str, list[Made]] = {format_: [] for format_ in formats}
    for file, inputs in output.made_before().items():
        stem, _, format_ = file.removeprefix(f"{folder}/").rpartition(".")
        if file.startswith(f"{folder}/") and format_ in made and stem[:7] < since:
            made[format_].append((file, inputs))
    names = [sorted((_name(folder, file) for file, _ in files), key=_place) for files in made.values()]
    files = [each for of_format in made.values() for each in of_format]
    is_known = bool(names) and bool(names[0]) and all(each == names[0] for each in names)
    is_whole = all(inputs.get("head") == head and (output.folder / file).is_file() for file, inputs in files)
    # A month that is over by now is no longer divided into these parts.
    has_parts = is_known and any("-part-" in name for name in names[0])
    return Settled(since, files, names[0][-1]) if is_known and is_whole and not has_parts else NONE


def _name(folder: str, file: str) -> str:
    return file.removeprefix(f"{folder}/").rpartition(".")[0]


def _place(name: str) -> tuple[str, int]:
    number = name[len("2025-11-") :]
    return name[:7], int(number) if number.isdigit() else 1


def _months_before(instant: str) -> str:
    first = date.fromisoformat(f"{instant[:7]}-01")
    for _ in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
    return f"{first:%Y-%m}"
