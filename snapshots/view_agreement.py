"""What the papers of a day have, and where the views of a fetch differ: facts for the certificate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from parsers.model import Paper

from .certificate import Disagreement

# What a listing has no say in, or what only one view can know.
_NOT_COMPARED: Final = frozenset({"source", "day", "key", "rank", "first_seen", "last_seen", "published_inferred"})


def coverage(papers: Iterable[Paper]) -> dict[str, int]:
    """How many papers have a value in each field, by field in the record's order, then of `extra` name by name.

    0 and false are values.
    """
    counts = dict.fromkeys(Paper.model_fields, 0)
    extra: Counter[str] = Counter()
    for paper in papers:
        extra.update(paper.extra.keys())
        for name, value in paper.__dict__.items():
            if value or value == 0:
                counts[name] += 1
    return counts | {f"extra.{name}": extra[name] for name in sorted(extra)}


def only_in(listings: Mapping[str, Sequence[Paper]]) -> dict[str, list[str]]:
    """The keys of papers that one view alone shows, by view, where there are two views or more."""
    keys = {view: {paper.key for paper in papers} for view, papers in listings.items()}
    if len(keys) < 2:
        return {}
    shared = set.intersection(*keys.values())
    found = {view: sorted(mine - shared) for view, mine in keys.items()}
    return {view: alone for view, alone in found.items() if alone}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two listings side by side, over the papers that both show with a value."""

    agreement: dict[str, list[int]]
    """Of each field in how many papers they agree, of how many."""
    disagreements: dict[str, Disagreement]
    """The fields in which they differ."""


def compare(papers: Iterable[Paper], others: Iterable[Mapping[str, Any]], names: tuple[str, str]) -> Comparison:
    """Two views of one fetch, or two forms of one page, field by field; `names` are theirs."""
    known = {other["key"]: other for other in others}
    mine = [paper.__dict__ for paper in papers if paper.key in known]
    theirs = [known[row["key"]] for row in mine]
    found = Comparison({}, {})
    for name in theirs[0] if theirs else ():
        if name not in _NOT_COMPARED:
            values = [row[name] for row in mine]
            _note(found, name, values, [row[name] for row in theirs], (names, mine))
    return found


def _note(found: Comparison, name: str, values: list[Any], others: list[Any], read_rate_limit: tuple[Any, Any]) -> None:
    if values == others:
        both = agree = sum([1 for value in values if value or value == 0])
    else:
        said = [n for n, (a, b) in enumerate(zip(values, others, strict=True)) if _said(a) and _said(b)]
        differ = [n for n in said if values[n] != others[n]]
        both, agree = len(said), len(said) - len(differ)
        if differ:
            views, papers = read_rate_limit
            example = {views[0]: _plain(values[differ[0]]), views[1]: _plain(others[differ[0]])}
            key = papers[differ[0]]["key"]
            found.disagreements[name] = Disagreement(papers=len(differ), compared=both, key=key, values=example)
    if both:
        found.agreement[name] = [agree, both]


def _said(value: Any) -> bool:  # noqa: ANN401 - a field's value
    return bool(value or value == 0)


def _plain(value: object) -> object:
    """A value that an example can show: as it is, or its beginning."""
    text = orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS).decode()
    return orjson.loads(text) if len(text) <= 200 else text[:197] + "..."
