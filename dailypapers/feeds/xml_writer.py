"""Writing XML 1.0 from templates: every value that is filled in is cleaned and escaped here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NewType

from dailypapers.outputs.links import clean

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
