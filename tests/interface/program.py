"""A user's program: every part of `import dailypapers`, with the types that it has. Run it on a store with a day."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal, assert_type

import dailypapers

SOURCE = "hf-daily"


def main(path: str, text: str) -> None:
    """Print what the store holds of a day."""
    assert_type(dailypapers.__version__, str)
    store = dailypapers.open(path)
    assert_type(store, dailypapers.PaperStore)
    series = store.series()
    assert_type(series, list[dailypapers.Series])
    print(*series, sep=", ")

    days = store.days(SOURCE, since=text, until=date.fromisoformat(text))
    assert_type(days, Iterator[dailypapers.Day])
    print(*[day.day for day in days])

    papers = store.papers(SOURCE, since=text)
    assert_type(papers, Iterator[dailypapers.Paper])
    show(next(papers))
    one_day(store.day(SOURCE, text))
    all_papers(store, text)
    one_paper(store, next(store.papers(SOURCE)).key)
    mistakes(store)


def one_day(day: dailypapers.Day) -> None:
    """Print the parts of a day."""
    assert_type(day.day, date)
    assert_type(day.state, Literal["open", "settling", "closed", "empty", "partial"])
    assert_type(day.reason, str)
    certificate = day.certificate
    assert_type(certificate["papers"], int)
    assert_type(certificate["fetches"][0]["whole"], bool)
    assert_type(certificate["fetches"][0]["views"][0]["failed"], str | None)
    assert_type(certificate["profiles"]["api"]["fields"]["title"]["in"], int)
    assert_type(day.papers(), Iterator[dailypapers.Paper])
    assert_type(day.metrics(), Iterator[dailypapers.Metric])
    print(day.state, certificate["papers"], len(list(day.papers())), len(list(day.metrics())))


def all_papers(store: dailypapers.PaperStore, text: str) -> None:
    """Print what the catalog says of the papers."""
    found = store.find(source=SOURCE, since=date.fromisoformat(text), min_upvotes=0, sort="rising", limit=3)
    assert_type(found, list[dailypapers.CatalogPaper])
    paper = store.paper(found[0].key)
    assert_type(paper.record, dailypapers.Paper)
    assert_type(paper.listings, tuple[dailypapers.Listing, ...])
    assert_type(paper.aliases, tuple[dailypapers.Alias, ...])
    assert_type(paper.origins["title"].series, dailypapers.Series)
    result = store.search(paper.record.title)
    assert_type(result, dailypapers.SearchResult)
    assert_type(result.total, int)
    cursor = store.cursor()
    assert_type(cursor, dailypapers.Cursor)
    arrivals = store.arrivals(str(cursor), source=SOURCE)
    assert_type(arrivals, dailypapers.Arrivals)
    assert_type(arrivals.entries, list[dailypapers.Arrival])
    rows = store.query("SELECT count(*) FROM paper")
    assert_type(rows, dailypapers.QueryResult)
    with store.as_of(paper.listings[0].first_seen) as then:
        assert_type(then, dailypapers.PaperStore)
        print(len(found), result.total, len(arrivals.entries), rows.rows, len(then.find()))


def one_paper(store: dailypapers.PaperStore, key: str) -> None:
    """Print the numbers of a paper."""
    for entry in store.history(key):
        assert_type(entry, dailypapers.PaperHistory)
        assert_type(entry.title, str)
        metric = entry.metrics[0]
        assert_type(metric.at, datetime)
        assert_type(metric.upvotes, int | None)
        print(entry.series, entry.day, metric.upvotes)


def show(paper: dailypapers.Paper) -> None:
    """Print a record."""
    assert_type(paper.title, str)
    assert_type(paper.day, date | None)
    assert_type(paper.authors, list[dailypapers.Author])
    assert_type(paper.organization, dailypapers.Organization | None)
    print(paper.title, *[author["name"] for author in paper.authors])


def mistakes(store: dailypapers.PaperStore) -> None:
    """Every error, caught by its own class, and all by one."""
    try:
        store.day(SOURCE, "2020-01-01")
    except dailypapers.DayNotBuilt as error:
        print(error)
    try:
        store.days("hf-dayly")
    except (dailypapers.UnknownSource, dailypapers.InvalidQuery, dailypapers.InvalidDay) as error:
        print(error)
    try:
        store.paper("arxiv:0000.00000", as_of="noon")
    except (dailypapers.PaperNotFound, dailypapers.InvalidTime) as error:
        print(error)
    try:
        store.arrivals("now")
    except dailypapers.InvalidCursor as error:
        print(error)
    try:
        store.query("DROP TABLE paper")
    except dailypapers.QueryError as error:
        print(error)
    try:
        dailypapers.open("no store")
    except dailypapers.StoreNotFound as error:
        print(error)
    try:
        next(store.papers("hf-search", query="none"), None)
    except (dailypapers.CertificateError, dailypapers.StoreError) as error:
        print(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
