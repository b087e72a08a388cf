"""What the Hub links to a paper, and the short form of a paper in `/api/papers`; invented from the paper's id.

https://huggingface.co/docs/hub/paper-pages explains how repositories are linked; the counts in the answer of
`/api/papers/<id>` are those that huggingface_hub reads since May 2026 (`PaperInfo`).
"""

import base64
from random import Random
from typing import Any

from tests.papersite import people, vocabulary
from tests.papersite.entries import Entry

KINDS = ("models", "datasets", "spaces")
SUMMARY = ("id", "title", "upvotes", "publishedAt", "authors", "summary", "projectPage", "organization")
SHOWN = 3  # repositories that a paper itself lists; of the rest it has the number

Repo = dict[str, Any]


def repos(identifier: str) -> dict[str, list[Repo]]:
    """`{"models": [...], "datasets": [...], "spaces": [...]}`: half of the papers have none of a kind."""
    rng = Random(f"linked/{identifier}")
    return {kind: [_repo(rng, kind) for _ in range(max(0, rng.randrange(-4, 5)))] for kind in KINDS}


def counted(identifier: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for kind, found in repos(identifier).items():
        name = kind.capitalize()
        shown |= {f"linked{name}": found[:SHOWN], f"numTotal{name}": len(found)}
    return shown


def _repo(rng: Random, kind: str) -> Repo:
    owner = people.account(rng.randrange(people.ACCOUNTS))["user"]
    name = "".join(rng.sample(vocabulary.SYLLABLES, 2)).capitalize()
    shown = {"_id": people.object_id(rng), "id": f"{owner}/{name}-{rng.randrange(1, 72)}B", "author": owner}
    shown |= {"likes": rng.randrange(0, 400), "private": False, "lastModified": "2025-12-18T09:30:00.000Z"}
    return shown if kind == "spaces" else shown | {"downloads": rng.randrange(0, 90000), "gated": False}


def summary(entry: Entry) -> dict[str, Any]:
    paper = entry.item["paper"]
    shown = {key: paper[key] for key in SUMMARY if key in paper}
    return shown | ({"thumbnailUrl": entry.item["thumbnail"]} if "thumbnail" in entry.item else {})


def place(entry: Entry) -> tuple[str, str]:
    return entry.published, entry.id


def cursor(entry: Entry) -> str:
    return base64.urlsafe_b64encode(" ".join(place(entry)).encode()).decode()


def seen(text: str) -> tuple[str, str]:
    """The position in a cursor; ValueError if it is invalid."""
    published, identifier = base64.urlsafe_b64decode(text.encode()).decode().split(" ")
    return published, identifier
