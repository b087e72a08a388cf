"""What the papers of a day have, and where the views of a fetch differ: facts for the certificate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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


def disagreements(listings: Mapping[str, Sequence[Paper]]) -> dict[str, Disagreement]:
    """The fields in which two views of one fetch differ, over the papers that both show with a value."""
    if len(listings) < 2:
        return {}
    (first, papers), (second, others) = list(listings.items())[:2]
    counted: dict[str, list[int]] = {}
    examples: dict[str, tuple[str, dict[str, object]]] = {}
    known = {paper.key: paper for paper in others}
    for paper in papers:
        other = known.get(paper.key)
        if other is not None:
            _compare(paper, other, (first, second), counted, examples)
    return {
        name: Disagreement(differ, compared, examples[name][0], examples[name][1])
        for name, (differ, compared) in counted.items()
        if differ
    }


def _compare(
    paper: Paper,
    other: Paper,
    views: tuple[str, str],
    counted: dict[str, list[int]],
    examples: dict[str, tuple[str, dict[str, object]]],
) -> None:
    theirs = other.__dict__
    for name, mine in paper.__dict__.items():
        if name in _NOT_COMPARED or not (_said(mine) and _said(theirs[name])):
            continue
        count = counted.setdefault(name, [0, 0])
        count[1] += 1
        if mine != theirs[name]:
            count[0] += 1
            examples.setdefault(name, (paper.key, {views[0]: _plain(mine), views[1]: _plain(theirs[name])}))


def _said(value: Any) -> bool:  # noqa: ANN401 - a field's value
    return bool(value or value == 0)


def _plain(value: object) -> object:
    """A value that an example can show: as it is, or its beginning."""
    text = orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS).decode()
    return orjson.loads(text) if len(text) <= 200 else text[:197] + "..."
