"""One item as a dictionary with the fields of our record: what a script without a model writes.

All peers use it. It shares nothing with `parsers` and validates nothing: a wrong type passes, a missing `paper` is a
traceback.
"""

import re
from typing import Any

SOURCE = "hf-daily"
REPOSITORY = re.compile(r"github\.com/([A-Za-z0-9-]+)/([\w.-]+)")
THUMBNAILS = "https://cdn-thumbnails.huggingface.co/"
ITEM_FIELDS = {"paper", "publishedAt", "title", "summary", "mediaUrl", "mediaUrls", "thumbnail", "numComments"}
ITEM_FIELDS |= {"submittedBy", "submitterOrganization", "organization", "upvoted"}
PAPER_FIELDS = {"id", "authors", "mediaUrls", "publishedAt", "submittedOnDailyAt", "title", "submittedOnDailyBy"}
PAPER_FIELDS |= {"summary", "upvotes", "projectPage", "githubRepo", "githubStars", "ai_summary", "ai_keywords"}
PAPER_FIELDS |= {"organization", "upvoted"}


def record(item: dict[str, Any], day: str, rank: int | None) -> dict[str, Any]:
    paper = item["paper"]
    arxiv_id, _, version = paper["id"].partition("v")
    abstract = squeeze(paper.get("summary"))
    return {
        "key": f"arxiv:{arxiv_id}",
        "source": SOURCE,
        "day": day,
        "rank": rank,
        "title": squeeze(paper["title"]),
        "abstract": abstract,
        "authors": [author(one) for one in paper["authors"]],
        "author_count": len(paper["authors"]),
        "organization": organization(paper.get("organization") or item.get("organization")),
        "published": date(paper.get("publishedAt")),
        "published_inferred": False,
        "updated": None,
        "listed": date(paper.get("submittedOnDailyAt")),
        "submitter": submitter(item, paper),
        "upvotes": paper.get("upvotes"),
        "comments": item.get("numComments"),
        "github_stars": paper.get("githubStars"),
        "arxiv_id": arxiv_id,
        "arxiv_version": int(version) if version else None,
        "doi": None,
        "categories": [],
        "announce_type": None,
        "license": None,
        "journal_ref": None,
        "author_comment": None,
        "keywords": paper.get("ai_keywords", []),
        "ai_summary": paper.get("ai_summary"),
        "url": f"https://huggingface.co/papers/{arxiv_id}",
        "pdf_url": f"https://arxiv.org/pdf/{arxiv_id}",
        "code_url": code(paper.get("githubRepo"), paper.get("projectPage"), abstract),
        "project_url": paper.get("projectPage"),
        **media(item),
        "withdrawn": False,
        "first_seen": None,
        "last_seen": None,
        "extra": extra(item, paper),
    }


def squeeze(text: str | None) -> str | None:
    return " ".join(text.split()) if text is not None else None


def date(stamp: str | None) -> str | None:
    return stamp[:10] if stamp else None


def author(one: dict[str, Any]) -> dict[str, Any]:
    user = one["user"]["user"] if "user" in one else None
    return {"name": one["name"], "user": user, "hidden": one.get("hidden"), "affiliation": None}


def organization(found: dict[str, Any] | None) -> dict[str, Any] | None:
    return {"name": found["name"], "fullname": found.get("fullname")} if found else None


def submitter(item: dict[str, Any], paper: dict[str, Any]) -> str | None:
    if "submittedBy" in item:
        return str(item["submittedBy"]["name"])
    return paper["submittedOnDailyBy"]["user"] if "submittedOnDailyBy" in paper else None


def code(*texts: str | None) -> str | None:
    for text in texts:
        if text and (found := REPOSITORY.search(text)):
            owner, name = found.groups()
            return f"https://github.com/{owner}/{name.rstrip('.').removesuffix('.git')}"
    return None


def media(item: dict[str, Any]) -> dict[str, Any]:
    thumbnail, urls, old = item.get("thumbnail"), item.get("mediaUrls", []), item.get("mediaUrl")
    if old and old.startswith(THUMBNAILS):
        thumbnail = thumbnail or old
    elif old:
        urls = urls or [old]
    return {"thumbnail_url": thumbnail, "media_urls": urls}


def extra(item: dict[str, Any], paper: dict[str, Any]) -> dict[str, Any]:
    found = {name: item[name] for name in item if name not in ITEM_FIELDS}
    found |= {name: paper[name] for name in paper if name not in PAPER_FIELDS}
    return {name: found[name] for name in sorted(found) if isinstance(found[name], str | int | float)}
