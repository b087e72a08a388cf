"""The site's page in a new dress: what it is called in the run that meets it, what is kept, and how it heals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser

from dailypapers.parsers import Page
from dailypapers.parsers.hf import cards as hf_cards
from dailypapers.parsers.hf import html as hf_html
from dailypapers.parsers.protocol import Document
from dailypapers.parsers.versions import version
from tests.papersite import PaperSite, Switch, switches
from tests.product import DAY, NOW, Product
from tests.support.changed_parsers import set_version

GONE = "the hydration blob is gone: nothing has data-target=DailyPapers and data-props"
RENAMED = "the hydration blob is renamed: a list of papers is in data-props behind data-target=PaperGrid"
CARDS = "the cards are renamed: 12 papers are linked, none of them in an article"


def fix_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser for the new dress, by a new version: other names, and cards that count where no blob is any more."""

    def cards(page: Page, _reason: str) -> Document[hf_cards.Card]:
        return hf_cards.load(replace(page, body=page.body.replace(b"<section", b"<article")))

    monkeypatch.setattr(hf_html, "_MARKER", b'data-target="PaperGrid" data-props="')
    monkeypatch.setattr(hf_html, "_attribute", _attribute_of_papergrid)
    monkeypatch.setattr(hf_html, "_cards", cards)
    set_version(monkeypatch, "hf_html", version("hf_html") + 1)


def _attribute_of_papergrid(html: bytes) -> str | None:
    node = LexborHTMLParser(html).css_first('[data-target="PaperGrid"][data-props]')
    return node.attributes["data-props"] if node else None


@pytest.mark.parametrize(
    ("dress", "said", "read"),
    [
        ([switches.no_blob()], f"html 12, but FAILED: {{}}: {GONE}; the cards were read instead", "cards"),
        ([switches.renamed_blob()], f"html 12, but FAILED: {{}}: {RENAMED}; the cards were read instead", "cards"),
        (
            [switches.no_blob(), switches.renamed_cards()],
            f"html FAILED: {{}}: a page without a listing: {GONE} and {CARDS}; has the site changed?",
            None,
        ),
        (
            [switches.renamed_blob(), switches.renamed_cards()],
            f"html FAILED: {{}}: a page without a listing: {RENAMED} and {CARDS}; has the site changed?",
            None,
        ),
    ],
    ids=["blob gone", "blob renamed", "blob gone, cards renamed", "blob and cards renamed"],
)
def test_a_new_dress_is_named_within_one_run_and_heals_by_one_build(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch, dress: Sequence[Switch], said: str, read: str
) -> None:
    site.switches += dress
    result = product("run", "--day", f"{DAY}")
    assert said.format(f"{site.url}/papers/date/{DAY}") in result.out
    certificate = product.certificate()
    html = certificate["fetches"][0]["views"][1]
    assert (certificate["state"], html["reading"], html["failed"] is None) == ("partial", read, False)
    assert certificate["reason"].startswith("html: ")
    as_listed = product.papers()
    assert (len(as_listed), sum(paper["abstract"] is not None for paper in as_listed)) == (12, 12)

    fix_parser(monkeypatch)
    assert product("build").status == 0
    certificate = product.certificate()
    html = certificate["fetches"][0]["views"][1]
    assert (certificate["state"], html["failed"], html["papers"]) == ("settling", None, 12)
    assert certificate["fetches"][0]["whole"] is True
    assert [paper["key"] for paper in product.papers()] == [paper["key"] for paper in as_listed]
    assert product("build", "--check").status == 0


def test_cards_alone_in_a_new_dress_are_named_and_cost_nothing(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.renamed_cards())
    result = product("run", "--day", f"{DAY}")
    note = "the cards are renamed: the blob lists 12 papers, the page has no article"
    assert f"html 12 ({note})" in result.out
    certificate = product.certificate()
    assert (certificate["state"], certificate["fetches"][0]["views"][1]["notes"]) == ("settling", [note])


def test_a_new_dress_raises_the_alarm_when_it_stays(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.renamed_blob())
    assert product("run", "--day", f"{DAY}").status == 0
    result = product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=4))
    assert result.status == 1
    assert f"hf-daily {DAY} needs attention: 2 fetches in a row are doubtful: html: " in result.err


def test_what_only_cards_show_is_stored_while_the_api_is_down(product: Product, site: PaperSite) -> None:
    site.switches += [switches.no_blob(), switches.down("/api/")]
    result = product("run", "--day", f"{DAY}")
    assert (result.status, len(product.papers()), product.certificate()["state"]) == (0, 12, "partial")


def test_pages_that_wait_for_a_mended_parser_are_asked_for_on_every_day(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.switches += [switches.renamed_blob(), switches.renamed_cards()]
    product("run", "--since", "2025-12-08", "--until", "2025-12-12")
    fix_parser(monkeypatch)
    assert product("build").status == 0
    days = [DAY + timedelta(days=number) for number in range(-2, 3)]
    assert {product.certificate(day)["state"] for day in days} == {"settling"}


def test_challenges_are_not_asked_for_on_every_day(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.challenge("/papers"))
    product("run", "--since", "2025-12-08", "--until", "2025-12-12")
    days = {request.target for request in site.log if request.target.startswith("/papers/date/")}
    assert len(days) == 3
