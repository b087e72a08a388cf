"""Lists of authors that arXiv writes as one text: `A. Wick (Lantern Lab), B. Lind and C. Oil, Jr.`; accents that are
written in TeX."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from dailypapers.parsers.text import squeeze

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text


_FORMULA: Final = re.compile(r"(\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\])", re.DOTALL)
_MARK: Final = r"\\(?:[\"'`^~=.]|[uvHcdbkr](?![a-zA-Z]))"
_ACCENT: Final = rf"{_MARK}\s*(?:\{{\s*(?:\\[ij]|[A-Za-z])\s*\}}|\\[ij](?![a-zA-Z])|[A-Za-z])"
_LETTER: Final = r"\\(?:aa|AA|ae|AE|oe|OE|ss|dh|DH|th|TH|dj|DJ|ng|NG|[oOlLij])(?![A-Za-z])(?:\{\}|\s+(?=[A-Za-z]))?"
_COMMAND: Final = re.compile(rf"\{{\s*(?:{_ACCENT}|{_LETTER})\s*\}}|{_ACCENT}|{_LETTER}")


def decode_accents(text: str) -> str:
    """The text with TeX accents and letters as Unicode; all other TeX, and all of every formula, is left as it is."""
    if "\\" not in text:
        return text
    # Every second part is a formula.
    parts = _FORMULA.split(text)
    parts[::2] = [_COMMAND.sub(lambda match: _character(match[0]), part) for part in parts[::2]]
    return "".join(parts)


@lru_cache(maxsize=1024)
def _character(command: str) -> str:
    character: str = _converter().latex_to_text(command).strip()
    return character or command


@lru_cache(maxsize=1)
def _converter() -> "LatexNodes2Text":
    # It takes 20 ms to load, and few pages have TeX.
    from pylatexenc.latex2text import LatexNodes2Text  # noqa: PLC0415

    return LatexNodes2Text()


_COMMA: Final = re.compile(r"(,\s+|[(){}])")
_ANY: Final = re.compile(r"([,;]\s+|\s+and\s+|\s+&\s+|:\s+|[(){}])")
_OPENING: Final = frozenset("({")
_CLOSING: Final = {")": "(", "}": "{"}
_SUFFIXES: Final = frozenset({"Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"})
_NUMBERS: Final = re.compile(r"\d+(?:(?:\s*,\s*|\s+and\s+|\s*&\s*)\d+)*")
_EXPLANATIONS: Final = re.compile(r"\(\s*\(\d+\).*", re.DOTALL)
_PLACE: Final = re.compile(r"\((\d+)\)\s*((?:[^()]|\([^()\d][^()]*\))+)")


def comma_separated(text: str) -> list[str]:
    """Names between commas, as the feeds have them; a comma in parentheses or braces separates nothing."""
    return [name for name, _ in _with_suffixes(_split(text, _COMMA, keep=True))]


def with_affiliations(text: str) -> list[tuple[str, list[str]]]:
    """Names with the affiliations that follow them in parentheses, as authors write them.

    Names are separated by commas, semicolons, `and`, `&`, or a colon after a collaboration. Affiliations may be
    numbers, `(1, 2)`, that a list in double parentheses at the end explains: `((1) Lantern Lab, (2) Oil University)`.
    """
    authors = [*_with_suffixes(_split(text, _ANY))]
    explanations = _EXPLANATIONS.search(text)
    places = dict(_PLACE.findall(explanations[0][1:])) if explanations else {}
    return [(name, [*_explained(found, places)]) for name, found in authors]


def turned(name: str) -> str:
    """`Wick, Ada` as `Ada Wick`, `Lind, Bo, Jr.` as `Bo Lind Jr.`"""
    last, _, rest = name.partition(", ")
    first, _, suffix = rest.partition(", ")
    return " ".join(filter(None, (first, last, suffix)))


def _split(text: str, separator: re.Pattern[str], *, keep: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Names and the texts in parentheses after them; `keep` leaves these in the name."""
    depth = {"(": 0, "{": 0}
    name, affiliations = "", [""]
    for piece in separator.split(_balanced(text)):
        was_inside = depth["("] > 0
        if piece in _OPENING:
            depth[piece] += 1
        elif piece in _CLOSING:
            depth[_CLOSING[piece]] = max(0, depth[_CLOSING[piece]] - 1)
        elif separator.fullmatch(piece) and not any(depth.values()):
            yield squeeze(name), affiliations
            name, affiliations = "", [""]
            continue
        is_inside = depth["("] > 0
        if keep or not (was_inside or is_inside):
            name += piece
        elif was_inside and is_inside:
            affiliations[-1] += piece
        elif was_inside:
            affiliations.append("")
    yield squeeze(name), affiliations


def _balanced(text: str) -> str:
    """The text without the parentheses and braces that would swallow the names after them."""
    for opening, closing in ("()", "{}"):
        if text.count(opening) != text.count(closing):
            text = text.replace(opening, " ").replace(closing, " ")
    return text


def _with_suffixes(parts: Iterator[tuple[str, list[str]]]) -> Iterator[tuple[str, list[str]]]:
    """The names that are not blank, each with the `Jr.` that a comma separates from it."""
    last: tuple[str, list[str]] | None = None
    for name, affiliations in parts:
        if last and name in _SUFFIXES:
            last = (f"{last[0]} {name}", last[1] + affiliations)
            continue
        if last:
            yield last
        last = (name, affiliations) if name else None
    if last:
        yield last


def _explained(affiliations: list[str], places: dict[str, str]) -> Iterator[str]:
    for affiliation in map(squeeze, affiliations):
        if _NUMBERS.fullmatch(affiliation):
            found = (places.get(number, "").strip(" ,;") for number in re.findall(r"\d+", affiliation))
            yield from filter(None, map(squeeze, found))
        elif affiliation and not affiliation.startswith("("):
            yield affiliation
