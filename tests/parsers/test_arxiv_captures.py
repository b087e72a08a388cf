"""Real answers of arXiv, read by the parsers and by an independent little reader, which must agree.

The pages are not ours to publish: DAILYPAPERS_CAPTURES names their folder.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from parsers import NotAListing, Page, Paper, Parsed, parse
from parsers.model import line

NAMESPACES = {
    "": "http://www.w3.org/2005/Atom",
    "arxiv": "http://arxiv.org/schemas/atom",
    "opensearch": "http://a9.com/-/spec/opensearch/1.1/",
}


def read(body: bytes, parser: str) -> Parsed:
    return parse(Page("https://arxiv.org/", 200, (), body, None), parser, source="arxiv")


def record(paper: Paper) -> dict[str, Any]:
    assert Paper.model_validate_json(line(paper)) == paper
    fields: dict[str, Any] = json.loads(line(paper))
    return fields


def assert_same(parsed: Parsed, expected: list[dict[str, Any]], where: object) -> None:
    assert (parsed.rejects, parsed.unknown, parsed.items) == ([], {}, len(expected)), where
    for paper, want in zip(parsed.papers, expected, strict=True):
        got = record(paper)
        assert {name: got[name] for name in want} == want, where


def words(text: str | None) -> str | None:
    return " ".join(text.split()) if text else None


def named(name: str | None, affiliation: str | None = None) -> dict[str, Any]:
    return {"name": name, "user": None, "hidden": None, "affiliation": affiliation}


def atom_feeds(captures: Path) -> dict[str, bytes]:
    folder = captures / "arxiv-atom-api"
    recorded = {path.name: json.loads(path.read_bytes()) for path in sorted(folder.rglob("*.json"))}
    feeds = {name: answer["body"].encode("latin-1") for name, answer in recorded.items()}
    return feeds | {path.name: path.read_bytes() for path in sorted(folder.glob("*.xml"))}


def atom_entry(entry: ElementTree.Element) -> dict[str, Any]:
    def text(path: str) -> str | None:
        return words(entry.findtext(path, namespaces=NAMESPACES))

    where, _, version = str(text("id")).removeprefix("http://arxiv.org/abs/").partition("v")
    primary = entry.find("arxiv:primary_category", NAMESPACES)
    assert primary is not None
    terms = [str(category.get("term")) for category in entry.findall("category", NAMESPACES)]
    others = [term for term in terms if not re.search(r"\d", term) and term != primary.get("term")]
    return {
        "key": f"arxiv:{where}",
        "arxiv_id": where,
        "arxiv_version": int(version),
        "title": text("title"),
        "abstract": text("summary"),
        "authors": [
            named(
                author.findtext("name", namespaces=NAMESPACES),
                author.findtext("arxiv:affiliation", namespaces=NAMESPACES),
            )
            for author in entry.findall("author", NAMESPACES)
        ],
        "published": str(text("published"))[:10],
        "updated": str(text("updated"))[:10],
        "doi": text("arxiv:doi"),
        "journal_ref": text("arxiv:journal_ref"),
        "author_comment": text("arxiv:comment"),
        "categories": [primary.get("term"), *others],
        "withdrawn": False,
    }


def test_every_answer_of_the_query_api_gives_what_it_says(captures: Path) -> None:
    feeds = {name: body for name, body in atom_feeds(captures).items() if not name.startswith("id_abc")}
    assert len(feeds) > 8
    for name, body in feeds.items():
        root = ElementTree.fromstring(body)
        found = read(body, "arxiv_atom")
        assert str(found.claims.promised) == root.findtext("opensearch:totalResults", namespaces=NAMESPACES)
        assert_same(found, [atom_entry(entry) for entry in root.findall("entry", NAMESPACES)], name)


def test_the_error_of_the_query_api_is_no_listing(captures: Path) -> None:
    [body] = [body for name, body in atom_feeds(captures).items() if name.startswith("id_abc")]
    with pytest.raises(NotAListing, match="the API answers with an error: 'incorrect id format for abc'"):
        read(body, "arxiv_atom")
