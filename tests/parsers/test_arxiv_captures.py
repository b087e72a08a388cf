"""Real answers of arXiv, read by the parsers and by an independent little reader, which must agree.

The pages are not ours to publish: DAILYPAPERS_CAPTURES names their folder.
"""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from dailypapers.parsers import NotAListing, Page, Paper, Parsed, parse
from dailypapers.parsers.model import line

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


def local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def inside(element: ElementTree.Element, name: str) -> list[str]:
    """The squeezed texts of all elements of that name, whatever their namespaces."""
    return [str(words("".join(found.itertext()))) for found in element.iter() if local(found) == name]


def first(element: ElementTree.Element, name: str) -> str | None:
    return next(iter(inside(element, name)), None)


def oai_authors(metadata: ElementTree.Element) -> list[dict[str, Any]]:
    if local(metadata) == "dc":
        return [named(" ".join(reversed(name.split(", ", 1)))) for name in inside(metadata, "creator")]
    authors = [author for author in metadata.iter() if local(author) == "author"]
    return [
        named(
            " ".join(filter(None, (first(author, part) for part in ("forenames", "keyname", "suffix")))),
            "; ".join(inside(author, "affiliation")) or None,
        )
        for author in authors
    ]


def oai_record(record: ElementTree.Element) -> dict[str, Any]:
    metadata = next(part for part in record if local(part) == "metadata")[0]
    is_dc = local(metadata) == "dc"
    identifier = str(first(record, "identifier")).removeprefix("oai:arXiv.org:")
    comments = [text.removeprefix("Comment: ") for text in inside(metadata, "description") if text.startswith("Comm")]
    expected = {
        "key": f"arxiv:{identifier}",
        "arxiv_id": identifier,
        "arxiv_version": None,
        "title": first(metadata, "title"),
        "authors": oai_authors(metadata),
        "published": min(inside(metadata, "date")) if is_dc else first(metadata, "created"),
        "abstract": first(metadata, "description" if is_dc else "abstract"),
        "author_comment": next(iter(comments), None) if is_dc else first(metadata, "comments"),
    }
    if is_dc:
        dates = inside(metadata, "date")
        dois = [text[4:] for text in inside(metadata, "identifier") if text.startswith("doi:")]
        free = [text for text in inside(metadata, "identifier") if ":" not in text.split()[0]]
        return expected | {
            "updated": max(dates) if len(dates) > 1 else None,
            "doi": next(iter(dois), None),
            "journal_ref": next(iter(free), None),
            "categories": [],
        }
    return expected | {
        "updated": first(metadata, "updated"),
        "categories": str(first(metadata, "categories")).split(),
        "journal_ref": first(metadata, "journal-ref"),
        "doi": first(metadata, "doi"),
        "license": first(metadata, "license"),
    }


def test_every_record_of_oai_pmh_gives_what_it_says(captures: Path) -> None:
    files = sorted((captures / "arxiv-oai").rglob("*.xml"))
    assert len(files) > 8
    for path in files:
        records = [element for element in ElementTree.parse(path).getroot().iter() if local(element) == "record"]
        assert_same(read(path.read_bytes(), "arxiv_oai"), [oai_record(record) for record in records], path)


LISTING = r"""
    <dt>.*?href\s=\s?"/abs/(?P<id>[^"]+)".*?(?P<mark>cross-list|replaced|\[<a).*?</dt>.*?
    Title:</span>\s*(?P<title>.*?)\s*</div>.*?list-authors'>(?P<authors>.*?)</div>
    (?:.*?Comments:</span>\s*(?P<comments>.*?)\s*</div>)?
    (?:\s*<div\sclass='list-journal-ref'><span\sclass='descriptor'>Journal-ref:</span>\s*(?P<journal>.*?)\s*</div>)?
    \s*<div\sclass='list-subjects'>.*?</span>(?P<subjects>.*?)</div>\s*<p\sclass='mathjax'>\s*(?P<abstract>.*?)\s*</p>
"""


def test_the_listing_page_gives_what_a_search_in_its_text_finds(captures: Path) -> None:
    [path] = (captures / "arxiv-list-html").glob("*.html")
    page = path.read_text("utf-8")
    parts = re.split(r"(?=<dt>)", page)[1:]
    expected = []
    for part in parts:
        found = re.match(LISTING, part, re.VERBOSE | re.DOTALL)
        assert found, part[:200]
        mark = {"cross-list": "cross", "replaced": "replace"}.get(found["mark"], "new")
        version = re.search(r"/html/[\d.]+v(\d+)", part)
        expected.append(
            {
                "arxiv_id": found["id"],
                "title": unescape(found["title"]),
                "authors": [named(name) for name in re.findall(r">([^<]+)</a>", found["authors"])],
                "author_comment": unlinked(found["comments"]),
                "journal_ref": found["journal"],
                "categories": re.findall(r"\(([\w.-]+)\)", found["subjects"]),
                "abstract": unlinked(found["abstract"]),
                "announce_type": mark,
                "arxiv_version": int(version[1]) if version else None,
            }
        )
    parsed = read(page.encode(), "arxiv_list")
    assert_same(parsed, expected, path)
    assert (str(parsed.claims.day), parsed.claims.promised, parsed.claims.notes) == (path.name[:10], 6, ())


def unlinked(text: str | None) -> str | None:
    return text and unescape(re.sub(r'<a href="([^"]+)".*?</a>', r"\1", text))


def abs_pages(captures: Path) -> dict[str, str]:
    """The pages, and those that the cassettes hold."""
    folder = captures / "arxiv-abs-html" / "commonmeta-py"
    pages = {path.name: path.read_text("utf-8") for path in sorted(folder.rglob("*.html"))}
    for path in sorted(folder.glob("*.yaml")):
        for place, exchange in enumerate(yaml.safe_load(path.read_bytes())["interactions"]):
            response = exchange["response"]
            text = response["content"] if "content" in response else response["body"]["string"]
            if "citation_arxiv_id" in text:
                pages[f"{path.name}/{place}"] = text
    return pages


def abs_page(page: str) -> dict[str, Any]:
    """What the tags of the head say, and the text around the parts of the body."""
    tags = re.findall(r'<meta name="citation_(\w+)" content="([^"]*)"', page)
    one = {name: unescape(content) for name, content in tags}
    expected: dict[str, Any] = {
        "key": f"arxiv:{one['arxiv_id']}",
        "title": one["title"],
        "abstract": words(one["abstract"]),
        "authors": [named(" ".join(reversed(unescape(text).split(", ")))) for name, text in tags if name == "author"],
        "published": one["date"].replace("/", "-"),
        "updated": one["online_date"].replace("/", "-"),
        "doi": one.get("doi"),
        "withdrawn": False,
    }
    if "<body" not in page:
        return expected
    anchors = re.findall(r">([^<]+)</a>", page.partition('<div class="authors">')[2].partition("</div>")[0])
    assert [author["name"] for author in expected["authors"]] == anchors
    comments = re.search(r'<td class="tablecell comments[^"]*">(.*?)</td>', page, re.DOTALL)
    licence = re.search(r'<div class="abs-license"><a href="([^"]+)"', page)
    subjects = page.partition('<td class="tablecell subjects">')[2].partition("</td>")[0]
    assert comments
    assert licence
    return expected | {
        "arxiv_version": len(re.findall(r"\[v\d+\]", page.partition("Submission history")[2].partition("</div>")[0])),
        "author_comment": unlinked(comments[1]),
        "license": licence[1],
        "categories": re.findall(r"\(([\w.-]+)\)", subjects),
        "submitter": "Silvio Peroni",
    }


def test_every_page_of_a_paper_gives_what_its_head_says(captures: Path) -> None:
    pages = abs_pages(captures)
    assert len(pages) >= 19
    for name, page in pages.items():
        assert_same(read(page.encode(), "arxiv_abs"), [abs_page(page)], name)
