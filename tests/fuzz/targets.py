"""The fuzz targets: functions of bytes, the conditions on their results, and seeds for mutation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from dailypapers.ingest.archive.content_encoding import content
from dailypapers.ingest.archive.reader import ArchiveFolder, read_archives
from dailypapers.ingest.errors import BodyError
from dailypapers.parsers import Page, Parsed, ParseError, parse
from tests.fuzz.resealing import DAY, SERIES, opened, sealed, small_archive
from tests.parsers.test_parse_properties import check

CODINGS: Final = ("gzip", "deflate", "br", "zstd", "gzip, gzip", "deflate, gzip", "identity", "br, gzip, zstd")
"""The first byte of the decoder's input selects one."""

_FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
_CASES: Final = {
    "hf_api": ("hf-daily/api-2026-every-field", "hf-daily/api-lone-surrogate", "hf-daily/api-error-answer"),
    "hf_html": ("hf-daily/html-2024-day", "hf-daily/html-unknown-fields", "hf-daily/html-challenge"),
    "hf_cards": ("hf-daily/html-blob-gone-2024", "hf-daily/html-blob-gone-2026", "hf-daily/cards-2026-week"),
    "hf_paper": ("hf-paper/paper", "hf-paper/not-found"),
    "hf_text": ("hf-text/every-form", "hf-text/two-lists", "hf-text/utf-16"),
    "arxiv_rss": ("arxiv-new/rss", "arxiv-new/atom", "arxiv-new/feed-error"),
    "arxiv_list": ("arxiv-new/new-page", "arxiv-list/recent", "arxiv-list/before-2024"),
    "arxiv_oai": ("arxiv-oai/arxiv", "arxiv-oai/arxiv-raw", "arxiv-oai/dublin-core"),
    "arxiv_abs": ("arxiv-abs/every-field", "arxiv-abs/not-found"),
    "arxiv_atom": ("arxiv-api/every-field", "arxiv-api/broken-characters", "arxiv-api/error-feed"),
}
NAMES: Final = (*_CASES, "decode", "archive", "sealed")
"""The targets."""


@dataclass(frozen=True, slots=True)
class Target:
    """A name, the function to run (timed), the check of its result, and seeds of at most three items each."""

    name: str
    run: Callable[[bytes], object]
    holds: Callable[[object], None]
    seeds: Sequence[bytes]


def targets(folder: Path) -> dict[str, Target]:
    """All targets by name: the parsers, the decoder of bodies, the archive reader on raw and on resealed bytes.

    The archive reader reads files, which are written to `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    archive = small_archive(folder / "seed")
    coded = [bytes([0]) + archive, bytes([6]) + b"plain"]
    found = [
        *(Target(name, partial(_parsed, name), _whole, _seeds(name)) for name in _CASES),
        Target("decode", _decoded, _nothing, coded),
        Target("archive", partial(_read, folder), _named, [archive]),
        Target("sealed", lambda data: _read(folder, sealed(data)), _named, [opened(archive)]),
    ]
    return {target.name: target for target in found}


def _seeds(parser: str) -> list[bytes]:
    return [next((_FIXTURES / case).glob("page.*")).read_bytes() for case in _CASES[parser]]


def _parsed(parser: str, body: bytes) -> Parsed | None:
    link = body[:200].decode("latin-1")
    page = Page("https://huggingface.co/papers", 200, (("Link", link), ("X-Total-Count", link)), body, None)
    try:
        parsed = parse(page, parser, source="hf-daily", day=DAY if len(body) % 2 else None, offset=len(body) % 3)
        parsed.structure()
    except ParseError:
        return None
    return parsed


def _whole(found: object) -> None:
    if isinstance(found, Parsed):
        check(found)


def _decoded(data: bytes) -> Page | None:
    coding = CODINGS[(data[0] if data else 0) % len(CODINGS)]
    try:
        return content(Page("", 200, (("Content-Encoding", coding),), data[1:], None))
    except BodyError:
        return None


def _nothing(found: object) -> None:
    del found


def _read(folder: Path, data: bytes) -> ArchiveFolder:
    path = folder / "20251211T120000Z-00000000.warc.gz"
    path.write_bytes(data)
    return read_archives([path], SERIES, DAY)


def _named(found: object) -> None:
    assert isinstance(found, ArchiveFolder)
    assert len(found.fetches) + len(found.damaged) == 1
    assert all("00000000.warc.gz" in str(error) for error in found.damaged)
