"""Where a fetch comes from that another program made: a file in a git repository, in one version of it."""

from __future__ import annotations

from typing import Literal, TypedDict, cast


class Witness(TypedDict):
    """One version of a file in a git repository. Times are UTC, `YYYY-MM-DDTHH:MM:SSZ`."""

    kind: Literal["git"]
    origin: str
    """URL of the repository's remote `origin` without user and password; else the name of its folder."""
    commit: str
    path: str
    blob: str
    author_time: str
    committer_time: str
    """The repository had the content at this time, if the clock of whoever committed it was right."""


def parse_witness(value: object) -> Witness | None:
    """A witness read from JSON; None for None. Raises ValueError for anything else."""
    if value is None:
        return None
    names = Witness.__annotations__.keys()
    if (
        not isinstance(value, dict)
        or value.keys() != names
        or not all(isinstance(each, str) for each in value.values())
    ):
        raise ValueError(f"its witness is {value!r:.80}")
    return cast("Witness", value)


def is_witness(value: object) -> bool:
    """Whether a value read from JSON is a witness or None."""
    try:
        parse_witness(value)
    except ValueError:
        return False
    return True
