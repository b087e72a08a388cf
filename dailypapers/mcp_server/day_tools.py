"""The tools about one day: its papers, and the evidence for its state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from snapshots.certificate import Certificate, FetchEvidence

from .answers import DayCertificate, DayList, DayState, Fetch, ListingDay
from .arguments import DayCertificateArguments, ListDay
from .context import Context
from .papers import brief
from .size import fit, next_page, offset, short

MAX_FETCHES: Final = 50
MAX_NOTES: Final = 20
NOTE: Final = 300


def list_day(context: Context, arguments: ListDay) -> DayList:
    """The papers of a day, in the order of their ranks."""
    source_day = context.source_day(arguments.source, arguments.query, arguments.day)
    as_of, start = context.instant(arguments.as_of), offset(arguments.cursor)
    content = context.days.content(source_day, as_of)
    records = sorted(map(orjson.loads, content.papers.splitlines() if content else ()), key=_rank_and_key)
    state = context.days.state(source_day, as_of)
    listed = ListingDay(source=source_day.series.source, query=source_day.series.query, day=source_day.day)

    def make(count: int) -> DayList:
        papers = [brief(record, [listed]) for record in records[start : start + count]]
        cursor = next_page(start, len(papers), len(records))
        return DayList(days=[state], remarks=[], papers=papers, total=len(records), cursor=cursor)

    return fit(make, arguments.limit)


def day_certificate(context: Context, arguments: DayCertificateArguments) -> DayCertificate:
    """Why a day is in its state: every fetch, and what is known to be missing."""
    source_day = context.source_day(arguments.source, arguments.query, arguments.day)
    as_of, start = context.instant(arguments.as_of), offset(arguments.cursor)
    content = context.days.content(source_day, as_of)
    state = context.days.state(source_day, as_of)
    fetches = content.certificate["fetches"] if content else []

    def make(count: int) -> DayCertificate:
        page = [_fetch(fetch) for fetch in fetches[start : start + count]]
        cursor = next_page(start, len(page), len(fetches))
        return _answer(state, content.certificate if content else None, page, cursor)

    return fit(make, MAX_FETCHES)


def _answer(
    state: DayState, certificate: Certificate | None, fetches: list[Fetch], cursor: str | None
) -> DayCertificate:
    known: dict[str, Any] = {"papers": None, "gone": 0, "rejects": 0, "notes": [], "lost": [], "papers_sha256": None}
    if certificate is not None:
        known |= {name: certificate[name] for name in ("papers", "gone", "rejects")}
        known |= {"notes": _short_list(certificate["notes"]), "lost": _short_list(certificate["lost"])}
        known["papers_sha256"] = certificate["files"]["papers"]["sha256"]
    total = len(certificate["fetches"]) if certificate is not None else 0
    return DayCertificate(days=[state], remarks=[], fetches=fetches, total=total, cursor=cursor, **known)


def _fetch(fetch: FetchEvidence) -> Fetch:
    return Fetch(
        at=datetime.fromisoformat(fetch["at"]),
        kind=fetch["kind"],
        whole=fetch["whole"],
        doubt=fetch["doubt"],
        reason=None if fetch["reason"] is None else short(fetch["reason"], NOTE),
        papers=fetch["papers"],
        new=fetch["new"],
        failed_views=[f"{view['view']}: {short(view['failed'], NOTE)}" for view in fetch["views"] if view["failed"]],
    )


def _short_list(texts: Sequence[str]) -> list[str]:
    return [short(text, NOTE) for text in texts[:MAX_NOTES]]


def _rank_and_key(record: dict[str, Any]) -> tuple[bool, int, str]:
    return record["rank"] is None, record["rank"] or 0, record["key"]
