"""The site as files: what its pages show, what a new day costs, and what a build that was killed leaves."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import orjson
import pytest
from hatchling.builders.wheel import WheelBuilder

from dailypapers.cli.main import main
from dailypapers.snapshots.certificate import read_certificate, sha256
from dailypapers.snapshots.store.layout import Series, Store
from tests.feeds.stores import at, fetch, fill_day
from tests.outputs.stopped_writes import stopped_after, whole_files

from .site_store import FETCHES, SERIES, filled, growing, make_site, put_day_file, tree

DAILY = Series("hf-daily")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return filled(tmp_path_factory.mktemp("filled"))


@pytest.fixture(scope="module")
def site(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    make_site(store, out, search=True)
    return out


class Links(HTMLParser):
    """The addresses of a page, and its elements."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.links += [value for name, value in attrs if name in {"href", "src", "action"} and value is not None]


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def pages_in(site: Path) -> dict[str, bytes]:
    """The files but for the feeds, which stay when their series is not published any more, and the manifest."""
    return {name: content for name, content in tree(site).items() if not re.match(r"\.?feeds/|\.made", name)}


def test_there_is_a_page_of_every_kind(site: Path) -> None:
    names = set(tree(site))
    assert names >= {"index.html", "trending.html", "calendar.html", "search.html", "calendar/2025.html"}
    assert names >= {"hf-daily/2025-12-03.html", "hf-weekly/2025-12-01.html", "hf-monthly/2025-12-01.html"}
    assert any(name.startswith("paper/") for name in names)
    assert (site / "search/2025q4/pagefind.js").exists()
    assert not any("pagefind-ui" in name for name in names)


def test_every_link_within_the_site_leads_to_a_file(site: Path) -> None:
    for page in pages(site):
        for link in Links(page).links:
            parts = urlsplit(link)
            if not parts.scheme and parts.path:
                assert (page.parent / parts.path).is_file(), (page, link)


def test_every_page_shows_the_sha256_of_a_day_file_that_is_beside_it(store: Store, site: Path) -> None:
    days = [(Series(name), day) for name in SERIES for day in store.days_with_snapshots(Series(name))]
    assert len(days) > 12
    for series, day in days:
        page = (site / series.source / f"{day}.html").read_text("utf-8")
        certificate = read_certificate(store.certificate(series, day))
        assert certificate is not None
        assert (site / "data" / series.source / f"{day}.day.json").read_bytes() == store.certificate(
            series, day
        ).read_bytes()
        assert f'<span class="state {certificate["state"]}">' in page
        copied = (site / "data" / series.source / f"{day}.jsonl").read_bytes()
        assert f"<code>{sha256(copied)}</code>" in page
        assert copied == store.papers(series, day).read_bytes()


def test_every_paper_has_a_page_with_where_it_was_listed(store: Store, site: Path) -> None:
    listed: dict[str, set[str]] = {}
    for name in SERIES:
        for day in store.days_with_snapshots(Series(name)):
            path = store.papers(Series(name), day)
            for line in path.read_bytes().splitlines() if path.exists() else ():
                listed.setdefault(orjson.loads(line)["arxiv_id"], set()).add(f"../{name}/{day}.html")
    assert {path.stem for path in (site / "paper").iterdir()} == set(listed)
    for identifier, days in listed.items():
        page = Links(site / "paper" / f"{identifier}.html")
        table = [link for link in page.links if re.fullmatch(r"\.\./hf-\w+/[\d-]+\.html", link)]
        assert set(table) == days
        assert any(tag == "polyline" for tag, _ in page.elements)


def test_nothing_is_inline_and_nothing_is_foreign(site: Path) -> None:
    for page in pages(site):
        for tag, attributes in Links(page).elements:
            assert not any(name == "style" or name.startswith("on") for name in attributes), page
            if tag in {"script", "img", "iframe", "object", "embed"} or (
                tag == "link" and attributes.get("rel") != "canonical"
            ):
                address = attributes.get("src") or attributes.get("href") or ""
                assert not urlsplit(address).netloc, page
            assert tag != "style"
        assert "default-src &#39;none&#39;; script-src &#39;self&#39; &#39;wasm-unsafe-eval&#39;" in page.read_text(
            "utf-8"
        )


def test_two_builds_give_the_same_bytes(store: Store, site: Path, tmp_path: Path) -> None:
    make_site(store, tmp_path, search=True)
    assert tree(tmp_path) == tree(site)


def test_json_says_how_many_pages_were_written(
    store: Store, site: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["--store", f"{store.root}", "--json", "site", "--out", f"{site}"]) == 0
    assert json.loads(capsysbinary.readouterr().out) == {"folder": str(site), "days": 0, "papers": 0}


def test_json_counts_the_days_and_papers_of_a_new_site(
    store: Store, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["--store", f"{store.root}", "--json", "site", "--out", f"{tmp_path}", "--no-search"]) == 0
    made = json.loads(capsysbinary.readouterr().out)
    assert made["days"] == len(list((tmp_path / "data").rglob("*.day.json")))
    assert made["papers"] == len(list((tmp_path / "paper").iterdir()))


def test_a_build_with_nothing_new_changes_no_file(store: Store, site: Path) -> None:
    before = {path: path.stat().st_ino for path in site.rglob("*")}
    assert "no page of a day or paper changed" in make_site(store, site, search=True)
    assert {path: path.stat().st_ino for path in site.rglob("*")} == before


def test_after_each_fetch_the_site_is_what_a_new_build_makes(tmp_path: Path) -> None:
    with growing(tmp_path) as fetched:
        for number, now in enumerate(FETCHES):
            fetched.fetch(now)
            make_site(fetched.store, tmp_path / "grown")
            make_site(fetched.store, tmp_path / f"new-{number}")
            assert tree(tmp_path / "grown") == tree(tmp_path / f"new-{number}")


def test_a_new_day_writes_its_own_files_alone(tmp_path: Path) -> None:
    with growing(tmp_path) as fetched:
        for now in FETCHES[:-1]:
            fetched.fetch(now)
        make_site(fetched.store, tmp_path / "site", search=True)
        before = {path: path.stat().st_ino for path in (tmp_path / "site").rglob("*") if path.is_file()}
        # Neither the week, nor the month, nor the days before are fetched again.
        shutil.copytree(fetched.store.root, tmp_path / "copy", symlinks=True)
        fetched.fetch(FETCHES[-1])
    new = fetched.store
    for name in SERIES[1:]:
        shutil.rmtree(new.root / "snapshots" / name)
        shutil.copytree(tmp_path / "copy" / "snapshots" / name, new.root / "snapshots" / name)
    folder = new.root / "snapshots" / "hf-daily" / "2025"
    for path in (tmp_path / "copy" / "snapshots" / "hf-daily" / "2025").iterdir():
        shutil.copy2(path, folder)
    make_site(new, tmp_path / "site", search=True)
    after = {path: path.stat().st_ino for path in (tmp_path / "site").rglob("*") if path.is_file()}
    changed = {path.relative_to(tmp_path / "site").as_posix() for path in after if after[path] != before.get(path)}
    papers = {
        f"paper/{orjson.loads(line)['arxiv_id']}.html"
        for line in new.papers(DAILY, date(2025, 12, 3)).read_bytes().splitlines()
    }
    expected = {
        *(f"data/hf-daily/2025-12-03{suffix}" for suffix in (".jsonl", ".day.json")),
        *("index.html", "hf-daily/index.html", "hf-daily/2025-12-02.html", "hf-daily/2025-12-03.html"),
        *("calendar.html", "calendar/2025.html", ".made.json"),
        *(f"feeds/hf-daily{suffix}" for suffix in (".atom", ".rss", ".json")),
        *papers,
    }
    assert {name for name in changed if not name.startswith("search/")} == expected
    folders = {PurePosixPath(name).parent.as_posix() for name in changed if name.startswith("search/")}
    assert folders == {"search/2025q4", "search/2025q4/index", "search/2025q4/fragment"}


@pytest.mark.parametrize(("has_site", "step"), [(False, 0), (False, 19), (False, 70), (True, 0), (True, 5), (True, 14)])
def test_a_build_that_was_killed_is_done_again(store: Store, tmp_path: Path, step: int, has_site: bool) -> None:
    shutil.copytree(store.root, tmp_path / "store")
    mine = Store(tmp_path / "store")
    if has_site:
        make_site(mine, tmp_path / "site")
        put_fewer_papers(mine)
    with stopped_after(step):
        make_site(mine, tmp_path / "site")
    make_site(mine, tmp_path / "site")
    make_site(mine, tmp_path / "new")
    assert whole_files(tmp_path / "site") == tree(tmp_path / "new")


def put_fewer_papers(store: Store) -> None:
    """Two days as another parser could make them, which found fewer papers."""
    for day in (date(2025, 12, 1), date(2025, 12, 2)):
        put_day_file(store, DAILY, day, store.papers(DAILY, day).read_bytes().splitlines(keepends=True)[0])


@pytest.mark.parametrize("step", [2, 6, 14, 16])
def test_a_killed_build_of_another_store_leaves_nothing_behind(store: Store, tmp_path: Path, step: int) -> None:
    """The manifest of the build before names the same days for files that are others now."""
    shutil.copytree(store.root, tmp_path / "store")
    other = Store(tmp_path / "store")
    put_fewer_papers(other)
    make_site(store, tmp_path / "site")
    before = tree(tmp_path / "site")
    with stopped_after(step):
        make_site(other, tmp_path / "site")
    assert whole_files(tmp_path / "site") != before
    make_site(store, tmp_path / "site")
    assert whole_files(tmp_path / "site") == before


@pytest.mark.parametrize("step", [0, 1, 9, 20])
def test_a_killed_build_with_other_options_leaves_nothing_behind(store: Store, tmp_path: Path, step: int) -> None:
    make_site(store, tmp_path / "site", "hf-daily")
    before = tree(tmp_path / "site")
    with stopped_after(step):
        make_site(store, tmp_path / "site", "hf-daily", "--base-url", "https://papers.example.org")
    make_site(store, tmp_path / "site", "hf-daily")
    assert whole_files(tmp_path / "site") == before


def test_a_build_that_was_killed_in_the_calendar_leaves_nothing_behind(store: Store, tmp_path: Path) -> None:
    shutil.copytree(store.root, tmp_path / "store")
    for path in (tmp_path / "store/snapshots/hf-daily/2025").glob("2025-12-01*"):
        path.unlink()
    mine = Store(tmp_path / "store")
    make_site(mine, tmp_path / "site")
    before = tree(tmp_path / "site")
    mine.waived.write_text("hf-daily\t2025-12-01\t2025-12-01\tlost\n")
    with stopped_after(1):
        make_site(mine, tmp_path / "site")
    mine.waived.unlink()
    make_site(mine, tmp_path / "site")
    assert whole_files(tmp_path / "site") == before


@pytest.mark.parametrize("is_series_gone", [False, True])
def test_a_paper_or_a_day_that_went_leaves_nothing(store: Store, tmp_path: Path, is_series_gone: bool) -> None:
    shutil.copytree(store.root, tmp_path / "store")
    mine = Store(tmp_path / "store")
    gone, shorter = date(2025, 12, 1), date(2025, 12, 2)
    put_day_file(mine, DAILY, gone, many_rows(mine, DAILY, gone, 101))
    make_site(mine, tmp_path / "site")
    assert (tmp_path / "site" / "hf-daily" / f"{gone}-2.html").exists()
    put_day_file(mine, DAILY, shorter, mine.papers(DAILY, shorter).read_bytes().splitlines(keepends=True)[0])
    for path in (mine.root / "snapshots" / "hf-daily" / "2025").glob(f"{gone}*"):
        path.unlink()
    if is_series_gone:
        shutil.rmtree(mine.root / "snapshots" / "hf-trending")
    make_site(mine, tmp_path / "site")
    make_site(mine, tmp_path / "new")
    assert pages_in(tmp_path / "site") == pages_in(tmp_path / "new")
    assert (tmp_path / "site" / "trending.html").exists() != is_series_gone


def many_rows(store: Store, series: Series, day: date, count: int) -> bytes:
    """So many records with keys of their own, made of the first one of a day."""
    first = orjson.loads(store.papers(series, day).read_bytes().splitlines()[0])
    rows = [{**first, "key": f"arxiv:2512.{n:05}", "arxiv_id": f"2512.{n:05}", "rank": n + 1} for n in range(count)]
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def test_a_search_index_is_that_of_a_new_build_and_goes_with_the_days_of_its_quarter(tmp_path: Path) -> None:
    store, site = Store(tmp_path / "store"), tmp_path / "site"
    for day in (date(2025, 9, 30), date(2025, 10, 1)):
        fill_day(store, day)
    make_site(store, site, search=True)
    assert 'data-search="2025q4 2025q3"' in (site / "search.html").read_text()
    for path in store.papers(DAILY, date(2025, 9, 30)).parent.glob("2025-09-30*"):
        path.unlink()
    fill_day(store, date(2025, 10, 2))
    make_site(store, site, search=True)
    assert 'data-search="2025q4"' in (site / "search.html").read_text()
    make_site(store, tmp_path / "new", search=True)
    assert pages_in(site) == pages_in(tmp_path / "new")
    assert {name.split("/")[1] for name in tree(site) if name.startswith("search/")} == {"2025q4"}


def test_a_search_program_that_fails_is_named_and_the_next_build_makes_the_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill_day(Store(tmp_path / "store"), date(2025, 10, 1))
    program = tmp_path / "pagefind"
    program.write_text("#!/bin/sh\necho out\necho 'no room left' >&2\nexit 7\n")
    program.chmod(0o755)
    words = ["--store", f"{tmp_path}/store", "site", "--out", f"{tmp_path}/site"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pagefind_bin.get_executable", lambda: program)
        assert main(words) == 3
    assert "Pagefind failed with exit status 7: no room left" in capsys.readouterr().err
    assert list((tmp_path / "site").glob(".search-*")) == []
    assert main(words) == 0
    assert (tmp_path / "site" / "search" / "2025q4" / "pagefind.js").exists()


def test_another_choice_of_series_leaves_nothing_of_the_old_one(store: Store, tmp_path: Path) -> None:
    make_site(store, tmp_path / "site")
    make_site(store, tmp_path / "site", "hf-daily")
    make_site(store, tmp_path / "new", "hf-daily")
    assert pages_in(tmp_path / "site") == pages_in(tmp_path / "new")


def test_a_folder_that_holds_something_else_is_refused(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    assert main(["--store", f"{store.root}", "site", "--out", f"{tmp_path}"]) == 2
    assert "holds other files, such as thesis.tex" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"thesis.tex"}


def test_the_index_of_an_older_version_goes(store: Store, tmp_path: Path) -> None:
    make_site(store, tmp_path)
    (tmp_path / ".papers").mkdir()
    (tmp_path / ".papers/2512.json").write_text("{}")
    make_site(store, tmp_path, "--thumbnails")
    assert not list(tmp_path.glob(".papers/*"))


def test_files_that_were_added_stay(store: Store, tmp_path: Path) -> None:
    make_site(store, tmp_path)
    (tmp_path / "CNAME").write_text("papers.example.org")
    make_site(store, tmp_path, "hf-daily")
    assert (tmp_path / "CNAME").exists()


def test_pages_link_to_the_feeds_beside_them(site: Path) -> None:
    for page in (site / "index.html", next((site / "paper").iterdir())):
        feeds = [each for tag, each in Links(page).elements if tag == "link" and each.get("rel") == "alternate"]
        assert [each["type"] for each in feeds] == [f"application/{kind}+xml" for kind in ("atom", "rss")] + [
            "application/feed+json",
            "application/atom+xml",
        ]


@pytest.mark.parametrize("search", [True, False])
def test_the_temporary_folder_of_a_killed_search_is_removed(store: Store, tmp_path: Path, search: bool) -> None:
    left = tmp_path / ".search-abc" / "pages" / "paper"
    left.mkdir(parents=True)
    (left / "2512.00001.html").write_text("a link to a page")
    make_site(store, tmp_path, search=search)
    assert list(tmp_path.glob(".search-*")) == []


def test_saved_searches_are_feeds_that_the_pages_of_their_series_link_to(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("feeds.yaml").write_text(
        "feeds:\n- {name: a, series: hf-daily, search: '\"the <b>\"'}\n- {name: b, series: hf-weekly, search: x}\n"
    )
    make_site(store, tmp_path / "site", "hf-daily")
    assert {path.name for path in (tmp_path / "site/feeds").iterdir() if path.is_file()} == {
        *(f"hf-daily{suffix}" for suffix in (".atom", ".rss", ".json", ".days.atom")),
        *(f"a{suffix}" for suffix in (".atom", ".rss", ".json")),
    }
    links = [each for tag, each in Links(tmp_path / "site/index.html").elements if tag == "link"]
    assert [each["title"] for each in links if each["href"] == "feeds/a.atom"] == ['"the <b>" (Atom)']


def test_a_long_listing_has_several_pages(store: Store, tmp_path: Path) -> None:
    shutil.copytree(store.root, tmp_path / "store")
    mine, monthly, day = Store(tmp_path / "store"), Series("hf-monthly"), date(2025, 12, 1)
    put_day_file(mine, monthly, day, many_rows(mine, monthly, day, 250))
    make_site(mine, tmp_path / "site")
    folder = tmp_path / "site" / "hf-monthly"
    counts = [page.read_text().count('<li class="card">') for page in sorted(folder.glob("2025-12-01*.html"))]
    assert sorted(counts) == [50, 100, 100]
    put_day_file(mine, monthly, day, many_rows(mine, monthly, day, 150))
    make_site(mine, tmp_path / "site")
    assert {page.name for page in folder.glob("2025-12-01*.html")} == {"2025-12-01.html", "2025-12-01-2.html"}


def test_a_day_file_that_is_not_what_the_certificate_names_is_refused(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(store.root, tmp_path / "store")
    path = Store(tmp_path / "store").papers(DAILY, date(2025, 12, 2))
    path.write_bytes(path.read_bytes().replace(b'"upvotes":', b'"upvotes":1'))
    assert main(["--store", f"{tmp_path}/store", "site", "--out", f"{tmp_path}/site"]) == 3
    error = capsys.readouterr().err
    assert f"{path}: not the file that its certificate names; run dailypapers build" in error


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--out", "{store}"], 2, "not in the store, nor around it"),
        (["--out", "{store}/snapshots"], 2, "not in the store, nor around it"),
        (["--out", "{store}/pages/site"], 2, "not in the store, nor around it"),
        (["--out", "{store}/.."], 2, "not in the store, nor around it"),
        (["--out", "{out}", "--base-url", "javascript:alert(1)"], 2, "is not an address like"),
        (["--out", "{out}", "--base-url", "https://example.org/?a=b"], 2, "is not an address like"),
        (["--out", "{out}", "hf-dayly"], 2, "no source 'hf-dayly'"),
        (["--out", "{out}", "hf-text"], 3, "no days in"),
        ([], 2, "Missing option '--out'"),
    ],
)
def test_what_cannot_be_done_is_said(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, message: str
) -> None:
    filled_in = [word.format(store=store.root, out=tmp_path / "out") for word in words]
    assert main(["--store", f"{store.root}", "site", *filled_in]) == status
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_a_store_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--store", f"{tmp_path}/none", "site", "--out", f"{tmp_path}/out"]) == 3
    assert "there is no store" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("missing", "words", "status"), [("jinja2", [], 2), ("pagefind_bin", [], 2), ("pagefind_bin", ["--no-search"], 0)]
)
def test_a_missing_extra_is_named(store: Store, tmp_path: Path, missing: str, words: list[str], status: int) -> None:
    code = (
        "import importlib.util as u, sys\n"
        f"find = u.find_spec\nu.find_spec = lambda name, *rest: None if name == {missing!r} else find(name, *rest)\n"
        "from dailypapers.cli.main import main\nsys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "--store", f"{store.root}", "site", "--out", f"{tmp_path}/out", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == status
    assert ("pip install 'dailypapers[site]'" in done.stderr) == (status == 2)


def test_the_base_url_gives_canonical_links(store: Store, tmp_path: Path) -> None:
    make_site(store, tmp_path, "--base-url", "https://papers.example.org/daily")
    page = Links(tmp_path / "hf-daily" / "2025-12-02.html")
    assert "https://papers.example.org/daily/hf-daily/2025-12-02.html" in page.links


def test_thumbnails_are_asked_for(store: Store, site: Path, tmp_path: Path) -> None:
    assert not any("<img" in page.read_text() for page in pages(site))
    make_site(store, tmp_path, "--thumbnails")
    page = (tmp_path / "index.html").read_text()
    assert "img-src &#39;self&#39; https://cdn-thumbnails.huggingface.co;" in page
    assert 'loading="lazy" referrerpolicy="no-referrer"' in page


def test_a_waived_day_is_drawn_so(store: Store, tmp_path: Path) -> None:
    shutil.copytree(store.root, tmp_path / "store")
    for path in (tmp_path / "store/snapshots/hf-daily/2025").glob("2025-12-01*"):
        path.unlink()
    make_site(Store(tmp_path / "store"), tmp_path / "site")
    calendar = tmp_path / "site/calendar.html"
    assert '<span class="day missing" title="1 December 2025: missing">' in calendar.read_text()
    (tmp_path / "store/waived.txt").write_text("hf-daily\t2025-12-01\t2025-12-01\tlost\n")
    make_site(Store(tmp_path / "store"), tmp_path / "site")
    assert '<span class="day waived" title="1 December 2025: waived">' in calendar.read_text()


def test_the_wheel_has_the_templates_and_what_lies_beside_the_pages() -> None:
    packed = {file.distribution_path for file in WheelBuilder(f"{ROOT}").recurse_included_files()}
    folder = ROOT / "dailypapers/site"
    parts = [*(folder / "templates").iterdir(), *(folder / "assets").iterdir()]
    assert len(parts) == 9
    assert {path.relative_to(ROOT).as_posix() for path in parts} <= packed


def test_the_page_of_a_young_day_says_how_complete_it_usually_is(tmp_path: Path) -> None:
    store, young = Store(tmp_path / "store"), date(2025, 12, 10)
    for days in range(1, 40):
        fill_day(store, young - timedelta(days=days), (8, 11, 14, 20))
    fill_day(store, young, (8, 11), state="open", fetches=[fetch(at(young, hour), 2) for hour in (8, 11)])
    make_site(store, tmp_path / "site")
    sentence = "4 papers so far; by 11:00 UTC 50 % of a day&#39;s papers have usually been listed"
    for name in ("index.html", f"hf-daily/{young}.html"):
        assert sentence in (tmp_path / "site" / name).read_text()
    assert "usually" not in (tmp_path / "site" / "hf-daily" / "2025-12-09.html").read_text()
    fill_day(store, date(2025, 12, 11), (8,), state="open", fetches=[fetch(at(date(2025, 12, 11), 8), 2)])
    make_site(store, tmp_path / "site")
    assert "usually" not in (tmp_path / "site" / "hf-daily" / f"{young}.html").read_text()
    make_site(store, tmp_path / "new")
    assert tree(tmp_path / "site") == tree(tmp_path / "new")


def test_a_paper_that_came_after_the_end_of_its_day_is_called_late(store: Store, site: Path) -> None:
    pages = [(site / "hf-daily" / f"{day}.html").read_text() for day in store.days_with_snapshots(DAILY)]
    assert any(
        re.search(r"first seen 2025-\d\d-\d\d \d\d:\d\d UTC, \d+ (h|days) after the day had ended", page)
        for page in pages
    )
