"""Many invented papers as built days, with the word frequencies of natural text (Zipf's law)."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from hashlib import sha256
from itertools import accumulate
from random import Random
from typing import Any, Final

import orjson

from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.catalog.fields import EMPTY_RECORD
from dailypapers.snapshots.store.layout import Series, Store

SERIES: Final = Series("arxiv-new", "cs")
SITE: Final = Series("hf-daily")
FIRST: Final = date(2016, 1, 4)
WORDS: Final = 60_000
ABSTRACT: Final = 170
"""Words: arXiv's abstracts have about 1,100 characters."""
DRAW_BITS: Final = 20
"""Enough for the rarest word to be drawn."""
SITE_SHARE: Final = 20
"""One paper in so many is also on the listing site, with keywords and upvotes."""

_SYLLABLES: Final = [
    "ba", "co", "di", "fer", "gra", "hi", "jo", "ka", "lo", "mi", "na", "o", "pre", "qui", "ra", "si", "tro", "u", "ve",
]  # fmt: skip
_ENDINGS: Final = ("", "", "s", "ing", "ed", "ion", "al", "ive", "ity", "er")
COMMON: Final = [
    "the", "of", "a", "and", "to", "in", "we", "for", "is", "on", "that", "model", "learning", "data", "method",
    "results", "network", "training", "large", "language",
]  # fmt: skip


class Corpus:
    """Papers by number: the same number is always the same paper."""

    def __init__(self, seed: int = 1) -> None:
        random = Random(seed)
        invented = dict.fromkeys(_word(random) for _ in range(2 * WORDS))
        self.words = [*COMMON, *list(invented)[: WORDS - len(COMMON)]]
        self.drawn = _drawn(self.words)
        """Each word as often as it is drawn."""
        self._names = [word.capitalize() for word in self.words[1000:9000]]

    def record(self, number: int, day: date) -> dict[str, Any]:
        """A paper as arXiv lists it."""
        random = Random(number)
        words = self._text(random, ABSTRACT + 9)
        identifier = f"{16 + number // 1_200_000:02}{number // 100_000 % 12 + 1:02}.{number % 100_000:05}"
        names = [f"{random.choice(self._names)} {random.choice(self._names)}" for _ in range(random.randint(1, 7))]
        return {
            **EMPTY_RECORD,
            "key": f"arxiv:{identifier}",
            "source": SERIES.source,
            "day": day.isoformat(),
            "rank": number % 1000 + 1,
            "title": " ".join(words[:9]).capitalize(),
            "abstract": " ".join(words[9:]).capitalize() + ".",
            "authors": [{"name": name, "user": None, "hidden": None, "affiliation": None} for name in names],
            "author_count": len(names),
            "published": day.isoformat(),
            "arxiv_id": identifier,
            "arxiv_version": 1,
            "doi": f"10.1000/{number}" if number % 4 == 0 else None,
            "categories": ["cs.CL", "cs.LG"],
            "announce_type": "new",
            "license": "http://creativecommons.org/licenses/by/4.0/",
            "url": f"https://huggingface.co/papers/{identifier}",
            "pdf_url": f"https://arxiv.org/pdf/{identifier}",
            "first_seen": f"{day}T02:00:00Z",
        }

    def _text(self, random: Random, words: int) -> list[str]:
        drawn, draws = self.drawn, array("I", random.randbytes(4 * words))
        return [drawn[draw >> 32 - DRAW_BITS] for draw in draws]

    def on_site(self, record: dict[str, Any]) -> dict[str, Any]:
        """The same paper as the listing site shows it."""
        random = Random(record["key"])
        site = {
            "source": SITE.source,
            "upvotes": int(random.paretovariate(0.8)) - 1,
            "comments": 0,
            "keywords": random.sample(self.words[200:2000], 8),
            "organization": {"name": random.choice(self.words[300:400]), "fullname": None},
            "announce_type": None, "license": None, "arxiv_version": None, "doi": None, "categories": [],
        }  # fmt: skip
        return record | site


def write_days(
    store: Store, corpus: Corpus, start: int, count: int, a_day: int = 1000
) -> Iterator[tuple[Series, date]]:
    """Write built days with the papers of these numbers, but for those that are there; give each that was written."""
    for first in range(start, start + count, a_day):
        day = FIRST + timedelta(days=first // a_day)
        if store.certificate(SITE, day).exists():
            continue
        records = [corpus.record(number, day) for number in range(first, min(first + a_day, start + count))]
        for series, listed in ((SERIES, records), (SITE, [corpus.on_site(each) for each in records[::SITE_SHARE]])):
            _write(store, series, day, listed)
            yield series, day


def remove_days(store: Store, start: int, a_day: int = 1000) -> None:
    """Remove the days from that of a paper on."""
    day = FIRST + timedelta(days=start // a_day)
    while store.certificate(SERIES, day).exists():
        for series in (SITE, SERIES):
            store.certificate(series, day).unlink(missing_ok=True)
            store.papers(series, day).unlink(missing_ok=True)
        day += timedelta(days=1)


def _drawn(words: Sequence[str]) -> list[str]:
    """A word for each draw of DRAW_BITS: the one of rank r for a share of the draws in proportion to 1 / (r + 3)."""
    shares = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    draws = 1 << DRAW_BITS
    ends = [round(draws * share / shares[-1]) for share in shares]
    starts = [0, *ends]
    return [word for word, start, end in zip(words, starts, ends, strict=False) for _ in range(start, end)]


def _word(random: Random) -> str:
    return "".join(random.choices(_SYLLABLES, k=random.randint(2, 4))) + random.choice(_ENDINGS)


def _write(store: Store, series: Series, day: date, records: list[dict[str, Any]]) -> None:
    content = b"".join(orjson.dumps(record) + b"\n" for record in sorted(records, key=lambda record: record["key"]))
    built = {"file": f"{day}.jsonl", "bytes": len(content), "sha256": sha256(content).hexdigest()}
    certificate = {
        "schema": SCHEMA,
        "source": series.source,
        "query": series.query,
        "as_of": f"{day}T20:00:00Z",
        "fetches": [{"at": f"{day}T08:00:00Z"}],
        "files": {"papers": built},
    }
    path = store.papers(series, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    store.certificate(series, day).write_bytes(orjson.dumps(certificate))
