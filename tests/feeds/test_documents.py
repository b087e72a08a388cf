"""The whole text of the documents of a day: ids and times that readers know entries by must never change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import count
from pathlib import Path

import orjson
import pytest

from dailypapers.feeds.entry import entry_id
from dailypapers.feeds.folder import live_document, write_feeds
from dailypapers.outputs.topics import SavedSearch
from dailypapers.snapshots.store.layout import Store
from tests.feeds.stores import DAILY_FEED, at, contents, fetch, fill_day
from tests.support.written_days import paper, write_day

DAY = date(2025, 12, 10)
FEED_ID = "urn:uuid:3b71a644-7238-5c75-9ccc-5439f6f12c34"
URN = "urn:uuid:506501f7-2ff8-5ff4-9a95-bb23a6d98919"
NOTE = "Listed for 2025-12-10; first seen 2025-12-11 09:00 UTC, 9 h after that day had ended."
REASON = "whole at 2025-12-11 09:00 and 2025-12-12 12:00, and no new paper since"

ATOM = f"""\
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0">
<id>{FEED_ID}</id>
<title type="text">Hugging Face Daily Papers</title>
<updated>2025-12-11T09:00:00Z</updated>
<author><name>dailypapers</name></author>
<link rel="alternate" type="text/html" href="https://huggingface.co/papers"/>
<link rel="self" type="application/atom+xml" href="https://p.example/feeds/hf-daily.atom"/>
<link rel="prev-archive" type="application/atom+xml" href="https://p.example/feeds/hf-daily/2025-11.atom"/>
<entry>
<id>{URN}</id>
<published>2025-12-11T09:00:00Z</published>
<updated>2025-12-11T09:00:00Z</updated>
<title type="text">Paper 2</title>
<category term="late"/>
<content type="text">{NOTE} What&#10;it says</content>
</entry>
<entry>
<id>https://huggingface.co/papers/2512.00001</id>
<published>2025-12-10T08:00:00Z</published>
<updated>2025-12-10T08:00:00Z</updated>
<title type="text">1 &lt; 2</title>
<link rel="alternate" type="text/html" href="https://huggingface.co/papers/2512.00001"/>
<link rel="related" type="application/pdf" href="https://arxiv.org/pdf/2512.00001"/>
<author><name>Ada</name></author>
<author><name>&quot;B&quot;</name></author>
<content type="text"></content>
</entry>
"""
RSS = f"""\
<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>Hugging Face Daily Papers</title>
<link>https://huggingface.co/papers</link>
<description>New papers of Hugging Face Daily Papers</description>
<atom:link rel="self" type="application/rss+xml" href="https://p.example/feeds/hf-daily.rss"/>
<lastBuildDate>Thu, 11 Dec 2025 09:00:00 GMT</lastBuildDate>
<item>
<title>Paper 2</title>
<guid isPermaLink="false">{URN}</guid>
<pubDate>Thu, 11 Dec 2025 09:00:00 GMT</pubDate>
<category>late</category>
<description>&lt;p&gt;{NOTE}&lt;/p&gt;&lt;p&gt;What&amp;#10;it says&lt;/p&gt;</description>
</item>
<item>
<title>1 &#x3C; 2</title>
<link>https://huggingface.co/papers/2512.00001</link>
<guid>https://huggingface.co/papers/2512.00001</guid>
<pubDate>Wed, 10 Dec 2025 08:00:00 GMT</pubDate>
<dc:creator>Ada</dc:creator>
<dc:creator>&quot;B&quot;</dc:creator>
<description></description>
</item>
"""
DAYS = f"""\
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0">
<id>urn:uuid:574eaaa3-b7df-5e5f-b05c-6e7e335f16a1</id>
<title type="text">Days of Hugging Face Daily Papers</title>
<updated>2025-12-12T12:00:00Z</updated>
<author><name>dailypapers</name></author>
<link rel="alternate" type="text/html" href="https://huggingface.co/papers"/>
<link rel="self" type="application/atom+xml" href="https://p.example/feeds/hf-daily.days.atom"/>
<entry>
<id>urn:uuid:c33e79fa-7c71-5f96-a44b-cd45021a1f25</id>
<published>2025-12-12T12:00:00Z</published>
<updated>2025-12-12T12:00:00Z</updated>
<title type="text">hf-daily 2025-12-10: closed, 2 papers</title>
<link rel="alternate" type="text/html" href="https://p.example/hf-daily/2025-12-10.html"/>
<category term="closed"/>
<content type="text">hf-daily 2025-12-10 is closed: {REASON}.</content>
</entry>
"""
STATE = {"day": "2025-12-10", "state": "closed", "reason": REASON}
FIRST = {
    "id": "https://huggingface.co/papers/2512.00001",
    "title": "1 < 2",
    "content_text": "",
    "date_published": "2025-12-10T08:00:00Z",
    "date_modified": "2025-12-10T08:00:00Z",
    "authors": [{"name": "Ada"}, {"name": '"B"'}],
    "_dailypapers": STATE | {"late": False},
    "url": "https://huggingface.co/papers/2512.00001",
    "external_url": "https://arxiv.org/pdf/2512.00001",
}
SECOND = {
    "id": URN,
    "title": "Paper 2",
    "content_text": f"{NOTE} What\nit says",
    "date_published": "2025-12-11T09:00:00Z",
    "date_modified": "2025-12-11T09:00:00Z",
    "authors": [],
    "_dailypapers": STATE | {"late": True},
    "tags": ["late"],
}
JSON_HEAD = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Hugging Face Daily Papers",
    "home_page_url": "https://huggingface.co/papers",
    "feed_url": "https://p.example/feeds/hf-daily.json",
    "next_url": "https://p.example/feeds/hf-daily/2025-11.json",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    filled = Store(tmp_path_factory.mktemp("documents") / "store")
    fill_day(filled, date(2025, 11, 3), [8])
    links = {"url": FIRST["url"], "pdf_url": FIRST["external_url"], "arxiv_id": "2512.00001"}
    authors = [{"name": name, "user": None, "hidden": None, "affiliation": None} for name in ("Ada", '"B"')]
    first = paper(1, title="1 < 2", authors=authors, first_seen=at(DAY, 8), **links)
    second = paper(2, key="doi:10.1000/182", abstract="What\nit says", first_seen=at(DAY, 33))
    fetches = [fetch(at(DAY, 8), 1), fetch(at(DAY, 33), 1), fetch(at(DAY, 60), 0)]
    write_day(filled, [first, second], day=DAY, fetches=fetches)
    return filled


@pytest.fixture(scope="module")
def files(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    out = tmp_path_factory.mktemp("documents") / "out"
    write_feeds(out, store, [DAILY_FEED], base_url="https://p.example", has_pages=True)
    return contents(out / "feeds")


@pytest.mark.parametrize(
    ("name", "text"), [("hf-daily.atom", ATOM), ("hf-daily.rss", RSS), ("hf-daily.days.atom", DAYS)]
)
def test_the_newest_day_in_each_document(files: Mapping[str, bytes], name: str, text: str) -> None:
    # Before these entries there are only those of November.
    assert files[name].decode().startswith(text)


def test_the_newest_day_in_json(files: Mapping[str, bytes]) -> None:
    feed = orjson.loads(files["hf-daily.json"])
    *newest, _, _ = feed.pop("items")
    assert (feed, newest) == (JSON_HEAD, [SECOND, FIRST])


def test_an_archive_in_json_names_neither_a_state_nor_another_document(files: Mapping[str, bytes]) -> None:
    feed = orjson.loads(files["hf-daily/2025-11.json"])
    assert [item["_dailypapers"] for item in feed["items"]] == [{"day": "2025-11-03", "late": False}] * 2
    assert feed["feed_url"] == "https://p.example/feeds/hf-daily/2025-11.json"
    assert "next_url" not in feed


def test_the_ids_of_searches_are_others_than_those_of_their_series(store: Store, tmp_path: Path) -> None:
    write_feeds(tmp_path, store, [], searches=[SavedSearch("some", DAILY_FEED, "paper")], formats=("atom",))
    saved = (tmp_path / "feeds/some.atom").read_text()
    printed = live_document(store, DAILY_FEED, "atom", base_url="https://p.example", search="paper").decode()
    assert "<id>urn:uuid:75905611-65b5-53e8-a794-b7f694df4c50</id>" in saved
    assert "<id>urn:uuid:12dd210d-9469-566f-abb8-c816dc894d15</id>" in printed
    for text in (saved, printed):
        assert '<title type="text">paper - Hugging Face Daily Papers</title>' in text
        assert 'rel="self"' not in text
        assert FEED_ID not in text


@pytest.mark.parametrize("base_url", ["https://p.example/x", "https://p.example/x/"])
def test_a_document_on_stdout_names_the_address_of_its_file(store: Store, base_url: str) -> None:
    printed = live_document(store, DAILY_FEED, "rss", base_url=base_url)
    assert b'rel="self" type="application/rss+xml" href="https://p.example/x/feeds/hf-daily.rss"' in printed
    assert b'rel="self"' not in live_document(store, DAILY_FEED, "rss")


@pytest.mark.parametrize(
    ("key", "identity"),
    [
        ("arxiv:2512.00001", "https://huggingface.co/papers/2512.00001"),
        ("doi:10.1000/182", URN),
        ("arxiv:../x", "urn:uuid:"),
        ("doi:2512.00001", "urn:uuid:"),
        ("title:\ud800", "urn:uuid:"),
    ],
    ids=map(str, count()),
)
def test_the_id_of_a_paper_depends_on_its_key_alone(key: str, identity: str) -> None:
    assert entry_id(key).startswith(identity)


def test_a_day_that_gets_into_another_state_has_it_in_json_at_once(tmp_path: Path) -> None:
    store, out = Store(tmp_path / "store"), tmp_path / "out"
    one, fetches = paper(1, first_seen=at(DAY, 8)), [fetch(at(DAY, 8), 1), fetch(at(DAY, 25), 0)]

    def state() -> object:
        write_feeds(out, store, [DAILY_FEED], formats=("json",))
        (item,) = orjson.loads((out / "feeds/hf-daily.json").read_bytes())["items"]
        return item["_dailypapers"]["state"]

    write_day(store, [one], day=DAY, fetches=fetches, state="settling")
    assert state() == "settling"
    write_day(store, [one], day=DAY, fetches=[*fetches, fetch(at(DAY, 49), 0)])
    assert state() == "closed"
