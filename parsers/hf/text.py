"""A Daily Papers page (https://huggingface.co/papers) copied as plain text, by a person or a text browser.

Blocks stand between blank lines: the page's head, the list date (`Dec 8`, without a year), then the entries. An entry
is a title, an abstract and, for most, a meta block of three lines::

      • 6 authors             or an organisation, handle and display name: `acme ACME Labs`
    ·
    Oct 25, 2023 3            the year only where it is not the list's; then the comments, where there are any

So the two blocks before a meta block are its title and abstract; those before them are pairs without one.
"""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypedDict

from parsers.dates import Printed, year_of_list
from parsers.github import repository
from parsers.keys import key
from parsers.model import Claims, ItemError, NotAListing, Page, ParseError
from parsers.text import squeeze
from parsers.tolerant_json import Decoded

from .text_blocks import AUTHORS, DOT, dated, number
from .text_entries import Entry, entries

RANKED: Final = False

_FORM: Final = (
    "an entry of a copied listing is a title, a blank line, an abstract, a blank line, and three lines like "
    "'• 6 authors' (or 'acme ACME Labs'), '·' and 'Oct 25, 2023 3'"
)
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# The middle dot where Windows saved the text in its own code page, which is no UTF-8.
_DOT_OF_1252: Final = "\udcb7"
_NEW_YEARS_EVE: Final = Printed(12, 31)


class Item(TypedDict):
    """An entry as found: title and abstract, the lines of its meta block, the list's date, what is wrong with it."""

    blocks: list[str]
    meta: str | None
    date: str | None
    until: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """The entries of a text, and what it says of itself."""

    claims: Claims
    items: Sequence[object]


def load(page: Page, day: date | None = None) -> Document:
    """Find the entries; `day`, the caller's word, tells the year of a list date.

    Raises NotAListing for what is no text, ParseError for a text without an entry.
    """
    text = _text(page)
    try:
        found, dates = entries(text)
    except ValueError as error:
        raise ParseError(page.url, f"{error}") from error
    if not found:
        raise ParseError(page.url, f"no entry in a text that begins with {_start(text)}; {_FORM}")
    lists = _lists(found, dates, day)
    shown: list[object] = [_item(entry, lists[entry.listed].until) for entry in found]
    return Document(_claims([*lists.values()]), Decoded(None, clean=_is_clean(text)).items(shown))


def reading(document: Document) -> str:  # noqa: ARG001 - every parser is asked
    """Always the text."""
    return "text"


def items(document: Document) -> Sequence[object]:
    """The entries, in order, and what is left over between them."""
    return document.items


def claims(document: Document) -> Claims:
    """The list date, if its year is printed or the caller's."""
    return document.claims


def unknown(item: Item) -> list[str]:  # noqa: ARG001 - every parser is asked
    """A text has no field names."""
    return []


def fields(item: Item) -> dict[str, object]:
    """One entry by the names of the record; raises ItemError for what is none, or has a date that is none."""
    if item["problem"]:
        raise ItemError("", item["problem"])
    title, abstract = item["blocks"]
    return {
        "key": key(title=title),
        "title": title,
        "abstract": abstract,
        "code_url": repository(abstract),
        **_label(item["meta"]),
        **_dated(item["date"], item["until"]),
    }


def _label(line: str | None) -> dict[str, object]:
    if line is None:
        return {}
    if authors := AUTHORS.fullmatch(line):
        return {"author_count": number(authors[1])}
    name, _, fullname = line.partition(" ")
    return {"organization": {"name": name, "fullname": fullname or None}}


def _dated(line: str | None, until: str | None) -> dict[str, object]:
    if line is None:
        return {}
    when, comments = dated(line)
    if when is None:
        raise ItemError("published", f"{line!a} is no date like 'Nov 8' or 'Oct 25, 2023'")
    published = when.latest(date.fromisoformat(until)) if until else when.year and when.on(when.year)
    inferred = published is not None and when.year is None
    return {"published": published, "published_inferred": inferred, "comments": comments}


def _text(page: Page) -> str:
    body = page.body
    if body.startswith(_UTF16):
        # Half a character at the end is a cut's.
        text = body[: len(body) // 2 * 2].decode("utf-16", "surrogatepass")
    else:
        text = body.removeprefix(codecs.BOM_UTF8).decode(errors="surrogateescape")
        if DOT not in text and _DOT_OF_1252 in text:
            text = body.decode("cp1252", "surrogateescape")
    start = text[:512].lstrip()
    if not start:
        raise NotAListing(page.url, "the text is empty")
    if "\0" in text:
        raise NotAListing(page.url, f"binary data, no text; it begins with {_start(text)}")
    if start[:9].lower().startswith(("<!doctype", "<html")):
        raise NotAListing(page.url, "an HTML page, not the text copied from one; parse it as hf-daily")
    return text


def _start(text: str) -> str:
    return ascii(squeeze(text.lstrip()[:1000].partition("\n")[0])[:100])


def _is_clean(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _item(entry: Entry, until: date | None) -> Item:
    latest = until.isoformat() if until else None
    return Item(blocks=entry.blocks, meta=entry.meta, date=entry.date, until=latest, problem=entry.problem)


@dataclass(frozen=True, slots=True)
class _List:
    """The entries under one list date: the last day they can be of, whether that is certain, what to note."""

    listed: Printed | None
    until: date | None
    certain: bool
    note: str | None


def _lists(found: Sequence[Entry], dates: Sequence[Printed | None], day: date | None) -> dict[Printed | None, _List]:
    shown: dict[Printed | None, list[Printed]] = {listed: [] for listed in dates}
    for entry in found:
        when = dated(entry.date or "")[0]
        shown[entry.listed] += [when] if when else []
    # Above the first list date there is nothing, as a rule.
    above = any(entry.listed is None for entry in found)
    return {listed: _list(listed, one, day) for listed, one in shown.items() if listed or above}


def _list(listed: Printed | None, shown: Sequence[Printed], day: date | None) -> _List:
    if listed and listed.year is not None:
        return _List(listed, listed.on(listed.year), certain=True, note=None)
    if day:
        note = None if listed else f"the text shows no list date; {day}, as given, stands for it"
        return _List(listed, listed.nearest(day) if listed else day, certain=listed is not None, note=note)
    year = year_of_list(listed or _NEW_YEARS_EVE, shown)
    until = (listed or _NEW_YEARS_EVE).on(year) if year else None
    return _List(listed, until, certain=False, note=_guess(listed, year, shown))


def _guess(listed: Printed | None, year: int | None, shown: Sequence[Printed]) -> str:
    what = f"the list date {str(listed)!r} has no year" if listed else "the text shows no list date"
    open_dates = sum(when.year is None for when in shown)
    if year:
        made = f"{year}, the first year after all that are printed, was inferred (dates without a year: {open_dates})"
    else:
        made = f"nor has any entry, so dates without a year stay null ({open_dates})"
    return f"{what}; {made}; name the day (--day) to be sure"


def _claims(lists: Sequence[_List]) -> Claims:
    """A day only of a list date whose year is certain, and only if all of the text is of that day."""
    notes = [one.note for one in lists if one.note]
    named = [one for one in lists if one.listed]
    days = {one.until if one.certain else one.listed for one in named}
    if len(days) > 1:
        return Claims(notes=(f"the text holds lists of {', '.join(str(one.listed) for one in named)}", *notes))
    day = named[0].until if named and named[0].certain else None
    return Claims(day=day, period="day" if day else None, notes=tuple(notes))
