"""Selections that state how many nodes they expect; their errors say how many there were."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .html_limits import MAX_TAGS, excess
from .text import squeeze


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
