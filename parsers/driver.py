"""The driver of all parsers: loop over a page's items, validate each, collect what is refused."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache, partial
from importlib import import_module
from typing import Any, Final, Protocol, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .model import Claims, FieldError, ItemError, Page, Paper, Parsed, ParseError, Reject, Structure
from .tolerant_json import Unreadable, kind
from .versions import MODULES

MAX_ITEMS: Final = 10_000
"""Ten times the largest month seen."""

MAX_ERRORS: Final = 10_000
"""What the items of a page may have wrong before errors are only counted: each one told costs a thousand bytes."""

_MAX_RAW_DEPTH = 64


class Parser(Protocol):
    """What a parser module offers; the document is whatever its `load()` makes of a page, decoded once.

    A document that is of a lesser form than the page should have says why in an attribute `instead`.
    """

    RANKED: bool

    def load(self, page: Page, day: date | None = None) -> Any:  # noqa: ANN401 - each parser's own
        """Decode the page, which the caller says lists `day`; raises ParseError."""

    def reading(self, document: Any) -> str:  # noqa: ANN401
        """Name of the form that was read."""

    def claims(self, document: Any) -> Claims:  # noqa: ANN401
        """What the page says of itself."""

    def items(self, document: Any) -> Sequence[Any]:  # noqa: ANN401
        """Its items, in order."""

    def fields(self, item: Any) -> dict[str, object]:  # noqa: ANN401
        """One item as plain values by the names of `Paper`; raises ValueError, KeyError, TypeError."""

    def unknown(self, item: Any) -> Sequence[str]:  # noqa: ANN401
        """Names of the item's fields that the parser has never heard of."""


def names() -> list[str]:
    """The parsers: the modules here that offer what `Parser` asks for."""
    return sorted(MODULES)


@cache
def module(parser: str) -> Parser:
    """The parser module of that name; raises ValueError for a name that is none."""
    if parser not in MODULES:
        raise ValueError(f"no parser {parser!r}; there are {', '.join(names())}")
    return cast("Parser", import_module(MODULES[parser]))


def parse(
    page: Page,
    parser: str,
    *,
    source: str,
    day: date | None = None,
    offset: int = 0,
    wanted: Callable[[Claims, int], bool] | None = None,
) -> Parsed:
    """Read a page with the parser of that name.

    The records' day is `day`, else the one the page claims; `offset` is the number of items on the pages
    before this one. One bad item costs one item. A page that is not `wanted`, by what it claims and its number of
    items, is read up to its first paper only: that it lists any is all there is to know of it. Raises ParseError for
    a page that is no such listing.
    """
    reader = module(parser)
    document = reader.load(page, day)
    claims = reader.claims(document)
    loop = _Loop(reader, source, day or claims.day)
    items = reader.items(document)
    if len(items) > MAX_ITEMS:
        raise ParseError(page.url, f"{len(items)} items on one page, more than the {MAX_ITEMS} that any listing has")
    is_wanted = wanted is None or wanted(claims, len(items))
    for position, item in enumerate(items, offset + 1):
        loop.take(position, item)
        if loop.papers and not is_wanted:
            break
    unknown = dict(sorted(loop.unknown.items()))
    # Only of pages that people read there is more to tell than their items.
    structure = partial(reader.structure, document) if hasattr(reader, "structure") else Structure
    found = (loop.papers, loop.rejects, len(items), unknown, items)
    return Parsed(reader.reading(document), claims, *found, structure, getattr(document, "instead", None))


class _Loop:
    """What the items of one page have come to so far."""

    def __init__(self, reader: Parser, source: str, day: date | None) -> None:
        self.reader = reader
        self.source = source
        self.day = day
        self.papers: list[Paper] = []
        self.rejects: list[Reject] = []
        self.unknown: Counter[str] = Counter()
        self.wrong = 0

    def take(self, position: int, item: object) -> None:
        try:
            if isinstance(item, Unreadable):
                raise ItemError("", item.reason)
            self.unknown.update(self.reader.unknown(item))
            values = self.reader.fields(item)
            values["source"], values["day"] = self.source, self.day
            if self.reader.RANKED:
                values["rank"] = position
            self.papers.append(Paper.model_validate(values))
        except (ValueError, KeyError, TypeError) as error:
            self.rejects.append(Reject(position, self.errors(error), _raw(item)))

    def errors(self, error: ValueError | KeyError | TypeError) -> tuple[FieldError, ...]:
        """All that is wrong with an item; their number alone where a page has more than anybody would read."""
        self.wrong += error.error_count() if isinstance(error, ValidationError) else 1
        if isinstance(error, ValidationError) and self.wrong > MAX_ERRORS:
            return (FieldError("", f"{error.error_count()} errors, on a page that has more than {MAX_ERRORS}"),)
        return _errors(error)


def _errors(error: ValueError | KeyError | TypeError) -> tuple[FieldError, ...]:
    if isinstance(error, ItemError):
        return (error.error,)
    if isinstance(error, ValidationError):
        return _of_validation(error)
    return (FieldError("", f"{type(error).__name__}: {error}"),)


def _of_validation(error: ValidationError) -> tuple[FieldError, ...]:
    details = error.errors(include_url=False)
    found = [FieldError(".".join(map(str, one["loc"])), _message(one)) for one in details]
    # The key is made from the id and the title: where one of them is wrong, its own error says so.
    return tuple([one for one in found if one.path != "key"] or found)


def _message(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    return f"{error['msg']}; found {kind(error['input'])}"


def _raw(item: object) -> object:
    raw = item.raw if isinstance(item, Unreadable) else item
    return raw if _shallow(raw) else f"(left out: nested more than {_MAX_RAW_DEPTH} deep)"


def _shallow(value: object) -> bool:
    level = [value]
    for _ in range(_MAX_RAW_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return True
    return False


def _inside(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return tuple(value.values())
    return value if isinstance(value, list) else ()
