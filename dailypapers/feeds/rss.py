"""RSS 2.0 (https://www.rssboard.org/rss-specification), with the authors as Dublin Core creators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from .atom import Template, Xml, document, fill, fill_each, fill_numbered, nest
from .document import Head
from .entry import Entry

_RSS: Final = Template(
    '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n'
    "<channel>\n%s\n</channel>\n</rss>"
)
_ITEM: Final = Template("<item>\n%s\n</item>")
_TITLE: Final = Template("<title>%s</title>")
_LINK: Final = Template("<link>%s</link>")
_DESCRIPTION: Final = Template("<description>%s</description>")
_SELF: Final = Template('<atom:link rel="self" type="application/rss+xml" href="%s"/>')
_BUILT: Final = Template("<lastBuildDate>%s</lastBuildDate>")
_PERMALINK: Final = Template("<guid>%s</guid>\n<pubDate>%s</pubDate>")
_OTHER_ID: Final = Template('<guid isPermaLink="false">%s</guid>\n<pubDate>%s</pubDate>')
_CREATOR: Final = Template("<dc:creator>%s</dc:creator>")
_CATEGORY: Final = Template("<category>%s</category>")
_PARAGRAPH: Final = Template("<p>%s</p>")
"""HTML."""


def papers_document(head: Head, entries: Sequence[Entry]) -> bytes:
    """A document of papers, in the order given."""
    return document(_RSS, [*_head(head, entries), *(nest(_ITEM, _parts(entry)) for entry in entries)])


def _head(head: Head, entries: Sequence[Entry]) -> Iterator[Xml]:
    yield fill_numbered(_TITLE, head.title)
    yield fill(_LINK, head.page)
    yield fill(_DESCRIPTION, f"New papers of {head.title}")
    if head.link is not None:
        yield fill(_SELF, head.link)
    if entries:
        yield fill(_BUILT, _date(max(entry.first_seen for entry in entries)))


def _parts(entry: Entry) -> Iterator[Xml]:
    yield fill_numbered(_TITLE, entry.title)
    if entry.url is not None:
        yield fill(_LINK, entry.url)
    yield fill(_PERMALINK if entry.id.startswith("https:") else _OTHER_ID, entry.id, _date(entry.first_seen))
    if entry.authors:
        yield fill_each(_CREATOR, entry.authors)
    if entry.late:
        yield fill(_CATEGORY, "late")
    # A description is HTML: its text is escaped for HTML, and that HTML as any text for XML.
    yield fill(_DESCRIPTION, "".join(fill(_PARAGRAPH, part) for part in (entry.note, entry.abstract) if part))


def _date(instant: str) -> str:
    return format_datetime(datetime.fromisoformat(instant), usegmt=True)
