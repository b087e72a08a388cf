"""HTML: limits that are checked before it is parsed, and selections that state how many nodes they expect.

A page beyond the limits would take a parser minutes or gigabytes. The algorithm that all parsers share
(https://html.spec.whatwg.org/multipage/parsing.html) looks through all open elements at nearly every tag, compares each
attribute of a tag with all before it, and reopens unclosed formatting elements in every paragraph. So a page of a
megabyte can take a million million steps, or nodes.
"""

import re
from collections import Counter
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .text import squeeze

MAX_TAGS: Final = 50_000
"""Five times the most seen on any page of Hugging Face."""
MAX_DEPTH: Final = 400
"""Elements that are open at once; twenty times what any listing has."""
MAX_COPIES: Final = 125_000
"""Formatting elements that are open at once, times the tags that may reopen them: a copy takes up to 1 kB."""
MAX_ATTRIBUTES: Final = 1_000
"""Attributes of one tag."""

_TAG: Final = re.compile(rb"<!--|-->|<[!?][^>]*|<(/?)([a-zA-Z][^\s/>]*)([^>]*)")
_QUOTED: Final = re.compile(rb"[\s/\"'][^\s/=\"']*=\s*(?:\"[^\"]*\"?|'[^']*'?)")
# Tags that open nothing, and the leaves of drawings, where `/>` closes them.
_VOID: Final = frozenset(b"area base br col embed hr img input link meta source track wbr".split())
_LEAVES: Final = frozenset(b"circle ellipse line path polygon polyline rect stop use".split())
_FORMATTING: Final = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())


def excess(html: bytes, max_tags: int = MAX_TAGS) -> str | None:
    """A description of the limit that the page exceeds, or None.

    Elements that need no end tag count as open to the end, and so do those whose end tag is in a comment.
    """
    count = _Count(max_tags)
    for match in _TAG.finditer(html):
        count.add(match)
        if problem := count.problem():
            return problem
    return None


class _Count:
    def __init__(self, max_tags: int) -> None:
        self.max_tags = max_tags
        self.tags = self.level = self.formatting = self.copies = self.attributes = 0
        self.open: Counter[bytes] = Counter()
        self.comment = False

    def add(self, match: re.Match[bytes]) -> None:
        name = match[2].lower() if match[2] else None
        if name is None:
            # What looks like a comment in a script may not be one: then too much counts as open, never too little.
            self.comment = match[0] == b"<!--" or (self.comment and match[0] != b"-->")
        elif match[1]:
            if self.open[name] and not self.comment:
                self._step(name, -1)
        else:
            self.tags += 1
            self._count_attributes(match[3])
            if name not in _VOID and not (name in _LEAVES and match[3].endswith(b"/")):
                self._step(name, 1)

    def _step(self, name: bytes, by: int) -> None:
        self.open[name] += by
        self.level += by
        self.formatting += by * (name in _FORMATTING)
        self.copies = max(self.copies, self.formatting)

    def _count_attributes(self, attributes: bytes) -> None:
        if len(attributes) > MAX_ATTRIBUTES:
            self.attributes = max(self.attributes, len(_QUOTED.sub(b" = ", attributes).split()))

    def problem(self) -> str | None:
        if self.tags > self.max_tags:
            return f"more than {self.max_tags:,} tags"
        if self.level > MAX_DEPTH:
            return f"more than {MAX_DEPTH} elements that are open at once"
        if self.attributes > MAX_ATTRIBUTES:
            return f"a tag with more than {MAX_ATTRIBUTES:,} attributes"
        if self.copies * self.tags > MAX_COPIES:
            return f"{self.copies} formatting elements that nothing closes among {self.tags:,} tags"
        return None


class SelectionError(ValueError):
    """A page does not hold what a selection expects."""


def page_tree(html: bytes, max_tags: int = MAX_TAGS) -> LexborHTMLParser:
    """The tree of a whole page; raises SelectionError for one that would take minutes or gigabytes to read."""
    if problem := excess(html, max_tags):
        raise SelectionError(f"the page has {problem}; no listing has so many")
    return LexborHTMLParser(html)


def body(html: str) -> LexborNode:
    """The body of a piece of HTML."""
    node = LexborHTMLParser(html).body
    if node is None:
        raise SelectionError("there is no HTML to select from")
    return node


def some(node: LexborNode, selector: str, *, least: int = 1, most: int | None = None) -> list[LexborNode]:
    """All nodes of the selector inside `node`, at least `least` and at most `most`."""
    # A node that two parts of a selector list match is returned twice.
    nodes = list({match.mem_id: match for match in node.css(selector)}.values())
    if len(nodes) < least or (most is not None and len(nodes) > most):
        raise SelectionError(f"{len(nodes)} nodes are {selector!r} in <{node.tag}>, expected {_span(least, most)}")
    return nodes


def _span(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"


def one(node: LexborNode, selector: str) -> LexborNode:
    """The one node of the selector."""
    return some(node, selector, least=1, most=1)[0]


def maybe(node: LexborNode, selector: str) -> LexborNode | None:
    """The one node of the selector, or None."""
    return next(iter(some(node, selector, least=0, most=1)), None)


def attr(node: LexborNode, name: str) -> str:
    """Value of a required attribute."""
    value = node.attributes.get(name)
    if value is None:
        raise SelectionError(f"<{node.tag}> has no attribute {name!r}")
    return value


def text(node: LexborNode) -> str:
    """All text inside the node, white space squeezed."""
    return squeeze(node.text(deep=True))
