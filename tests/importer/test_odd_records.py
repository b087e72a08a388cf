"""Odd WARC files: a record that cannot be used costs that record alone, and memory does not grow with the file."""

from __future__ import annotations

import gzip
import subprocess
import tempfile
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from dailypapers.ingest.importer.scan import FileScan
from dailypapers.ingest.importer.store import group_pages, store_fetches
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.atomic import write_whole
from tests.papersite import PaperSite
from tests.product import DAY, NOW, SERIES, Product

API = f"https://huggingface.co/api/daily_papers?date={DAY}&limit=100"
HTML = f"https://huggingface.co/papers/date/{DAY}"
DATE = "2025-12-11T07:50:00Z"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


def record(url: str | None, body: bytes, date: str | None = DATE, head: bytes = HEAD) -> bytes:
    lines = ["WARC/1.0", "WARC-Type: response", "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>"]
    lines += [f"WARC-Target-URI: {url}"] if url else []
    lines += [f"WARC-Date: {date}"] if date else []
    lines += ["Content-Type: application/http; msgtype=response", f"Content-Length: {len(head + body)}", "", ""]
    return "\r\n".join(lines).encode() + head + body + b"\r\n\r\n"


@pytest.fixture
def answer(site: PaperSite) -> bytes:
    return httpx.get(f"{site.url}/api/daily_papers?date={DAY}&limit=100").content


@pytest.fixture
def page(site: PaperSite) -> bytes:
    return httpx.get(f"{site.url}/papers/date/{DAY}").content


ODD = {
    "an address that is none": (record("http://[bad/x", b"[]"), "(http://[bad/x): its address is not valid"),
    "5,000 digits": (record(f"{API}&p={'7' * 5000}", b"[]"), "...): its page number has 5000 characters"),
    "no address": (record(None, b"[]"), "(record 1): the record has no WARC-Target-URI"),
    "no date": (record(API, b"[]", date=None), f"({API}): the record has no WARC-Date"),
    "a date that is none": (record(API, b"[]", date="yesterday"), f"({API}): its WARC-Date 'yesterday' is not a time"),
    "before all time": (record(API, b"[]", date="0001-01-01T00:00:00+23:00"), "is not a time"),
    "before the list existed": (record(API, b"[]", date="0001-01-01T00:00:00Z"), "which is before 2023-05-04"),
    "after all time": (record(API, b"[]", date="9999-12-31T23:59:59Z"), "which is in the future"),
    "a day out of reach": (record(API.replace(f"{DAY}", "9999-12-31"), b"[]"), "9999-12-31 is not between"),
    "no HTTP": (record(API, b"", head=b"nothing\r\n\r\n"), "holds no HTTP answer"),
    "too large": (record(API, b" " * (34 * 2**20)), f"({API}): the record is larger than"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_record_costs_itself_alone(product: Product, tmp_path: Path, answer: bytes, name: str) -> None:
    odd, message = ODD[name]
    warc = tmp_path / "crawl.warc.gz"
    warc.write_bytes(gzip.compress(odd) + gzip.compress(record(API, answer)))
    result = product("import", "hf-daily", warc)
    assert result.status == 1, result.err
    assert result.err.count("refused:") == 1
    assert f"refused: {warc} (" in result.err
    assert message in result.err
    assert "1 page imported, 0 already stored, 1 file refused" in result.err
    assert len(product.papers()) == 12


@pytest.mark.parametrize("name", ["an address that is none", "no date", "too large"])
def test_parse_goes_on_after_an_odd_record(product: Product, tmp_path: Path, answer: bytes, name: str) -> None:
    odd, message = ODD[name]
    (tmp_path / "crawl.warc").write_bytes(odd + record(API, answer))
    result = product("parse", tmp_path / "crawl.warc", "--as", "hf-daily")
    assert (result.status, len(result.out.splitlines())) == (1, 12)
    assert message in result.err


@pytest.mark.parametrize("form", ["plain", "members", "one member"])
def test_records_are_found_again_however_the_file_is_compressed(
    product: Product, tmp_path: Path, answer: bytes, page: bytes, form: str
) -> None:
    records = [record("https://elsewhere.example/", b"x"), record(API, answer), record(HTML, page)]
    content = {
        "plain": b"".join(records),
        "members": b"".join(map(gzip.compress, records)),
        "one member": gzip.compress(b"".join(records)),
    }
    (tmp_path / "crawl.warc").write_bytes(content[form])
    assert product("import", "hf-daily", tmp_path / "crawl.warc").status == 0
    (fetch,) = product.certificate()["fetches"]
    assert (fetch["whole"], [view["papers"] for view in fetch["views"]]) == (True, [12, 12])


def scanned(warc: Path) -> FileScan:
    scan = FileScan(SourceSeries(SOURCES["hf-daily"], SERIES), None, NOW)
    scan.scan([warc])
    return scan


def test_the_pages_of_a_file_are_not_held_together(tmp_path: Path, answer: bytes) -> None:
    padded = answer + b" " * 2**20
    times = [f"2025-12-11T07:{minute}:00Z" for minute in range(10, 50)]
    warc = tmp_path / "crawl.warc.gz"
    warc.write_bytes(b"".join(gzip.compress(record(API, padded, date)) for date in times))
    scanned(warc)  # loads the modules
    tracemalloc.start()
    scan = scanned(warc)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(scan.accepted) == 40
    assert peak < 20 * len(padded)


def test_a_file_that_changes_in_between_is_named(product: Product, tmp_path: Path, answer: bytes) -> None:
    warc = tmp_path / "crawl.warc"
    warc.write_bytes(record(API, answer))
    scan = scanned(warc)
    warc.write_bytes(record(API, answer.replace(b"a", b"b")))
    (group,) = group_pages(scan.accepted, datetime(2025, 12, 11, tzinfo=UTC))
    with pytest.raises(Exception, match="the file was changed while it was imported"):
        list(store_fetches(product.store, scan.source_series.on(group.day), [group]))


@pytest.fixture
def deep(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder below 1,200 others, none of which exists."""
    # Not in pytest's own folder, which it clears by recursion.
    top = tempfile.mkdtemp(prefix="dailypapers-deep-")
    monkeypatch.chdir(top)
    yield Path(*["d"] * 1200)
    subprocess.run(["rm", "-rf", top], check=True)


def test_folders_may_be_nested_deeper_than_calls(
    product: Product, answer: bytes, deep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)  # of each of them
        write_whole(deep / f"{DAY}.json", answer)
    assert product("import", "hf-daily", "d").status == 0
    assert len(product.papers()) == 12


def test_what_is_refused_does_not_keep_its_page(tmp_path: Path) -> None:
    (tmp_path / f"{DAY}.html").write_bytes(b"<p>no listing" * 1000)
    (tmp_path / f"{DAY}.html.gz").write_bytes(b"\x1f\x8bnot gzip")
    scan = FileScan(SourceSeries(SOURCES["hf-daily"], SERIES), None, NOW)
    scan.scan([tmp_path])
    assert [(error.__traceback__, error.__cause__, error.__context__) for error in scan.refused] == [(None,) * 3] * 2
