"""A Daily Papers page (https://huggingface.co/papers) copied as plain text, by a human or a text browser.

Blocks are separated by blank lines: the page's head, the list date (`Dec 8`, without a year), then the entries. An
entry is a title, an abstract and, usually, a meta block of three lines::

      • 6 authors             or an organization, handle and display name: `acme ACME Labs`
    ·
    Oct 25, 2023 3            the year only if it is not the list's; then the number of comments, if any

So the two blocks before a meta block are its title and abstract; those before them are pairs without a meta block.
"""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypedDict

from dailypapers.parsers.keys import key
from dailypapers.parsers.links import repository
from dailypapers.parsers.model import Claims, ItemError, NotAListing, Page, ParseError
from dailypapers.parsers.protocol import Document, Parser
from dailypapers.parsers.text import PrintedDate, is_utf8, squeeze, year_of_list
from dailypapers.parsers.tolerant_json import Decoded

from .text_entries import AUTHORS, DOT, Entry, entries, number, parse_date_line

_FORM: Final = (
    "an entry of a copied listing is a title, a blank line, an abstract, a blank line, and three lines like "
    "'• 6 authors' (or 'acme ACME Labs'), '·' and 'Oct 25, 2023 3'"
)
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# The middle dot of a text that Windows saved in its own code page, read as UTF-8.
_DOT_OF_1252: Final = "\udcb7"
_NEW_YEARS_EVE: Final = PrintedDate(12, 31)


class Item(TypedDict):
    """An entry as found: title and abstract, the lines of its meta block, the list's date, what is wrong with it."""

    blocks: list[str]
    meta: str | None
    date: str | None
    until: str | None
    problem: str | None


def load(page: Page, day: date | None = None) -> Document[Item]:
    """Find the entries; `day`, which the caller is sure of, gives the year of a list date.

    Raises NotAListing for a page that is not text, ParseError for a text without an entry.
    """
    text = _text(page)
    try:
        listing, dates = entries(text)
    except ValueError as error:
        raise ParseError(page.url, f"{error}") from error
    if not listing:
        raise ParseError(page.url, f"no entry in a text that begins with {_start(text)}; {_FORM}")
    lists = _lists(listing, dates, day)
    items = [_item(entry, lists[entry.listed].until) for entry in listing]
    return Document("text", _claims([*lists.values()]), Decoded(None, clean=is_utf8(text)).items(items))


def fields(item: Item) -> dict[str, object]:
    """One entry by the names of the record; raises ItemError for an incomplete one or an invalid date."""
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


PARSER: Final = Parser(load, fields)


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
    printed, comments = parse_date_line(line)
    if printed is None:
        raise ItemError("published", f"{line!a} is no date like 'Nov 8' or 'Oct 25, 2023'")
    published = printed.latest(date.fromisoformat(until)) if until else printed.year and printed.on(printed.year)
    inferred = published is not None and printed.year is None
    return {"published": published, "published_inferred": inferred, "comments": comments}


def _text(page: Page) -> str:
    body = page.body
    if body.startswith(_UTF16):
        # A cut leaves half a character at the end.
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


def _item(entry: Entry, until: date | None) -> Item:
    latest = until.isoformat() if until else None
    return Item(blocks=entry.blocks, meta=entry.meta, date=entry.date, until=latest, problem=entry.problem)


@dataclass(frozen=True, slots=True)
class _List:
    """A list date: the last day that its entries can be of, whether that is certain, what to note."""

    listed: PrintedDate | None
    until: date | None
    certain: bool
    note: str | None


def _lists(
    listing: Sequence[Entry], dates: Sequence[PrintedDate | None], day: date | None
) -> dict[PrintedDate | None, _List]:
    by_list: dict[PrintedDate | None, list[PrintedDate]] = {listed: [] for listed in dates}
    for entry in listing:
        published = parse_date_line(entry.date or "")[0]
        by_list[entry.listed] += [published] if published else []
    # Usually there is nothing above the first list date.
    above = any(entry.listed is None for entry in listing)
    return {listed: _list(listed, published, day) for listed, published in by_list.items() if listed or above}


def _list(listed: PrintedDate | None, published: Sequence[PrintedDate], day: date | None) -> _List:
    if listed and listed.year is not None:
        return _List(listed, listed.on(listed.year), certain=True, note=None)
    if day:
        note = None if listed else f"the text shows no list date; {day}, as given, stands for it"
        return _List(listed, listed.nearest(day) if listed else day, certain=listed is not None, note=note)
    year = year_of_list(listed or _NEW_YEARS_EVE, published)
    until = (listed or _NEW_YEARS_EVE).on(year) if year else None
    return _List(listed, until, certain=False, note=_guess(listed, year, published))


def _guess(listed: PrintedDate | None, year: int | None, published: Sequence[PrintedDate]) -> str:
    subject = f"the list date {str(listed)!r} has no year" if listed else "the text shows no list date"
    open_dates = sum(printed.year is None for printed in published)
    if year:
        outcome = (
            f"{year}, the first year after all that are printed, was inferred (dates without a year: {open_dates})"
        )
    else:
        outcome = f"nor has any entry, so dates without a year stay null ({open_dates})"
    return f"{subject}; {outcome}; name the day (--day) to be sure"


def _claims(lists: Sequence[_List]) -> Claims:
    """The day of the list date, if its year is certain and all of the text is of that day."""
    notes = [part.note for part in lists if part.note]
    named = [part for part in lists if part.listed]
    if len({part.until if part.certain else part.listed for part in named}) > 1:
        return Claims(notes=(f"the text holds lists of {', '.join(str(part.listed) for part in named)}", *notes))
    day = named[0].until if named and named[0].certain else None
    return Claims(day=day, period="day" if day else None, notes=tuple(notes))
