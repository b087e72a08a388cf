"""Accents and letters that arXiv's older formats write in TeX: `J\\"org`, `S{\\o}gaard`; formulas stay as they are."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

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
