"""The HTML part in a browser: a hostile listing runs nothing and loads nothing; it fits a narrow screen, also dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.digest.conftest import SUBSCRIBED, Mailing, at, listed
from tests.digest.test_message import ODD_TEXTS
from tests.support.external_tools import external_tool

LINKS = (
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    'https://ok.example/"><script>alert(1)</script>',
    "https://user:password@host.example/",
    "vbscript:x",
    "//host.example/x",
)
playwright = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = external_tool("chromium", "apt-get install chromium")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def html(mailing: Mailing) -> Path:
    """The HTML part of an issue whose every text is hostile."""
    texts = [
        *ODD_TEXTS,
        *LINKS,
        "<img src=x onerror=alert(1)>",
        "<base href=//x>",
        "</bdi></li></ol><h1>x",
        "{{ 7*7 }}",
    ]
    papers = []
    for number, text in enumerate(texts, 1):
        link = LINKS[number % len(LINKS)]
        name = {"name": text, "user": None, "hidden": None, "affiliation": None}
        fields: dict[str, Any] = {"title": text, "abstract": text, "authors": [name], "upvotes": number}
        organization = {"name": text, "fullname": text}
        papers.append(
            listed(number, at(10, 5), url=link, pdf_url=link, code_url=link, organization=organization, **fields)
        )
    mailing.list_papers(*papers)
    assert mailing("preview", "--out", mailing.folder / "out", now=SUBSCRIBED).status == 0
    return mailing.folder / "out" / "digest.html"


def test_a_hostile_listing_runs_nothing_and_loads_nothing(browser: Any, html: Path) -> None:
    page = browser.new_page()
    dialogs: list[str] = []
    requests: list[str] = []

    def dismiss(dialog: Any) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("request", lambda request: requests.append(request.url))
    page.goto(html.as_uri())
    for link in page.locator("a").all():
        link.dispatch_event("click", {"button": 1})
    assert dialogs == []
    assert requests == [html.as_uri()]
    assert page.locator("script, img, iframe, base, form, object, embed").count() == 0
    assert page.locator("h1").count() == 1
    hosts = {link.get_attribute("href").split("/")[2] for link in page.locator("a").all()}
    assert hosts == {"papers.example"}
    page.close()


@pytest.mark.parametrize("width", [320, 600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_screen_and_follows_its_colours(browser: Any, html: Path, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(html.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(29, 32, 38)"}[scheme]
    page.close()
