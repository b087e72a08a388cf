"""Real pages, read by the parsers and by an independent little reader, which must agree.

The pages are not ours to publish: DAILYPAPERS_CAPTURES names their folder.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from dailypapers.parsers import Page, Paper, Parsed, ParseError, parse
from dailypapers.parsers.model import line


def read(path: Path, parser: str) -> Parsed:
    return parse(Page(str(path), 200, (), path.read_bytes(), None), parser, source="hf-daily")


def listing(path: Path) -> list[dict[str, Any]] | None:
    """The items of a file, or None if it is no answer of the API."""
    value = json.loads(path.read_bytes())
    return value if isinstance(value, list) and all(isinstance(item, dict) for item in value) else None


def expected(item: dict[str, Any]) -> dict[str, Any]:
    paper = item["paper"]
    organization = paper.get("organization") or item.get("submitterOrganization")
    return {
        "key": "arxiv:" + paper["id"],
        "arxiv_id": paper["id"],
        "title": " ".join(paper["title"].split()),
        "abstract": " ".join(paper["summary"].split()),
        "upvotes": paper["upvotes"],
        "comments": item["numComments"],
        "authors": [
            {
                "name": author["name"],
                "user": author["user"]["user"] if "user" in author else None,
                "hidden": author["hidden"],
                "affiliation": None,
            }
            for author in paper["authors"]
        ],
        "author_count": len(paper["authors"]),
        "organization": {name: organization[name] for name in ("name", "fullname")} if organization else None,
        "keywords": paper.get("ai_keywords", []),
        "ai_summary": " ".join(paper["ai_summary"].split()) if "ai_summary" in paper else None,
        "submitter": item["submittedBy"]["name"] if "submittedBy" in item else None,
        "github_stars": paper.get("githubStars"),
        "published": paper["publishedAt"][:10],
        "listed": paper.get("submittedOnDailyAt", "")[:10] or None,
        "media_urls": item.get("mediaUrls", _old_media(item)),
    }


def _old_media(item: dict[str, Any]) -> list[str]:
    media = item.get("mediaUrl", "")
    return [media] if media.startswith("https://cdn-uploads.") else []


def record(paper: Paper) -> dict[str, Any]:
    assert Paper.model_validate_json(line(paper)) == paper
    fields: dict[str, Any] = json.loads(line(paper))
    return fields


def test_every_api_answer_gives_what_it_says(captures: Path) -> None:
    files = sorted((captures / "hf-daily-api").rglob("*.json"))
    answers = {path: items for path in files if (items := listing(path)) is not None}
    assert answers
    for path, items in answers.items():
        found = read(path, "hf_api")
        assert (found.rejects, found.unknown, found.items) == ([], {}, len(items)), path
        for rank, (item, paper) in enumerate(zip(items, found.papers, strict=True), 1):
            got, want = record(paper), expected(item) | {"rank": rank}
            assert {name: got[name] for name in want} == want, path


def test_an_answer_of_a_dated_day_claims_that_day(captures: Path) -> None:
    for path in sorted((captures / "hf-daily-api" / "hf-daily-paper-newsletter-chinese").glob("202[56]-*.json")):
        items = listing(path) or []
        if any("submittedOnDailyAt" in item["paper"] for item in items):
            claims = read(path, "hf_api").claims
            assert (str(claims.day), claims.notes) == (path.stem, ()), path


def test_files_that_are_no_answers_are_refused(captures: Path) -> None:
    refused = [path for path in sorted((captures / "hf-daily-api").rglob("*.json")) if listing(path) is None]
    assert refused
    for path in refused:
        with pytest.raises(ParseError, match=r"expected a list of items|has a paper"):
            read(path, "hf_api")


def test_the_cards_of_the_real_page_agree_with_its_blob(captures: Path) -> None:
    [path] = (captures / "hf-day-html").glob("*.html")
    blob, cards = read(path, "hf_html"), read(path, "hf_cards")
    assert (blob.reading, len(blob.papers), blob.rejects, blob.unknown) == ("blob", 13, [], {})
    assert (cards.reading, len(cards.papers), cards.rejects) == ("cards", 13, [])
    assert cards.claims == blob.claims
    assert str(blob.claims.day) == path.name[:10]
    for one, other in zip(blob.papers, cards.papers, strict=True):
        for name in ("key", "title", "upvotes", "comments", "author_count", "submitter", "url"):
            assert getattr(one, name) == getattr(other, name), (one.key, name)


def test_the_real_page_without_its_blob_gives_its_cards(captures: Path) -> None:
    [path] = (captures / "hf-day-html").glob("*.html")
    content = path.read_bytes().replace(b'data-target="DailyPapers"', b'data-target="Other"')
    found = parse(Page("", 200, (), content, None), "hf_html", source="hf-daily")
    assert (found.reading, len(found.papers)) == ("cards", 13)
    assert "the hydration blob is renamed: a list of papers is in data-props" in found.claims.notes[0]
