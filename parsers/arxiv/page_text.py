"""Text of arXiv's HTML pages."""

from selectolax.lexbor import LexborNode

from dailypapers.parsers.markup import text


def text_with_links(node: LexborNode) -> str:
    """The text of a node; where the page shows `this https URL`, the address, and a blank for a line break.

    The node is changed.
    """
    for link in node.css("a"):
        target = link.attributes.get("href")
        if target and text(link).startswith("this http"):
            link.replace_with(target)
    for line_break in node.css("br"):
        line_break.replace_with(" ")
    return without_label(node)


def without_label(node: LexborNode) -> str:
    """The text of a node without its label (`Title:`); the node is changed."""
    for label in node.css("span.descriptor"):
        label.decompose()
    return text(node)
