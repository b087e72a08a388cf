"""A page cut to some of its items, which stay byte for byte as served, as does all that is around the list.

Where items begin and end is guessed from the form of the page (JSON, JSON in an attribute, elements, blocks of text)
and held against the parser: a cut counts only if the parser then finds exactly the items that were to stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from parsers import Page, ParseError
from parsers.driver import Parser, module

from .cut_json import escaped_lists, lists, without
from .cut_text import TAGS, dropped_elements, elements, entries, left_out
from .errors import CaptureError

_ATTRIBUTE: Final = re.compile(r"""=(?:"(\s*[\[{][^"]*)"|'(\s*[\[{][^']*)')""")
_RANGE: Final = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a page as its parser finds them, with what they are called by."""

    found: Sequence[object]
    keys: Sequence[str]
    titles: Sequence[str]


def items_of(page: Page, parser: str, day: date | None) -> Items:
    """The items of a page. Raises ParseError for a page that is no listing."""
    reader = module(parser)
    found = reader.items(reader.load(page, day))
    fields = [_fields(reader, item) for item in found]
    titles = [" ".join(str(one.get("title", "")).split()) for one in fields]
    return Items(found, [str(one.get("key", "")) for one in fields], titles)


def chosen(words: str, items: Items) -> list[int]:
    """0-based places of the items that `--items` names: the first three (`3`), by place (`2,5-7`) or by key.

    Raises CaptureError for what is not on the page.
    """
    if words.isdecimal():
        return _places(f"1-{words}", items)
    return sorted({place for word in words.split(",") for place in _places(word.strip(), items)})


def cut(page: Page, parser: str, day: date | None, items: Items, kept: Sequence[int]) -> Page:
    """The page with only those items. Raises CaptureError where it cannot be cut between them."""
    wanted = [items.found[place] for place in kept]
    text = page.body.decode("utf-8", "surrogateescape")
    for candidate in _candidates(text, items, kept):
        shorter = replace(page, body=candidate.encode("utf-8", "surrogateescape"))
        with suppress(ParseError):
            if list(items_of(shorter, parser, day).found) == wanted:
                return shorter
    raise CaptureError(f"{page.url}: cannot be cut between its {len(items.found)} items; capture it whole")


def _fields(reader: Parser, item: object) -> dict[str, object]:
    try:
        return reader.fields(item)
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _places(word: str, items: Items) -> list[int]:
    if word in items.keys:
        return [place for place, key in enumerate(items.keys) if key == word]
    found = _RANGE.fullmatch(word)
    if found is None:
        raise CaptureError(f"no item {word!r} on the page; --items takes 3 (the first three), 2,5-7 or keys")
    first, last = int(found[1]), int(found[2] or found[1])
    if not 1 <= first <= last <= len(items.found):
        raise CaptureError(f"items {word}: the page holds items 1 to {len(items.found)}")
    return list(range(first - 1, last))


def _candidates(text: str, items: Items, kept: Sequence[int]) -> Iterator[str]:
    start = text[:512].lstrip("\ufeff \t\r\n")[:1]
    if start in {"[", "{"}:
        yield from _of_json(text, items, kept)
    elif start == "<":
        yield from _of_markup(text, items, kept)
    else:
        spans = entries(text, items.titles)
        if spans is not None:
            yield left_out(text, [span for place, span in enumerate(spans) if place not in kept])


def _of_json(text: str, items: Items, kept: Sequence[int]) -> Iterator[str]:
    with suppress(ValueError, RecursionError):
        for spans in lists(text):
            if len(spans) == len(items.found):
                yield without(text, spans, kept)


def _of_markup(text: str, items: Items, kept: Sequence[int]) -> Iterator[str]:
    names = [key.partition(":")[2] for key in items.keys]
    stay = {names[place] for place in kept} - {""}
    go = set(names) - stay - {""}
    for blob in _of_attribute(text, items, kept):
        yield left_out(blob, dropped_elements(blob, TAGS[0], go, stay))
    for tag in TAGS:
        yield left_out(text, dropped_elements(text, tag, go, stay))
        spans = list(elements(text, tag))
        if len(spans) == len(items.found):
            yield left_out(text, [span for place, span in enumerate(spans) if place not in kept])


def _of_attribute(text: str, items: Items, kept: Sequence[int]) -> Iterator[str]:
    """The list in an attribute, as a page brings it along for its scripts."""
    for found in _ATTRIBUTE.finditer(text):
        group = 1 if found[1] else 2
        with suppress(ValueError, RecursionError):
            for spans in escaped_lists(found[group]):
                if len(spans) == len(items.found):
                    shorter = without(found[group], spans, kept)
                    yield text[: found.start(group)] + shorter + text[found.end(group) :]
