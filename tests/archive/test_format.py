"""The records of an archive file, byte for byte: an archive written today must be the file that a later version writes.

The sample has each kind of record. What it holds follows ISO 28500:2017 (https://iipc.github.io/warc-specifications/).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import orjson
import pytest

from dailypapers.ingest import __version__
from dailypapers.ingest.archive.content_encoding import members
from dailypapers.ingest.archive.model import Fault, Fetch, Served, ViewPass, payload_digest, served, unchanged
from dailypapers.ingest.archive.reader import read_archives
from dailypapers.ingest.archive.seal import archive_identity, read_series
from dailypapers.ingest.archive.writer import WrittenFetch, write_fetch
from dailypapers.ingest.errors import DamagedArchive
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Series, Store

SERIES, DAY = Series("hf-search", "cats & dogs"), date(2025, 12, 10)
AT = datetime(2025, 12, 10, 12, tzinfo=UTC)

PAGE: Final = served(Page("http://site.test/papers", 200, (("Content-Type", "text/html"), ("ETag", '"1"')), b"<p>", AT))
CHANGED_TAG: Final = Page(PAGE.page.url, 304, (("ETag", '"2"'),), b"", AT + timedelta(hours=1))
FILE: Final = served(
    Page("http://site.test/file", 200, (("Content-Type", "application/json"),), b"[]", AT), from_file=True
)
ODD: Final = served(Page("http://site.test/odd", 799, (), b"", AT))
FAULT: Final = Fault("http://site.test/api", "refused")
VIEWS: Final = (
    ViewPass("api", (FAULT, PAGE, ODD)),
    ViewPass("html", (PAGE, unchanged(PAGE, CHANGED_TAG), FILE, FILE)),
)

RECORDS: Final = """\
WARC/1.1
WARC-Type: metadata
WARC-Date: 2025-12-10T12:00:00Z
WARC-Record-ID: <urn:uuid:4bf171ba-5f3f-5c37-9c4a-c232c1249cb8>
Content-Length: 49
WARC-Target-URI: http://site.test/api
Content-Type: application/vnd.dailypapers.fault+json
WARC-Payload-Digest: sha1:3X3M775Y55DIYLD6CIGTCTQLKDF3U6CL
WARC-Block-Digest: sha1:3X3M775Y55DIYLD6CIGTCTQLKDF3U6CL

{"url":"http://site.test/api","reason":"refused"}
---
WARC/1.1
WARC-Type: response
WARC-Date: 2025-12-10T12:00:00Z
WARC-Record-ID: <urn:uuid:16317862-50fa-54bb-93fd-6f00ec7db99b>
Content-Length: 58
WARC-Target-URI: http://site.test/papers
Content-Type: application/http; msgtype=response
WARC-Payload-Digest: sha1:MOW2KXALUIJKLMPY2WTQREDYR4AJOK7U
WARC-Block-Digest: sha1:6VG4HM52GDY2BWAJW3HDNVTZ6I6SWB5I

HTTP/1.1 200 OK
Content-Type: text/html
ETag: "1"

<p>
---
WARC/1.1
WARC-Type: response
WARC-Date: 2025-12-10T12:00:00Z
WARC-Record-ID: <urn:uuid:8b952074-c3e6-5296-8eee-9aad144c9c0a>
Content-Length: 17
WARC-Target-URI: http://site.test/odd
Content-Type: application/http; msgtype=response
WARC-Payload-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ
WARC-Block-Digest: sha1:LZE3SHFGCULXPXUZD2JHVXV2LOR4K476

HTTP/1.1 799{blank}
---
WARC/1.1
WARC-Type: revisit
WARC-Date: 2025-12-10T12:00:00Z
WARC-Record-ID: <urn:uuid:990aa784-08b6-5c65-b16c-e6a36d5c9260>
Content-Length: 55
WARC-Target-URI: http://site.test/papers
Content-Type: application/http; msgtype=response
WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest
WARC-Refers-To: <urn:uuid:16317862-50fa-54bb-93fd-6f00ec7db99b>
WARC-Refers-To-Target-URI: http://site.test/papers
WARC-Refers-To-Date: 2025-12-10T12:00:00Z
WARC-Payload-Digest: sha1:MOW2KXALUIJKLMPY2WTQREDYR4AJOK7U
WARC-Block-Digest: sha1:4YO5V6S2JHRWTXIUDMA26XCWXEQAID3H

HTTP/1.1 200 OK
Content-Type: text/html
ETag: "1"
---
WARC/1.1
WARC-Type: revisit
WARC-Date: 2025-12-10T13:00:00Z
WARC-Record-ID: <urn:uuid:9ee3712e-a2da-504f-a472-9976e40e4400>
Content-Length: 40
WARC-Target-URI: http://site.test/papers
Content-Type: application/http; msgtype=response
WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified
WARC-Refers-To: <urn:uuid:16317862-50fa-54bb-93fd-6f00ec7db99b>
WARC-Refers-To-Target-URI: http://site.test/papers
WARC-Refers-To-Date: 2025-12-10T12:00:00Z
WARC-Payload-Digest: sha1:MOW2KXALUIJKLMPY2WTQREDYR4AJOK7U
WARC-Block-Digest: sha1:P2725GTFT6U76HVE5DAFOEG2MWATM5Q7

HTTP/1.1 304 Not Modified
ETag: "2"
---
WARC/1.1
WARC-Type: resource
WARC-Date: 2025-12-10T12:00:00Z
WARC-Record-ID: <urn:uuid:659f5fd8-bcbb-5aff-a54c-361dec073bd0>
Content-Length: 2
WARC-Target-URI: http://site.test/file
Content-Type: application/json
WARC-Payload-Digest: sha1:S7IXBYKVB3XEV7AK6BS3PDG2GAVJOZ2M
WARC-Block-Digest: sha1:S7IXBYKVB3XEV7AK6BS3PDG2GAVJOZ2M

[]
---
WARC/1.1
WARC-Type: revisit
WARC-Date: 2025-12-10T12:00:00Z
WARC-Record-ID: <urn:uuid:682a434f-53b8-56f5-9570-6a03d1aef34b>
Content-Length: 51
WARC-Target-URI: http://site.test/file
Content-Type: application/http; msgtype=response
WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest
WARC-Refers-To: <urn:uuid:659f5fd8-bcbb-5aff-a54c-361dec073bd0>
WARC-Refers-To-Target-URI: http://site.test/file
WARC-Refers-To-Date: 2025-12-10T12:00:00Z
WARC-Payload-Digest: sha1:S7IXBYKVB3XEV7AK6BS3PDG2GAVJOZ2M
WARC-Block-Digest: sha1:TO34EHGE3JB3B7MNWI4TCZ4TMKNX3MOF

HTTP/1.1 200 OK
Content-Type: application/json
"""
"""The records of `VIEWS`, without the blank lines at their ends."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> WrittenFetch:
    """The archive of `VIEWS`."""
    result = write_fetch(Store(tmp_path_factory.mktemp("format")), Fetch(SERIES, DAY, AT, VIEWS), {})
    assert result is not None
    return result


def test_records_are_written_byte_for_byte_as_always(written: WrittenFetch) -> None:
    *records, _ = [member for _, member in members("", written.content, 2**20)]
    assert [record.count(b"\n") for record in records] == [record.count(b"\r\n") for record in records]
    assert all(record.endswith(b"\r\n\r\n") for record in records)
    plain = [record.decode().replace("\r\n", "\n").rstrip("\n") for record in records]
    assert plain == RECORDS.replace("{blank}", " ").rstrip("\n").split("\n---\n")
    # The name has a digest of the payloads, which does not depend on the compression.
    assert written.path.name == "20251210T120000Z-7593499d.warc.gz"


def test_the_summary_describes_the_fetch_and_the_bytes_before_it(written: WrittenFetch) -> None:
    *_, (offset, summary) = members("", written.content, 2**20)
    head, _, block = summary.partition(b"\r\n\r\n")
    assert b"\r\nWARC-Target-URI: urn:dailypapers:hf-search/cats-dogs-98b06e21:2025-12-10\r\n" in head
    assert b"\r\nContent-Type: application/vnd.dailypapers.fetch+json\r\n" in head
    assert block.startswith(b'{\n  "schema": 1,\n')
    assert list(orjson.loads(block).items()) == [
        ("schema", 1),
        ("software", f"dailypapers/{__version__}"),
        ("source", "hf-search"),
        ("query", "cats & dogs"),
        ("day", "2025-12-10"),
        ("kind", "fetch"),
        ("at", "2025-12-10T12:00:00Z"),
        ("at_known", True),
        ("views", [{"view": "api", "records": [1, 2, 3]}, {"view": "html", "records": [4, 5, 6, 7]}]),
        ("records", 7),
        ("bytes", offset),
        ("sha256", sha256(written.content[:offset]).hexdigest()),
    ]


def test_a_body_that_came_compressed_is_not_compressed_much_again(tmp_path: Path) -> None:
    """RFC 1952, 2.3.1: the ninth byte of a gzip member says that the fastest way was used, or the default."""
    encoded = served(replace(PAGE.page, headers=(("Content-Encoding", "gzip"),)))
    views = (ViewPass("api", (PAGE, encoded, replace(encoded, digest=payload_digest(b"x")), FILE)),)
    written = write_fetch(Store(tmp_path), Fetch(SERIES, DAY, AT, views), {})
    assert written is not None
    offsets = [offset for offset, _ in members("", written.content, 2**20)]
    assert [written.content[offset + 8] for offset in offsets] == [0, 4, 4, 0, 0]


def test_every_kind_of_record_is_read_as_it_was(written: WrittenFetch) -> None:
    (archived,) = read_archives([written.path], SERIES, DAY).fetches
    assert archived.fetch == Fetch(SERIES, DAY, AT, VIEWS)
    assert (archived.size, archived.sha256) == (len(written.content), sha256(written.content).hexdigest())


@pytest.mark.parametrize("at_known", [True, False])
@pytest.mark.parametrize("kind", ["fetch", "import"])
def test_the_kind_of_a_fetch_and_where_its_time_is_from_are_read_as_they_were(
    tmp_path: Path, kind: str, at_known: bool
) -> None:
    fetch = Fetch(SERIES, DAY, AT, VIEWS, kind, at_known)
    written = write_fetch(Store(tmp_path), fetch, {})
    assert written is not None
    assert read_archives([written.path], SERIES, DAY).fetches[0].fetch == fetch


def test_a_file_without_a_type_is_a_resource_of_bytes(tmp_path: Path) -> None:
    page = served(replace(FILE.page, headers=()), from_file=True)
    written = write_fetch(Store(tmp_path), Fetch(SERIES, DAY, AT, (ViewPass("api", (page,)),)), {})
    assert written is not None
    (entry,) = read_archives([written.path], SERIES, DAY).fetches[0].fetch.views[0].entries
    assert isinstance(entry, Served)
    assert entry == replace(page, page=replace(page.page, headers=(("Content-Type", "application/octet-stream"),)))


def test_a_page_without_a_time_was_fetched_when_the_fetch_began(tmp_path: Path) -> None:
    page = served(replace(PAGE.page, fetched_at=None))
    written = write_fetch(Store(tmp_path), Fetch(SERIES, DAY, AT, (ViewPass("api", (page,)),)), {})
    assert written is not None
    (entry,) = read_archives([written.path], SERIES, DAY).fetches[0].fetch.views[0].entries
    assert entry == PAGE


def test_the_series_and_the_day_are_known_from_the_bytes(written: WrittenFetch, tmp_path: Path) -> None:
    assert read_series(written.path) == SERIES
    assert archive_identity(Path("name"), written.content) == (SERIES, DAY)
    with pytest.raises(DamagedArchive, match=r"^name: damaged archive .*cut short"):
        archive_identity(Path("name"), written.content[:-1])
    with pytest.raises(DamagedArchive, match="it is not a regular file"):
        read_series(tmp_path)
