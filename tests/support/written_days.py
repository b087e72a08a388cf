"""Days of a store written from records, without pages: for what is derived from day files and certificates alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from dailypapers.parsers.model import Paper, timestamp
from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.certificate import Certificate, StateName, with_checksum
from dailypapers.snapshots.history import Metric, metric_lines
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.writer import Snapshot, built_files, day_bytes, write_snapshots

DAILY: Final = Series("hf-daily")
DAY: Final = date(2025, 12, 10)
START: Final = datetime(2025, 12, 10, 8, tzinfo=UTC)

HOSTILE: Final = (
    "\x1b]0;owned\x07\x1b[31m\x7f\x9b2J\u202e\u2066\u2028",
    '<script>alert("1")</script>',
    '","extra":{"a":1}}',
    "a\x00b",
    "\U0001f600 Łukasz 日本語",
    "=cmd|' /C calc'!A0",
    "| `x` | --- |\n# heading",
)
"""Texts that a site may send and that something may take for more than text."""


def paper(number: int = 1, **fields: Any) -> Paper:
    """An invented record."""
    known = {"key": f"arxiv:2512.{number:05}", "source": "hf-daily", "day": DAY, "title": f"Paper {number}"}
    return Paper.model_validate(known | {"first_seen": START} | fields)


def write_day(
    store: Store,
    papers: Sequence[Paper],
    *,
    series: Series = DAILY,
    day: date = DAY,
    state: StateName = "closed",
    metrics: Iterable[Metric] | None = None,
    **changes: Any,
) -> Certificate:
    """Write a day, its papers in the order of their keys; `changes` are to the certificate, which it returns.

    Without `metrics`, each paper has one line, with its own numbers.
    """
    listed = sorted((each.model_copy(update={"day": day}) for each in papers), key=lambda each: each.key)
    if metrics is None:
        metrics = [Metric(START, each.key, each.upvotes, each.comments, each.github_stars) for each in listed]
    content, lines = day_bytes(listed), metric_lines(metrics)
    certificate = Certificate(
        schema=SCHEMA,
        source=series.source,
        query=series.query,
        day=f"{day}",
        state=state,
        reason="two complete fetches agree",
        as_of=timestamp(START + timedelta(days=2)),
        papers=len(listed),
        gone=0,
        rejects=0,
        parsers={"hf_api": 1},
        files=built_files(series, day, content, [], lines),
        coverage={},
        unknown_fields={},
        only_in={},
        disagreements={},
        agreement={},
        profiles={},
        notes=[],
        fetches=[],
        lost=[],
        checksum="",
    )
    changed: Any = certificate | changes
    written = with_checksum(changed)
    write_snapshots(store, [Snapshot(series, day, content, [], lines, written)])
    return written


_TEXT: Final = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
_COUNT: Final = st.integers(0, 2**63 - 1)
_SCALAR: Final = st.one_of(
    _TEXT, st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
_INSTANT: Final = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def papers() -> st.SearchStrategy[Paper]:
    """Any record that the model accepts, with or without a value in each field."""
    author = st.fixed_dictionaries(
        {
            "name": _TEXT,
            "user": st.none() | _TEXT,
            "hidden": st.none() | st.booleans(),
            "affiliation": st.none() | _TEXT,
        }
    )
    organization = st.fixed_dictionaries({"name": _TEXT, "fullname": st.none() | _TEXT})
    required = {"key": _TEXT.map("title:x{}".format), "source": _TEXT, "title": _TEXT.filter(bool)}
    optional: dict[str, st.SearchStrategy[Any]] = {
        "authors": st.lists(author, max_size=3),
        "organization": st.none() | organization,
        "extra": st.dictionaries(_TEXT, _SCALAR, max_size=3),
    }
    optional |= dict.fromkeys(("published_inferred", "withdrawn"), st.booleans())
    optional |= dict.fromkeys(("categories", "keywords", "media_urls"), st.lists(_TEXT, max_size=3))
    optional |= dict.fromkeys(("author_count", "upvotes", "comments", "github_stars"), st.none() | _COUNT)
    optional |= dict.fromkeys(("rank", "arxiv_version"), st.none() | st.integers(1, 2**63 - 1))
    optional |= dict.fromkeys(("day", "published", "updated", "listed"), st.none() | st.dates())
    optional |= dict.fromkeys(("first_seen", "last_seen"), st.none() | _INSTANT)
    rest = Paper.model_fields.keys() - required.keys() - optional.keys() - {"arxiv_id"}
    optional |= dict.fromkeys(sorted(rest), st.none() | _TEXT)
    return st.fixed_dictionaries(required, optional=optional).map(Paper.model_validate)
