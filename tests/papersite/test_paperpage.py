"""The page of one paper, its comments, and the paper as markdown."""

import html
import json
import re
from typing import Any

import httpx
from selectolax.lexbor import LexborHTMLParser

from tests.papersite import PaperSite
from tests.papersite.reading import BUSY, MONDAY, get

KEYS = {"comments", "primaryEmailConfirmed", "paper", "canReadDatabase", "canManagePapers", "canSubmit"} | {
    *("hasHfLevelAccess", "upvoted", "upvoters", "acceptLanguages", "dailyPaperRank", "markdownContentUrl", "query")
}


def content(page: httpx.Response) -> dict[str, Any]:
    found = re.findall(r'data-target="PaperContent" data-props="([^"]*)"', page.text)
    assert len(found) == 1
    props: dict[str, Any] = json.loads(html.unescape(found[0]))
    return props


def talked(comments: list[dict[str, Any]]) -> int:
    return sum(1 + len(comment["replies"]) for comment in comments)


def test_a_page_holds_the_paper_its_rank_and_its_comments(site: PaperSite) -> None:
    for rank, item in enumerate(site.papers(MONDAY), 1):
        paper = item["paper"]
        page = get(site, f"/papers/{paper['id']}")
        props = content(page)
        assert (props["paper"], props["dailyPaperRank"]) == (paper, rank)
        assert props.keys() - {"organization"} == KEYS
        assert props.get("organization") == paper.get("organization")
        assert talked(props["comments"]) == item["numComments"]
        assert len(props["upvoters"]) == min(12, paper["upvotes"])
        tree = LexborHTMLParser(page.text)
        assert [node.text() for node in tree.css("h1")] == [paper["title"]]
        assert len(tree.css("[data-target=PaperContent]")) == 1


def test_comments_are_a_tree_with_blobs_in_their_text(site: PaperSite) -> None:
    comments = [
        comment
        for item in site.papers(BUSY)
        for comment in content(get(site, f"/papers/{item['paper']['id']}"))["comments"]
    ]
    replies = [(comment["id"], reply) for comment in comments for reply in comment["replies"]]
    assert replies
    assert all(reply["data"]["parentCommentId"] == parent for parent, reply in replies)
    assert all("parentCommentId" not in comment["data"] for comment in comments)
    assert all('data-target="UserMention" data-props="' in comment["data"]["latest"]["html"] for comment in comments)
    assert len({comment["id"] for comment in comments}) == len(comments)


def test_markdown_by_address_and_by_accept(site: PaperSite) -> None:
    paper = site.papers(MONDAY)[0]["paper"]
    answer = get(site, f"/papers/{paper['id']}.md")
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.text.startswith(f"# {paper['title']}\n")
    assert paper["summary"] in answer.text
    assert get(site, f"/papers/{paper['id']}", Accept="text/markdown").content == answer.content


def test_a_paper_that_is_not_there(site: PaperSite, old: PaperSite) -> None:
    for target in ("/papers/2599.00001", "/papers/2599.00001.md"):
        assert (get(site, target).status_code, get(old, target).status_code) == (404, 404)


def test_an_old_paper_has_its_rank_too(old: PaperSite) -> None:
    item = old.papers(MONDAY)[1]
    assert content(get(old, f"/papers/{item['paper']['id']}"))["dailyPaperRank"] == 2
