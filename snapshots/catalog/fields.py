"""The fields of a record as columns of the catalog, and the order in which the sources are asked for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from operator import itemgetter
from typing import Any, Final

import orjson

from .model import Record, Row

PLAIN: Final = {
    "source": "TEXT",
    "day": "TEXT",
    "rank": "INTEGER",
    "title": "TEXT",
    "abstract": "TEXT",
    "author_count": "INTEGER",
    "published": "TEXT",
    "published_inferred": "INTEGER",
    "updated": "TEXT",
    "listed": "TEXT",
    "submitter": "TEXT",
    "upvotes": "INTEGER",
    "comments": "INTEGER",
    "github_stars": "INTEGER",
    "arxiv_id": "TEXT",
    "arxiv_version": "INTEGER",
    "doi": "TEXT",
    "announce_type": "TEXT",
    "license": "TEXT",
    "journal_ref": "TEXT",
    "author_comment": "TEXT",
    "ai_summary": "TEXT",
    "url": "TEXT",
    "pdf_url": "TEXT",
    "code_url": "TEXT",
    "project_url": "TEXT",
    "thumbnail_url": "TEXT",
    "withdrawn": "INTEGER",
    "first_seen": "TEXT",
    "last_seen": "TEXT",
}
"""Fields that are stored as they are, with the type of their column."""

JSON: Final = ("organization", "categories", "keywords", "media_urls", "extra")
"""Fields that are stored as JSON text, or NULL if they are empty."""

COLUMNS: Final = (*PLAIN, *JSON, "authors", "author_list")
"""The columns of a record, without `key`: `authors` are the names, for reading and searching; `author_list` is JSON."""

FIELDS: Final = (
    "key", "source", "day", "rank", "title", "abstract", "authors", "author_count", "organization", "published",
    "published_inferred", "updated", "listed", "submitter", "upvotes", "comments", "github_stars", "arxiv_id",
    "arxiv_version", "doi", "categories", "announce_type", "license", "journal_ref", "author_comment", "keywords",
    "ai_summary", "url", "pdf_url", "code_url", "project_url", "thumbnail_url", "media_urls", "withdrawn", "first_seen",
    "last_seen", "extra",
)  # fmt: skip
"""The names of a record in the order of its line; a test holds that they are those of `parsers.model.Paper`."""

NUMBERS: Final = ("upvotes", "comments", "github_stars")
ARXIV_FIRST: Final = (
    "title", "abstract", "authors", "author_count", "updated", "arxiv_id", "arxiv_version", "doi", "categories",
    "announce_type", "license", "journal_ref", "author_comment", "pdf_url",
)  # fmt: skip
"""Fields that arXiv knows best."""
SITE_FIRST: Final = (
    "organization", "listed", "submitter", "keywords", "ai_summary", "url", "code_url", "project_url", "thumbnail_url",
    "media_urls", "extra",
)  # fmt: skip
"""Fields that only the listing sites have."""

ARXIV_SOURCES: Final = (
    "arxiv-oai",
    "arxiv-papers",
    "arxiv-api",
    "arxiv-abs",
    "arxiv-list",
    "arxiv-catchup",
    "arxiv-new",
)
SITE_SOURCES: Final = ("hf-daily", "hf-weekly", "hf-monthly", "hf-trending", "hf-search", "hf-paper")
COPIED_SOURCES: Final = ("hf-text",)
SOURCE_ORDER: Final = (*ARXIV_SOURCES, *SITE_SOURCES, *COPIED_SOURCES)
"""Where two sources were read at the same time, the earlier one here is believed."""
INEXACT_DAYS: Final = frozenset({"hf-weekly", "hf-monthly", "arxiv-list", "arxiv-oai", "arxiv-papers"})
"""Sources whose day is the first of a week or month, of the fetch, or of a change: not when it was listed."""
CHANGE_DAYS: Final = frozenset({"arxiv-oai"})
"""Sources that show a record under the day of its last change alone; its lines under earlier days stay."""
SHOW_WITHDRAWALS: Final = frozenset(ARXIV_SOURCES) - {"arxiv-new"}
"""Sources that show whether a paper was withdrawn: the `false` of others says nothing."""
CROSS_LISTS: Final = ("cross", "replace-cross")
"""What `announce_type` is in a category that is not the primary one: it says nothing about the paper itself."""

BIT: Final = {name: 1 << number for number, name in enumerate(FIELDS)}

EMPTY_RECORD: Final[Record] = {
    **dict.fromkeys(FIELDS),
    **{"authors": [], "categories": [], "keywords": [], "media_urls": [], "extra": {}},
    **{"published_inferred": False, "withdrawn": False},
}
"""What a record has where an older version had no such field yet."""

_AUTHOR: Final = ("name", "user", "hidden", "affiliation")
_EMPTY: Final[Mapping[str, list[object] | dict[str, object]]] = {
    "categories": [],
    "keywords": [],
    "media_urls": [],
    "extra": {},
}
_plain = itemgetter(*PLAIN)
_structured = itemgetter(*JSON)
_FLAGS: Final = ("published_inferred", "withdrawn")
_BOOLEANS: Final = tuple(list(PLAIN).index(name) for name in _FLAGS)
_BITS: Final = tuple(BIT.values())
_WITH_ZERO: Final = tuple(name for name, kind in PLAIN.items() if kind == "INTEGER" and name not in _FLAGS)
_values = itemgetter(*BIT)


def family(source: str) -> int:
    """0 for a source of arXiv, 1 for a listing site, 2 for text that was copied by hand."""
    if source.startswith("arxiv-"):
        return 0
    return 2 if source in COPIED_SOURCES else 1


def source_rank(source: str) -> int:
    """The place of a source in the order of sources; one that is not in it comes last."""
    return SOURCE_ORDER.index(source) if source in SOURCE_ORDER else len(SOURCE_ORDER)


def mask_of(record: Record) -> int:
    """The fields of a record that say something about the paper, as bits; 0 and False do, empty lists do not."""
    mask = sum(compress(_BITS, _values(record)))
    for name in _WITH_ZERO:
        if record[name] == 0:
            mask |= BIT[name]
    if record["withdrawn"] == 0 and _shows_withdrawals(record):
        mask |= BIT["withdrawn"]
    if record["announce_type"] in CROSS_LISTS:
        mask &= ~BIT["announce_type"]
    return mask


def _shows_withdrawals(record: Record) -> bool:
    source = record["source"]
    return source in SHOW_WITHDRAWALS or (family(source) == 0 and record["author_comment"] is not None)


def encode(record: Record) -> Row:
    """A record as the values of COLUMNS."""
    authors = record["authors"]
    structured = [orjson.dumps(value).decode() if value else None for value in _structured(record)]
    names = "; ".join([author["name"] for author in authors]) or None
    listed = orjson.dumps([_short(author) for author in authors]).decode() if authors else None
    plain = list(_plain(record))
    for place in _BOOLEANS:
        plain[place] = int(plain[place])
    return (*plain, *structured, names, listed)


def decode(key: str, values: Row) -> Record:
    """The record of a key from the values of COLUMNS, with all fields in the order of a line."""
    columns = dict(zip(COLUMNS, values, strict=True))
    record: Record = {name: columns[name] for name in PLAIN} | {"key": key}
    for name in JSON:
        record[name] = orjson.loads(columns[name]) if columns[name] is not None else _empty(name)
    record["authors"] = [_author(short) for short in orjson.loads(columns["author_list"] or "[]")]
    for name in _FLAGS:
        record[name] = bool(record[name])
    return {name: record[name] for name in FIELDS}


def _empty(name: str) -> object:
    empty = _EMPTY.get(name)
    return None if empty is None else type(empty)()


def _short(author: Mapping[str, Any]) -> str | list[Any]:
    """Most authors have nothing but a name."""
    if author["user"] is None and author["hidden"] is None and author["affiliation"] is None:
        name: str = author["name"]
        return name
    return [author[name] for name in _AUTHOR]


def _author(short: str | list[Any]) -> dict[str, Any]:
    values = [short, None, None, None] if isinstance(short, str) else short
    return dict(zip(_AUTHOR, values, strict=True))
