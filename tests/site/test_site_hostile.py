"""A site of papers that try to be more than text: nothing of theirs becomes markup, a link, or a file name."""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from dailypapers.outputs.links import file_name
from dailypapers.parsers.model import Paper
from dailypapers.snapshots.store.layout import Series, Store
from tests.outputs.hostile_papers import KEYS, TEXTS, TRAP, write_hostile_day
from tests.papersite import PaperSite, Request
from tests.support.written_days import DAY, START, papers, write_day

from .site_store import dailypapers, make_site, tree

SCRIPTS = re.compile(r"(\.\./)*assets/site\.js")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    write_hostile_day(Store(root / "store"))
    make_site(Store(root / "store"), root / "site")
    return root / "site"


def assert_only_text(page: str) -> None:
    """Nothing in the page runs, and no link leads elsewhere than to a host by http."""
    document = LexborHTMLParser(page)
    assert FORBIDDEN.search(page) is None
    for node in document.css("*"):
        attributes = node.attributes
        assert node.tag not in {"style", "iframe", "object", "embed", "base", "img", "template"}
        assert not any(name.startswith("on") or name in {"style", "autofocus"} for name in attributes)
        if node.tag == "script":
            assert SCRIPTS.fullmatch(attributes["src"] or "")
            assert not node.text()
        link = urlsplit(attributes.get("href") or "")
        assert link.scheme in {"", "http", "https"}
        assert bool(link.scheme) == bool(link.netloc)
        assert "@" not in link.netloc


def test_no_text_becomes_markup(site: Path) -> None:
    pages = [path for path in site.rglob("*.html") if "search/" not in path.as_posix()]
    assert len(pages) > len(TEXTS)
    for page in pages:
        assert_only_text(page.read_text("utf-8"))


def test_every_title_is_shown_as_text(site: Path) -> None:
    pages = [LexborHTMLParser(page.read_text("utf-8")) for page in (site / "paper").iterdir()]
    shown = {node.text() for page in pages for node in page.css("h1")}
    for text in TEXTS:
        assert " ".join(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe]", "\ufffd", text).split()) in {
            " ".join(title.split()) for title in shown
        }


def test_a_card_shows_the_beginning_of_a_long_title(site: Path) -> None:
    assert (site / "hf-daily" / f"{DAY}.html").stat().st_size < 1_000_000
    titles = [node.text() for node in LexborHTMLParser((site / "index.html").read_text("utf-8")).css(".card h2")]
    assert max(len(title) for title in titles) <= 400


def test_no_file_is_named_by_a_paper(site: Path) -> None:
    names = {path.name for path in (site / "paper").iterdir()}
    assert names >= {f"{file_name(key)}.html" for key in KEYS}
    assert all(re.fullmatch(r"[0-9a-f]{16}\.html|2512\.\d{5}\.html", name) for name in names)
    assert {path.name for path in site.parent.iterdir()} == {"site", "store"}


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(listed=st.lists(papers(), max_size=4, unique_by=lambda paper: paper.key))
def test_any_records_make_pages_of_text_and_the_same_again(listed: list[Paper]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder, "store"))
        # A stored record always has it.
        write_day(store, [each.model_copy(update={"first_seen": START}) for each in listed])
        for out in ("one", "two"):
            make_site(store, Path(folder, out))
        made = tree(Path(folder, "one"))
        assert made == tree(Path(folder, "two"))
        assert sum(name.startswith("paper/") for name in made) == len(listed)
        for name, content in made.items():
            if name.endswith(".html"):
                assert_only_text(content.decode())


def test_a_hostile_answer_of_the_site_is_imported_and_shown_as_text(tmp_path: Path) -> None:
    now, day = datetime(2025, 12, 20, tzinfo=UTC), date(2025, 12, 9)
    request = Request("GET", f"/api/daily_papers?date={day}", at=now)
    items = orjson.loads(PaperSite(seed=1, sizes=3, now=now).content.answer(request).body)
    items[0]["paper"]["title"] = items[0]["title"] = TEXTS[0]
    items[1]["paper"]["projectPage"] = f"javascript:{TRAP}=1"
    answer = orjson.dumps(items).replace(orjson.dumps(items[2]["paper"]["title"]), b'"half \\ud800 of a character"')
    (tmp_path / f"{day}.json").write_bytes(answer)
    store = Store(tmp_path / "store")
    dailypapers("--store", f"{store.root}", "--now", now.isoformat(), "import", "hf-daily", f"{tmp_path}/{day}.json")
    assert store.rejects(Series("hf-daily"), day).exists()
    make_site(store, tmp_path / "site")
    for page in (tmp_path / "site").rglob("*.html"):
        assert_only_text(page.read_text("utf-8"))
    assert len(list((tmp_path / "site" / "paper").iterdir())) == 2
