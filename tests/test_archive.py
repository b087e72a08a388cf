"""Archives: they open in another tool, and whatever is not what was written is refused by name."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from ingest.archive import write_fetch
from ingest.archive_reader import read_archive
from ingest.errors import DamagedArchive
from ingest.exchange import Fault, Fetch, ViewPass, served
from parsers.model import Page
from snapshots.layout import Store
from tests.papersite import PaperSite, switches
from tests.product import BUSY, DAY, NOW, SERIES, Product

PAGE = Page("http://127.0.0.1/papers", 200, (("Content-Type", "text/html"), ("X-Name", "Jörg")), b"<p>hello</p>", NOW)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three short records and its summary."""
    fault = Fault("http://127.0.0.1/api", "refused")
    views = (ViewPass("api", (fault,)), ViewPass("html", (served(PAGE), served(PAGE))))
    path = write_fetch(Store(tmp_path_factory.mktemp("archive")), Fetch(SERIES, DAY, NOW, views), {})
    assert path is not None
    return path


def test_what_was_written_is_read(small: Path) -> None:
    fetch = read_archive(small, {}).fetch
    assert (fetch.series, fetch.day, fetch.at, fetch.kind) == (SERIES, DAY, NOW, "fetch")
    api, html = fetch.views
    assert api.entries == (Fault("http://127.0.0.1/api", "refused"),)
    first, again = html.entries
    assert first == again == served(PAGE)


def test_same_fetch_is_the_same_file_and_is_not_written_twice(small: Path, tmp_path: Path) -> None:
    fetch = read_archive(small, {}).fetch
    store = Store(tmp_path)
    path = write_fetch(store, fetch, {})
    assert path is not None
    assert (path.name, path.read_bytes()) == (small.name, small.read_bytes())
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


def test_another_tool_sees_the_page_as_it_was(small: Path) -> None:
    with small.open("rb") as file:
        records = [(record.rec_type, record.raw_stream.read()) for record in ArchiveIterator(file)]
    assert [kind for kind, _ in records] == ["metadata", "response", "revisit", "metadata"]
    assert records[1][1] == b"<p>hello</p>"


def test_cut_at_any_byte_is_refused_by_name(small: Path, tmp_path: Path) -> None:
    whole = small.read_bytes()
    cut = tmp_path / small.name
    for length in range(len(whole)):
        cut.write_bytes(whole[:length])
        with pytest.raises(DamagedArchive, match=small.name):
            read_archive(cut, {})


@pytest.mark.parametrize("extra", [b"\0", b"\n", b"more", "itself"])
def test_bytes_after_the_summary_are_refused(small: Path, tmp_path: Path, extra: bytes | str) -> None:
    whole = small.read_bytes()
    longer = tmp_path / small.name
    longer.write_bytes(whole + (whole if isinstance(extra, str) else extra))
    with pytest.raises(DamagedArchive):
        read_archive(longer, {})


@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_flipped_bit_is_refused_or_changes_nothing(small: Path, place: int, bit: int) -> None:
    changed = bytearray(small.read_bytes())
    changed[place % len(changed)] ^= 1 << bit
    copy = small.with_name("flipped.warc.gz")
    copy.write_bytes(changed)
    try:
        fetch = read_archive(copy, {}).fetch
    except DamagedArchive:
        return
    assert fetch == read_archive(small, {}).fetch


def test_cookies_and_transfer_coding_are_not_kept(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.header("/", "Set-Cookie", "token=secret"))
    product("run", "--day", f"{DAY}")
    for path in product.archives():
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                assert record.http_headers is None or record.http_headers.get("Set-Cookie") is None


def test_a_revisit_whose_original_is_gone_is_damage(product: Product, site: PaperSite) -> None:
    product("run", "--day", f"{DAY}")
    product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=1))
    first, second = product.archives()
    first.unlink()
    with pytest.raises(DamagedArchive, match="which no whole archive of the day holds"):
        read_archive(second, {})
