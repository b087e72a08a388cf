"""The scan of cards: invented ones, each with the one thing that the test is about."""

import pytest

from dailypapers.parsers.hf.cards import scan_cards
from dailypapers.parsers.model import Structure

TITLE = '<h3 class="a"><a class="b" href="/papers/2608.99001" id="c">Lamps &amp;\n Owls</a></h3>'
VOTES = '<div class="leading-none"> 29 </div>'
NOTHING = {"key": None, "title": None, "upvotes": None, "author_count": None, "comments": None}
TITLED = NOTHING | {"key": "arxiv:2608.99001", "title": "Lamps & Owls"}


def card(*parts: str) -> dict[str, object]:
    (found,) = scan_cards(f"<article>{''.join(parts)}</article>".encode()).second
    return dict(found)


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ([], {}),
        ([TITLE], TITLED),
        (['<h3>\n<a href="/papers/2608.99001?x=1">L\xfcmps</a></h3>'], {"key": None, "title": None}),
        (['<h3><a href="/papers/2608.99001v2">Lümps</a></h3>'], {"key": "arxiv:2608.99001", "title": "Lümps"}),
        (['<h3><a href="/papers/owls">Owls</a></h3>'], {"title": "Owls"}),
        ([TITLE, TITLE.replace("Lamps", "Kettles")], TITLED),
        ([VOTES], {"upvotes": 29}),
        (['<div class="leading-none">1,029</div>', VOTES], {"upvotes": 1029}),
        (['<div class="leading-none">-</div>'], {}),
        (['<div class="leading-none">1.2k</div>'], {}),
        (['<div class="leading-none">123456789</div>'], {"upvotes": 123456789}),
        (['<div class="leading-none">1234567890</div>'], {}),
        (["<li>· 6 authors</li>"], {"author_count": 6}),
        (["<li>6 authors</li><li>· 1,024 authors</li>"], {"author_count": 1024}),
        (["<li>·1 author</li>"], {}),
        (["<li>1 author</li>"], {"author_count": 1}),
        (['<a href="/papers/2608.99001#community">\n<svg></svg>\n3\n</a>'], {"comments": 3}),
        (['<a href="/x">7</a><a href="/papers/2608.99001#community">3</a><a href="/y">8</a>'], {"comments": 3}),
        (['<a href="/papers/2608.99001#community"></a>'], {}),
        (['<a href="/papers/2608.99001#community">3'], {}),
    ],
)
def test_a_card_shows_what_stands_where_it_is_looked_for(parts: list[str], shown: dict[str, object]) -> None:
    assert card(*parts) == NOTHING | shown


def test_bytes_that_are_no_utf8_are_marked() -> None:
    page = b'<article><h3><a href="/papers/\xff">L\xffmps</a></h3>'
    assert scan_cards(page).second == [NOTHING | {"title": "L\ufffdmps"}]


def test_a_number_is_looked_for_in_the_forty_bytes_before_its_word() -> None:
    assert card("x" * 33, ">", "6 authors")["author_count"] == 6
    assert card("9" * 50, " authors")["author_count"] is None
    assert card("1", "9" * 40, " authors")["author_count"] is None


def test_each_card_is_looked_at_by_itself() -> None:
    page = f"<article>{TITLE}</article><article>{VOTES}</article>".encode()
    found = scan_cards(page, keys=["query", "dailyPapers"])
    assert found == Structure(
        ("dailyPapers", "query"),
        {"article": 2, "key": 1, "title": 1, "upvotes": 1, "author_count": 0, "comments": 0},
        [TITLED, NOTHING | {"upvotes": 29}],
    )
    assert scan_cards(page, compare=False) == Structure((), found.matched, [])


def test_what_a_card_lacks_is_not_taken_from_the_next() -> None:
    full = f'{TITLE}{VOTES}<li>· 6 authors</li><a href="/papers/2608.99001#community">3</a>'
    bare, whole = scan_cards(f"<article><article>{full}".encode()).second
    assert (bare, whole) == (NOTHING, TITLED | {"upvotes": 29, "author_count": 6, "comments": 3})
    whole, bare = scan_cards(f"<article>{full}<article>".encode()).second
    assert (whole["author_count"], bare) == (6, NOTHING)
    open_link, _ = scan_cards(b'<article><a href="#community">3<article>7</a>').second
    assert open_link == NOTHING
    assert scan_cards(b"<article>77 ").second == [NOTHING]


def test_of_two_links_to_the_comments_the_first_counts() -> None:
    assert card('<a href="#community">3</a><a href="#community">4</a>')["comments"] == 3


def test_what_stands_before_the_end_of_the_blob_is_no_card() -> None:
    page = f"<article>{TITLE}</article><article>{VOTES}</article>".encode()
    assert scan_cards(page, 1).matched["article"] == 1
    assert scan_cards(page, 0).matched["article"] == 2
    assert scan_cards(b"<p>", keys=["b", "a"]) == Structure(("a", "b"), {"article": 0}, [])


def test_what_is_longer_than_any_card_is_no_card_alone() -> None:
    # The end of the number's element has to be begun.
    room = 40_000 - len("<article>") - len(VOTES) + len("/div>")
    assert card("x" * room, VOTES)["upvotes"] == 29
    assert card("x" * (room + 1), VOTES)["upvotes"] is None
