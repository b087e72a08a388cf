"""The driver of all parsers: loops over a page's items, validates each, collects what it rejects."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from importlib import import_module
from typing import Final, TypeAlias

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .links import drop_unsafe_links
from .model import Claims, FieldError, ItemError, Page, Paper, Parsed, ParseError, Reject
from .protocol import Parser
from .tolerant_json import Unreadable, describe
from .versions import MODULES

MAX_ITEMS: Final = 10_000
"""Ten times the largest month seen."""

MAX_ERRORS: Final = 10_000
"""Errors of a page's items that are kept; further ones are only counted, as each takes a thousand bytes."""

MAX_NOTES: Final = 20
"""Notes on a page's items that are kept."""

_MAX_RAW_DEPTH = 64

ValidPapers: TypeAlias = dict[tuple[object, bytes], tuple[Paper, list[str]]]
"""Papers of one source and day, with the notes on them, by the basis (see `Parser`) of their items: what two views show
is validated once."""


def names() -> list[str]:
    """The ids of the parsers."""
    return sorted(name for name, module in MODULES.items() if module.is_parser)


def parser_named(name: str) -> Parser[object]:
    """The parser with that id, which is given its own items only; raises ValueError for an unknown id."""
    if name not in names():
        raise ValueError(f"no parser {name!r}; there are {', '.join(names())}")
    parser: Parser[object] = import_module(MODULES[name].path).PARSER
    return parser


def parse(  # noqa: PLR0913 - the page, whose it is, and what is known of it
    page: Page,
    parser: str,
    *,
    source: str,
    day: date | None = None,
    offset: int = 0,
    wanted: Callable[[Claims, int], bool] | None = None,
    known: ValidPapers | None = None,
) -> Parsed:
    """Read a page with the parser that has that id.

    The records' day is `day`, or by default the one that the page claims; `offset` is the number of items on the
    pages before this one. An invalid item is rejected alone. If `wanted`, given the claims and the number of items,
    returns false, the page is read up to its first paper only, which shows that it lists any. `known` are
    the papers that were read before with the same source and day; it is filled. Raises ParseError for a page that is
    not such a listing.
    """
    reader = parser_named(parser)
    document = reader.load(page, day)
    items, claims = document.items, document.claims
    if len(items) > MAX_ITEMS:
        raise ParseError(page.url, f"{len(items)} items on one page, more than the {MAX_ITEMS} that any listing has")
    is_wanted = wanted is None or wanted(claims, len(items))
    result = _Result(reader, source, day or claims.day, known if known is not None else {})
    for position, item in enumerate(items, offset + 1):
        result.add(position, item, ranked=document.ranked)
        if result.papers and not is_wanted:
            break
    unknown = dict(sorted(result.unknown.items()))
    outcome = (result.papers, result.rejects, len(items), unknown, items)
    return Parsed(
        document.reading,
        claims,
        *outcome,
        document.structure,
        document.instead,
        result.all_notes(),
        document.states_empty,
    )


class _Result:
    """The papers and rejects of one page so far."""

    def __init__(self, parser: Parser[object], source: str, day: date | None, known: ValidPapers) -> None:
        self.known = known
        self.parser = parser
        self.source = source
        self.day = day
        self.papers: list[Paper] = []
        self.rejects: list[Reject] = []
        self.unknown: Counter[str] = Counter()
        self.notes: list[str] = []
        self.errors = 0

    def add(self, position: int, item: object, *, ranked: bool) -> None:
        try:
            if isinstance(item, Unreadable):
                raise ItemError("", item.reason)
            if names := self.parser.unknown(item):
                self.unknown.update(names)
            self.papers.append(self.paper(item, position if ranked else None))
        except (ValueError, KeyError, TypeError) as error:
            self.rejects.append(Reject(position, self.field_errors(error), _raw(item)))

    def paper(self, item: object, rank: int | None) -> Paper:
        """The paper of an item, validated unless an equal item was."""
        place = self.place(item)
        known = self.known.get(place) if place is not None else None
        paper, notes = known if known is not None else self.validated(item, rank)
        if place is not None and known is None:
            self.known[place] = paper, notes
        self.notes += notes
        return paper if paper.rank == rank else paper.model_copy(update={"rank": rank})

    def validated(self, item: object, rank: int | None) -> tuple[Paper, list[str]]:
        """The paper of an item, and a note on each of its links that is left out."""
        fields = self.parser.fields(item)
        unsafe = drop_unsafe_links(fields)
        paper = Paper.model_validate({**fields, "source": self.source, "day": self.day, "rank": rank})
        return paper, [_unsafe_link(paper.key, *link) for link in unsafe] if unsafe else []

    def all_notes(self) -> tuple[str, ...]:
        """The notes on the papers; the number of notes alone beyond the first ones."""
        more = len(self.notes) - MAX_NOTES
        return (*self.notes[:MAX_NOTES], *([f"{more} more notes on items"] if more > 0 else []))

    def place(self, item: object) -> tuple[object, bytes] | None:
        """Where `known` has an item; None for one without a basis, or that JSON cannot hold.

        By its JSON, because objects with 1, 1.0 and true in the same place are equal; with its keys sorted, because
        views have them in different orders.
        """
        basis = self.parser.basis(item) if self.parser.basis is not None else None
        if basis is None:
            return None
        try:
            return self.parser.basis, orjson.dumps(basis, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            return None

    def field_errors(self, error: ValueError | KeyError | TypeError) -> tuple[FieldError, ...]:
        """All that is wrong with an item; the number of errors alone once the page has too many."""
        if isinstance(error, ValidationError):
            count = error.error_count()
            self.errors += count
            if self.errors > MAX_ERRORS:
                return (FieldError("", f"{count} errors, on a page that has more than {MAX_ERRORS}"),)
            return _of_validation(error)
        self.errors += 1
        return (error.error if isinstance(error, ItemError) else FieldError("", f"{type(error).__name__}: {error}"),)


def _of_validation(error: ValidationError) -> tuple[FieldError, ...]:
    details = error.errors(include_url=False)
    errors = [FieldError(".".join(map(str, detail["loc"])), _message(detail)) for detail in details]
    # The key is made from the id and the title: where one of them is wrong, its own error says so.
    return tuple([error for error in errors if error.path != "key"] or errors)


def _unsafe_link(key: str, field: str, link: str) -> str:
    return f"{field} of {key} is left out: {describe(link)} is no http or https link with a host"


def _message(detail: ErrorDetails) -> str:
    if detail["type"] == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    return f"{detail['msg']}; found {describe(detail['input'])}"


def _raw(item: object) -> object:
    raw = item.raw if isinstance(item, Unreadable) else item
    return raw if _is_shallow(raw) else f"(left out: nested more than {_MAX_RAW_DEPTH} deep)"


def _is_shallow(value: object) -> bool:
    level = [value]
    for _ in range(_MAX_RAW_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return True
    return False


def _children(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return tuple(value.values())
    return value if isinstance(value, list) else ()
