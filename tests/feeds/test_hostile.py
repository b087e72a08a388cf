"""A hostile listing through every feed: nothing invalid, no link but http, no file outside of the folder."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.feeds import atom, json_feed, rss
from dailypapers.feeds.atom import Template, document, fill, fill_each, fill_numbered, nest
from dailypapers.feeds.document import Head
from dailypapers.feeds.entry import Entry, entry_id
from dailypapers.feeds.folder import write_feeds
from dailypapers.outputs.links import clean
from dailypapers.parsers.model import Paper
from dailypapers.snapshots.store.layout import Store
from tests.feeds.stores import DAILY_FEED, feed_files, fetch
from tests.feeds.validators import ATOM, atom_errors, parsed
from tests.feeds.validators import json_feed as checked_json_feed
from tests.support.written_days import HOSTILE, START, paper, write_day

TITLES = (
    *HOSTILE,
    "</title><script>alert(1)</script>",
    "]]><!DOCTYPE x [<!ENTITY y 'z'>]>&y;",
    "a\x00b\x0bc\ufffe\x85d",
    "\u202egnp.exe \u2066 שלום \u2028 日本語",
    "AT&amp;T &#60;b&#62; <b>bold</b> & $x<y$",
    "%s %(x)s {0} \\1",
    "t" * 1_000_000,
)
LINKS = ("javascript:alert(1)", "https://user@evil.example/", "http://a b/", "https://ok.example/p?a=1&b=<2>", "//x")


def hostile_papers() -> list[Paper]:
    papers = []
    for number, title in enumerate(TITLES, 1):
        key = {1: "doi:10.1000/../../x<y>", 2: "title:../../../etc/passwd"}.get(number, f"arxiv:2512.{number:05}")
        author = {"name": title[:5000], "user": None, "hidden": None, "affiliation": None}
        fields = {"title": title, "abstract": f"{title} {title[:50]}", "authors": [author] * 2}
        links = {"url": LINKS[number % len(LINKS)], "pdf_url": LINKS[(number + 2) % len(LINKS)]}
        seen = {"first_seen": START + timedelta(days=number % 3)}
        papers.append(paper(number, key=key).model_copy(update=fields | links | seen))
    return papers


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    store = Store(folder / "store")
    doubt = fetch(START, len(TITLES), doubt="failed", reason="</content><script>\x00\u202e")
    write_day(store, hostile_papers(), fetches=[doubt], state="partial")
    write_feeds(folder / "out", store, [DAILY_FEED], base_url="https://papers.example/a?b=<c>&d")
    return folder


def test_every_document_of_a_hostile_listing_is_valid(hostile_folder: Path) -> None:
    files = feed_files(hostile_folder / "out")
    assert {path.suffix for path in files} == {".atom", ".rss", ".json"}
    for path in files:
        content = path.read_bytes()
        assert b"<script" not in content or path.suffix == ".json"
        assert b"script" in content
        assert b"javascript:" not in content
        assert b"user@" not in content
        if path.suffix == ".json":
            checked_json_feed(content)
        else:
            parsed(content)
    assert atom_errors(path for path in files if path.suffix == ".atom") == []


def test_a_hostile_listing_makes_no_file_outside_of_its_folder(hostile_folder: Path) -> None:
    names = {path.relative_to(hostile_folder).as_posix() for path in hostile_folder.rglob("*") if path.is_file()}
    outside = {name for name in names if not name.startswith(("store/", "out/feeds/hf-daily"))}
    assert outside == {"out/.made.json", "out/.made.lock"}


def test_texts_arrive_as_they_were_listed(hostile_folder: Path) -> None:
    expected = {clean(title) for title in TITLES}
    out = hostile_folder / "out" / "feeds"
    entries = ElementTree.fromstring((out / "hf-daily.atom").read_bytes()).findall(f"{ATOM}entry")
    assert {entry.findtext(f"{ATOM}title") for entry in entries} == expected
    assert {entry.findtext(f"{ATOM}author/{ATOM}name") for entry in entries} == {title[:5000] for title in expected}
    items = ElementTree.fromstring((out / "hf-daily.rss").read_bytes()).findall("channel/item")
    assert {item.findtext("title") for item in items} == expected
    assert {item["title"] for item in checked_json_feed((out / "hf-daily.json").read_bytes())["items"]} == expected


def test_a_description_of_rss_is_html_without_markup_of_the_listing(hostile_folder: Path) -> None:
    items = ElementTree.fromstring((hostile_folder / "out/feeds/hf-daily.rss").read_bytes()).iter("item")
    descriptions = [item.findtext("description") or "" for item in items]
    assert any("&lt;script&gt;" in description for description in descriptions)
    assert not [text for text in descriptions if "<" in text.replace("<p>", "").replace("</p>", "")]


def test_special_characters_of_rss_titles_are_numbers(hostile_folder: Path) -> None:
    content = (hostile_folder / "out/feeds/hf-daily.rss").read_text("utf-8")
    assert "<title>&#x3C;/title&gt;&#x3C;script&gt;alert(1)" in content
    assert "<title>AT&#x26;amp;T " in content


@given(st.text(), st.text(st.characters(max_codepoint=0x2FF)), st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_any_text_is_read_back_as_it_is_without_forbidden_characters(value: str, other: str, each: list[str]) -> None:
    one = fill(Template('<a b="%s">%s</a>'), value, other)
    numbered = fill_numbered(Template("<a>%s</a>"), value)
    several = nest(Template("<l>%s</l>"), [fill_each(Template("<x>%s</x>"), each)])
    first, second, third = ElementTree.fromstring(document(Template("<r>\n%s\n</r>"), [one, numbered, several]))
    assert (first.get("b"), first.text or "") == (clean(value), clean(other))
    assert (second.text or "") == clean(value)
    assert [child.text or "" for child in third] == [clean(text) for text in each]


@given(st.text(st.characters(categories=["Cs", "Cc", "L", "P", "S"]), min_size=1))
def test_lone_surrogates_and_controls_reach_no_document(text: str) -> None:
    entry = Entry(
        id=entry_id(f"title:{text}"),
        title=clean(text),
        first_seen="2025-12-10T09:07:00Z",
        day="2025-12-10",
        note=None,
        late=True,
        abstract=clean(text),
        authors=[clean(text)],
        url=None,
        pdf_url=None,
        state="open",
        reason=clean(text),
    )
    head = Head(id="urn:x:y", title=text, page="https://x.example/")
    for write in (atom.papers_document, rss.papers_document):
        ElementTree.fromstring(write(head, [entry]))
    checked_json_feed(json_feed.papers_document(head, [entry]))


def test_every_printable_character_is_one_that_xml_allows() -> None:
    every = "".join(map(chr, range(0x110000)))
    printable = "".join(character for character in every if character.isprintable())
    # So a printable text needs no further look.
    assert clean(printable + "\t") == printable + "\t"
