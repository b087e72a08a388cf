"""A fixture out of the archive: one page of one fetch, without what is secret in it, cut to some items if asked."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from parsers import Page, ParseError
from parsers.model import timestamp
from snapshots.durable import make_folder, write_whole
from snapshots.layout import Series, Store

from .archive_reader import Archived, read_archives
from .cutting import chosen, cut, items_of
from .decode import content
from .errors import CaptureError, UsageError
from .exchange import Served
from .fixture import MOST_BYTES, digest, meta_bytes
from .scrub import in_words, scrubbed, scrubbed_headers
from .sources import Source, View

SUFFIXES: Final = {"json": "json", "html": "html", "text": "txt"}
"""Suffix of the page's file, by the kind of its view."""

_CASE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    source: Source
    series: Series
    day: date
    view: View
    fetch: str | None = None
    """How the name of the archive file begins; the newest fetch with an answer unless said."""
    number: int = 1
    """Which page of the walk."""
    items: str | None = None
    synthetic: bool = False
    """Its papers are invented, though it comes from the address of the real site."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A fixture as it should stand in its folder."""

    page: Page
    suffix: str
    meta: dict[str, Any]

    def write(self, folder: Path) -> None:
        """Put it there. Raises CaptureError where the folder exists already."""
        if folder.exists():
            raise CaptureError(f"{folder}: there is such a case already; choose another --case, or delete the folder")
        make_folder(folder)
        write_whole(folder / f"page.{self.suffix}", self.page.body)
        write_whole(folder / "meta.json", meta_bytes(self.meta))


def check_case(name: str) -> str:
    """The name of a case. Raises UsageError for one that is none."""
    if not _CASE.fullmatch(name):
        raise UsageError(f"--case {name!r}: use small letters, digits and hyphens, e.g. api-2026-no-votes")
    return name


def capture(store: Store, wanted: Wanted) -> Case:
    """The case that is asked for. Raises CaptureError saying what of it is not there, or is too large."""
    archived, served = _answer(store, wanted)
    page = content(served.page)
    shorter, cut_to, error = _cut(page, wanted)
    body, found = scrubbed(shorter.body)
    if len(body) >= MOST_BYTES:
        raise CaptureError(
            f"{page.url}: {len(body)} bytes, and a fixture has less than {MOST_BYTES}; cut it, e.g. with --items 3"
        )
    url, headers, gone = _public(page, wanted, found)
    meta = {
        "url": url,
        "status": page.status,
        "headers": headers,
        "fetched_at": timestamp(page.fetched_at) if page.fetched_at and archived.fetch.at_known else None,
        "parser": wanted.view.parser,
        "day": wanted.day.isoformat(),
        "synthetic": wanted.synthetic or not page.url.startswith(wanted.source.site + "/"),
        "note": wanted.note,
        "cut": cut_to,
        "scrubbed": [*in_words(found), *(f"header {name}" for name in gone)],
        "sha256": {f"page.{SUFFIXES[wanted.view.kind]}": digest(body)},
    }
    return Case(replace(page, body=body), SUFFIXES[wanted.view.kind], meta | ({"error": error} if error else {}))


def _answer(store: Store, wanted: Wanted) -> tuple[Archived, Served]:
    """The page in the archive, and the fetch it is of."""
    where = f"{wanted.series} {wanted.day}"
    paths = store.archives(wanted.series, wanted.day)
    if not paths:
        raise CaptureError(f"{where}: nothing of it is in the archive {store.root / 'pages'}; {_held(store, wanted)}")
    folder = read_archives(paths, wanted.series, wanted.day)
    named = [one for one in folder.fetches if one.path.name.startswith(wanted.fetch or "")]
    if not named:
        names = ", ".join(path.name for path in paths)
        raise CaptureError(f"{where}: no whole archive file begins with {wanted.fetch or ''!r}; there are: {names}")
    answers = [(one, pages) for one in reversed(named) if (pages := _pages(one, wanted.view))]
    if not answers:
        others = [view.name for view in wanted.source.views if any(_pages(one, view) for one in named)]
        raise CaptureError(
            f"{where}: no answer of the view {wanted.view.name} is there; --view {' or '.join(others)} has"
        )
    good = [answer for answer in answers if answer[1][0].page.status == 200]
    archived, pages = (good or answers)[0]
    if wanted.number > len(pages):
        raise CaptureError(f"{archived.path}: {wanted.view.name} has {len(pages)} pages, no page {wanted.number}")
    return archived, pages[wanted.number - 1]


def _held(store: Store, wanted: Wanted) -> str:
    days = store.days_with_pages(wanted.series)
    held = f"it holds {len(days)} days, {days[0]} to {days[-1]}" if days else "it holds no day of this source"
    return f"{held}. Fetch the day with `dailypapers run {wanted.source.name} --day {wanted.day}`, or import it"


def _pages(archived: Archived, view: View) -> Sequence[Served]:
    entries = next((one.entries for one in archived.fetch.views if one.view == view.name), ())
    return [one for one in entries if isinstance(one, Served) and not 300 <= one.page.status < 400]


def _cut(page: Page, wanted: Wanted) -> tuple[Page, dict[str, Any] | None, str | None]:
    """The page, what it was cut to, and why it is no listing if it is none."""
    try:
        items = items_of(page, wanted.view.parser, wanted.day)
    except ParseError as error:
        if wanted.items is not None:
            raise CaptureError(f"{error}; it has no items, so capture it whole") from error
        return page, None, error.reason
    if wanted.items is None:
        return page, None, None
    kept = chosen(wanted.items, items)
    if len(kept) == len(items.found):
        return page, None, None
    places = {"items": [place + 1 for place in kept], "of": len(items.found)}
    return cut(page, wanted.view.parser, wanted.day, items, kept), places, None


def _public(page: Page, wanted: Wanted, found: Counter[str]) -> tuple[str, list[list[str]], list[str]]:
    """Address and headers as the site itself would have given them, and the names of those left out."""
    parts = urlsplit(page.url)
    origin, site = f"{parts.scheme}://{parts.netloc}", wanted.source.site
    kept, gone, masked = scrubbed_headers([(name, value.replace(origin, site)) for name, value in page.headers])
    url, more = scrubbed(page.url.replace(origin, site, 1).encode())
    found.update(masked + more)
    return url.decode(), [[name, value] for name, value in kept], gone


def fixtures_folder(said: Path | None) -> Path:
    """The folder that cases go to: `--to`, else tests/fixtures here. Raises CaptureError where that is not there."""
    folder = said or Path("tests", "fixtures")
    if said is None and not folder.is_dir():
        raise CaptureError(f"no folder {folder} in {os.fspath(Path.cwd())}; go to the project, or say --to DIR")
    return folder
