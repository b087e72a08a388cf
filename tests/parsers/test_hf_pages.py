"""Reading Hugging Face pages: what the folder of fixtures cannot say of one page alone."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from dailypapers.parsers import Claims, NotAListing, Page, Paper, Parsed, ParseError, parse
from dailypapers.parsers.links import repository
from dailypapers.parsers.markup import SelectionError, attr, body, maybe, one, some
from dailypapers.parsers.tolerant_json import describe, loads

CASES = Path(__file__).parents[1] / "fixtures" / "hf-daily"
SHOWN = ("key", "title", "upvotes", "comments", "author_count", "submitter", "organization", "github_stars")


def page(content: bytes, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Page:
    return Page("", status, headers, content, None)


def fixture(case: str) -> bytes:
    return next((CASES / case).glob("page.*")).read_bytes()


def read(content: bytes, parser: str = "hf_api", **values: Any) -> Parsed:
    return parse(page(content), parser, source="hf-daily", **values)


@pytest.mark.parametrize("case", ["html-2024-day", "html-2026-day", "html-2026-week"])
def test_cards_agree_with_the_blob_in_all_they_show(case: str) -> None:
    blob, cards = read(fixture(case), "hf_html"), read(fixture(case), "hf_cards")
    assert (blob.reading, cards.reading) == ("blob", "cards")
    assert cards.claims == blob.claims
    assert [shown(paper) for paper in cards.papers] == [shown(paper) for paper in blob.papers]
    assert all(paper.abstract is None and paper.authors == [] for paper in cards.papers)


def shown(paper: Paper) -> dict[str, Any]:
    return {name: getattr(paper, name) for name in SHOWN}


@pytest.mark.parametrize("case", ["html-2024-day", "html-2026-day"])
def test_the_blob_is_found_in_any_quoting_and_order(case: str) -> None:
    content = fixture(case)
    tag = content[content.index(b'data-target="DailyPapers"') :]
    target, props = tag[: tag.index(b" ")], tag[tag.index(b" ") + 1 : tag.index(b'">') + 1]
    as_served = read(content, "hf_html").papers
    for other in (props + b" " + target, target + b"\n\t " + props, target.replace(b'"', b"'") + b" " + props):
        changed = read(content.replace(target + b" " + props, other), "hf_html")
        assert (changed.reading, changed.papers) == ("blob", as_served)


def test_the_outer_published_at_is_never_used() -> None:
    [item] = json.loads(fixture("api-byte-order-mark").decode("utf-8-sig"))
    before = read(json.dumps([item]).encode())
    item["publishedAt"] = "1999-01-01T00:00:00.000Z"
    assert read(json.dumps([item]).encode()) == before
    del item["paper"]["publishedAt"]
    assert read(json.dumps([item]).encode()).papers[0].published is None
    assert "publishedAt" not in before.papers[0].extra


def test_the_paper_wins_in_extra_and_users_stay_out() -> None:
    paper = read(fixture("api-unknown-fields")).papers[0]
    assert paper.extra["shared"] == "inner"
    assert list(paper.extra) == sorted(paper.extra)
    assert not paper.extra.keys() & {"upvoted", "followerCount", "isPro", "avatarUrl", "linkedModels", "nothing"}


def test_rank_and_position_count_from_the_offset_for_the_api_alone() -> None:
    second = read(fixture("api-numeric-id"), offset=100)
    assert [paper.rank for paper in second.papers] == [101, 103]
    assert [reject.position for reject in second.rejects] == [102]
    assert {paper.rank for paper in read(fixture("html-2026-day"), "hf_html", offset=100).papers} == {None}


def test_a_page_that_is_not_wanted_is_read_up_to_its_first_paper() -> None:
    seen: list[tuple[date | None, int]] = []

    def refused(claims: Claims, items: int) -> bool:
        seen.append((claims.day, items))
        return False

    served = json.loads(fixture("api-numeric-id"))
    found = read(json.dumps([{}, *served]).encode(), wanted=refused)
    assert ([paper.rank for paper in found.papers], len(found.rejects), found.items) == ([2], 1, 4)
    assert seen == [(date(2026, 8, 19), 4)]
    assert len(read(fixture("api-numeric-id"), wanted=lambda *_: True).papers) == 2


def test_the_day_given_stands_above_the_day_claimed() -> None:
    given = read(fixture("api-stray-day"), day=date(2026, 1, 2))
    assert {paper.day for paper in given.papers} == {date(2026, 1, 2)}
    assert given.claims.day == date(2026, 8, 19)
    assert {paper.day for paper in read(fixture("api-stray-day")).papers} == {date(2026, 8, 19)}
    assert read(fixture("html-trending"), "hf_html").papers[0].day is None


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.glob("*-empty-body")))
def test_nothing_is_no_listing(case: str) -> None:
    with pytest.raises(NotAListing, match="empty"):
        read(fixture(case), "hf_html" if case.startswith("html") else "hf_api")


@pytest.mark.parametrize(
    ("content", "parser", "error"),
    [
        (b'{"error": "Too big"}', "hf_api", NotAListing),
        (b"<html><title>502 Bad Gateway</title></html>", "hf_api", NotAListing),
        (b'{"papers": []}', "hf_api", ParseError),
        (b'["2408.00118"]', "hf_api", ParseError),
        (b"[", "hf_api", ParseError),
        (b"\xff\xfe[\x00]\x00", "hf_api", ParseError),
        (b"<html><title>Daily Papers</title></html>", "hf_html", ParseError),
        (b"<html><title>Log in</title><h1>Too Many Requests</h1></html>", "hf_html", NotAListing),
        (b"<html><title>Attention Required!</title></html>", "hf_html", NotAListing),
        (b"[]", "hf_html", NotAListing),
    ],
)
def test_what_is_no_listing_is_told_from_a_broken_one(content: bytes, parser: str, error: type[ParseError]) -> None:
    with pytest.raises(ParseError) as raised:
        read(content, parser)
    assert type(raised.value) is error


def test_a_page_of_status_503_without_words_is_an_error_page() -> None:
    with pytest.raises(NotAListing, match=r"an error page came \(status 503\): it has no title"):
        parse(page(b"<p>Sorry</p>", status=503), "hf_html", source="hf-daily")


def test_an_unknown_parser_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"no parser 'os'; there are arxiv_\w+, .*hf_api, hf_cards, hf_html, "):
        read(b"[]", "os")


@pytest.mark.parametrize(
    ("link", "next_url"),
    [
        ('<https://huggingface.co/api/daily_papers?p=1>; rel="next"', "https://huggingface.co/api/daily_papers?p=1"),
        ("<https://a.example/?p=0>; rel=first, <https://a.example/?p=2>; rel=next", "https://a.example/?p=2"),
        ('<https://a.example/?p=2>; title="x"; rel="next"', "https://a.example/?p=2"),
        ('<https://a.example/?p=0>; rel="prev"', None),
        ("", None),
    ],
)
def test_the_next_page_is_the_one_of_the_link_header(link: str, next_url: str | None) -> None:
    answer = page(b"[]", headers=(("link", link),))
    assert parse(answer, "hf_api", source="hf-daily").claims.next_url == next_url


def test_an_item_too_deep_to_write_is_refused_without_it() -> None:
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    good = json.loads(fixture("api-stray-day"))
    good[0]["paper"]["upvotes"] = deep
    found = read(json.dumps(good).encode())
    assert len(found.papers) == len(good) - 1
    assert found.rejects[0].raw == "(left out: nested more than 64 deep)"


def test_unknown_names_that_are_no_utf8_can_be_written() -> None:
    items = json.loads(fixture("api-stray-day"))
    items[0]["\ud83d"] = 1
    assert read(json.dumps(items).encode()).rejects[0].position == 1
    json.dumps(read(json.dumps(items).encode()).unknown, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://github.com/a/b", "https://github.com/a/b"),
        ("http://www.github.com/a/b.git/", "https://github.com/a/b"),
        ("Code: github.com/A-1/b_c.d.", "https://github.com/A-1/b_c.d"),
        ("\\url{https://GitHub.com/a/b\\_c}", "https://github.com/a/b_c"),
        ("git@github.com:a/b.git", "https://github.com/a/b"),
        ("github.com/orgs/x/y, then github.com/a/b", "https://github.com/a/b"),
        ("github.com/a/b.git.", "https://github.com/a/b"),
        ("github.com/a/b..git", "https://github.com/a/b"),
        ("github.com/a/.b", "https://github.com/a/.b"),
        ("github.com/a/boX.", "https://github.com/a/boX"),
        ("github.com/a/boX.git", "https://github.com/a/boX"),
        ("mygithub.com/x/y, stub.com/x/y and raw.github.com/x/y; www.github.com/a/b", "https://github.com/a/b"),
        ("x\\_y\\_z: github.com/a\\_/b, gitHub.com/a/b\\_c", "https://github.com/a/b_c"),
        ("ub.com", None),
        ("https://github.com/a", None),
        ("https://github.com/a/..", None),
        ("https://raw.github.com/a/b", None),
        ("https://mygithub.com/a/b", None),
        ("https://a.github.io/b", None),
        (None, None),
        (7, None),
    ],
)
def test_github_addresses(text: object, address: str | None) -> None:
    assert repository(text) == address


def test_selections_say_what_they_expected() -> None:
    node = body("<p class=a>1</p><p>2</p>")
    assert len(some(node, "p")) == len(some(node, "p, .a")) == 2
    assert maybe(node, "b") is None
    assert attr(one(node, ".a"), "class") == "a"
    for select, message in (
        (lambda: one(node, "p"), "2 nodes are 'p' in <body>, expected 1"),
        (lambda: some(node, "b"), "0 nodes are 'b' in <body>, expected 1 or more"),
        (lambda: maybe(node, "p"), "2 nodes are 'p' in <body>, expected 0 to 1"),
        (lambda: attr(node, "id"), "<body> has no attribute 'id'"),
    ):
        with pytest.raises(SelectionError) as raised:
            select()
        assert str(raised.value) == message


def test_values_are_named_for_messages() -> None:
    values: tuple[object, ...] = ({}, {"a": 1}, [1, 2], "text", None, True, 1.5, {1})
    assert [describe(value) for value in values] == [
        "an empty object", "an object with the keys 'a'", "a list of 2", "the text 'text'", "the value null",
        "the value true", "the value 1.5", "set",
    ]  # fmt: skip


@pytest.mark.parametrize("text", [b'["\\ud800"]', b'["\xff"]', b"[NaN]", b"[1e999]", b"[" + b"9" * 5000 + b"]"])
def test_what_orjson_refuses_is_read_all_the_same(text: bytes) -> None:
    decoded = loads(text)
    assert not decoded.clean
    assert isinstance(decoded.value, list)


def test_both_decoders_read_numbers_alike() -> None:
    numbers = b"[0, -1, 9223372036854775807, 18446744073709551615, 18446744073709551616, -9223372036854775809, 0.5]"
    tolerant = loads(numbers[:-1] + b', "\\ud800"]').value
    assert isinstance(tolerant, list)
    assert [(type(n), n) for n in tolerant[:-1]] == [(type(n), n) for n in _list(loads(numbers).value)]


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def test_the_html_parser_marks_broken_bytes_as_this_code_expects() -> None:
    node = LexborHTMLParser(b'<p title="a\xf6b">').css_first("p")
    assert node is not None
    assert node.attributes["title"] == "a\ufffdb"


def test_a_page_says_how_it_is_built_when_it_is_asked() -> None:
    blob, cards = read(fixture("html-2026-day"), "hf_html"), read(fixture("html-blob-gone-2026"), "hf_html")
    assert blob.instead is None
    structure = blob.structure()
    assert {"dailyPapers", "dateString", "periodType"} <= set(structure.keys)
    assert list(structure.keys) == sorted(structure.keys)
    assert [card["key"] for card in structure.second] == [paper.key for paper in blob.papers]
    assert (cards.reading, cards.structure().keys, cards.structure().second) == ("cards", (), [])
    assert cards.structure().matched == {name: len(cards.papers) for name in cards.structure().matched}
    assert cards.instead == cards.claims.notes[0]
    # The first blob counts, and where there is none a card may come first of all.
    again = read(fixture("html-2026-day") + b'<p data-target="DailyPapers" data-props="{}">', "hf_html")
    assert again.structure() == structure
    alone = b'<article><h3><a href="/papers/2608.99001">Lamps</a></h3></article>'
    assert read(alone, "hf_html").structure().matched["article"] == 1
    # In the blob an article would be text of an abstract.
    quoted = read(fixture("html-2026-day").replace(b"&quot;,&quot;", b"<article&quot;,&quot;", 1), "hf_html")
    assert quoted.structure().matched["article"] == structure.matched["article"]


def test_cards_by_another_name_beside_the_blob_are_noted() -> None:
    page = fixture("html-2026-day")
    as_served, renamed = read(page, "hf_html"), read(page.replace(b"<article", b"<section"), "hf_html")
    note = f"the cards are renamed: the blob lists {as_served.items} papers, the page has no article"
    assert (renamed.claims.notes, as_served.claims.notes) == ((note,), ())
    assert renamed.papers == as_served.papers
    month = fixture("html-2026-month").replace(b"<article", b"<section")
    assert read(month, "hf_html").claims.notes == read(fixture("html-2026-month"), "hf_html").claims.notes
    props = b"{&quot;dailyPapers&quot;:[],&quot;date&quot;:&quot;2026-08-19&quot;}"
    assert read(b'<p data-target="DailyPapers" data-props="%s">' % props, "hf_html").claims.notes == ()


def test_what_the_paper_lacks_is_the_item_s() -> None:
    item: dict[str, Any] = {
        "title": "Lamps of\nthe item",
        "summary": "Of lamps.",
        "organization": {"name": "acme", "fullname": "ACME"},
        "submitterOrganization": {"name": "moss"},
        "paper": {"id": "2608.99001"},
    }
    (bare,) = read(json.dumps([item]).encode()).papers
    organization = {"name": "acme", "fullname": "ACME"}
    assert (bare.title, bare.abstract, bare.organization) == ("Lamps of the item", "Of lamps.", organization)
    del item["organization"]
    assert read(json.dumps([item]).encode()).papers[0].organization == {"name": "moss", "fullname": None}
    item["paper"] |= {"title": "Lamps", "summary": "Of the paper.", "organization": {"name": "owls"}}
    (full,) = read(json.dumps([item]).encode()).papers
    assert (full.title, full.abstract) == ("Lamps", "Of the paper.")
    assert full.organization == {"name": "owls", "fullname": None}
