"""The templates, and the pages made of them.

What all pages of a series have in common is rendered once, as their frame; a template gives what lies between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final, NamedTuple

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from .certificate_view import CertificateView
from .listing import THUMBNAILS, Listing, ListingDay, SiteOptions
from .names import newest_page, root_of

ASSETS: Final = ("site.css", "site.js", "icon.svg")
_LABELS: Final = {"day": "Daily", "week": "Weekly", "month": "Monthly"}
_TRENDING: Final = "trending.html"


class Tab(NamedTuple):
    """A link in the head of every page."""

    label: str
    href: str
    folder: str


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


class Beside(NamedTuple):
    """A link to the page before or after one."""

    rel: str
    """`prev` or `next`."""
    href: str
    label: str


class Frame(NamedTuple):
    """What many pages have in common, in the order of a page, encoded once for all of them."""

    start: bytes
    """Up to the title."""
    links: bytes
    """From the title to the links of the page's own."""
    masthead: bytes
    """From these links to the main part."""
    colophon: bytes
    """From the main part to the end."""


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
        self._environment.filters["joined"] = _joined
        images = f"'self' {THUMBNAILS}" if options.thumbnails else "'self'"
        self._policy = (
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; "
            f"img-src {images}; base-uri 'none'; form-action 'self'"
        )
        self._base_url = options.base_url
        self._feeds = {listing.folder: listing.feeds for listing in listings}
        self._tabs = _tabs(options, listings)
        self._tab_pages = {tab.href for tab in self._tabs}
        self._frames: dict[tuple[str, str, str], Frame] = {}
        self._macros: dict[tuple[str, str], Any] = {}
        # The page of a day shows the same certificate as those of its papers, which are made next.
        self.certificate = lru_cache(1)(self._make_certificate)

    def render(
        self, template: str, name: str, section: str, title: str, page: object, beside: Sequence[Beside] = ()
    ) -> bytes:
        """The page `name`, with what the macro `main` of a template makes of `page`.

        `section` is the folder of the tab that it belongs to; `beside` are links for its head.
        """
        root = root_of(name)
        frame = self._frame(root, section, name if name in self._tab_pages else "")
        main = self.part(template, "main", root, page)
        own_links = self._own_links(root, name, beside)
        head = frame.start, _encoded(escape(title)), frame.links, _encoded(own_links), frame.masthead
        return b"".join((*head, _encoded(main), frame.colophon))

    def part(self, template: str, macro: str, *values: object) -> Markup:
        """A part of a page: what a macro of a template makes of these values."""
        if (template, macro) not in self._macros:
            self._macros[template, macro] = getattr(self._environment.get_template(template).module, macro)
        part: Markup = self._macros[template, macro](*values)
        return part

    def _make_certificate(self, root: str, listed: ListingDay) -> Markup:
        return self.part("certificate.html", "certificate", root, CertificateView(listed))

    def _own_links(self, root: str, name: str, beside: Sequence[Beside]) -> str:
        links = [("canonical", f"{self._base_url}{name}")] if self._base_url else []
        links += [(each.rel, f"{root}{each.href}") for each in beside]
        return "".join([self.part("frame.html", "link", rel, href) for rel, href in links])

    def _frame(self, root: str, section: str, tab: str) -> Frame:
        place = root, section, tab
        if place not in self._frames:
            feeds = self._feeds.get(section, ())
            self._frames[place] = Frame(
                _encoded(self.part("frame.html", "start", self._policy)),
                _encoded(self.part("frame.html", "links", root, feeds)),
                _encoded(self.part("frame.html", "masthead", root, self._tabs, section, tab)),
                _encoded(self.part("frame.html", "colophon", root, feeds)),
            )
        return self._frames[place]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _joined(texts: Sequence[str], between: str) -> Markup:
    """The texts, escaped, with HTML of a template between them.

    They are escaped as one, which takes a fifth of the time. No text of a page has the character NUL (see `clean`).
    """
    return escape("\0".join(texts)).replace("\0", Markup(between))  # noqa: S704 - the HTML of a template


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
