"""Atom (RFC 4287), with archives (RFC 5005, section 4); the XML templates, which RSS uses as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NewType

from dailypapers.outputs.links import clean

from .document import AUTHOR, EPOCH, Head
from .entry import Entry

Xml = NewType("Xml", str)
"""Well-formed elements, one after the other."""
Template = NewType("Template", str)
"""XML of ours with `%s` where a text, or the value of an attribute in double quotes, is filled in."""

DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


def fill(template: Template, *values: str) -> Xml:
    """The template with these values, which may be any text."""
    if _is_plain("".join(values)):
        return Xml(template % values)
    return Xml(template % tuple([_escape(value) for value in values]))


def fill_each(template: Template, values: Sequence[str]) -> Xml:
    """The template once for each value, one per line."""
    if _is_plain("".join(values)):
        return Xml("\n".join([template % value for value in values]))
    return Xml("\n".join([template % _escape(value) for value in values]))


def fill_numbered(template: Template, *values: str) -> Xml:
    """The same as `fill`, with special characters by their numbers: RSS readers take `&lt;` in a title for HTML.

    See https://www.rssboard.org/rss-profile#data-types-characterdata.
    """
    filled = tuple([_escape(value).replace("&amp;", "&#x26;").replace("&lt;", "&#x3C;") for value in values])
    return Xml(template % filled)


def nest(template: Template, children: Iterable[Xml]) -> Xml:
    """The template with these elements, one per line, at its one `%s`."""
    return Xml(template % "\n".join(children))


def document(root: Template, children: Iterable[Xml]) -> bytes:
    """The document of a root element with these elements, one per line, at its one `%s`, in UTF-8."""
    before, after = root.split("%s")
    # One string, and no other copy of it: a document has megabytes.
    return "\n".join([DECLARATION + before.removesuffix("\n"), *children, after.removeprefix("\n"), ""]).encode()


def _is_plain(value: str) -> bool:
    """Whether a text needs no escaping."""
    return value.isprintable() and not ("&" in value or "<" in value or ">" in value or '"' in value)


def _escape(value: str) -> str:
    if _is_plain(value):
        return value
    value = clean(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    # A parser reads these as line feeds, or as blanks in an attribute.
    return value.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")


_FEED: Final = Template(
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0">\n%s\n</feed>'
)
_ENTRY: Final = Template("<entry>\n%s\n</entry>")
_HEAD: Final = Template(
    '<id>%s</id>\n<title type="text">%s</title>\n<updated>%s</updated>\n<author><name>%s</name></author>\n'
    '<link rel="alternate" type="text/html" href="%s"/>'
)
_SELF: Final = Template('<link rel="self" type="application/atom+xml" href="%s"/>')
_ARCHIVE: Final = Template('<fh:archive/>\n<link rel="current" type="application/atom+xml" href="%s"/>')
_PREVIOUS: Final = Template('<link rel="prev-archive" type="application/atom+xml" href="%s"/>')

_TITLE: Final = Template('<title type="text">%s</title>')
_IDENTITY: Final = Template("<id>%s</id>\n<published>%s</published>\n<updated>%s</updated>")
_PAGE: Final = Template('<link rel="alternate" type="text/html" href="%s"/>')
_PDF: Final = Template('<link rel="related" type="application/pdf" href="%s"/>')
_AUTHOR: Final = Template("<author><name>%s</name></author>")
_CATEGORY: Final = Template('<category term="%s"/>')
# Not `summary`: an entry without a link to a page must have its content.
_CONTENT: Final = Template('<content type="text">%s</content>')


_TEMPLATES: Final = 256
"""Templates in memory: entries differ in their links and in the number of authors."""


def papers_document(head: Head, entries: Sequence[Entry]) -> bytes:
    """A document of papers, in the order given; `updated` is the newest first sight."""
    updated = max((entry.first_seen for entry in entries), default=EPOCH)
    return feed_document(head, updated, [_entry(entry) for entry in entries])


def feed_document(head: Head, updated: str, entries: Sequence[Xml]) -> bytes:
    """A document with these entries."""
    return document(_FEED, [*_head(head, updated), *entries])


def simple_entry(identity: str, title: str, at: str, category: str, content: str, page: str | None) -> Xml:
    """An entry that was published and updated at one time."""
    link = [fill(_PAGE, page)] if page is not None else []
    head = [fill(_IDENTITY, identity, at, at), fill(_TITLE, title)]
    return nest(_ENTRY, [*head, *link, fill(_CATEGORY, category), fill(_CONTENT, content)])


def _head(head: Head, updated: str) -> Iterator[Xml]:
    yield fill(_HEAD, head.id, head.title, updated, AUTHOR, head.page)
    if head.link is not None:
        yield fill(_SELF, head.link)
    if head.live is not None:
        yield fill(_ARCHIVE, head.live)
    if head.previous is not None:
        yield fill(_PREVIOUS, head.previous)


def _entry(entry: Entry) -> Xml:
    template = _entry_template(entry.url is not None, entry.pdf_url is not None, len(entry.authors), entry.late)
    links = [url for url in (entry.url, entry.pdf_url) if url is not None]
    late = ["late"] if entry.late else []
    dates = entry.first_seen, entry.first_seen
    return fill(template, entry.id, *dates, entry.title, *links, *entry.authors, *late, entry.summary)


@lru_cache(_TEMPLATES)
def _entry_template(has_page: bool, has_pdf: bool, authors: int, late: bool) -> Template:  # noqa: FBT001
    """The parts of an entry as one template: to fill in each of them would take twice as long."""
    parts = [_IDENTITY, _TITLE, *[_PAGE] * has_page, *[_PDF] * has_pdf, *[_AUTHOR] * authors, *[_CATEGORY] * late]
    return Template(_ENTRY % "\n".join([*parts, _CONTENT]))
