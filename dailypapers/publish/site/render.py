"""The templates, and the pages made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Final, NamedTuple

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from .listing import FeedLink, Listing, SiteOptions
from .names import newest_page, root_of
from .paper_view import THUMBNAILS

ASSETS: Final = ("site.css", "site.js", "icon.svg")
_LABELS: Final = {"day": "Daily", "week": "Weekly", "month": "Monthly"}
_FRAMES: Final = 64
"""Frames in memory: there are a few for each series."""
_TRENDING: Final = "trending.html"


class Tab(NamedTuple):
    """A link in the head of every page."""

    label: str
    href: str
    folder: str


class SiteView(NamedTuple):
    """What every page shows."""

    tabs: Sequence[Tab]
    policy: str
    base_url: str | None
    thumbnails: bool


def asset(name: str) -> bytes:
    """A file of the program that lies beside the pages as it is."""
    return (resources.files(__package__) / "assets" / name).read_bytes()


@cache
def _templates() -> Mapping[str, str]:
    folder = resources.files(__package__) / "templates"
    return {each.name: each.read_text("utf-8") for each in folder.iterdir() if each.name.endswith(".html")}


def version(options: SiteOptions) -> str:
    """What makes every page again when it changes: the program, its templates, and the options that pages show."""
    parts = [*(asset(name) for name in ASSETS), *(text.encode() for _, text in sorted(_templates().items()))]
    shown = (
        options.version,
        options.base_url,
        options.thumbnails,
        [(each.folder, each.title, each.period, list(each.feeds)) for each in options.listings],
    )
    return hashlib.sha256(b"\0".join([*parts, repr(shown).encode()])).hexdigest()[:16]


def alias_of(options: SiteOptions, listing: Listing) -> Sequence[str]:
    """The pages that show the newest listing of a series beside its own."""
    names = [newest_page(listing.folder)]
    if listing == options.listings[0]:
        names.append("index.html")
    if listing.folder == "hf-trending":
        names.append(_TRENDING)
    return names


class Frame(NamedTuple):
    """What many pages have in common: links in the head, the header and the footer."""

    alternates: Markup
    masthead: Markup
    colophon: Markup


class Pages:
    """Renders the pages of a site."""

    def __init__(self, options: SiteOptions, listings: Sequence[Listing]) -> None:
        """`listings` are those that have days."""
        self._environment = Environment(
            loader=DictLoader(_templates()),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals["between_names"] = Markup('</bdi>, <bdi dir="auto">')
        images = f"'self' {THUMBNAILS}" if options.thumbnails else "'self'"
        policy = (
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; "
            f"img-src {images}; base-uri 'none'; form-action 'self'"
        )
        self._frame = lru_cache(_FRAMES)(self._make_frame)
        self._site = SiteView(_tabs(options, listings), policy, options.base_url, options.thumbnails)
        self._tab_pages = {tab.href for tab in self._site.tabs}

    def render(self, template: str, name: str, section: str, feeds: Sequence[FeedLink] = (), **values: object) -> bytes:
        """A page with the name `name`; `section` is the folder of the tab that it belongs to."""
        page = self._environment.get_template(template)
        tab = name if name in self._tab_pages else ""
        frame = self._frame(root_of(name), section, tab, tuple(feeds))
        shown = {"site": self._site, "root": root_of(name), "name": name, "frame": frame}
        return page.render(shown | values).encode("utf-8", "replace")

    def certificate(self, view: object, name: str, label: str) -> Markup:
        """The part of a page that shows a certificate."""
        return self._macro("certificate.html", "certificate", view, root_of(name), label)

    def _make_frame(self, root: str, section: str, tab: str, feeds: Sequence[FeedLink]) -> Frame:
        return Frame(
            self._macro("frame.html", "alternates", root, feeds),
            self._macro("frame.html", "masthead", root, self._site.tabs, section, tab),
            self._macro("frame.html", "colophon", root, feeds),
        )

    def _macro(self, template: str, name: str, *values: object) -> Markup:
        return Markup(getattr(self._environment.get_template(template).module, name)(*values))  # noqa: S704 - escaped there


def _tabs(options: SiteOptions, listings: Sequence[Listing]) -> list[Tab]:
    """One for the first series of each period, the calendar and the search."""
    firsts: dict[str, Listing] = {}
    for listing in listings:
        label = "Trending" if listing.folder == "hf-trending" else _LABELS.get(listing.period)
        if label:
            firsts.setdefault(label, listing)
    tabs = [Tab(label, alias_of(options, listing)[-1], listing.folder) for label, listing in firsts.items()]
    last = [Tab("Calendar", "calendar.html", "calendar")]
    return [*tabs, *last]
