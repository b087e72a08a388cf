"""`feeds.yaml`: saved searches, read with everything that is wrong in it at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from dailypapers.ingest.errors import UsageError, did_you_mean
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import SourceSeries, bounds_of
from dailypapers.ingest.sources.registry import SOURCES, series_named
from dailypapers.snapshots.catalog.search_text import parse_search
from dailypapers.snapshots.completeness.state import Bounds
from dailypapers.snapshots.store.layout import Series

from .yaml_file import Document, YamlFileError, read_file


@dataclass(frozen=True, slots=True)
class FeedSeries:
    """A series, with what its feeds have to know about its source."""

    series: Series
    title: str
    page: str
    """URL of the listing for people."""
    period: str
    """What one listing covers: `day`, `week` or `month`."""
    bounds: Callable[[date], Bounds]
    """What the state of a day depends on, besides its fetches."""

    @property
    def name(self) -> str:
        """The name of its files, without suffix: `hf-daily`."""
        return self.series.folder.as_posix()


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """The papers of a series that have all words of a search, as a feed of its own."""

    name: str
    """The name of its files, without suffix."""
    series: FeedSeries
    search: str

    @property
    def title(self) -> str:
        """The title of the feed."""
        return f"{self.search} - {self.series.title}"


def feed_series(selected: Iterable[SourceSeries]) -> list[FeedSeries]:
    """These series for `dailypapers.feeds`."""
    return [_feed_series(each) for each in selected]


def _feed_series(selected: SourceSeries) -> FeedSeries:
    source = selected.source
    return FeedSeries(
        series=selected.series,
        title=selected.title,
        page=f"{source.site}/papers" if source.is_hugging_face else source.site,
        period="day" if source.period is Period.NOW else source.period.value,
        bounds=partial(bounds_of, source),
    )


NAME: Final = "feeds.yaml"
EXAMPLES: Final = {
    "feeds": "feeds:, and below it a list that begins with - name: agents",
    "name": "name: agents",
    "series": "series: hf-daily",
    "search": "search: agents tool*",
    "query": "query: diffusion models",
}
KEYS: Final = ("name", "series", "search", "query")
"""The keys of a feed; `query` is for a series that takes one."""
_FEED_NAME: Final = re.compile(r"[a-z0-9-]{1,60}")


class _WrongValueError(Exception):
    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem if problem.endswith("?") else f"{problem}; write {EXAMPLES[key]}")
        self.key = key


def saved_searches(path: Path | None = None) -> list[SavedSearch]:
    """The searches in a file; in ./feeds.yaml if none is named, and none if that is missing.

    Raises UsageError with a line for each mistake.
    """
    try:
        document = read_file(path or Path(NAME), f"write {EXAMPLES['feeds']}")
    except FileNotFoundError as error:
        if path is None:
            return []
        raise UsageError(f"there is no {path}; write one with {EXAMPLES['feeds']}") from error
    except OSError as error:
        raise UsageError(f"{path or NAME}: cannot be read ({error.strerror or error})") from error
    searches = list(_searches(document))
    if document.diagnostics:
        raise YamlFileError(path or Path(NAME), document.diagnostics)
    return searches


def _searches(document: Document) -> Iterator[SavedSearch]:
    """The searches without a mistake; the mistakes go into the document's diagnostics."""
    content = document.value
    if document.diagnostics:
        return
    if not isinstance(content, dict) or not isinstance(content.get("feeds"), list) or len(content) > 1:
        document.add(1, f"the file must have the key feeds and no other; write {EXAMPLES['feeds']}")
        return
    lines: dict[str, int] = {}
    for number, entry in enumerate(content["feeds"]):
        line = document.line(("feeds", number))
        try:
            search = _search(entry)
            if search.name in lines:
                document.add(line, f"the feed in line {lines[search.name]} is called {search.name!r} too")
            lines.setdefault(search.name, line)
            yield search
        except _WrongValueError as error:
            document.add(document.line(("feeds", number, error.key)), str(error))
        except UsageError as error:
            document.add(line, str(error))


def _search(entry: Any) -> SavedSearch:  # noqa: ANN401 - whatever the file holds
    if not isinstance(entry, dict):
        raise _WrongValueError("name", "a feed must be keys with values")
    for key in sorted(entry.keys() - set(KEYS)):
        raise _WrongValueError(
            "name", f"unknown key {key!r}{did_you_mean(key, KEYS) or ': known are ' + ', '.join(KEYS)}"
        )
    name, source, search = (_text(entry, key) for key in ("name", "series", "search"))
    if _FEED_NAME.fullmatch(name) is None or name in SOURCES:
        raise _WrongValueError("name", f"{name!r} is not 1 to 60 of a-z, 0-9 and -, or it is the name of a source")
    if source not in SOURCES:
        raise _WrongValueError("series", f"no source {source!r}{did_you_mean(source, SOURCES)}")
    if not parse_search(search).terms:
        raise _WrongValueError("search", f"{search!r} has no word")
    query = _text(entry, "query") if "query" in entry else None
    series = SourceSeries(SOURCES[source], series_named(SOURCES[source], query))
    return SavedSearch(name, feed_series([series])[0], search)


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _WrongValueError(key, f"{key!r} is missing or is not one line of text")
    return " ".join(value.split())
