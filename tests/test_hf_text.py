"""Listings copied as text: the dates, what a cut anywhere may cost, and the one real text."""

import os
import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import NotAListing, Page, Paper, Parsed, ParseError, parse
from parsers.hf_text_blocks import dated
from parsers.identity import key
from parsers.model import line, reject_line
from parsers.printed import Printed, printed, year_of_list

DAY = date(2025, 12, 18)
MAIL = "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\n"
HEAD = f"{MAIL}Daily Papers\n\nbyAK and the research community\n\n"
ONE = "Owls at Noon\n\nWe keep owls awake and see what they read.\n\n  • 2 authors\n·\nMay 3"
fast = settings(deadline=None, derandomize=True, max_examples=100)


def read(text: str | bytes, day: date | None = DAY) -> Parsed:
    body = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return parse(Page("", 200, (), body, None), "hf_text", source="hf-text", day=day)


# What a text shows, told without the parser: blocks by split(), meta blocks by their middle dot.


def blocks_of(text: str) -> list[tuple[int, int]]:
    """Where each block of a clean text stands."""
    return [found.span() for found in re.finditer(r"(?:.+\n?)*.+", text)]


def is_meta(block: str) -> bool:
    return "\n·\n" in block


def entries_of(text: str) -> list[list[tuple[int, int]]]:
    """The blocks of each entry of a clean text: title, abstract and the meta block, where there is one."""
    found: list[list[tuple[int, int]]] = []
    for span in body_of(text):
        if is_meta(text[slice(*span)]) or (found and len(found[-1]) == 1):
            found[-1].append(span)
        else:
            found.append([span])
    return found


def body_of(text: str) -> list[tuple[int, int]]:
    """The blocks below the page's head."""
    head = len(HEAD.split("\n\n")) if text.startswith(HEAD) else 0
    return blocks_of(text)[head:]


def cut(text: str, places: set[int]) -> str:
    ends = [0, *sorted(places), len(text)]
    return "\n\n".join(text[start:end] for start, end in pairwise(ends))


def whole_after(text: str, places: set[int]) -> list[bool]:
    """Which entries the cuts have to leave whole."""
    entries = entries_of(text)
    kept = [[not any(start < place < end for place in places) for start, end in entry] for entry in entries]
    return [
        all(blocks) if len(blocks) == 3 else all(blocks) and between_is_whole(kept, number)
        for number, blocks in enumerate(kept)
    ]


def between_is_whole(kept: list[list[bool]], number: int) -> bool:
    """Whether all blocks from the whole meta block before the entry to the one after it are whole."""
    before = next((at for at in range(number - 1, -1, -1) if ends_whole(kept[at])), -1)
    after = next((at for at in range(number + 1, len(kept)) if ends_whole(kept[at])), len(kept) - 1)
    return all(all(blocks) for blocks in kept[before + 1 : after + 1])


def ends_whole(blocks: list[bool]) -> bool:
    return len(blocks) == 3 and blocks[2]


def check_cut(text: str, places: set[int]) -> None:
    clean, torn = read(text), read_or_none(cut(text, places))
    assert clean.rejects == []
    wanted = [paper for paper, whole in zip(clean.papers, whole_after(text, places), strict=True) if whole]
    found = torn.papers if torn else []
    assert [paper for paper in wanted if paper not in found] == []
    if torn:
        check(torn)
        nothing_is_dropped(text, torn)


def read_or_none(text: str | bytes) -> Parsed | None:
    try:
        return read(text)
    except ParseError:
        return None


def check(parsed: Parsed) -> None:
    assert (parsed.reading, parsed.unknown) == ("text", {})
    assert len(parsed.papers) + len(parsed.rejects) == parsed.items > 0
    for paper in parsed.papers:
        assert Paper.model_validate_json(line(paper)) == paper
    for reject in parsed.rejects:
        assert reject_line(reject)
        assert reject.errors


def nothing_is_dropped(text: str, parsed: Parsed) -> None:
    """Every letter of titles and abstracts is in a paper or in a reject, once."""
    shown = [part for paper in parsed.papers for part in (paper.title, paper.abstract or "")]
    shown += [part for reject in parsed.rejects for part in in_raw(reject.raw)]
    body = "".join(text[slice(*span)] for span in body_of(text) if not is_meta(text[slice(*span)]))
    assert letters(body) - letters("".join(shown)) == Counter()


def in_raw(raw: Any) -> list[str]:
    return [*raw["blocks"], raw["meta"] or "", raw["date"] or ""]


def letters(text: str) -> Counter[str]:
    return Counter("".join(text.split()))


# Invented listings.

WORDS = (
    "owls", "Lanterns", "of", "the", "harbour", "22\\%", "\\(7\\times\\)", "\\rat", "EnglishrightarrowNorse", "10,000+",
    "Hitchhiker's", "-", "5", "authors", "·", "naïve", "苔", "CALM :", "2.1B",
)  # fmt: skip
# Abstracts are longer than titles.
OPENING = (
    "We show, at https://github.com/invented/owls , what becomes of owls that read all day, and how lanterns, harbours "
    "and 412 kinds of moss have a part in it that nobody has seen before us:"
)
NAMES = ("nvidia NVIDIA", "WeiboAI WeiboAI", "UCAS ucas", "deep-wells Institute for Deep Wells", "a.b_c-1 苔の研究所")
MONTHS = ("Jan", "Feb", "March", "Apr", "May", "June", "Jul", "Aug", "Sept", "Oct", "November")


def prose(first: str, least: int, most: int) -> st.SearchStrategy[str]:
    words = st.lists(st.sampled_from(WORDS), min_size=least, max_size=most)
    return words.map(lambda chosen: " ".join([first, *chosen]))


labels = st.one_of(
    st.integers(0, 1500).map(lambda count: f"  • {count:,} author{'s' * (count != 1)}"), st.sampled_from(NAMES)
)
years = st.one_of(st.just(""), st.integers(2007, 2024).map(lambda year: f", {year}"))
counts = st.one_of(st.just(""), st.integers(1, 400).map(lambda count: f" {count}"))
dates = st.builds("{} {}{}{}".format, st.sampled_from(MONTHS), st.integers(1, 28), years, counts)
metas = st.one_of(st.just(""), st.builds("\n\n{}\n·\n{}".format, labels, dates))
entries = st.builds("{}\n\n{}{}".format, prose("Towards", 1, 6), prose(OPENING, 3, 20), metas)
# The last entry has a meta block, so that every text has a sign of being a listing.
bodies = st.lists(entries, max_size=9).map(lambda found: "\n\n".join([*found, ONE]))
listings = st.builds("{}{}".format, st.sampled_from(["", f"{HEAD}Dec 18\n\n"]), bodies)


@fast
@given(listings)
def test_every_entry_is_read_as_it_stands(text: str) -> None:
    found = read(text)
    check(found)
    assert found.rejects == []
    shown = [[text[slice(*span)] for span in entry] for entry in entries_of(text)]
    assert [as_printed(paper) for paper in found.papers] == [as_shown(*blocks) for blocks in shown]
    assert {paper.rank for paper in found.papers} == {None}


def as_printed(paper: Paper) -> tuple[object, ...]:
    shown = paper.organization and f"{paper.organization['name']} {paper.organization['fullname']}"
    own = (paper.title, paper.abstract, paper.author_count, shown)
    return (*own, paper.published and (paper.published.month, paper.published.day), paper.comments, paper.key)


def as_shown(title: str, abstract: str, meta: str = "") -> tuple[object, ...]:
    if not meta:
        return title, abstract, None, None, None, None, key(title=title)
    first, _, last = meta.split("\n")
    authors = re.search(r"([\d,]+) author", first)
    count = int(authors[1].replace(",", "")) if authors else None
    month, day, *rest = last.replace(",", "").split()
    comments = rest[-1] if rest and not last.endswith(f", {rest[-1]}") else None
    when = [name[:3] for name in MONTHS].index(month[:3]) + 1, int(day)
    return title, abstract, count, None if authors else first, when, comments and int(comments), key(title=title)


@fast
@given(listings, st.data())
def test_a_cut_anywhere_costs_only_the_entries_it_lies_in(text: str, data: st.DataObject) -> None:
    check_cut(text, data.draw(st.sets(st.integers(1, len(text) - 1), max_size=8)))


@fast
@given(listings, st.data())
def test_a_text_that_ends_early_keeps_what_is_before(text: str, data: st.DataObject) -> None:
    end = data.draw(st.integers(1, len(text)))
    found, papers = read_or_none(text[:end]), read(text).papers
    complete = [paper for paper, entry in zip(papers, entries_of(text), strict=True) if entry[-1][1] <= end]
    if found:
        check(found)
        assert found.papers[: len(complete)] == complete
    else:
        assert not any(paper.published for paper in complete)


@fast
@given(listings, st.sampled_from(["*", "-", "–", "◦"]), st.sampled_from(["\r\n", "\r", "\n \t\u2003", "\n\u200b"]))
def test_bullets_line_ends_and_blanks_change_nothing(text: str, bullet: str, end: str) -> None:
    changed = text.replace("  • ", f"\t{bullet}\u00a0").replace("\n", end)
    assert read(changed).papers == read(text).papers
    assert read("\ufeff" + changed).papers == read(text).papers


@fast
@given(bodies, bodies, st.sampled_from(["\n\n", "\n", ""]))
def test_two_listings_are_read_like_one_after_the_other(one: str, other: str, between: str) -> None:
    one, other = f"{HEAD}Dec 18\n\n{one}", f"{HEAD}Jan 2\n\n{other}"
    for day in (None, DAY):
        assert read(one + between + other, day).papers == read(one, day).papers + read(other, day).papers


@fast
@given(bodies, st.data())
def test_a_head_between_two_blocks_is_skipped(body: str, data: st.DataObject) -> None:
    text = f"{HEAD}Dec 18\n\n{body}"
    start, _ = data.draw(st.sampled_from(body_of(text)))
    below = "Daily Papers\nbyAK and the research community\nDec 18\n\n"
    for head in (MAIL, HEAD, f"{HEAD}Dec 18\n\n", below):
        assert read(text[:start] + head + text[start:]).papers == read(text).papers


LINES = (
    *HEAD.split("\n\n"), "Dec 18", "Feb 30", "Jun 5, 2022 3", "·", "•", "  • 5 authors", "nvidia NVIDIA", "5", "word",
    "A longer line of words, which is an abstract.", "", "", "\ufeff", "\x0c", "\ud800", "Oct 2", "5, 2023",
)  # fmt: skip


@fast
@given(st.lists(st.sampled_from(LINES), max_size=40))
def test_any_heap_of_lines_gives_papers_rejects_or_an_error(lines: list[str]) -> None:
    found = read_or_none("\n".join(lines))
    if found:
        check(found)


@fast
@given(st.one_of(st.binary(max_size=80), st.text(max_size=80).map(lambda text: text.encode("utf-16", "surrogatepass"))))
def test_rubbish_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(ParseError):
        read(body)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", NotAListing, "the text is empty"),
        ("\ufeff \u00a0\r\n", NotAListing, "the text is empty"),
        ("%PDF-1.7\n\0\0", NotAListing, "binary data, no text; it begins with '%PDF-1.7'"),
        ("\n<html>", NotAListing, "an HTML page"),
        (f"{HEAD}Dec 18", ParseError, "no entry in a text that begins with 'new'; an entry of a copied listing is"),
        ("One.\n\nTwo.\n\nThree.\n\nFour.", ParseError, "begins with 'One.'"),
        ("·\n\n·", ParseError, "no entry"),
    ],
)
def test_what_is_no_listing_says_what_is_there(text: str, error: type[ParseError], message: str) -> None:
    with pytest.raises(ParseError, match=re.escape(message)) as raised:
        read(text)
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Nov 8", Printed(11, 8)),
        ("november 8", Printed(11, 8)),
        ("Sept. 8", Printed(9, 8)),
        ("Jun 15, 2022", Printed(6, 15, 2022)),
        ("Jun 15,2022", Printed(6, 15, 2022)),
        ("Feb 29", Printed(2, 29)),
        ("Feb 29, 2024", Printed(2, 29, 2024)),
        *[(text, None) for text in ("Feb 29, 2023", "Feb 30", "May 0", "Jun 1, 0000", "Nov", "8", "No 8", "8 Nov", "")],
        *[(text, None) for text in ("Novem8", "Nov ٨", "Nov 8 11", "Smarch 5", "Marching 5", "Nov 8, 202")],
    ],
)
def test_dates_as_printed(text: str, when: Printed | None) -> None:
    assert printed(text) == when
    if when:
        assert printed(str(when)) == when


@pytest.mark.parametrize(
    ("text", "when", "comments"),
    [
        ("Oct 15 2", Printed(10, 15), 2),
        ("Oct 15, 2024 1,024", Printed(10, 15, 2024), 1024),
        ("Nov 8new", Printed(11, 8), None),
        ("Nov 8 11\ufeffnew", Printed(11, 8), 11),
        ("Oct 15 2 3", None, None),
        ("Oct 15 -2", None, None),
        ("Oct 15 1,2", None, None),
        ("Oct 15 " + "9" * 40, None, None),
    ],
)
def test_dates_with_comments(text: str, when: Printed | None, comments: int | None) -> None:
    assert dated(text) == (when, comments)


@pytest.mark.parametrize(
    ("text", "until", "day"),
    [
        ("Nov 8", date(2025, 12, 8), date(2025, 11, 8)),
        ("Dec 8", date(2025, 12, 8), date(2025, 12, 8)),
        ("Dec 9", date(2025, 12, 8), date(2024, 12, 9)),
        ("Feb 29", date(2025, 12, 8), date(2024, 2, 29)),
        ("Feb 29", date(1903, 1, 1), date(1896, 2, 29)),
        ("Jun 15, 2031", date(2025, 12, 8), date(2031, 6, 15)),
        ("Jun 15", date(1, 1, 1), None),
    ],
)
def test_the_year_of_a_date_is_the_latest_that_is_not_after_the_list(text: str, until: date, day: date | None) -> None:
    when = printed(text)
    assert when is not None
    assert when.latest(until) == day


def test_the_year_of_a_list_date_is_the_nearest_to_the_day_given() -> None:
    assert Printed(12, 30).nearest(date(2026, 1, 2)) == date(2025, 12, 30)
    assert Printed(1, 2).nearest(date(2025, 12, 30)) == date(2026, 1, 2)
    assert Printed(2, 29).nearest(date(2026, 1, 1)) == date(2024, 2, 29)
    assert Printed(1, 2).nearest(date(9999, 12, 31)) == date(9999, 1, 2)


@pytest.mark.parametrize(
    ("listed", "shown", "year"),
    [
        ("Dec 8", ["Jun 15, 2022", "Nov 8", "Dec 3, 2024"], 2025),
        ("Dec 8", ["Nov 8"], None),
        ("Dec 8", [], None),
        ("Feb 29", ["Jun 15, 2022"], 2024),
        ("Dec 8", ["Jun 15, 2022", "Feb 29"], 2024),
        ("Jan 8", ["Jun 15, 2022", "Feb 29"], 2023),
        ("Dec 8", ["Jun 15, 9999"], None),
    ],
)
def test_the_year_of_a_list_is_the_first_after_all_that_are_printed(listed: str, shown: list[str], year: int) -> None:
    when = printed(listed)
    assert when is not None
    assert year_of_list(when, [found for text in shown if (found := printed(text))]) == year


def test_an_inferred_year_makes_no_day() -> None:
    text = f"{HEAD}Dec 18\n\n{ONE}, 2024 2\n\n{ONE}"
    inferred, given_day, printed_year = read(text, None), read(text), read(text.replace("Dec 18", "Dec 18, 2025"), None)
    assert (inferred.claims.day, inferred.claims.period, inferred.papers[0].day) == (None, None, None)
    assert "'Dec 18' has no year; 2025, the first year after" in inferred.claims.notes[0]
    assert (given_day.claims.day, given_day.claims.period, given_day.claims.notes) == (DAY, "day", ())
    assert printed_year.claims == given_day.claims
    assert printed_year.papers == given_day.papers
    for found in (inferred, given_day):
        assert [paper.published for paper in found.papers] == [date(2024, 5, 3), date(2025, 5, 3)]
        assert [paper.published_inferred for paper in found.papers] == [False, True]


def test_the_list_date_is_claimed_where_another_day_is_given() -> None:
    found = read(f"{HEAD}Dec 17\n\n{ONE}")
    assert found.claims.day == date(2025, 12, 17)
    assert found.papers[0].day == DAY


def test_where_no_year_helps_dates_stay_null() -> None:
    for text in (f"{HEAD}Dec 18\n\n{ONE}", ONE):
        found = read(text, None)
        assert (found.papers[0].published, found.papers[0].published_inferred) == (None, False)
        assert "dates without a year stay null (1)" in found.claims.notes[0]


def test_a_block_without_its_other_half_is_a_reject_in_its_place() -> None:
    abstract = "A long abstract that has lost the title above it and is far longer than any title would be."
    found = read(f"{ONE}\n\n{abstract}\n\n{ONE}\n\nA Title at the End")
    assert [reject.position for reject in found.rejects] == [2, 4]
    assert all("a block left over" in reject.errors[0].message for reject in found.rejects)
    assert [paper.title for paper in found.papers] == ["Owls at Noon"] * 2


def test_an_abstract_in_a_titles_place_is_no_record() -> None:
    found = read(f"Owls\n\n{'Long words of an abstract. ' * 20}\n\nits end.\n\n  • 2 authors\n·\nMay 3")
    assert found.papers == []
    assert [reject.errors[0].message.split(":")[0] for reject in found.rejects] == ["a block left over", "torn"]


# The one real text, which is not ours to publish.


@pytest.fixture(scope="module")
def seed() -> str:
    folder = os.environ.get("DAILYPAPERS_CAPTURES")
    path = Path(folder or "none").parent / "seed" / "daily-papers-listing.txt"
    if not folder or not path.exists():
        pytest.skip("DAILYPAPERS_CAPTURES names no folder beside which seed/daily-papers-listing.txt is")
    return path.read_text("utf-8")


@pytest.mark.parametrize("day", [date(2025, 12, 8), None])
def test_the_real_text(seed: str, day: date | None) -> None:
    found = read(seed, day)
    assert (found.items, found.rejects, found.claims.day) == (52, [], day)
    papers = {paper.title: paper for paper in found.papers}
    shown = [[seed[slice(*span)] for span in entry] for entry in entries_of(seed)]
    assert [(paper.title, paper.abstract) for paper in found.papers] == [tuple(blocks[:2]) for blocks in shown]
    counts = [paper.author_count for paper in papers.values() if paper.author_count is not None]
    assert (len(papers), len(counts), counts[0], max(counts)) == (52, 46, 41, 253)
    assert sum(paper.organization is not None for paper in papers.values()) == 4
    assert sum(paper.published is not None for paper in papers.values()) == 50
    assert sum(paper.published_inferred for paper in papers.values()) == 23
    assert sum(paper.comments is not None for paper in papers.values()) == 23
    weibo = next(paper for paper in papers.values() if paper.organization and paper.organization["name"] == "WeiboAI")
    assert (weibo.published, weibo.published_inferred, weibo.comments) == (date(2025, 11, 8), True, 11)
    bare = [paper for paper in papers.values() if paper.published is None]
    assert [paper.title.split(":")[0] for paper in bare] == ["RELIC", "Q-Sched"]
    assert {(paper.author_count, paper.organization, paper.comments) for paper in bare} == {(None, None, None)}
    assert {oddity: seed.count(oddity) for oddity in (r"\(7\times\)", r"22\%", r"\rat")} == {
        oddity: sum(f"{paper.title} {paper.abstract}".count(oddity) for paper in papers.values())
        for oddity in (r"\(7\times\)", r"22\%", r"\rat")
    }


@settings(deadline=None, derandomize=True, max_examples=40)
@given(data=st.data())
def test_cuts_in_the_real_text(seed: str, data: st.DataObject) -> None:
    check_cut(seed, data.draw(st.sets(st.integers(1, len(seed) - 1), max_size=12)))
