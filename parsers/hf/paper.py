"""Answers of https://huggingface.co/api/papers/ID: one paper, without the item that wraps it in a listing."""

from datetime import date
from typing import Final

from dailypapers.parsers.model import Claims, Page, ParseError
from dailypapers.parsers.protocol import Document, Parser
from dailypapers.parsers.tolerant_json import describe, load_page

from . import item as hf_item


def load(page: Page, _day: date | None = None) -> Document[object]:
    """Decode the answer, which names no listing; raises ParseError, which says what was found instead of a paper."""
    decoded = load_page(page)
    paper = decoded.value
    if isinstance(paper, dict) and "error" in paper and "id" not in paper:
        raise hf_item.api_error(page, paper)
    if not isinstance(paper, dict) or "id" not in paper:
        raise ParseError(page.url, f"expected a paper with an id, found {describe(paper)}")
    return Document("api", Claims(), decoded.items([{"paper": paper}]))


PARSER: Final = Parser(load, hf_item.fields, hf_item.unknown)
