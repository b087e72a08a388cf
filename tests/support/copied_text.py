"""What a copied listing shows, found without the parser: blocks by blank lines, meta blocks by their middle dot."""

import os
import re
from datetime import date
from pathlib import Path

import pytest

from dailypapers.parsers import Page, Parsed, parse

DAY = date(2025, 12, 18)
MAIL = "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\n"
HEAD = f"{MAIL}Daily Papers\n\nbyAK and the research community\n\n"
ONE = "Owls at Noon\n\nWe keep owls awake and see what they read.\n\n  • 2 authors\n·\nMay 3"


def read(text: str | bytes, day: date | None = DAY) -> Parsed:
    body = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return parse(Page("", 200, (), body, None), "hf_text", source="hf-text", day=day)


def blocks_of(text: str) -> list[tuple[int, int]]:
    """The position of each block of a clean text."""
    return [found.span() for found in re.finditer(r"(?:.+\n?)*.+", text)]


def is_meta(block: str) -> bool:
    return "\n·\n" in block


def entries_of(text: str) -> list[list[tuple[int, int]]]:
    """The blocks of each entry of a clean text: title, abstract and the meta block, if any."""
    found: list[list[tuple[int, int]]] = []
    for span in body_of(text):
        if is_meta(text[slice(*span)]) or (found and len(found[-1]) == 1):
            found[-1].append(span)
        else:
            found.append([span])
    return found


def body_of(text: str) -> list[tuple[int, int]]:
    """The blocks below the page's head."""
    head = len(HEAD.split("\n\n")) if text.startswith(HEAD) else 0
    return blocks_of(text)[head:]


def real_text() -> str:
    """The one real text, which we may not publish."""
    folder = os.environ.get("DAILYPAPERS_CAPTURES")
    path = Path(folder or "none").parent / "seed" / "daily-papers-listing.txt"
    if not folder or not path.exists():
        pytest.skip("DAILYPAPERS_CAPTURES names no folder beside which seed/daily-papers-listing.txt is")
    return path.read_text("utf-8")
