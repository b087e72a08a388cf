"""Invented comments: the n-th under a paper is a pure function of (paper, n), so that a discussion only grows.

The page of a paper has them as `{id, author, createdAt, type, data, replies}`; a reply names its parent in
`data.parentCommentId`, and the HTML of a text may contain more hydration blobs.
"""

from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from tests.papersite import people, vocabulary
from tests.papersite.periods import stamp

Comment = dict[str, Any]

LINES = (
    "Thank you for the clear write-up of {method}. Does it hold for {task} as well?",
    "We tried this on {data} & got within 2% of the numbers in Table 3.",
    "Is the code for {task} going to be released? The link gives a 404 & nothing else.",
    "Nice work! A question: why is the gain smaller for k<3?",
)
REACTIONS = ("🔥", "👍", "🚀")
MENTION = (
    '<span class="SVELTE_PARTIAL_HYDRATER contents" data-target="UserMention" '
    'data-props="{{&quot;user&quot;:&quot;{user}&quot;}}"><a href="/{user}">@{user}</a></span> '
)


def talk(identifier: str, number: int, begun: datetime) -> list[Comment]:
    """`number` comments, replies included, as a tree; one in three is a reply to the one at the root before it."""
    roots: list[Comment] = []
    for comment in map(partial(_comment, identifier, begun), range(number)):
        if roots and int(comment["id"], 16) % 3 == 0:
            comment["data"]["parentCommentId"] = roots[-1]["id"]
            roots[-1]["replies"].append(comment)
        else:
            roots.append(comment)
    return roots


def _comment(identifier: str, begun: datetime, place: int) -> Comment:
    rng = Random(f"comment/{identifier}/{place}")
    author = _author(rng.randrange(people.ACCOUNTS))
    written = stamp(begun + timedelta(hours=5 * place, minutes=rng.randrange(200)))
    return {
        "id": people.object_id(rng),
        "author": author,
        "createdAt": written,
        "type": "comment",
        "data": _data(rng, author, written),
        "replies": [],
    }


def _author(number: int) -> dict[str, Any]:
    known = people.submitter(number)
    shown = {key: known[key] for key in ("_id", "avatarUrl", "fullname", "name", "type", "isPro", "isHf")}
    shown |= {"isHfAdmin": False, "isMod": False}
    return shown | {key: known[key] for key in ("followerCount", "isUserFollowing") if key in known}


def _data(rng: Random, author: dict[str, Any], written: str) -> dict[str, Any]:
    slots = {name: rng.choice(known) for name, known in TOPICS.items()}
    mentioned = people.account(rng.randrange(people.ACCOUNTS))["user"]
    raw = rng.choice(LINES).format_map(slots)
    html = f"<p>{MENTION.format(user=mentioned)}{raw.replace('&', '&amp;').replace('<', '&lt;')}</p>\n"
    return {
        "edited": False,
        "hidden": False,
        "latest": {"raw": f"@{mentioned} {raw}", "html": html, "updatedAt": written, "author": author},
        "numEdits": 0,
        "identifiedLanguage": {"language": "en", "probability": round(rng.uniform(0.7, 1), 4)},
        "editors": [author["name"]],
        "editorAvatarUrls": [author["avatarUrl"]],
        "reactions": _reactions(rng),
        "isReport": False,
    }


def _reactions(rng: Random) -> list[dict[str, Any]]:
    users = [people.account(rng.randrange(people.ACCOUNTS))["user"] for _ in range(rng.randrange(0, 3))]
    return [{"reaction": rng.choice(REACTIONS), "users": users, "count": len(users)}] if users else []


TOPICS = {"method": vocabulary.METHODS, "task": vocabulary.TASKS, "data": vocabulary.DATASETS}
