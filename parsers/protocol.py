"""What a parser module offers: a `PARSER`, whose `load` makes a document of items from a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from .model import Claims, Page, Structure
from .tolerant_json import Unreadable

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Document(Generic[Item]):
    """A decoded page.

    `reading` names the form that was read ("api", "blob", "cards", "text"); `items` are in the order of the page.
    `ranked` says that an item's place in the whole listing is its rank. `structure` says how the page is built.
    `instead` says why a lesser form was read than the page should have. `states_empty` says that the page itself says
    that there are no papers.
    """

    reading: str
    claims: Claims
    items: Sequence[Item | Unreadable]
    ranked: bool = False
    structure: Callable[[], Structure] = Structure
    instead: str | None = None
    states_empty: bool = False


def _no_names(_item: object) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Parser(Generic[Item]):
    """The functions of one parser.

    `load` decodes a page, which the caller says lists that day, and raises ParseError. `fields` returns one item as
    plain values by the names of `Paper`, and raises ValueError, KeyError or TypeError. `unknown` returns the names of
    the item's fields that the parser does not know. `basis` returns all that the fields of an item depend on:
    parsers with the same function make the same fields of equal results.
    """

    load: Callable[[Page, date | None], Document[Item]]
    fields: Callable[[Item], dict[str, object]]
    unknown: Callable[[Item], Sequence[str]] = _no_names
    basis: Callable[[Item], object] | None = None
