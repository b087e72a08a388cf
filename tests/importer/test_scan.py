"""Which pages of files are accepted, for which day and view, and why others are refused: the messages in full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from dailypapers.ingest.importer.git_history import is_page_name
from dailypapers.ingest.importer.git_repository import _parse_log, _without_user
from dailypapers.ingest.importer.scan import FileScan
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Series
from tests.listing.pages import html, item, items
from tests.product import DAY, NOW

from .warc_records import record

SITE = "https://huggingface.co"
API = f"{SITE}/api/daily_papers?date={DAY}"
OTHER = DAY + timedelta(days=1)
AT = datetime(2025, 12, 11, 7, 50, tzinfo=UTC)


def scanned(
    path: Path,
    content: bytes,
    day: date | None = None,
    name: str = "hf-daily",
    query: str | None = None,
    now: datetime = NOW,
) -> FileScan:
    path.write_bytes(content)
    scan = FileScan(SourceSeries(SOURCES[name], Series(name, query)), day, now)
    scan.scan([path])
    return scan


def found(scan: FileScan) -> list[tuple[str, date]]:
    return [(page.view.name, page.day) for page in scan.accepted]


def answer(url: str, body: bytes, *headers: str, status: int = 200, at: datetime = AT) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status} OK", *headers, "", ""])
    lines = (f"WARC-Target-URI: {url}", f"WARC-Date: {at:%Y-%m-%dT%H:%M:%SZ}")
    return record(head.encode() + body, *lines)


def refused(scan: FileScan) -> Sequence[str]:
    assert scan.accepted == []
    return list(map(str, scan.refused))


@pytest.mark.parametrize(
    ("body", "view"),
    [
        (items(0, 2), "api"),
        (b" \r\n\t" + items(0, 2), "api"),
        (html(DAY), "html"),
        (b"\xef\xbb\xbf\r\n\t " + html(DAY), "html"),
    ],
)
def test_the_view_of_a_saved_page_is_told_by_its_content(tmp_path: Path, body: bytes, view: str) -> None:
    assert found(scanned(tmp_path / f"{DAY}.txt", body)) == [(view, DAY)]


@pytest.mark.parametrize(
    ("name", "url", "body", "day"),
    [
        ("hf-daily", API, items(0, 2), DAY),
        ("hf-weekly", f"{SITE}/api/daily_papers?week=2025-W50", items(0, 2), date(2025, 12, 8)),
        ("hf-trending", f"{SITE}/api/daily_papers?sort=trending", items(0, 2), AT.date()),
    ],
)
def test_the_day_of_a_record_is_in_its_address_or_is_that_of_its_time(
    tmp_path: Path, name: str, url: str, body: bytes, day: date
) -> None:
    assert found(scanned(tmp_path / "crawl.warc", answer(url, body), name=name)) == [("api", day)]


def test_a_given_day_is_that_of_its_listing(tmp_path: Path) -> None:
    assert found(scanned(tmp_path / "x.json", items(0, 2), DAY, "hf-weekly")) == [("api", date(2025, 12, 8))]
    assert found(scanned(tmp_path / f"{OTHER}.json", items(0, 2), DAY)) == [("api", DAY)]


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("x.json", items(0, 2), "its day is unknown; give it with --day"),
        ("2023-05-03.json", b"[]", "2023-05-03 is not between 2023-05-04, the first day, and today, 2025-12-19"),
        ("2025-12-20.json", b"[]", "2025-12-20 is not between 2023-05-04, the first day, and today, 2025-12-19"),
        (f"{OTHER}.json", items(0, 2), f"taken for {OTHER}, but it lists the day {DAY}"),
        (f"{OTHER}.html", html(DAY), f"taken for {OTHER}, but it lists the day {DAY}"),
        (f"{DAY}.json", b'{"a": 1}', "expected a list of items, found an object"),
        (
            f"{DAY}.json",
            orjson.dumps([item(1, title=None, id=2), item(3, title=None)]),
            "none of its 2 items is a paper (title: Input should be a valid string; found the value null; "
            "arxiv_id: is the number 2, but ids are strings: a number loses its closing zeros)",
        ),
    ],
)
def test_a_saved_page_that_is_refused(tmp_path: Path, name: str, body: bytes, message: str) -> None:
    (found,) = refused(scanned(tmp_path / name, body))
    assert found.startswith(f"{tmp_path / name}: {message}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (answer(API, b"broken", "Content-Encoding: gzip"), f"{API}: compressed body is broken ("),
        (
            answer(API, items(0, 2), at=NOW + timedelta(seconds=1)),
            f"NAME ({API}): served at 2025-12-19 12:00:01, which is in the future",
        ),
        (
            answer(API, items(0, 2), at=datetime(2023, 5, 3, tzinfo=UTC)),
            f"NAME ({API}): served at 2023-05-03 00:00:00, which is before 2023-05-04, the first day",
        ),
        (answer(API, items(0, 2), status=404), "NAME: none of its 1 records is an answer of hf-daily"),
        (answer(f"{SITE}/", b"x") * 2, "NAME: none of its 2 records is an answer of hf-daily"),
    ],
)
def test_a_record_that_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "crawl.warc"
    (found,) = refused(scanned(path, content))
    assert found.startswith(message.replace("NAME", str(path)))


def test_records_of_other_addresses_are_counted(tmp_path: Path) -> None:
    others = answer(f"{SITE}/", b"x") + answer(API, b"[]", status=503)
    scan = scanned(tmp_path / "crawl.warc", others + answer(API, items(0, 2)))
    assert (found(scan), scan.refused, scan.other_records) == ([("api", DAY)], [], 2)


def test_the_page_of_another_day_is_evidence_in_a_record_of_a_daily_list_only(tmp_path: Path) -> None:
    content = answer(f"{SITE}/papers/date/{OTHER}", html(DAY))
    path = tmp_path / "crawl.warc"
    assert found(scanned(path, content)) == [("html", OTHER)]
    (message,) = refused(scanned(path, content, OTHER))
    assert message.endswith(f": taken for {OTHER}, but it lists the day {DAY}")
    (message,) = refused(scanned(path, answer(f"{SITE}/papers/week/2025-W49", html(DAY)), name="hf-weekly"))
    assert message.endswith(f": taken for 2025-12-01, but it lists the day {DAY}")
    (message,) = refused(scanned(path, answer(API.replace(f"{DAY}", f"{OTHER}"), items(0, 2))))
    assert message.endswith(f": taken for {OTHER}, but it lists the day {DAY}")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ada:s3cr3t@git.example/a/b.git?token=x#y", "https://git.example/a/b.git"),
        ("ssh://git@git.example:22/a/b", "ssh://git.example:22/a/b"),
        ("/home/ada/b@c:d", "/home/ada/b@c:d"),
        ("ada@git.example:a/b.git", "git.example:a/b.git"),
        ("ada@git.example:a/b@c:d", "git.example:a/b@c:d"),
        ("git.example:a/b@c.git", "git.example:a/b@c.git"),
        ("http://[bad", ""),
        ("", ""),
    ],
)
def test_the_origin_of_a_repository_is_shown_without_its_user(url: str, shown: str) -> None:
    assert _without_user(url) == shown


@pytest.mark.parametrize(
    ("name", "is_page"), [("a.json", True), ("A.JSON.GZ", True), ("a/b.html", True), ("a.md", False), ("json", False)]
)
def test_names_of_pages_in_a_repository(name: str, is_page: bool) -> None:
    assert is_page_name(name) is is_page


def test_a_log_that_ends_within_a_file_has_the_version_without_its_name() -> None:
    fields = [b"\nc0ffee 1765440000 1765443600", b":100644 100644 0abc 1def M"]
    (version,) = _parse_log(iter(fields))
    assert (version.commit, version.path, version.blob) == ("c0ffee", "", "1def")
    assert version.committer_time == datetime(2025, 12, 11, 9, tzinfo=UTC)
