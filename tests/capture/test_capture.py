"""`dailypapers capture`: fixtures from the archive, cut without editing, without secrets."""

from __future__ import annotations

import json
from bisect import bisect_left
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from dailypapers.ingest.fixtures.scrub import describe_counts, scrubbed
from dailypapers.parsers import Page, parse
from tests.papersite import PaperSite, switches
from tests.product import BUSY, DAY, NOW, Product, Result
from tests.support.copied_text import HEAD, ONE
from tests.support.fixture_cases import check, rewrite

API = f"/api/daily_papers?date={DAY}&limit=100"
HTML = f"/papers/date/{DAY}"


@pytest.fixture
def filled(product: Product, site: PaperSite) -> Product:
    """A store with one day of twelve papers."""
    product("run", "--day", f"{DAY}")
    return product


def captured(product: Product, *words: str, source: str = "hf-daily", case: str = "a-case") -> Path:
    """Capture a case beside the store and check it as the test of all fixtures does."""
    to = product.store.root.parent / "fixtures"
    result = product("capture", source, "--day", f"{DAY}", "--case", case, "--to", to, *words)
    assert result.status == 0, result.err
    folder = to / source / case
    rewrite(folder)
    check(folder)
    return folder


def meta_of(folder: Path) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads((folder / "meta.json").read_bytes())
    return meta


def keys(folder: Path) -> list[str]:
    return [json.loads(line)["key"] for line in (folder / "expected.jsonl").read_bytes().splitlines()]


def test_a_whole_page_is_what_was_served(filled: Product, site: PaperSite) -> None:
    served, requests = httpx.get(site.url + API).content, len(site.log)
    folder = captured(filled, "--note", "a day as it is")
    assert len(site.log) == requests
    assert (folder / "page.json").read_bytes() == served
    meta = meta_of(folder)
    assert meta["url"] == f"https://huggingface.co{API}"
    assert (meta["status"], meta["fetched_at"], meta["parser"]) == (200, "2025-12-19T12:00:00Z", "hf_api")
    assert (meta["day"], meta["synthetic"], meta["note"]) == (f"{DAY}", True, "a day as it is")
    assert meta["cut"] is None
    assert ["Content-Type", "application/json; charset=utf-8"] in meta["headers"]
    assert "header Date" in meta["scrubbed"]


@pytest.mark.parametrize(
    ("words", "places"), [("3", [1, 2, 3]), ("2,5-6", [2, 5, 6]), ("12", None), ("11,2,11", [2, 11])]
)
@pytest.mark.parametrize("view", ["api", "html"])
def test_a_page_is_cut_to_items_which_stay_as_they_are(
    filled: Product, view: str, words: str, places: list[int] | None
) -> None:
    whole, part = captured(filled, "--view", view), captured(filled, "--view", view, "--items", words, case="part")
    assert meta_of(part)["cut"] == (places and {"items": places, "of": 12})
    assert keys(part) == [keys(whole)[place - 1] for place in places or range(1, 13)]
    suffix = "json" if view == "api" else "html"
    before, after = ((folder / f"page.{suffix}").read_bytes() for folder in (whole, part))
    assert_cut(before, after)


def assert_cut(before: bytes, after: bytes) -> None:
    """`after` is `before` with some parts removed."""
    while after:
        size = longest(before, after)
        assert size > 5 or size == len(after)
        before, after = before[before.index(after[:size]) + size :], after[size:]


def longest(text: bytes, words: bytes) -> int:
    """The length of the longest prefix of `words` that `text` contains."""

    def is_missing(size: int) -> bool:
        return words[:size] not in text

    return bisect_left(range(1, len(words) + 1), True, key=is_missing)


def test_keys_name_items_too_and_blob_and_cards_are_cut_alike(filled: Product) -> None:
    wanted = sorted(paper["key"] for paper in filled.papers()[3:5])
    folder = captured(filled, "--view", "html", "--items", ",".join(wanted))
    page = Page("", 200, (), (folder / "page.html").read_bytes(), None)
    for parser in ("hf_html", "hf_cards"):
        assert sorted(paper.key for paper in parse(page, parser, source="hf-daily").papers) == wanted
    assert page.body.count(b"<article") == 2


def test_a_page_without_its_blob_is_cut_card_by_card(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.no_blob())
    product("run", "--day", f"{DAY}")
    folder = captured(product, "--view", "html", "--items", "2,4")
    assert (folder / "page.html").read_bytes().count(b"<article") == len(keys(folder)) == 2


def test_a_copied_text_is_cut_entry_by_entry(product: Product, tmp_path: Path) -> None:
    names = ["Owls at Noon", "Bats at Dawn", "Moths by Lamplight"]
    (tmp_path / "listing.txt").write_text(HEAD + "".join(ONE.replace("Owls at Noon", name) + "\n\n" for name in names))
    product("import", "hf-text", tmp_path / "listing.txt", "--day", f"{DAY}")
    folder = captured(product, "--items", "1,3", "--synthetic", source="hf-text")
    rows = [json.loads(line) for line in (folder / "expected.jsonl").read_bytes().splitlines()]
    assert [row["title"] for row in rows] == names[::2]
    assert (folder / "page.txt").read_text().startswith(HEAD)


def test_a_search_is_captured_by_its_words(product: Product, site: PaperSite) -> None:
    product("run", "hf-search", "--query", "learning")
    words = ["--query", "learning", "--day", f"{NOW.date()}", "--items", "2"]
    assert len(keys(captured(product, *words, source="hf-search"))) == 2


def test_addresses_in_headers_are_those_of_the_real_site(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.items("/api/daily_papers", lambda items: items * 60))
    product("run", "hf-weekly", "--day", f"{DAY}")
    folder = captured(product, "--items", "2", "--day", f"{DAY}", source="hf-weekly")
    links = [value for name, value in meta_of(folder)["headers"] if name == "Link"]
    assert [link.partition("?")[0] for link in links] == ["<https://huggingface.co/api/daily_papers"]


def test_an_older_fetch_can_be_captured(filled: Product, site: PaperSite) -> None:
    site.switches.append(switches.items(API, lambda items: items[:11]))
    filled("run", "--day", f"{DAY}", now=NOW + timedelta(hours=2))
    older, newer = (path.name for path in filled.archives())
    assert len(keys(captured(filled))) == 11
    assert len(keys(captured(filled, "--fetch", older[:16], case="older"))) == 12
    assert len(keys(captured(filled, "--fetch", newer, case="newer"))) == 11


def test_a_page_that_is_not_a_listing_is_captured_with_its_error(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.challenge("/papers"))
    product("run", "--day", f"{DAY}")
    folder = captured(product, "--view", "html")
    assert meta_of(folder)["error"].startswith("a challenge page came")
    assert not (folder / "expected.jsonl").exists()


def test_secrets_are_masked_and_listed(product: Product, site: PaperSite) -> None:
    secrets = (
        b'<meta name="csrf-token" content="c5rfC5RF"><!-- jane.doe@mail.example 10.20.30.40 2001:db8::7 -->'
        b'<script>let config = {"sessionId":"s3ss10n-1d","docSearchKey":"a1b2c3d4"}</script>'
        b'<a href="/x?token=t0k3n"></a>'
        b"hf_" + b"Ab3" * 10
    )
    site.switches += [
        switches.body("/papers", lambda body: body.replace(b"</body>", secrets + b"</body>")),
        switches.header("/papers", "X-Request-Id", "Root=1-69aa"),
        switches.header("/papers", "Set-Cookie", "token=secret"),
    ]
    product("run", "--day", f"{DAY}")
    folder = captured(product, "--view", "html", "--items", "2")
    page, meta = (folder / "page.html").read_bytes(), meta_of(folder)
    for secret in (b"c5rfC5RF", b"jane.doe", b"10.20.30.40", b"2001:db8", b"s3ss10n", b"a1b2c3d4", b"t0k3n", b"Ab3Ab3"):
        assert secret not in page
    assert b'content="x0xxX0XX"'.lower() in page.lower()
    assert {"1 e-mail address", "2 network addresses", "1 token", "3 named secrets"} <= set(meta["scrubbed"])
    assert "header X-Request-Id" in meta["scrubbed"]
    assert "secret" not in json.dumps(meta["headers"])


@pytest.mark.parametrize(
    "innocent",
    [
        b"arXiv:2512.01234v2 of 2025-12-10T10:00:00.000Z, 12:30:45, 1.2.3, v1.2.3.4.5, 999.1.1.1",
        b"std::vector a::b fed::add; logo@2x.png; @user; mail me at example dot org",
        b'"keywords":["token merging","api"],"key":"arxiv:1","id":"0000000000000000000000a1"',
        b"https://cdn.example/0b2c6f1e-5d3a-4c59-9b1e-2f8f6a7e1c55.png?width=200&amp;policy",
        b"a nonce, a cookie: and a password = nothing",
        b'<meta name="description" content="Secret tokens"><input name="q" value="access-token">',
    ],
    ids=["numbers", "code", "fields", "address", "words", "elements"],
)
def test_what_is_not_secret_stays(innocent: bytes) -> None:
    assert scrubbed(innocent) == (innocent, {})


@pytest.mark.parametrize(
    ("secret", "counts"),
    [
        (b"Authorization: Bearer abc.def-1234567", ["1 token"]),
        (b"{&quot;accessToken&quot;:&quot;abcd1234&quot;}", ["1 named secret"]),
        (rb"{\"requestId\":\"abcd1234\"}", ["1 named secret"]),
        (
            b'<meta content="abcd1234" name="csrf-token"><input type=hidden name=csrf value=abcd1234>',
            ["2 named secrets"],
        ),
        (b"a@b.example, c.d@e.example.org", ["2 e-mail addresses"]),
        (b"/f?a=1&amp;X-Amz-Signature=0123456789abcdef&Signature=zzzzzzzz", ["2 signed addresses"]),
        (b"from 192.168.0.17.", ["1 network address"]),
    ],
)
def test_secrets_are_masked_once_and_keep_their_length(secret: bytes, counts: list[str]) -> None:
    masked, masked_counts = scrubbed(secret)
    assert (describe_counts(masked_counts), len(masked)) == (counts, len(secret))
    assert scrubbed(masked) == (masked, {})


def test_the_result_can_be_read_by_a_program(filled: Product, tmp_path: Path) -> None:
    result = filled(
        "--json", "capture", "hf-daily", "--day", f"{DAY}", "--case", "x", "--to", tmp_path, "--items", "1-2,4"
    )
    output = json.loads(result.out)
    assert (output["cut"], output["case"]) == ({"items": [1, 2, 4], "of": 12}, str(tmp_path / "hf-daily" / "x"))


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--day", "2025-12-11"], 3, "not in the archive"),
        (["--day", "2025-12-11"], 3, "it has 1 days, 2025-12-10 to 2025-12-10. Fetch the day with `dailypapers run"),
        (["--day", "soon"], 2, "soon"),
        (["--view", "feed"], 2, "hf-daily has no view 'feed'; there are: api, html"),
        (["--query", "x"], 2, "takes no --query"),
        (["--items", "13"], 3, "items 1-13: the page has items 1 to 12"),
        (["--items", "0"], 3, "the page has items 1 to 12"),
        (["--items", "3-2"], 3, "items 3-2: the page has items 1 to 12"),
        (["--items", "arxiv:9999.99999"], 3, "no item 'arxiv:9999.99999' on the page; --items takes"),
        (["--fetch", "2024"], 3, "no intact archive file begins with '2024'; there are: 20251219T120000Z-"),
        (["--page", "2"], 3, "api has 1 pages; there is no page 2"),
        (["--case", "A Case"], 2, "use lowercase letters, digits and hyphens"),
        (["--case", "../a"], 2, "use lowercase letters, digits and hyphens"),
    ],
)
def test_what_cannot_be_captured_is_an_error(
    filled: Product, tmp_path: Path, words: list[str], status: int, message: str
) -> None:
    result = filled("capture", "hf-daily", "--day", f"{DAY}", "--case", "a", "--to", tmp_path / "to", *words)
    assert (result.status, message in result.err) == (status, True), result.err
    assert not (tmp_path / "to").exists()


def capture_named_a(filled: Product, to: Path) -> Result:
    return filled("capture", "hf-daily", "--day", f"{DAY}", "--case", "a", "--to", to)


def test_a_case_that_exists_is_left_alone(filled: Product, tmp_path: Path) -> None:
    assert capture_named_a(filled, tmp_path).status == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    result = capture_named_a(filled, tmp_path)
    assert (result.status, "this case exists already" in result.err) == (3, True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == before


def test_an_empty_archive_and_a_folder_without_fixtures(
    product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = product("capture", "hf-daily", "--day", f"{DAY}", "--case", "a", "--to", tmp_path)
    assert (result.status, "it has no day of this source" in result.err) == (3, True)
    result = product("capture", "hf-daily", "--day", f"{DAY}", "--case", "a")
    assert (result.status, "no folder tests/fixtures in" in result.err) == (3, True)


def test_a_page_that_is_too_large_has_to_be_cut(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run", "--day", f"{BUSY}")
    words = ["capture", "hf-daily", "--day", f"{BUSY}", "--view", "html", "--to", str(tmp_path)]
    result = product(*words, "--case", "whole")
    assert (result.status, "a fixture must have less than 200000; cut it" in result.err) == (3, True)
    assert product(*words, "--case", "part", "--items", "3").status == 0


def test_a_view_without_an_answer_names_the_others(product: Product, site: PaperSite, tmp_path: Path) -> None:
    (tmp_path / f"{DAY}.html").write_bytes(httpx.get(site.url + HTML).content)
    product("import", "hf-daily", tmp_path / f"{DAY}.html")
    result = product("capture", "hf-daily", "--day", f"{DAY}", "--case", "a", "--to", tmp_path)
    assert (result.status, "no answer of the view api; try --view html" in result.err) == (3, True)


@pytest.mark.parametrize("left", [[], ["page.json.tmp"], ["page.json", "meta.json.tmp"], ["page.html"]])
def test_an_interrupted_capture_is_made_by_the_same_command(filled: Product, tmp_path: Path, left: list[str]) -> None:
    folder = tmp_path / "hf-daily" / "a"
    folder.mkdir(parents=True)
    for name in left:
        (folder / name).write_bytes(b"half of it")
    assert capture_named_a(filled, tmp_path).status == 0
    assert {path.name for path in (tmp_path / "hf-daily" / "a").iterdir()} == {"page.json", "meta.json"}
