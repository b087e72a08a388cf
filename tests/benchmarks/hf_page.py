"""Row 1: from a Hugging Face page to validated JSON lines.

Each peer gets the input that is fastest for it: all of them accept bytes, which avoids decoding and encoding 600 kB.
"""

import html
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from bs4 import BeautifulSoup
from parsel import Selector
from selectolax.lexbor import LexborHTMLParser

from dailypapers.parsers import parse
from dailypapers.parsers.model import Page
from dailypapers.snapshots.writer import day_bytes
from tests.benchmarks.mapping import record
from tests.benchmarks.same import check
from tests.benchmarks.served import DAY, SOURCE, served, size
from tests.benchmarks.table import Table, Target, figures
from tests.benchmarks.turns import Contender, take_turns

TURNS = 30
LXML, PARSEL, LEXBOR = "BeautifulSoup + lxml, json", "parsel (Scrapy's), json", "Lexbor, json, not validated"
FLOOR = "orjson loads + dumps of the unescaped blob"
TARGETS = (Target(FLOOR, 7.5), Target(LEXBOR, 1, below=True), Target(PARSEL, 1 / 2.5), Target(LXML, 1 / 10))
BLOB = '[data-target="DailyPapers"]'


def measure() -> list[Table]:
    page = served().page
    ours = Contender("ours", "parsers.parse + day file, validated", partial(written, page))
    peers = [Contender("peer", name, partial(scraped, page, read)) for name, read in READERS.items()]
    for peer in peers:
        check(written(page), scraped(page, READERS[peer.name]), peer.name)
    blob = html.unescape(by_lexbor(page.body)).encode()
    contenders = [ours, Contender("floor", FLOOR, lambda: orjson.dumps(orjson.loads(blob))), *peers]
    work = f"Hugging Face page ({size(page)}) -> JSON lines"
    seconds = take_turns(contenders, TURNS)
    return [Table(1, work, figures(contenders, seconds), TARGETS)]


def written(page: Page) -> bytes:
    """Ours."""
    return day_bytes(parse(page, "hf_html", source=SOURCE, day=DAY).papers)


def scraped(page: Page, read: Callable[[bytes], str]) -> bytes:
    """A peer: find the blob, decode it, map its items."""
    found = json.loads(read(page.body))
    return "\n".join(dumped(item) for item in found["dailyPapers"]).encode()


def dumped(item: dict[str, Any]) -> str:
    return json.dumps(record(item, DAY.isoformat(), None), ensure_ascii=False)


def by_lexbor(body: bytes) -> str:
    node = LexborHTMLParser(body).css_first(BLOB)
    return (node.attributes["data-props"] or "") if node else ""


def by_parsel(body: bytes) -> str:
    return Selector(body=body, encoding="utf-8").css(f"{BLOB}::attr(data-props)").get() or ""


def by_soup(body: bytes, *, parser: str) -> str:
    node = BeautifulSoup(body, parser, from_encoding="utf-8").select_one(BLOB)
    return str(node["data-props"]) if node else ""


READERS: dict[str, Callable[[bytes], str]] = {
    LEXBOR: by_lexbor,
    PARSEL: by_parsel,
    LXML: partial(by_soup, parser="lxml"),
    "BeautifulSoup + html.parser, json": partial(by_soup, parser="html.parser"),
}
