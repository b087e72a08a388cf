"""`waived.txt`: days that nobody will fetch any more. A human wrote it, by `dailypapers waive` or with an editor."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from dailypapers.snapshots.store.atomic import read_whole, write_whole
from dailypapers.snapshots.store.layout import Series, Store


class Waiver(NamedTuple):
    """A range of days of a series, both ends included, and why it is waived."""

    series: str
    since: date
    until: date
    reason: str

    def covers(self, series: Series, day: date) -> bool:
        """Whether a day of a series is waived."""
        return self.series == str(series) and self.since <= day <= self.until

    def __str__(self) -> str:
        return "\t".join((self.series, f"{self.since}", f"{self.until}", self.reason))


def waivers(store: Store) -> Collection[Waiver]:
    """The ranges in the file. A line that is not a range waives nothing (see `invalid_lines`)."""
    return [waiver for _, waiver in _parse(store) if waiver is not None]


def invalid_lines(store: Store) -> list[str]:
    """For each line of the file that is not a range, a message that says so."""
    return [
        f"{store.waived}:{number}: not waived: expected source, since, until, reason with tabs between"
        for number, waiver in _parse(store)
        if waiver is None
    ]


def waive(store: Store, waiver: Waiver) -> bool:
    """Add a line; returns whether it is new. Raises OSError if the store cannot be written."""
    from dailypapers.snapshots.store.locks import building  # noqa: PLC0415 - `status`, which only reads, starts sooner without

    with building(store):
        # As bytes: an editor may have saved what others wrote in another encoding.
        content = read_whole(store.waived) if store.waived.exists() else b""
        line = f"{waiver}".encode()
        if line in content.splitlines():
            return False
        kept = content if content.endswith(b"\n") or not content else content + b"\n"
        return write_whole(store.waived, kept + line + b"\n")


def _parse(store: Store) -> Iterator[tuple[int, Waiver | None]]:
    """The number of each line that is neither empty nor a comment, and its range; None if it is not a range."""
    if not store.waived.exists():
        return
    for number, line in enumerate(read_whole(store.waived).decode(encoding="utf-8", errors="replace").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, _waiver(line)


def _waiver(line: str) -> Waiver | None:
    try:
        series, since, until, reason = line.split("\t", 3)
        return Waiver(series, date.fromisoformat(since), date.fromisoformat(until), reason)
    except ValueError:
        return None
