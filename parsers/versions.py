"""The parsers with their versions, and the number of the record's form: what a certificate names a day's makers by.

A leaf that imports nothing, so that whether a day must be built again can be told without loading a parser.
"""

from typing import Final

SCHEMA: Final = 1
"""Number of the record's form; it grows with every change of `model.Paper`."""

VERSIONS: Final = {
    "hf_api": 1,
    "hf_html": 2,
    "hf_cards": 2,
    "hf_item": 1,
    "hf_paper": 1,
    "hf_text": 1,
}
"""Grows with every change of what a module makes of a page: days that another version built are built again.

A module that is not here has version 1.
"""

USES: Final[dict[str, tuple[str, ...]]] = {
    "hf_api": ("hf_item",),
    "hf_html": ("hf_item", "hf_cards"),
    "hf_cards": ("hf_item",),
    "hf_paper": ("hf_item",),
    "hf_text": (),
}
"""The modules with a version of their own that a parser is built upon; one that is not here is built upon none."""


MODULES: Final = {
    "hf_api": "parsers.hf.api",
    "hf_html": "parsers.hf.html",
    "hf_cards": "parsers.hf.cards",
    "hf_paper": "parsers.hf.paper",
    "hf_text": "parsers.hf.text",
}
"""The module of each parser, by the id that certificates and fixtures name it by."""


def version(module: str) -> int:
    """The version of a parser, or of a module that parsers are built upon."""
    return VERSIONS.get(module, 1)


def versions(parser: str) -> dict[str, int]:
    """The version of a parser and of each module that it is built upon, by name."""
    return {name: version(name) for name in (parser, *USES.get(parser, ()))}
