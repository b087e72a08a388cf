"""The page of one paper: the blob `data-target="PaperContent"` with its comments, and the paper as markdown.

The text of a comment may contain blobs, escaped twice: only the outermost `PaperContent` is the page's.
"""

from datetime import datetime
from random import Random
from typing import Any

from tests.papersite import comments, people
from tests.papersite.answers import Answer, html_answer
from tests.papersite.entries import Entry, Item
from tests.papersite.markup import Markup, text
from tests.papersite.periods import midnight

UPVOTERS_SHOWN = 12
MARKDOWN = "text/markdown; charset=utf-8"
STORE = "https://huggingface.co/buckets/huggingchat/papers-content/resolve"


def paper_page(markup: Markup, entry: Entry, rank: int) -> Answer:
    """`rank` is the paper's position in its day's list, 0 for none."""
    paper = entry.item["paper"]
    title = f"Paper page - {paper['title']}"
    return html_answer(markup.around(title, "PaperContent", _props(entry, rank), _content(entry.item)))


def markdown(entry: Entry) -> Answer:
    paper = entry.item["paper"]
    names = ", ".join(author["name"] for author in paper["authors"])
    source = f"Published: {paper['publishedAt'][:10]}\nSource: https://arxiv.org/abs/{entry.id}"
    written = f"# {paper['title']}\n\n{names}\n\n{source}\n\n## Abstract\n\n{paper['summary']}\n"
    return Answer(200, [("Content-Type", MARKDOWN)], written.encode())


def _props(entry: Entry, rank: int) -> dict[str, Any]:
    paper = entry.item["paper"]
    props: dict[str, Any] = {
        "comments": comments.talk(entry.id, entry.item.get("numComments", 0), _begun(entry.item)),
        "primaryEmailConfirmed": False,
        "paper": paper,
        "canReadDatabase": False,
        "canManagePapers": False,
        "canSubmit": False,
        "hasHfLevelAccess": False,
        "upvoted": False,
        "upvoters": _upvoters(entry.id, min(entry.upvotes, UPVOTERS_SHOWN)),
        "acceptLanguages": ["*"],
        "dailyPaperRank": rank,
        "markdownContentUrl": f"{STORE}/{entry.id[:4]}/{entry.id}.md",
        "query": {},
    }
    return props | ({"organization": paper["organization"]} if "organization" in paper else {})


def _begun(item: Item) -> datetime:
    instant = datetime.fromisoformat(item["paper"].get("submittedOnDailyAt") or item["publishedAt"])
    return midnight(instant.date())


def _upvoters(identifier: str, number: int) -> list[dict[str, Any]]:
    rng = Random(f"upvoters/{identifier}")
    order = rng.sample(range(people.ACCOUNTS), UPVOTERS_SHOWN)
    return [{key: value for key, value in people.profile(who).items() if key != "name"} for who in order[:number]]


def _content(item: Item) -> str:
    paper = item["paper"]
    authors = ",\n".join(f'<span class="author">{text(author["name"])}</span>' for author in paper["authors"])
    return (
        '<section class="pt-8 border-gray-100"><div class="container"><h1 class="mb-2 text-2xl font-semibold">'
        f'{text(paper["title"])}</h1><div class="relative flex flex-wrap">{authors}</div>'
        f'<a href="/login?next=%2Fpapers%2F{paper["id"]}"><div class="leading-none">{paper["upvotes"]}</div></a>'
        f'<p class="text-gray-600">{text(paper["summary"])}</p>'
        f'<a href="https://arxiv.org/abs/{paper["id"]}">View arXiv page</a></div></section>'
    )
