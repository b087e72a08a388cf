"""Answers of https://huggingface.co/api/papers/ID: one paper, without the item that wraps it in a listing."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from parsers.model import Claims, NotAListing, Page, ParseError
from parsers.tolerant_json import kind, loads

from . import item as hf_item

RANKED: Final = False


@dataclass(frozen=True, slots=True)
class Document:
    """The paper as the one item of a listing."""

    items: list[object]


def load(page: Page, day: date | None = None) -> Document:  # noqa: ARG001 - every parser is given the day
    """Decode the answer; raises ParseError with what was found where a paper should be."""
    try:
        decoded = loads(page.body)
    except ValueError as error:
        raise ParseError(page.url, f"no valid JSON: {error}") from error
    found = decoded.value
    if isinstance(found, dict) and "error" in found and "id" not in found:
        raise NotAListing(page.url, f"the API answers with an error (status {page.status}): {kind(found['error'])}")
    if not isinstance(found, dict) or "id" not in found:
        raise ParseError(page.url, f"expected a paper with an id, found {kind(found)}")
    return Document(decoded.items([{"paper": found}]))


def reading(document: Document) -> str:  # noqa: ARG001 - every parser is asked
    """Always the API's."""
    return "api"


def items(document: Document) -> list[object]:
    """The one paper."""
    return document.items


def claims(document: Document) -> Claims:  # noqa: ARG001 - every parser is asked
    """None: a paper says when it was listed, but not for which listing this answer is."""
    return Claims()


fields = hf_item.fields
unknown = hf_item.unknown
