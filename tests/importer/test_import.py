"""`dailypapers import`: saved pages and foreign WARC files into the store."""

from __future__ import annotations

import gzip
import io
import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import orjson
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from dailypapers.ingest.errors import RefusedFile
from dailypapers.ingest.importer import files
from dailypapers.ingest.importer.files import files_in, pages_in
from tests.papersite import PaperSite
from tests.product import BUSY, DAY, NOW, SATURDAY, SERIES, Product

FETCHED_AT = datetime(2025, 12, 11, 7, 50, tzinfo=UTC)

# warcio's writer leaves its spooled file to the garbage collector.
warcio_leaks = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@pytest.fixture
def answer(site: PaperSite) -> bytes:
    """The API's answer for DAY."""
    return httpx.get(f"{site.url}/api/daily_papers?date={DAY}&limit=100").content


@pytest.fixture
def page(site: PaperSite) -> bytes:
    """The HTML page of DAY."""
    return httpx.get(f"{site.url}/papers/date/{DAY}").content


def test_day_from_the_file_name_and_time_unknown(product: Product, tmp_path: Path, answer: bytes) -> None:
    saved = tmp_path / f"daily_papers_{DAY}.json"
    saved.write_bytes(answer)
    assert product("import", "hf-daily", saved).status == 0
    assert len(product.papers()) == 12
    assert {paper["first_seen"] for paper in product.papers()} == {f"{DAY}T00:00:00Z"}
    (fetch,) = product.certificate()["fetches"]
    assert (fetch["at_known"], fetch["kind"], fetch["whole"]) == (False, "import", False)


def test_the_day_may_be_named_yesterday(product: Product, tmp_path: Path, answer: bytes) -> None:
    saved = tmp_path / "saved.json"
    saved.write_bytes(answer)
    now = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC) + timedelta(days=1)
    assert product("import", "hf-daily", saved, "--day", "yesterday", now=now).status == 0
    assert len(product.papers()) == 12
    parsed = product("parse", saved, "--as", "hf-daily", "--day", "yesterday", now=now)
    assert {orjson.loads(line)["day"] for line in parsed.out.splitlines()} == {f"{DAY}"}


def test_both_views_at_one_time_are_one_whole_fetch(
    product: Product, tmp_path: Path, answer: bytes, page: bytes
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / f"{DAY}.json").write_bytes(answer)
    (tmp_path / "a" / f"{DAY}.html.gz").write_bytes(gzip.compress(page))
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert (
        product("import", "hf-daily", tmp_path / "link", "--fetched-at", f"{FETCHED_AT:%Y-%m-%dT%H:%M:%SZ}").status == 0
    )
    (fetch,) = product.certificate()["fetches"]
    assert (fetch["at"], fetch["whole"], len(fetch["views"])) == ("2025-12-11T07:50:00Z", True, 2)


def test_second_import_changes_no_byte(product: Product, tmp_path: Path, answer: bytes) -> None:
    (tmp_path / f"{DAY}.json").write_bytes(answer)
    product("import", "hf-daily", tmp_path / f"{DAY}.json")
    before = product.files()
    result = product("import", "hf-daily", tmp_path / f"{DAY}.json")
    assert result.status == 0
    assert "1 already stored" in result.err
    assert product.files() == before


def test_the_pages_of_a_listing_are_joined_in_the_order_of_their_names(
    product: Product, site: PaperSite, tmp_path: Path
) -> None:
    for number in (0, 1):
        saved = httpx.get(f"{site.url}/api/daily_papers?date={BUSY}&limit=100&p={number}").content
        (tmp_path / f"{BUSY}.p{number}.json").write_bytes(saved)
    product("import", "hf-daily", *sorted(tmp_path.glob("*.json")))
    assert sorted(paper["rank"] for paper in product.papers(BUSY)) == list(range(1, 131))
    assert product.certificate(BUSY)["fetches"][0]["views"][0]["exhausted"] is True


def test_exactly_fifty_items_prove_nothing(product: Product, site: PaperSite, tmp_path: Path) -> None:
    (tmp_path / f"{BUSY}.json").write_bytes(httpx.get(f"{site.url}/api/daily_papers?date={BUSY}").content)
    result = product("import", "hf-daily", tmp_path / f"{BUSY}.json")
    assert "cut at 50" in result.out
    assert product.certificate(BUSY)["fetches"][0]["views"][0]["exhausted"] is False


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("2025-12-10.json", b"1", "value 1"),
        ("2025-12-10.json", b"{'paper': 'repr'}", "JSON"),
        ("2025-12-10.json", b"[\"{'paper': 1}\"]", "none of 1 items"),
        ("2025-12-10.json", b'{"status": "queued"}', "status"),
        ("2025-12-10.html", b"<!doctype html><title>502 Bad Gateway</title>", "502 Bad Gateway"),
        ("2025-12-10.json", b"", "empty"),
        ("2025-12-10.json", b"\x1f\x8b\x08rubbish", "gzip is broken"),
        ("notes.bin", bytes(range(256)), "its day is unknown"),
        ("2025-12-10.warc", b"WARC/1.0\r\nrubbish", "none of its 0 records"),
    ],
)
def test_files_that_are_not_answers_are_refused_by_name(
    product: Product, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    result = product("import", "hf-daily", tmp_path / name)
    assert result.status == 3
    assert name in result.err
    assert message in result.err
    assert product.files() == {}


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("saved.json", [], "give it with --day"),
        ("2025-12-10_or_2025-12-11.json", [], "holds 2 days"),
        ("2025-12-11.json", [], "taken for 2025-12-11, but it lists the day 2025-12-10"),
        ("saved.json", ["--day", "2025-12-09"], "taken for 2025-12-09, but it lists the day 2025-12-10"),
    ],
)
def test_a_page_of_an_uncertain_day_is_refused(
    product: Product, tmp_path: Path, answer: bytes, name: str, words: list[str], message: str
) -> None:
    (tmp_path / name).write_bytes(answer)
    result = product("import", "hf-daily", tmp_path / name, *words)
    assert (result.status, product.files()) == (3, {})
    assert message in result.err


def test_an_empty_page_belongs_to_the_day_in_its_name(product: Product, tmp_path: Path) -> None:
    (tmp_path / f"{SATURDAY}.json").write_bytes(b"[]")
    assert product("import", "hf-daily", tmp_path / f"{SATURDAY}.json").status == 0
    assert product.papers(SATURDAY) == []


def test_good_files_are_imported_despite_bad_ones(product: Product, tmp_path: Path, answer: bytes) -> None:
    (tmp_path / f"{DAY}.json").write_bytes(answer)
    (tmp_path / "2025-12-11.json").write_bytes(b"oops")
    (tmp_path / ".hidden").write_bytes(b"oops")
    result = product("import", "hf-daily", tmp_path)
    assert result.status == 1
    assert result.err.count("refused:") == 1
    assert len(product.papers()) == 12


def test_an_item_of_another_day_is_only_noted(product: Product, tmp_path: Path, answer: bytes) -> None:
    items = orjson.loads(answer)
    items[2]["paper"]["submittedOnDailyAt"] = "2025-12-16T00:00:00.000Z"
    (tmp_path / f"{DAY}.json").write_bytes(orjson.dumps(items))
    assert product("import", "hf-daily", tmp_path / f"{DAY}.json").status == 0
    (view,) = product.certificate()["fetches"][0]["views"]
    assert "2025-12-16" in view["notes"][0]


@warcio_leaks
def test_a_foreign_warc_has_its_own_day_and_time(product: Product, site: PaperSite, tmp_path: Path) -> None:
    warc = tmp_path / "crawl.warc.gz"
    with warc.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for path in (
            f"/papers?date={DAY}",
            f"/api/daily_papers?date={DAY}&limit=100",
            "/papers/trending",
            "/robots.txt",
        ):
            _record(writer, site, path)
    result = product("import", "hf-daily", warc)
    assert result.status == 0
    assert "2 records are not answers of hf-daily" in result.err
    (fetch,) = product.certificate()["fetches"]
    assert (fetch["at"], fetch["at_known"], fetch["whole"]) == ("2025-12-11T07:50:00Z", True, True)
    assert len(product.papers()) == 12


@warcio_leaks
def test_a_cut_warc_is_refused(product: Product, site: PaperSite, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    _record(WARCWriter(buffer, gzip=True), site, f"/papers?date={DAY}")
    (tmp_path / "cut.warc.gz").write_bytes(buffer.getvalue()[:-100])
    result = product("import", "hf-daily", tmp_path / "cut.warc.gz")
    assert result.status == 3
    assert "gzip is broken" in result.err


@warcio_leaks
@pytest.mark.parametrize("digest", ["sha1:" + "A" * 32, "sha1:rubbish", "md5:rubbish"])
def test_a_record_that_is_not_what_its_digest_says_is_refused(
    product: Product, site: PaperSite, tmp_path: Path, digest: str
) -> None:
    buffer = io.BytesIO()
    _record(WARCWriter(buffer, gzip=False), site, f"/papers?date={DAY}")
    head, block, rest = re.split(rb"(WARC-Block-Digest: )[^\r]*", buffer.getvalue())
    (tmp_path / "crawl.warc").write_bytes(head + block + digest.encode() + rest)
    result = product("import", "hf-daily", tmp_path / "crawl.warc")
    assert (result.status, product.files()) == (3, {})
    assert "the record is not what its digest says" in result.err


def test_archives_of_one_store_can_be_imported_into_another(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run", "--day", f"{BUSY}")
    other = Product(type(product.store)(tmp_path / "other"), product.capsys)
    assert other("import", "hf-daily", product.store.root / "pages").status == 0
    assert other.papers(BUSY) == product.papers(BUSY)
    assert other.certificate(BUSY)["fetches"][0]["whole"] is True


@pytest.mark.parametrize(("seconds", "status"), [(0, 0), (1, 2)])
def test_a_page_cannot_have_been_served_in_the_future(
    product: Product, tmp_path: Path, answer: bytes, seconds: int, status: int
) -> None:
    (tmp_path / f"{DAY}.json").write_bytes(answer)
    served_at = (NOW + timedelta(seconds=seconds)).isoformat()
    result = product("import", "hf-daily", tmp_path / f"{DAY}.json", "--fetched-at", served_at)
    assert (result.status, "is in the future" in result.err) == (status, bool(seconds))
    assert bool(product.files()) is not bool(seconds)


@warcio_leaks
@pytest.mark.parametrize(("seconds", "status"), [(0, 0), (1, 3)])
def test_a_record_cannot_be_from_the_future(
    product: Product, site: PaperSite, tmp_path: Path, seconds: int, status: int
) -> None:
    warc = tmp_path / "crawl.warc.gz"
    with warc.open("wb") as file:
        _record(WARCWriter(file, gzip=True), site, f"/papers/date/{DAY}", NOW + timedelta(seconds=seconds))
    result = product("import", "hf-daily", warc)
    assert (result.status, "which is in the future" in result.err) == (status, bool(seconds))
    assert bool(product.files()) is not bool(seconds)


@pytest.mark.parametrize(("days", "message"), [(0, None), (1, "is not between")])
def test_a_day_cannot_be_in_the_future(product: Product, tmp_path: Path, days: int, message: str | None) -> None:
    path = tmp_path / f"{NOW.date() + timedelta(days=days)}.json"
    path.write_bytes(b"[]")
    result = product("import", "hf-daily", path)
    assert (result.status, message is None or message in result.err) == (3 if message else 0, True)
    assert bool(product.files()) is (message is None)


@warcio_leaks
def test_the_same_page_at_another_time_is_another_fetch(product: Product, site: PaperSite, tmp_path: Path) -> None:
    """Within minutes too: only a higher page number continues a listing."""
    warc = tmp_path / "crawl.warc.gz"
    api = f"/api/daily_papers?date={BUSY}&limit=100"
    times = [FETCHED_AT + timedelta(minutes=number) for number in range(4)]
    with warc.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for at, number in zip(times, (0, 1, 1, 0), strict=True):
            _record(writer, site, f"{api}&p={number}", at)
    assert product("import", "hf-daily", warc).status == 0
    fetches = product.certificate(BUSY)["fetches"]
    assert [(fetch["at"][14:16], fetch["views"][0]["pages"]) for fetch in fetches] == [("50", 2), ("52", 1), ("53", 1)]


def test_fetches_are_merged_in_order_of_time(product: Product, site: PaperSite, tmp_path: Path, answer: bytes) -> None:
    product("run", "--day", f"{DAY}", now=FETCHED_AT)
    items = orjson.loads(answer)
    items[0]["paper"]["upvotes"] += 1000
    (tmp_path / f"{DAY}.json").write_bytes(orjson.dumps(items))
    product("import", "hf-daily", tmp_path / f"{DAY}.json")
    assert max(paper["upvotes"] for paper in product.papers()) < 1000
    late = FETCHED_AT + timedelta(days=7)
    product("import", "hf-daily", tmp_path / f"{DAY}.json", "--fetched-at", late.isoformat())
    assert max(paper["upvotes"] for paper in product.papers()) >= 1000
    assert len(product.store.archives(SERIES, DAY)) == 3


def _record(writer: WARCWriter, site: PaperSite, path: str, at: datetime = FETCHED_AT) -> None:
    answer = httpx.get(f"{site.url}{path}", headers={"Accept-Encoding": "identity"})
    record = writer.create_warc_record(
        f"https://huggingface.co{path}",
        "response",
        payload=io.BytesIO(answer.content),
        http_headers=StatusAndHeaders("200 OK", list(answer.headers.items()), protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Date": f"{at:%Y-%m-%dT%H:%M:%SZ}"},
    )
    writer.write_record(record)


def refusals(*paths: Path) -> tuple[list[Path], list[str]]:
    """The files that are found, and why others are not."""
    refused: list[RefusedFile] = []
    return list(files_in(paths, refused.append)), list(map(str, refused))


def test_what_is_no_regular_file_is_refused_and_the_rest_is_found(tmp_path: Path) -> None:
    page, empty, deep = tmp_path / "b.json", tmp_path / "a.json", tmp_path / "folder" / "c.json"
    deep.parent.mkdir()
    for path in (page, deep):
        path.write_text("[]")
    empty.touch()
    (tmp_path / ".hidden").write_text("[]")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "folder" / "up").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    found, refused = refusals(tmp_path, tmp_path / "missing", tmp_path / ".hidden")
    assert found == [page, deep, tmp_path / ".hidden"]
    assert refused == [
        f"{empty}: the file is empty",
        f"{tmp_path / 'gone'}: cannot be read (No such file or directory)",
        f"{tmp_path / 'pipe'}: not a regular file",
        f"{tmp_path / 'missing'}: cannot be read (No such file or directory)",
    ]


@pytest.mark.parametrize("content", [b" \n\t ", gzip.compress(b"  \n", mtime=0)])
def test_a_file_of_blanks_is_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "2025-12-10.json"
    path.write_bytes(content)
    with pytest.raises(RefusedFile) as raised:
        list(pages_in(path, lambda _: True, lambda _: None))
    assert str(raised.value) == f"{path}: the file is empty"


def test_a_page_over_the_cap_is_refused_and_one_of_its_size_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "2025-12-10.json"
    path.write_bytes(b"x" * 100)
    monkeypatch.setattr(files, "CONTENT_CAP", 100)
    ((page, loaded),) = [found for found in pages_in(path, lambda _: True, lambda _: None) if found is not None]
    assert (page.name, page.path, loaded.body) == (str(path), path, b"x" * 100)
    assert page.is_plain_file is page.is_resource is True
    path.write_bytes(b"x" * 101)
    with pytest.raises(RefusedFile) as raised:
        list(pages_in(path, lambda _: True, lambda _: None))
    assert str(raised.value) == f"{path}: larger than 100 bytes"


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2025-12-10.json", "2025-12-10"),
        ("page of 2025-12-10 (1).html", "2025-12-10"),
        ("2025-12-10-and-2025-12-10.json", "2025-12-10"),
        ("2025-13-45.json", None),
        ("2025-02-30 2025-02-28.json", "2025-02-28"),
        ("page.json", None),
    ],
)
def test_the_day_in_the_name_of_a_file(tmp_path: Path, name: str, day: str | None) -> None:
    (tmp_path / name).write_text("[]")
    ((page, _),) = [found for found in pages_in(tmp_path / name, lambda _: True, lambda _: None) if found is not None]
    assert page.day_in_name() == (day and date.fromisoformat(day))


def test_a_name_with_two_days_is_refused(product: Product, tmp_path: Path) -> None:
    path = tmp_path / "2025-12-10 to 2025-12-11.json"
    path.write_text("[]")
    result = product("import", "hf-daily", path)
    assert result.status == 3
    assert f"{path}: its name holds 2 days; choose one with --day" in result.err


def test_a_page_of_which_no_item_is_a_paper_is_refused_with_the_errors(product: Product, tmp_path: Path) -> None:
    path = tmp_path / "2025-12-10.json"
    path.write_text('[{"paper": {"id": 1, "title": 2}}, {"paper": null}]')
    result = product("import", "hf-daily", path)
    assert result.status == 3
    assert f"{path}: none of its 2 items is a paper (" in result.err
    assert not list(product.files())
