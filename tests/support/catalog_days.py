"""Built days, written without archives, and everything that a catalog holds, for comparisons."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

from dailypapers.parsers.keys import key as key_of
from dailypapers.parsers.model import Paper, timestamp
from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.catalog.schema import catalog_file
from dailypapers.snapshots.catalog.search_text import folded
from dailypapers.snapshots.certificate import Certificate, certificate_bytes
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.writer import built_files, day_bytes

DAILY = Series("hf-daily")
TEXT = Series("hf-text")
OAI = Series("arxiv-oai")
NEW = Series("arxiv-new", "cs.CL")

Rows = list[tuple[Any, ...]]


def at(day: date, hour: int = 12) -> datetime:
    """A time on a day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def paper(
    title: str,
    *,
    source: str = "hf-daily",
    day: date,
    arxiv_id: str | None = None,
    doi: str | None = None,
    authors: Iterable[str] = (),
    **fields: Any,
) -> Paper:
    """A record, first seen at noon of its day unless `first_seen` is given."""
    names = [{"name": name, "user": None, "hidden": None, "affiliation": None} for name in authors]
    return Paper(
        **{
            "key": key_of(title=title, arxiv_id=arxiv_id, doi=doi),
            "source": source,
            "day": day,
            "title": title,
            "arxiv_id": arxiv_id,
            "doi": doi,
            "authors": names,
            "author_count": len(names) or None,
            "first_seen": at(day),
            **fields,
        }
    )


def write_day(store: Store, series: Series, day: date, papers: Iterable[Paper], as_of: datetime | None = None) -> None:
    """Write the files of a day as a build does, but for its archives."""
    content = day_bytes(sorted(papers, key=lambda paper: paper.key))
    certificate: Certificate = {
        "schema": SCHEMA, "source": series.source, "query": series.query, "day": day.isoformat(), "state": "open",
        "reason": "", "as_of": timestamp(as_of or at(day)), "papers": content.count(b"\n"), "gone": 0, "rejects": 0,
        "parsers": {}, "files": built_files(series, day, content, [], []), "coverage": {}, "unknown_fields": {},
        "only_in": {}, "disagreements": {}, "agreement": {}, "profiles": {}, "notes": [], "fetches": [], "lost": [],
        "checksum": "",
    }  # fmt: skip
    path = store.papers(series, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    for file, data in ((path, content), (store.certificate(series, day), certificate_bytes(certificate))):
        # Renamed over the old one, as everything in a store is.
        aside = file.with_name(file.name + ".tmp")
        aside.write_bytes(data)
        if file.exists():
            # No real build follows another within one tick of the kernel's clock (4 ms), as a test may.
            times = aside.stat()
            os.utime(aside, ns=(times.st_atime_ns, max(times.st_mtime_ns, file.stat().st_mtime_ns + 1)))
        aside.replace(file)


def remove_day(store: Store, series: Series, day: date) -> None:
    """Remove the files of a day."""
    store.papers(series, day).unlink()
    store.certificate(series, day).unlink()


def tables(store: Store) -> dict[str, Rows]:
    """Every row of the catalog but arrivals, generation and time stamps; papers and series by name, not by number."""
    with closing(sqlite3.connect(catalog_file(store))) as connection:
        numbers = dict(connection.execute("SELECT id, key FROM paper"))
        series = dict(connection.execute("SELECT id, folder FROM series"))
        found = {
            name: _rows(connection, name, numbers, series) for name in ("paper", "listing", "alias", "term", "built")
        }
        _check_index(connection)
        return found


def _rows(connection: sqlite3.Connection, table: str, numbers: dict[int, str], series: dict[int, str]) -> Rows:
    cursor = connection.execute(f"SELECT * FROM {table}")
    columns = [column[0] for column in cursor.description]
    left_out = {"id", "checksum", "mtime_ns", "certificate_mtime_ns"}
    names = {"paper": numbers, "series": series}
    rows = [
        tuple(
            names[column][value] if column in names else value
            for column, value in zip(columns, row, strict=True)
            if column not in left_out
        )
        for row in cursor
    ]
    return sorted(rows, key=repr)


def _check_index(connection: sqlite3.Connection) -> None:
    """The full-text index is whole, and is exactly what the texts of the papers give."""
    connection.execute("INSERT INTO ft(ft) VALUES('integrity-check')")
    connection.rollback()
    assert _vocabulary(connection, "ft") == _vocabulary(connection, _indexed_anew(connection))


def _indexed_anew(connection: sqlite3.Connection) -> str:
    connection.execute(
        "CREATE VIRTUAL TABLE temp.anew USING fts5(title, abstract, authors,"
        " tokenize='porter unicode61 remove_diacritics 2')"
    )
    rows = connection.execute("SELECT id, title, abstract, authors FROM paper").fetchall()
    insert = "INSERT INTO anew(rowid, title, abstract, authors) VALUES(?, ?, ?, ?)"
    connection.executemany(insert, [(number, *map(folded, texts)) for number, *texts in rows])
    return "anew"


def _vocabulary(connection: sqlite3.Connection, table: str) -> Rows:
    place = "temp" if table == "anew" else "main"
    connection.execute(f"CREATE VIRTUAL TABLE temp.{table}_words USING fts5vocab('{place}', '{table}', 'instance')")
    return sorted(connection.execute(f"SELECT term, doc, col, offset FROM {table}_words"))
