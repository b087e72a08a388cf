"""The site in Chromium: every kind of page, with and without JavaScript, by keyboard, at every width, and searched."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from dailypapers.snapshots.store.layout import Store
from tests.outputs.hostile_papers import TRAP
from tests.site.site_store import dailypapers, make_site
from tests.support.copied_text import real_text
from tests.support.external_tools import external_tool
from tests.support.written_days import paper, write_day

from .conftest import Browse, Served, npm_file
from .titles import copied_papers

WIDTHS = (320, 768, 1280)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLORS = ["color-contrast"]
# In the dark only the colours are others.
THEMES: Final[Sequence[tuple[Literal["light", "dark"], Sequence[str]]]] = (("light", RULES), ("dark", COLORS))
KINDS = {
    "index": "index.html",
    "empty day": "hf-daily/2025-11-29.html",
    "week": "hf-weekly/2025-12-01.html",
    "month": "hf-monthly/2025-12-01.html",
    "trending": "trending.html",
    "calendar": "calendar.html",
    "search with results": "search.html?q=abstract",
}


def a_paper(served: Served) -> str:
    """The page of a paper that several listings have."""
    pages = sorted((served.folder / "paper").iterdir(), key=lambda path: (path.stat().st_size, path.name))
    return f"paper/{pages[-1].name}"


def kinds(served: Served) -> list[str]:
    return [*KINDS.values(), a_paper(served)]


def unfold(page: Page) -> None:
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")


def test_no_page_reports_an_error_or_asks_another_server(site: Served, browse: Browse) -> None:
    with browse(site) as watched:
        for name in kinds(site):
            page = watched.open(name)
            assert page.locator("h1").count() == 1
        assert any("search/2025q4/pagefind.js" in url for url in watched.requests)


def test_no_page_scrolls_sideways(site: Served, hostile: Served, browse: Browse) -> None:
    for served, names in ((site, kinds(site)), (hostile, ["index.html", a_paper(hostile)])):
        with browse(served) as watched:
            for name in names:
                page = watched.open(name)
                unfold(page)
                for width in WIDTHS:
                    page.set_viewport_size({"width": width, "height": 800})
                    assert page.evaluate("[innerWidth, document.documentElement.scrollWidth]") == [width, width], name


def test_everything_but_the_search_works_without_javascript(site: Served, browse: Browse) -> None:
    with browse(site, java_script_enabled=False) as watched:
        page = watched.open("hf-daily/2025-12-02.html")
        abstract = page.locator(".abstract p").first
        expect(abstract).not_to_be_visible()
        page.locator(".abstract summary").first.click()
        expect(abstract).to_be_visible()
        page.locator(".certificate summary").click()
        expect(page.get_by_text("Views of the newest fetch")).to_be_visible()
        page.locator(".card h2 a").first.click()
        expect(page.locator("svg.curve")).to_be_visible()
        page.locator(".back a").click()
        page.locator("a.following").first.click()
        expect(page.locator("h1")).to_have_text("3 December 2025")
        page.get_by_role("link", name="Calendar").click()
        page.get_by_role("link", name="2 December 2025: ").first.click()
        expect(page.locator("h1")).to_have_text("2 December 2025")
        watched.open("search.html")
        expect(page.get_by_text("needs JavaScript")).to_be_visible()


def test_days_are_turned_and_abstracts_unfolded_by_keyboard(site: Served, browse: Browse) -> None:
    with browse(site) as watched:
        page = watched.open("hf-daily/2025-12-02.html")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        for rel, day in (("next", "3 December 2025"), ("prev", "2 December 2025"), ("prev", "1 December 2025")):
            tab_to(page, f"a[rel='{rel}']")
            page.keyboard.press("Enter")
            expect(page.locator("h1")).to_have_text(day)
            page.wait_for_load_state()
        tab_to(page, ".abstract summary")
        page.keyboard.press("Enter")
        expect(page.locator(".abstract p").first).to_be_visible()
        page.get_by_role("button", name="Unfold all abstracts").press("Enter")
        expect(page.locator("details.abstract:not([open])")).to_have_count(0)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element that the selector matches has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"no {selector} is reached by the Tab key")


def test_the_arrow_keys_move_through_the_calendar(site: Served, browse: Browse) -> None:
    with browse(site) as watched:
        page = watched.open("calendar.html")
        page.locator("a[href='hf-daily/2025-12-02.html']").focus()
        for key, day in (("ArrowRight", "3"), ("ArrowLeft", "2"), ("ArrowLeft", "1"), ("ArrowLeft", "30")):
            page.keyboard.press(key)
            expect(page.locator(":focus")).to_have_text(day)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("30 November 2025")


def test_the_search_finds_each_title_of_a_copied_listing(site: Served, browse: Browse) -> None:
    papers = copied_papers()
    assert len(papers) == 20
    with browse(site) as watched:
        assert_finds(watched.open(f"search.html?q={quote(papers[0].title)}"), papers[0].title)
        for each in papers[1:]:
            search(watched.page, each.title)
            assert_finds(watched.page, each.title)


def test_the_search_finds_each_title_of_the_real_copied_listing(tmp_path: Path, browse: Browse) -> None:
    (tmp_path / "2025-12-08.txt").write_text(real_text(), "utf-8")
    store = Store(tmp_path / "store")
    dailypapers("--store", f"{store.root}", "import", "hf-text", f"{tmp_path}/2025-12-08.txt")
    make_site(store, tmp_path / "site", search=True)
    with Served(tmp_path / "site") as served, browse(served) as watched:
        page = watched.open("index.html")
        titles = page.locator(".card h2").all_text_contents()
        assert len(titles) >= 20
        watched.open(f"search.html?q={quote(titles[0])}")
        for title in titles[:20]:
            search(page, title)
            assert_finds(page, title)


def search(page: Page, words: str) -> None:
    """Use the form of the search page."""
    page.locator("#query").fill(words)
    page.locator("#query").press("Enter")


def assert_finds(page: Page, title: str) -> None:
    """The first result is the paper."""
    expect(page.locator("#results li h2").first).to_have_text(title)


def test_the_search_box_of_any_page_leads_to_results(site: Served, browse: Browse) -> None:
    title = copied_papers()[0].title
    with browse(site) as watched:
        page = watched.open("hf-daily/2025-12-02.html")
        page.locator("#find").fill(title)
        page.locator("#find").press("Enter")
        assert_finds(page, title)
        page.locator("#query").fill("qqqqqq xzxzxz")
        page.get_by_role("button", name="Search").last.click()
        expect(page.locator("#found")).to_have_text("0 papers")
        expect(page.locator("#results li")).to_have_count(0)


def test_a_first_search_over_ten_quarters_asks_little(tmp_path: Path, browse: Browse) -> None:
    store = Store(tmp_path / "store")
    for number in range(10):
        day = date(2023, 8, 1) + timedelta(days=91 * number)
        seen = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        listed = [
            paper(place, key=f"arxiv:{day:%y%m}.{place:05}", title=f"Owls of word{number}x{place}", first_seen=seen)
            for place in range(20)
        ]
        write_day(store, listed, day=day)
    make_site(store, tmp_path / "site", search=True)
    assert len(list((tmp_path / "site" / "search").iterdir())) == 10
    with Served(tmp_path / "site") as served, browse(served) as watched:
        sizes: list[int] = []
        watched.page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
        page = watched.open("search.html?q=word3x7")
        assert_finds(page, "Owls of word3x7")
        assert len(sizes) <= 80
        assert sum(sizes) <= 1_000_000
        # Every quarter is searched.
        page = watched.open("search.html?q=owls")
        expect(page.locator("#found")).to_have_text("200 papers")


def test_every_kind_of_page_is_accessible(site: Served, browse: Browse) -> None:
    axe = npm_file("axe-core/axe.min.js").read_text("utf-8")
    # Axe is a script of ours, which the pages' policy does not let in.
    # Without motion, colours change at once.
    with browse(site, bypass_csp=True, reduced_motion="reduce") as watched:
        for name in kinds(site):
            page = watched.open(name)
            unfold(page)
            page.evaluate(axe)
            for scheme, rules in THEMES:
                page.emulate_media(color_scheme=scheme)
                for width in (1280, 320):
                    page.set_viewport_size({"width": width, "height": 800})
                    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
                    shown = [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]
                    assert shown == [], f"{name}, {scheme}, {width} px"
                    assert len(found["passes"]) >= min(20, len(rules))


def test_html_and_styles_are_valid(site: Served, hostile: Served) -> None:
    jar = npm_file("vnu-jar/build/dist/vnu.jar")
    java = external_tool("java", "apt-get install default-jre-headless")
    pages = [*(site.folder / name.partition("?")[0] for name in kinds(site)), *hostile.folder.rglob("*.html")]
    for arguments in (["--errors-only", *pages], ["--css", site.folder / "assets/site.css"]):
        command = [java, "-jar", jar, "--stdout", "--format", "text", *arguments]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        assert done.stdout == "Document checking completed. No errors found.\n"
        assert done.returncode == 0


def test_nothing_of_a_hostile_listing_runs(hostile: Served, browse: Browse) -> None:
    names = [path.relative_to(hostile.folder).as_posix() for path in hostile.folder.rglob("*.html")]
    with browse(hostile) as watched:
        for name in [*names, "search.html?q=script", "search.html?q=trapped"]:
            page = watched.open(name)
            unfold(page)
            assert page.evaluate(f"typeof window.{TRAP}") == "undefined", name
            links = page.evaluate("Array.from(document.querySelectorAll('#main a'), each => each.getAttribute('href'))")
            schemes = {link.partition(":")[0] for link in links if ":" in link}
            assert schemes <= {"http", "https"}, name
        assert page.locator("#results li").count() > 0
