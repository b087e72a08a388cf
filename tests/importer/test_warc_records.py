"""What is taken from the records of a foreign WARC: address, time, headers, body, and how a record is named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest

from dailypapers.ingest.errors import RefusedFile
from dailypapers.ingest.importer import warc
from dailypapers.ingest.importer.files import pages_in
from dailypapers.ingest.importer.scan import parsed_pages
from dailypapers.ingest.importer.warc import FilePage, page_number
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Series

from .warc_records import record

URL = "https://huggingface.co/papers?date=2025-12-10"
DATE = "WARC-Date: 2025-12-11T09:50:00.7+02:00"
AT = datetime(2025, 12, 11, 7, 50, tzinfo=UTC)
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-A: 1\r\nX-A: caf\xe9\r\n\r\n"


def read(path: Path, *records: bytes) -> tuple[list[tuple[FilePage, Page] | None], list[str]]:
    path.write_bytes(b"".join(records))
    refused: list[RefusedFile] = []
    pages = list(pages_in(path, lambda url: url.startswith("https://huggingface.co/"), refused.append))
    return pages, list(map(str, refused))


def one(path: Path, content: bytes) -> tuple[FilePage, Page]:
    (found,), refused = read(path, content)
    assert found is not None
    assert refused == []
    return found


@pytest.mark.parametrize("uri", [URL, f"<{URL}>"])
def test_the_answer_in_a_record(tmp_path: Path, uri: str) -> None:
    content = record(HTTP + b"<p>x", f"WARC-Target-URI: {uri}", DATE, "Content-Type: application/http")
    page, loaded = one(tmp_path / "crawl.warc", content)
    headers = (("Content-Type", "text/html"), ("X-A", "1"), ("X-A", "caf\xe9"))
    assert loaded == Page(URL, 200, headers, b"<p>x", AT)
    assert (page.name, page.order, page.fetched_at) == (f"{tmp_path}/crawl.warc ({URL})", (0, "crawl.warc"), AT)
    assert (page.is_plain_file, page.is_resource) == (False, False)
    assert page.load() == loaded


@pytest.mark.parametrize(
    ("lines", "content_type"),
    [(["Content-Type: application/json"], "application/json"), ([], "application/octet-stream")],
)
def test_a_file_in_a_record(tmp_path: Path, lines: Sequence[str], content_type: str) -> None:
    content = record(b"[]", f"WARC-Target-URI: {URL}&p=2", DATE, *lines, kind="resource")
    page, loaded = one(tmp_path / "crawl.warc", content)
    assert loaded == Page(f"{URL}&p=2", 200, (("Content-Type", content_type),), b"[]", AT)
    assert (page.is_plain_file, page.is_resource, page.order[0]) == (False, True, 2)


def test_records_that_cannot_be_used_are_named_by_address_or_number(tmp_path: Path) -> None:
    target, long = f"WARC-Target-URI: {URL}", f"https://huggingface.co/{'x' * 200}"
    path = tmp_path / "crawl.warc"
    pages, refused = read(
        path,
        record(b"", "WARC-Target-URI: https://elsewhere.example/", DATE),
        record(HTTP, DATE),
        record(HTTP, target),
        record(HTTP, target, "WARC-Date: soon"),
        record(HTTP, f"WARC-Target-URI: {long}"),
        record(HTTP, target, DATE, "WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        record(b"no answer", target, DATE),
        record(HTTP + b"x", target, DATE),
    )
    assert [found is not None for found in pages] == [False, True]
    assert refused == [
        f"{path} (record 2): the record has no WARC-Target-URI",
        f"{path} ({URL}): the record has no WARC-Date",
        f"{path} ({URL}): its WARC-Date 'soon' is not a time",
        f"{path} ({long[:200]}...): the record has no WARC-Date",
        f"{path} ({URL}): the record is not what its digest says",
        f"{path} ({URL}): the record holds no HTTP answer",
    ]


def test_a_record_that_ends_early_is_refused(tmp_path: Path) -> None:
    content = record(HTTP + b"x" * 50, f"WARC-Target-URI: {URL}", DATE)
    pages, refused = read(tmp_path / "crawl.warc", content[:-30])
    size = len(HTTP) + 50
    assert (pages, refused) == (
        [],
        [f"{tmp_path}/crawl.warc ({URL}): the record is cut short, {size - 26} of {size} bytes"],
    )


@pytest.mark.parametrize(
    ("query", "number"), [("", 0), ("?p=3", 3), ("?p=0&p=3", 0), ("?p=x", 0), ("?p=-1", 0), ("?p=123456789", 123456789)]
)
def test_page_numbers(query: str, number: int) -> None:
    assert page_number(f"https://huggingface.co/api/daily_papers{query}") == number


def test_an_absurd_page_number_is_refused() -> None:
    with pytest.raises(RefusedFile, match=r"^its page number has 10 characters$"):
        page_number("https://huggingface.co/api/daily_papers?p=1234567890")


@pytest.mark.parametrize(("size", "refusals"), [(10, []), (11, ["the body is larger than 10 bytes"])])
def test_a_body_over_the_cap_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, refusals: list[str]
) -> None:
    monkeypatch.setattr(warc, "CONTENT_CAP", 10)
    path = tmp_path / "crawl.warc"
    pages, refused = read(path, record(HTTP + b"x" * size, f"WARC-Target-URI: {URL}", DATE))
    assert (len(pages), refused) == (1 - len(refusals), [f"{path} ({URL}): {refusal}" for refusal in refusals])


def test_ranks_go_on_over_the_pages_of_one_listing_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc"
    api = "https://huggingface.co/api/daily_papers?date="

    def page(url: str, numbers: Sequence[int]) -> bytes:
        answer = [{"paper": {"id": f"2512.{number:05}", "title": f"Paper {number}"}} for number in numbers]
        return record(HTTP + orjson.dumps(answer), f"WARC-Target-URI: {url}", DATE)

    path.write_bytes(
        page(f"{api}2025-12-10&limit=3", [1, 2, 3])
        + page(f"{api}2025-12-09", [7])
        + page("https://elsewhere.example/", [8])
        + page(f"{api}2025-12-10&limit=3&p=1", [4, 5])
    )
    daily = SourceSeries(SOURCES["hf-daily"], Series("hf-daily"))
    refused: list[RefusedFile] = []
    pages = list(parsed_pages(daily, path, None, refused.append))
    found = [[(paper.key[-1], str(paper.day)[-2:], paper.rank) for paper in parsed.papers] for _, parsed in pages]
    assert found == [
        [("1", "10", 1), ("2", "10", 2), ("3", "10", 3)],
        [("7", "09", 1)],
        [("4", "10", 4), ("5", "10", 5)],
    ]
    assert [name for name, _ in pages][1] == f"{path} ({api}2025-12-09)"
    (_, given), *_ = parsed_pages(daily, path, date(2025, 12, 11), refused.append)
    assert {str(paper.day) for paper in given.papers} == {"2025-12-11"}
    assert refused == []


def test_a_file_without_any_page_of_the_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc"
    path.write_bytes(record(HTTP, "WARC-Target-URI: https://elsewhere.example/", DATE))
    daily = SourceSeries(SOURCES["hf-daily"], Series("hf-daily"))
    with pytest.raises(RefusedFile) as raised:
        list(parsed_pages(daily, path, None, lambda _: None))
    assert str(raised.value) == f"{path}: holds no page of hf-daily"
