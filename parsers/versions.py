"""The table of parsers with their versions, and the version of the record: what a certificate says built its day.

A leaf that imports nothing of this project: a build finds out which days are stale without loading a parser.
"""

from typing import Final, NamedTuple

SCHEMA: Final = 1
"""Version of the record; raised with every change of `model.Paper`."""


class Module(NamedTuple):
    """A module with a version, and the ids of those that it is built on.

    The version is raised with every change of what the module makes of a page: days of an older one are built again.
    """

    path: str
    version: int
    uses: tuple[str, ...] = ()
    is_parser: bool = True


MODULES: Final = {
    "hf_api": Module("dailypapers.parsers.hf.api", version=2, uses=("hf_item",)),
    "hf_html": Module("dailypapers.parsers.hf.html", version=3, uses=("hf_item", "hf_cards")),
    "hf_cards": Module("dailypapers.parsers.hf.cards", version=4, uses=("hf_item",)),
    "hf_item": Module("dailypapers.parsers.hf.item", version=4, is_parser=False),
    "hf_paper": Module("dailypapers.parsers.hf.paper", version=2, uses=("hf_item",)),
    "hf_text": Module("dailypapers.parsers.hf.text", version=3),
    "arxiv_atom": Module("dailypapers.parsers.arxiv.atom", version=2, uses=("arxiv_item",)),
    "arxiv_rss": Module("dailypapers.parsers.arxiv.rss", version=2, uses=("arxiv_item",)),
    "arxiv_list": Module("dailypapers.parsers.arxiv.list_html", version=2, uses=("arxiv_item",)),
    "arxiv_oai": Module("dailypapers.parsers.arxiv.oai", version=3, uses=("arxiv_item",)),
    "arxiv_abs": Module("dailypapers.parsers.arxiv.abs_html", version=1, uses=("arxiv_item",)),
    "arxiv_item": Module("dailypapers.parsers.arxiv.item", version=3, is_parser=False),
}
"""By the id that certificates and fixtures use."""


def version(module: str) -> int:
    """The version of a parser or of a module that parsers are built on; raises KeyError for an unknown id."""
    return MODULES[module].version


def versions(parser: str) -> dict[str, int]:
    """The versions of a parser and of the modules that it is built on, by id; raises KeyError for an unknown id."""
    return {module: version(module) for module in (parser, *MODULES[parser].uses)}
