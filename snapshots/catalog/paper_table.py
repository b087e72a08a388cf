"""Writing papers: their rows, the full-text index, and the words that they are filtered by."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from operator import itemgetter
from typing import Final
from zlib import crc32

import orjson

from .fields import COLUMNS, encode
from .merged import MergedPaper
from .model import Record, Row
from .schema import DAY_SHIFT
from .search_text import folded

PAPER_COLUMNS: Final = ("id", "key", "first_day", "observed", *COLUMNS, "checksum")
_SELECT: Final = f"SELECT {', '.join(PAPER_COLUMNS)} FROM paper WHERE id = ?"
_INSERT: Final = f"INSERT INTO paper({', '.join(PAPER_COLUMNS)}) VALUES({', '.join('?' * len(PAPER_COLUMNS))})"
_UPDATE: Final = f"UPDATE paper SET {', '.join(f'{name} = ?' for name in PAPER_COLUMNS[1:])} WHERE id = ?"
_INDEX: Final = "INSERT INTO ft(rowid, title, abstract, authors) VALUES(?, ?, ?, ?)"
_UNINDEX: Final = "INSERT INTO ft(ft, rowid, title, abstract, authors) VALUES('delete', ?, ?, ?, ?)"
_text = itemgetter(*(PAPER_COLUMNS.index(name) for name in ("title", "abstract", "authors")))
_TERMS: Final = tuple(PAPER_COLUMNS.index(name) for name in ("organization", "keywords"))


class PaperTable:
    """The papers of a catalog; rows of new ones are written together by `flush`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._next: dict[date, int] = {}
        self._new: dict[int, tuple[Row, Record]] = {}

    def new_id(self, first_day: date) -> int:
        """An id that is higher than those of papers of earlier days."""
        if first_day not in self._next:
            base = first_day.toordinal() << DAY_SHIFT
            top = base + (1 << DAY_SHIFT) - 1
            select = "SELECT max(id) FROM paper WHERE id BETWEEN ? AND ?"
            self._next[first_day] = (self._connection.execute(select, (base, top)).fetchone()[0] or base) + 1
        number = self._next[first_day]
        self._next[first_day] += 1
        return number

    def add(self, number: int, paper: MergedPaper) -> None:
        """A paper that is not in the table."""
        self._new[number] = _row(number, paper), paper.record

    def replace(self, number: int, paper: MergedPaper) -> None:
        """Write what changed of a paper that is in the table; its text is indexed again only if that changed."""
        before = self._row(number)
        row = _row(number, paper)
        if before == row:
            return
        self._connection.execute(_UPDATE, (*row[1:], number))
        if _text(before) != _text(row):
            self._connection.execute(_UNINDEX, _indexed(before))
            self._connection.execute(_INDEX, _indexed(row))
        if [before[column] for column in _TERMS] != [row[column] for column in _TERMS]:
            self._remove_terms(before)
            self._add_terms([(number, paper.record)])

    def remove(self, number: int) -> None:
        """Remove a paper that is in the table."""
        before = self._row(number)
        self._connection.execute(_UNINDEX, _indexed(before))
        self._remove_terms(before)
        self._connection.execute("DELETE FROM paper WHERE id = ?", (number,))

    def flush(self) -> None:
        """Write the new papers."""
        rows = [row for row, _ in self._new.values()]
        self._connection.executemany(_INSERT, rows)
        self._connection.executemany(_INDEX, map(_indexed, rows))
        self._add_terms((number, record) for number, (_, record) in self._new.items())
        self._new.clear()

    def _row(self, number: int) -> Row:
        row: Row = self._connection.execute(_SELECT, (number,)).fetchone()
        return row

    def _add_terms(self, papers: Iterable[tuple[int, Record]]) -> None:
        terms = ((kind, word, number) for number, record in papers for kind, word in terms_of(record))
        self._connection.executemany("INSERT INTO term(kind, word, paper) VALUES(?, ?, ?)", terms)

    def _remove_terms(self, row: Row) -> None:
        organization, keywords = (orjson.loads(row[column]) if row[column] else None for column in _TERMS)
        terms = terms_of({"organization": organization, "keywords": keywords or ()})
        delete = "DELETE FROM term WHERE kind = ? AND word = ? AND paper = ?"
        self._connection.executemany(delete, [(*term, row[0]) for term in terms])


def terms_of(record: Record) -> set[tuple[str, str]]:
    """What a paper is filtered by: its organization's names and its keywords, in any case."""
    if not record["organization"] and not record["keywords"]:
        return set()
    organization = record["organization"] or {}
    names = {("organization", name.casefold()) for name in organization.values() if name}
    return names | {("keyword", word.casefold()) for word in record["keywords"]}


def _row(number: int, paper: MergedPaper) -> Row:
    row = (number, paper.key, paper.first_day.isoformat(), paper.observed, *encode(paper.record))
    return (*row, checksum(row))


def checksum(row: Row) -> int:
    """Of a row without its last column: SQLite does not notice if text is lost inside its file."""
    return crc32("\x1f".join(map(str, row)).encode(errors="surrogatepass"))


def _indexed(row: Row) -> Row:
    title, abstract, authors = _text(row)
    return row[0], folded(title), folded(abstract), folded(authors)
