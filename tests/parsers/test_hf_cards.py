"""Reading rendered cards: invented ones, each with the one thing that the test is about."""

from datetime import date
from typing import Any

import pytest

from dailypapers.parsers import Page, Paper, Parsed, parse

VOTES = '<a href="/login?next=x"><div class="leading-none">29</div></a>'
TITLE = '<h3><a href="/papers/2608.99001">Lamps</a></h3>'
HEADER = '<time datetime="2026-08-19T00:00:00.000Z"></time>'


def page(*parts: str) -> Parsed:
    return parse(Page("", 200, (), "".join(["<html>", *parts]).encode(), None), "hf_cards", source="hf-daily")


def card(more: str = "", *, title: str = TITLE, votes: str = VOTES) -> Paper:
    found = page(HEADER, f"<article>{title}{votes}{more}</article>")
    assert found.rejects == []
    return found.papers[0]


def shown(paper: Paper) -> dict[str, Any]:
    return {name: value for name, value in paper.model_dump().items() if value not in (None, [], {}, False)}


def test_a_bare_card_shows_title_and_votes_and_nothing_else() -> None:
    assert shown(card()) == {
        "key": "arxiv:2608.99001", "source": "hf-daily", "day": date(2026, 8, 19), "title": "Lamps", "upvotes": 29,
        "arxiv_id": "2608.99001", "url": "https://huggingface.co/papers/2608.99001",
        "pdf_url": "https://arxiv.org/pdf/2608.99001",
    }  # fmt: skip


@pytest.mark.parametrize(
    "href", ["https://huggingface.co/papers/2608.99001", "/papers/2608.99001?x=1", "/papers/2608.99001#c"]
)
def test_the_id_is_what_follows_papers(href: str) -> None:
    assert card(title=f'<h3><a href="{href}">Lamps</a></h3>').arxiv_id == "2608.99001"


def test_a_link_that_leads_elsewhere_is_refused_as_what_it_is() -> None:
    found = page(
        '<article><h3><a href="/blog/lamps">Lamps</a></h3><a href="/papers/2608.99001"></a>', VOTES, "</article>"
    )
    assert [(error.path, error.message) for error in found.rejects[0].errors] == [
        ("arxiv_id", "'/blog/lamps' is no arXiv id like 2408.00118 or hep-th/9901001")
    ]


@pytest.mark.parametrize(
    ("votes", "number"), [("1,029", 1029), ("0", 0), ("-", None), ("1.2k", None), ("1,02", None), ("GitHub 7", 7)]
)
def test_votes_are_exact_numbers_or_none(votes: str, number: int | None) -> None:
    label = f'<label><div class="leading-none">{votes}</div></label>'
    assert card(votes=label).upvotes == number


def test_a_card_without_votes_is_refused() -> None:
    found = page(f"<article>{TITLE}</article>")
    assert [(error.path, error.message) for error in found.rejects[0].errors] == [
        ("", "SelectionError: 0 nodes are 'a[href*=\"/login\"] div.leading-none, label div.leading-none' in <article>, "
         "expected 1")
    ]  # fmt: skip
    assert found.rejects[0].raw == f"<article>{TITLE}</article>"


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ("<ul><li>· 6 authors</li></ul>", 6),
        ("<div>·1 author</div>", 1),
        ("<li>· 1,024 authors</li>", 1024),
        ("<li>6 authors</li>", None),
        ("<p>· 6 authors</p>", None),
        ("<div></div>" * 400 + "<div>· 6 authors</div>", None),
        ("<div></div>" * 398 + "<div>· 6 authors</div>", 6),
    ],
)
def test_the_number_of_authors_stands_behind_a_middle_dot(more: str, count: int | None) -> None:
    assert card(more).author_count == count


def test_comments_are_the_number_of_the_link_to_them() -> None:
    assert card('<a href="/papers/2608.99001#community">3</a>').comments == 3
    assert card('<a href="/papers/2608.99001">3</a>').comments is None


@pytest.mark.parametrize(
    ("badge", "submitter"),
    [
        ("<div>Submitted by keeper</div>", "keeper"),
        ("<div>Submitted by<span>keeper</span></div>", "keeper"),
        ("<div><span>Submitted by keeper</span></div>", "keeper"),
        ("<div><div>Submitted by keeper</div>of the lamps</div>", "keeper"),
        ("<div><span>Submitted by</span><a>keeper</a></div>", "keeper"),
        ('<div>Submitted by <a href="/keeper-1">The Keeper</a></div>', "keeper-1"),
        ('<div>Submitted by <a href="https://huggingface.co/keeper.1/">The Keeper</a></div>', "keeper.1"),
        ('<div>Submitted by <a href="/a/b">The Keeper</a><a href="/keeper">.</a></div>', "keeper"),
        ("<div>Submitted by The Keeper</div>", None),
        ("<div>Submitted by</div>", None),
        ("<p>Submitted by keeper</p>", None),
        ("<span></span>" * 400 + "<span>Submitted by keeper</span>", None),
        ("<span></span>" * 396 + "<span>Submitted by keeper</span>", "keeper"),
    ],
)
def test_the_submitter_is_a_name_without_blanks_or_an_account(badge: str, submitter: str | None) -> None:
    assert card(badge).submitter == submitter


@pytest.mark.parametrize(
    ("more", "organization"),
    [
        ('<a href="/acme">ACME Labs</a>', {"name": "acme", "fullname": "ACME Labs"}),
        ('<a href="/acme"><img></a>', {"name": "acme", "fullname": None}),
        ('<a href="/login">Log in</a><a href="/papers">Papers</a>', None),
        ('<a href="/a/b">Elsewhere</a>', None),
        ('<div>Submitted by <a href="/keeper">The Keeper</a></div>', None),
        (
            '<div>Submitted by <a href="/keeper">The Keeper</a></div><a href="/acme">ACME Labs</a>',
            {"name": "acme", "fullname": "ACME Labs"},
        ),
    ],
)
def test_the_organization_is_a_link_to_another_account(more: str, organization: dict[str, str] | None) -> None:
    assert card(more).organization == organization


@pytest.mark.parametrize(
    ("more", "stars", "code"),
    [
        ('<a href="https://github.com/acme/lamps">1,055</a>', 1055, "https://github.com/acme/lamps"),
        (
            '<a href="https://github.com/acme/lamps">55</a><i title="GitHub stars">7</i>',
            55,
            "https://github.com/acme/lamps",
        ),
        ('<i title="GitHub stars">7</i>', 7, None),
        ('<i title="GitHub stars">7</i><p><svg viewBox="0 0 256 250"></svg> 8</p>', 7, None),
        ('<p><svg viewBox="0 0 256 250"></svg> 8</p>', 8, None),
        ('<p><svg viewBox="0 0 32 32"></svg> 8</p>', None, None),
        ('<i title="Stars">7</i>', None, None),
        ('<a href="https://github.com/acme">8</a>', 8, None),
    ],
)
def test_stars_stand_at_the_repository_or_beside_the_mark(more: str, stars: int | None, code: str | None) -> None:
    assert (card(more).github_stars, card(more).code_url) == (stars, code)


def test_the_thumbnail_is_the_picture_of_that_host() -> None:
    thumbnail = "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2608.99001.png"
    assert card(f'<img src="/a.png"><img src="{thumbnail}">').thumbnail_url == thumbnail
    assert card('<img src="/a.png">').thumbnail_url is None


CARD = f"<article>{TITLE}{VOTES}</article>"


@pytest.mark.parametrize(
    ("parts", "claimed"),
    [
        ([HEADER, CARD], (date(2026, 8, 19), None)),
        ([HEADER, '<a href="/papers/date/2026-08-18"></a>', CARD], (date(2026, 8, 19), "day")),
        ([HEADER, '<a href="/papers?date=2026-08-18"></a>', CARD], (date(2026, 8, 19), "day")),
        ([HEADER, '<a href="/papers/week/2026-W33"></a>', CARD], (date(2026, 8, 17), "week")),
        ([HEADER, '<a href="/papers/month/2026-07"></a>', CARD], (date(2026, 8, 1), "month")),
        ([HEADER, '<a href="/papers/week/2026-W33"></a><a href="/papers/date/2026-08-18"></a>', CARD],
         (date(2026, 8, 19), None)),
        ([HEADER, '<a href="/papers/date/"></a>', CARD], (date(2026, 8, 19), None)),
        (['<time datetime="2026-08"></time>', CARD], (date(2026, 8, 1), "month")),
        (['<time datetime="2026-W34"></time>', CARD], (date(2026, 8, 17), "week")),
        (['<time datetime="2026-08"></time><a href="/papers/date/2026-08-18"></a>', CARD], (date(2026, 8, 1), "day")),
        (["<time>19 Aug</time>", HEADER, CARD], (date(2026, 8, 19), None)),
        ([CARD.replace("</article>", '<p><b><time datetime="2020-01-01"></time></b></p></article>'), HEADER],
         (date(2026, 8, 19), None)),
        ([CARD.replace("</article>", '<time datetime="2020-01-01"></time></article>')], (None, None)),
    ],
)  # fmt: skip
def test_a_page_claims_the_date_of_its_header_and_the_period_of_its_arrows(
    parts: list[str], claimed: tuple[date | None, str | None]
) -> None:
    claims = page(*parts).claims
    assert (claims.day, claims.period) == claimed
    assert claims.notes == (() if claimed[0] else ("the page's header shows no date",))


def test_a_broken_byte_costs_the_card_it_is_in_and_a_replacement_character_as_served_nothing() -> None:
    def read(first: bytes) -> Parsed:
        body = CARD.encode().replace(b"Lamps", first) + CARD.encode()
        return parse(Page("", 200, (), body, None), "hf_cards", source="hf-daily")

    assert [error.message for error in read(b"L\xffmps").rejects[0].errors] == [
        "holds a broken byte, which is no UTF-8"
    ]
    assert [paper.title for paper in read(b"L\xffmps").papers] == ["Lamps"]
    assert [paper.title for paper in read("L\ufffdmps".encode()).papers] == ["L\ufffdmps", "Lamps"]
