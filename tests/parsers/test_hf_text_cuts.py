"""What a cut anywhere in a copied listing may cost, and what changes nothing: invented texts, and the one real one."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.parsers import Paper, Parsed, ParseError
from dailypapers.parsers.keys import key
from dailypapers.parsers.model import line, reject_line
from tests.support.copied_text import DAY, HEAD, MAIL, ONE, body_of, entries_of, is_meta, read, real_text
from tests.support.hypothesis_examples import examples

fast = examples(100)


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
    # A middle dot torn off by cuts is a mark like any other between entries.
    return Counter("".join(text.replace("·", "").split()))


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
NAMES = (
    "acme ACME Labs",
    "HarbourAI HarbourAI",
    "MOSS moss",
    "deep-wells Institute for Deep Wells",
    "a.b_c-1 苔の研究所",
)
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
        assert [*read(one + between + other, day).papers] == [*read(one, day).papers, *read(other, day).papers]


@fast
@given(bodies, st.data())
def test_a_head_between_two_blocks_is_skipped(body: str, data: st.DataObject) -> None:
    text = f"{HEAD}Dec 18\n\n{body}"
    start, _ = data.draw(st.sampled_from(body_of(text)))
    below = "Daily Papers\nbyAK and the research community\nDec 18\n\n"
    for head in (MAIL, HEAD, f"{HEAD}Dec 18\n\n", below):
        assert read(text[:start] + head + text[start:]).papers == read(text).papers


LINES = (
    *HEAD.split("\n\n"), "Dec 18", "Feb 30", "Jun 5, 2022 3", "·", "•", "  • 5 authors", "acme ACME Labs", "5", "word",
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


@pytest.fixture(scope="module")
def seed() -> str:
    return real_text()


@examples(40)
@given(data=st.data())
def test_cuts_in_the_real_text(seed: str, data: st.DataObject) -> None:
    check_cut(seed, data.draw(st.sets(st.integers(1, len(seed) - 1), max_size=12)))
