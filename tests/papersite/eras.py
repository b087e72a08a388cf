"""The fields of an item and their form at one time in the history of the service.

An era is a date; 2024 and 2026 stand for the old and the new page. A missing value is
always a missing key. `KNOWN` gives each key with the first and the last day on which answers had it.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from tests.papersite.papers import Paper
from tests.papersite.periods import midnight, new_york, stamp

NAMED = {2024: date(2024, 8, 6), 2026: date(2026, 8, 21)}
NEW_MARKUP = date(2025, 7, 1)
OUTER_DATE_CHANGED = date(2025, 3, 11)  # from the time of listing to the paper's date on a New York clock
TITLES_SQUEEZED = date(2025, 11, 13)
PUBLISHED_LOST_TIME = date(2026, 4, 3)
LISTED_LOST_TIME = date(2026, 5, 14)
WIDTH = 78  # where arXiv breaks the lines of a title or an abstract

_ALWAYS = date.min
_STILL = date.max

# In the order in which the service writes the keys.
KNOWN_ITEM = {
    "paper": (_ALWAYS, _STILL),
    "publishedAt": (_ALWAYS, _STILL),
    "title": (_ALWAYS, _STILL),
    "summary": (date(2025, 3, 11), _STILL),
    "mediaUrl": (_ALWAYS, date(2024, 6, 11)),
    "mediaUrls": (date(2024, 6, 12), _STILL),
    "thumbnail": (date(2024, 6, 12), _STILL),
    "numComments": (_ALWAYS, _STILL),
    "submittedBy": (date(2024, 6, 13), _STILL),
    "submitterOrganization": (date(2025, 9, 29), date(2025, 10, 2)),
    "organization": (date(2025, 10, 3), _STILL),
    "isAuthorParticipating": (date(2024, 12, 19), _STILL),
}
KNOWN_PAPER = {
    "id": (_ALWAYS, _STILL),
    "authors": (_ALWAYS, _STILL),
    "mediaUrls": (date(2025, 3, 17), _STILL),
    "publishedAt": (_ALWAYS, _STILL),
    "submittedOnDailyAt": (date(2025, 3, 17), _STILL),
    "title": (_ALWAYS, _STILL),
    "submittedOnDailyBy": (date(2025, 3, 17), _STILL),
    "summary": (_ALWAYS, _STILL),
    "upvotes": (_ALWAYS, _STILL),
    "discussionId": (date(2024, 8, 2), _STILL),
    "projectPage": (date(2025, 3, 4), _STILL),
    "githubRepo": (date(2025, 3, 4), _STILL),
    "githubRepoAddedBy": (date(2025, 12, 11), _STILL),
    "ai_summary": (date(2025, 5, 22), _STILL),
    "ai_summary_model": (date(2026, 6, 3), _STILL),
    "ai_keywords": (date(2025, 3, 11), _STILL),
    "githubStars": (date(2025, 6, 25), _STILL),
    "organization": (date(2025, 10, 3), _STILL),
}
KNOWN_USER = {"_id": (date(2024, 8, 6), _STILL), "name": (date(2026, 3, 12), _STILL)}
KNOWN_SUBMITTER = {
    "_id": (date(2024, 12, 3), _STILL),
    "followerCount": (date(2024, 10, 24), _STILL),
    "isHfAdmin": (date(2025, 3, 21), _STILL),
    "isUserFollowing": (date(2026, 1, 7), _STILL),
}
_TABLES = {"item": KNOWN_ITEM, "paper": KNOWN_PAPER, "user": KNOWN_USER, "submitter": KNOWN_SUBMITTER}


def era_of(era: int | date) -> date:
    """The date for the eras 2024 and 2026; a date is returned as is; ValueError for another year."""
    if isinstance(era, date):
        return era
    if era not in NAMED:
        raise ValueError(f"era {era}: one of {sorted(NAMED)} or a date")
    return NAMED[era]


@lru_cache(maxsize=64)
def _keys(table: str, era: date) -> tuple[str, ...]:
    return tuple(key for key, (since, until) in _TABLES[table].items() if since <= era <= until)


@lru_cache(maxsize=64)
def _unknown(table: str, era: date) -> frozenset[str]:
    return frozenset(_TABLES[table]) - frozenset(_keys(table, era))


def as_of(paper: Paper, era: date) -> dict[str, Any]:
    """The item as answers of that time show it."""
    whole = paper.item | {"publishedAt": _outer_date(paper, era), "paper": _inner(paper, era)}
    if era < OUTER_DATE_CHANGED:
        whole["mediaUrl"] = (paper.item.get("mediaUrls") or [paper.item["thumbnail"]])[0]
    else:
        whole |= {key: whole["paper"][key] for key in ("title", "summary")}
    if "organization" in paper.item["paper"]:
        whole["organization"] = whole["submitterOrganization"] = paper.item["paper"]["organization"]
    whole["submittedBy"] = _without(paper.item["submittedBy"], _unknown("submitter", era))
    return {key: whole[key] for key in _keys("item", era) if key in whole}


def _inner(paper: Paper, era: date) -> dict[str, Any]:
    whole = paper.item["paper"] | {
        "publishedAt": _published(paper, era),
        "submittedOnDailyAt": _listed(paper, era),
    }
    if "mediaUrls" in paper.item:
        whole["mediaUrls"] = paper.item["mediaUrls"]
    unknown = _unknown("user", era)
    whole["submittedOnDailyBy"] = _without(whole["submittedOnDailyBy"], unknown)
    if unknown:
        whole["authors"] = [_author(author, era) for author in whole["authors"]]
    if era < TITLES_SQUEEZED:
        whole["title"] = broken(whole["title"], "\n  ")
    if era < TITLES_SQUEEZED or paper.broken:
        whole["summary"] = broken(whole["summary"], "\n")
    return {key: whole[key] for key in _keys("paper", era) if key in whole}


def _author(author: dict[str, Any], era: date) -> dict[str, Any]:
    if "user" not in author:
        return author
    user = _without(author["user"], _unknown("user", era))
    if date(2024, 7, 23) <= era <= date(2024, 8, 5):
        user = {"id": author["user"]["_id"]} | user
    return author | {"user": user}


def _without(shown: dict[str, Any], unknown: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in shown.items() if key not in unknown}


def _published(paper: Paper, era: date) -> str:
    exact = era < PUBLISHED_LOST_TIME or paper.published.second == 0  # a few per day keep their time
    return stamp(paper.published if exact else midnight(paper.published.date()))


def _listed(paper: Paper, era: date) -> str:
    return stamp(paper.arrival if era < LISTED_LOST_TIME else midnight(paper.arrival.date()))


def _outer_date(paper: Paper, era: date) -> str:
    if era < OUTER_DATE_CHANGED:
        return stamp(paper.arrival)
    exact = era < PUBLISHED_LOST_TIME or paper.published.second == 0
    instant = paper.published if exact else midnight(paper.published.date())
    return stamp(instant + new_york(instant))


def broken(text: str, end: str) -> str:
    """The text with its lines broken as arXiv does it; double blanks are kept."""
    lines, start = [], 0
    while len(text) - start > WIDTH and (cut := text.rfind(" ", start, start + WIDTH)) > start:
        lines.append(text[start:cut])
        start = cut + 1
    return end.join([*lines, text[start:]])
