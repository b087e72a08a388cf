"""Archives: other tools can read them, and damaged files are reported by name."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from dailypapers.ingest.archive.model import Fault, Fetch, Served, ViewPass, served
from dailypapers.ingest.archive.reader import ArchivedFetch, ArchiveReader, read_archives
from dailypapers.ingest.archive.writer import write_fetch
from dailypapers.ingest.errors import DamagedArchive
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Store
from tests.papersite import Answer, PaperSite, switches
from tests.product import BUSY, DAY, NOW, SERIES, Product

PAGE = Page("http://127.0.0.1/papers", 200, (("Content-Type", "text/html"), ("X-Name", "Jörg")), b"<p>hello</p>", NOW)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three short records and its summary."""
    fault = Fault("http://127.0.0.1/api", "refused")
    views = (ViewPass("api", (fault,)), ViewPass("html", (served(PAGE), served(PAGE))))
    written = write_fetch(Store(tmp_path_factory.mktemp("archive")), Fetch(SERIES, DAY, NOW, views), {})
    assert written is not None
    return written.path


def read(path: Path) -> ArchivedFetch:
    """The fetch in an archive file. Raises DamagedArchive."""
    folder = read_archives([path], SERIES, DAY)
    for error in folder.damaged:
        raise error
    return folder.fetches[0]


def test_a_fetch_is_read_as_written(small: Path) -> None:
    fetch = read(small).fetch
    assert (fetch.series, fetch.day, fetch.at, fetch.kind) == (SERIES, DAY, NOW, "fetch")
    api, html = fetch.views
    assert api.entries == (Fault("http://127.0.0.1/api", "refused"),)
    first, second = html.entries
    assert first == second == served(PAGE)


def test_same_fetch_is_the_same_file_and_is_not_written_twice(small: Path, tmp_path: Path) -> None:
    fetch = read(small).fetch
    store = Store(tmp_path)
    written = write_fetch(store, fetch, {})
    assert written is not None
    assert (written.path.name, written.content) == (small.name, small.read_bytes())
    assert write_fetch(store, fetch, {}) is None


def test_every_archive_passes_warcio(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{BUSY}")
    product("run", "--day", f"{BUSY}", now=NOW + timedelta(hours=1))
    archives = [str(path) for path in product.archives(BUSY)]
    command = [sys.executable, "-m", "warcio.cli", "check", "-v", *archives]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    # Three pages and two summaries; warcio has nothing to check a revisit's payload against.
    assert checked.stdout.count("digest pass") == 5


def test_another_tool_reads_the_page(small: Path) -> None:
    with small.open("rb") as file:
        records = [(record.rec_type, record.raw_stream.read()) for record in ArchiveIterator(file)]
    assert [kind for kind, _ in records] == ["metadata", "response", "revisit", "metadata"]
    assert records[1][1] == b"<p>hello</p>"


def test_a_file_truncated_at_any_byte_is_reported_by_name(small: Path, tmp_path: Path) -> None:
    whole = small.read_bytes()
    truncated = tmp_path / small.name
    for length in range(len(whole)):
        truncated.write_bytes(whole[:length])
        with pytest.raises(DamagedArchive, match=small.name):
            read(truncated)


@pytest.mark.parametrize("extra", [b"\0", b"\n", b"more", "itself"])
def test_bytes_after_the_summary_are_detected(small: Path, tmp_path: Path, extra: bytes | str) -> None:
    whole = small.read_bytes()
    longer = tmp_path / small.name
    longer.write_bytes(whole + (whole if isinstance(extra, str) else extra))
    with pytest.raises(DamagedArchive):
        read(longer)


@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_flipped_bit_is_detected_or_changes_nothing(small: Path, place: int, bit: int) -> None:
    changed = bytearray(small.read_bytes())
    changed[place % len(changed)] ^= 1 << bit
    copy = small.with_name("flipped.warc.gz")
    copy.write_bytes(changed)
    try:
        fetch = read(copy).fetch
    except DamagedArchive:
        return
    assert fetch == read(small).fetch


def test_cookies_and_transfer_encoding_are_not_stored(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.header("/", "Set-Cookie", "token=secret"))
    product("run", "--day", f"{DAY}")
    for path in product.archives():
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                assert record.http_headers is None or record.http_headers.get("Set-Cookie") is None


def test_a_revisit_without_its_original_is_a_fault_of_its_view(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{DAY}")
    product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=1))
    first, second = product.archives()
    first.unlink()
    for view in read(second).fetch.views:
        (entry,) = view.entries
        assert isinstance(entry, Fault)
        assert "of 2025-12-19T12:00:00Z, is lost" in entry.reason


def test_an_archive_in_the_folder_of_another_day_is_refused(small: Path) -> None:
    (error,) = read_archives([small], SERIES, BUSY).damaged
    assert "is in the folder of hf-daily 2025-12-08" in str(error)


@pytest.mark.parametrize("hours", [(0, 2), (2, 0)])
def test_a_revisit_may_come_before_its_original(product: Product, site: PaperSite, hours: tuple[int, int]) -> None:
    for hour in hours:
        product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=hour))
    folder = read_archives(product.archives(), SERIES, DAY)
    assert (len(folder.fetches), folder.damaged) == (2, [])
    assert product.certificate()["fetches"][0]["whole"]
    assert product("build", "--check").status == 0


def test_no_revisit_refers_to_an_error_page_with_the_same_body(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.times(4, "/api/", lambda _, answer: Answer(503, answer.headers, answer.body)))
    product("run", "--day", f"{DAY}")
    assert product.certificate()["fetches"][0]["doubt"] == "failed"
    product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=1))
    assert product.certificate()["fetches"][1]["whole"]


def test_a_revisit_has_its_own_headers(product: Product, site: PaperSite) -> None:
    for number, tag in enumerate(("one", "two")):
        site.switches[:] = [switches.header("/", "X-Tag", tag)]
        product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=number))
    entries = [
        archived.fetch.views[0].entries[0] for archived in read_archives(product.archives(), SERIES, DAY).fetches
    ]
    assert [entry.page.header("x-tag") for entry in entries if isinstance(entry, Served)] == ["one", "two"]


def test_a_fetch_that_was_just_written_is_known_as_it_would_be_read(tmp_path: Path) -> None:
    odd = Page(
        PAGE.url, 200, (("Link", "  <x>; rel=next "), ("Set-Cookie", "a=b"), ("X-\u00fc", "\u20ac")), b"body", NOW
    )
    views = (
        ViewPass("api", (served(odd), Fault("http://127.0.0.1/api", "refused \u20ac"))),
        ViewPass("html", (served(PAGE), served(odd))),
    )
    written = write_fetch(Store(tmp_path), Fetch(SERIES, DAY, NOW, views), {})
    assert written is not None
    archives = ArchiveReader(SERIES, DAY)
    archives.add(written)
    assert archives.read([written.path]) == read_archives([written.path], SERIES, DAY)


def test_a_file_is_read_again_once_it_is_another(small: Path, tmp_path: Path) -> None:
    path, archives = tmp_path / small.name, ArchiveReader(SERIES, DAY)
    path.write_bytes(small.read_bytes())
    assert archives.read([path]).damaged == []
    path.write_bytes(small.read_bytes()[:-1])
    assert len(archives.read([path]).damaged) == 1


@pytest.mark.parametrize("change", ["time", "inode", "nothing"])
def test_a_file_is_not_read_twice_as_long_as_it_is_the_same(small: Path, tmp_path: Path, change: str) -> None:
    """A file of the same size with other bytes shows what was read."""
    path, archives = tmp_path / small.name, ArchiveReader(SERIES, DAY)
    path.write_bytes(small.read_bytes())
    before = path.stat()
    other = path.with_suffix(".other") if change == "inode" else path
    assert archives.read([path]).damaged == []
    other.write_bytes(bytes(before.st_size))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns + (change == "time")))
    other.rename(path)
    folder = archives.read([path])
    assert (len(folder.fetches), len(folder.damaged)) == ((1, 0) if change == "nothing" else (0, 1))


def test_originals_that_no_file_has_are_said(product: Product, site: PaperSite) -> None:
    for hours in range(2):
        product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=hours))
    paths = product.archives()
    assert [read_archives(each, SERIES, DAY).has_lost_originals for each in (paths, paths[:1], paths[1:])] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "socket"])
def test_what_is_no_regular_file_is_damage_of_its_day_alone(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    product("run", "--since", f"{DAY}", "--until", "2025-12-11")
    path = product.archives()[0].with_name("20251219T110000Z-00000000.warc.gz")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to("nowhere")
    else:
        monkeypatch.chdir(path.parent)
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind(path.name)
    result = product("build", "--all")
    assert result.status == 1
    assert f"{path}: damaged archive (it is not a regular file)" in result.err + result.out
    assert f"{SERIES} 2025-12-11: " in result.out
    assert product("build", "--check").status == 1
    assert product("build", "--accept-loss").status == 1
    assert path.name in product.certificate()["lost"]


def test_no_revisit_refers_to_a_redirect(tmp_path: Path) -> None:
    """Redirects of one address have the same empty body, and each may lead elsewhere, with another status."""
    url, store = "http://127.0.0.1/papers", Store(tmp_path)
    for hours, (status, target) in enumerate(((301, "/a"), (302, "/b"))):
        page = Page(url, status, (("Location", target),), b"", NOW + timedelta(hours=hours))
        originals = read_archives(store.archives(SERIES, DAY), SERIES, DAY).originals
        assert originals == {}
        fetch = Fetch(SERIES, DAY, NOW + timedelta(hours=hours), (ViewPass("html", (served(page), served(page))),))
        written = write_fetch(store, fetch, originals)
        assert written is not None
        with written.path.open("rb") as file:
            assert [record.rec_type for record in ArchiveIterator(file)] == ["response", "response", "metadata"]
        assert read(written.path).fetch == fetch


def test_a_redirect_is_requested_without_the_validators_of_the_page_it_led_to(
    product: Product, site: PaperSite
) -> None:
    site.switches.append(switches.redirect(f"/papers/date/{DAY}", f"/papers?date={DAY}"))
    site.switches.append(switches.header("/papers", "ETag", '"1"'))
    for hours in range(2):
        product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=hours))
    requests = [entry for entry in site.log if entry.target.startswith("/papers")]
    assert [entry.target for entry in requests] == [f"/papers/date/{DAY}", f"/papers?date={DAY}"] * 2
    names = {name.lower() for entry in requests for name, _ in entry.headers}
    assert "if-none-match" not in names


@pytest.mark.parametrize("value", ["".join(map(chr, range(0x80, 0x100))), "café — ü".encode().decode("latin-1")])
def test_headers_are_read_with_the_bytes_that_came(tmp_path: Path, value: str) -> None:
    page = Page("http://127.0.0.1/papers", 200, (("X-Name", value),), b"1", NOW)
    written = write_fetch(Store(tmp_path), Fetch(SERIES, DAY, NOW, (ViewPass("html", (served(page),)),)), {})
    assert written is not None
    (entry,) = read(written.path).fetch.views[0].entries
    assert entry == served(page)


def test_the_records_of_a_large_file_are_read_when_they_are_asked_for(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later, store = NOW + timedelta(hours=1), Store(tmp_path)
    originals = read_archives([small], SERIES, DAY).originals
    written = write_fetch(store, Fetch(SERIES, DAY, later, (ViewPass("html", (served(PAGE),)),)), originals)
    assert written is not None
    paths = [small, written.path]
    plain = read_archives(paths, SERIES, DAY)
    monkeypatch.setattr("dailypapers.ingest.archive.seal.MAX_PLAIN", 0)
    archives = ArchiveReader(SERIES, DAY)
    lazy = archives.read(paths)
    for one, other in zip(lazy.fetches, plain.fetches, strict=True):
        assert (one.path, one.size, one.sha256, one.fetch.at) == (other.path, other.size, other.sha256, other.fetch.at)
        assert [[*view.entries] for view in one.fetch.views] == [[*view.entries] for view in other.fetch.views]
        assert [view.entries[-1:] for view in one.fetch.views] == [[*view.entries[-1:]] for view in other.fetch.views]
    found = {key: (each.record_id, each.fetched_at, each.served) for key, each in lazy.originals.items()}
    assert found == {key: (each.record_id, each.fetched_at, each.served) for key, each in plain.originals.items()}
    written.path.write_bytes(b"")
    with pytest.raises(DamagedArchive, match=f"{written.path.name}: damaged archive .* changed while it was read"):
        lazy.fetches[1].fetch.views[0].entries[0]


def test_more_records_than_a_body_has_members_are_read(tmp_path: Path) -> None:
    views = (ViewPass("html", tuple(served(replace(PAGE, body=b"%d" % number)) for number in range(1_200))),)
    written = write_fetch(Store(tmp_path), Fetch(SERIES, DAY, NOW, views), {})
    assert written is not None
    assert len(read(written.path).fetch.views[0].entries) == 1_200


def test_a_record_that_inflates_to_too_much_is_damage(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailypapers.ingest.archive.seal._RECORD_CAP", 300)
    with pytest.raises(DamagedArchive, match="more bytes than the cap"):
        read(small)
