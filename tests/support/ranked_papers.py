"""The order of hits, worked out in another way than the catalog does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date

from dailypapers.snapshots.catalog.schema import catalog_file
from dailypapers.snapshots.catalog.search import expression
from dailypapers.snapshots.catalog.search_text import TOKENIZER, parse_search
from dailypapers.snapshots.store.layout import Store


def ranked(store: Store, text: str, newest: int) -> list[str]:
    """The keys of the newest papers with a text, ranked one by one in an index of its own."""
    with closing(sqlite3.connect(catalog_file(store))) as connection:
        connection.execute(
            f"CREATE VIRTUAL TABLE temp.words USING fts5(title, abstract, authors, tokenize='{TOKENIZER}')"
        )
        connection.execute(
            "INSERT INTO words(rowid, title, abstract, authors) SELECT id, title, abstract, authors FROM paper"
        )
        rows = connection.execute(
            "SELECT bm25(words, 10.0, 1.0, 3.0), first_day, key FROM words JOIN paper ON id = words.rowid"
            " WHERE words MATCH ? ORDER BY id DESC LIMIT ?",
            (expression(parse_search(text)), newest),
        ).fetchall()
    rows.sort(key=lambda row: (row[0], -date.fromisoformat(row[1]).toordinal(), row[2]))
    return [key for _, _, key in rows]
