"""One Hugging Face item, as https://huggingface.co/api/daily_papers and the page's hydration blob give it.

An item wraps a `paper`. A missing value is a missing key, never null. The item's own `publishedAt` is never read:
its meaning changed in March 2025 and it is a shifted copy since. Values of a wrong type are handed on as they are,
so that validation names every one of them.
"""

from typing import Any, Final

from parsers.github import repository
from parsers.keys import split_arxiv
from parsers.model import ItemError
from parsers.text import day_of, squeeze
from parsers.tolerant_json import kind

PAPERS: Final = "https://huggingface.co/papers/"
PDF: Final = "https://arxiv.org/pdf/"
MAX_LISTED: Final = 10_000
"""Authors, keywords or files of one paper; three times the largest collaboration's authors."""

_THUMBNAILS: Final = "https://cdn-thumbnails.huggingface.co/"

# Keys that fields() reads or that the record shall not have; what is left of an item goes to `extra`.
_ITEM_COLUMNS: Final = frozenset({
    "paper", "title", "summary", "publishedAt", "numComments", "mediaUrl", "thumbnail", "mediaUrls", "submittedBy",
    "submitterOrganization", "organization", "upvoted",
})  # fmt: skip
_PAPER_COLUMNS: Final = frozenset({
    "id", "title", "summary", "publishedAt", "upvotes", "authors", "projectPage", "githubRepo", "githubStars",
    "ai_keywords", "ai_summary", "submittedOnDailyAt", "submittedOnDailyBy", "mediaUrls", "organization", "upvoted",
})  # fmt: skip
_SCALARS: Final = (str, int, float)
_ITEM_KNOWN: Final = _ITEM_COLUMNS | {"isAuthorParticipating"}
_PAPER_KNOWN: Final = _PAPER_COLUMNS | {"discussionId", "githubRepoAddedBy", "ai_summary_model"}


def has_paper(item: object) -> bool:
    """Whether the item has the one part that no item can do without."""
    return isinstance(item, dict) and isinstance(item.get("paper"), dict)


def unknown(item: object) -> list[str]:
    """Names of the item's and its paper's fields that had never been seen when this was written."""
    if not isinstance(item, dict):
        return []
    names = [] if item.keys() <= _ITEM_KNOWN else [*(item.keys() - _ITEM_KNOWN)]
    paper = item.get("paper")
    if isinstance(paper, dict) and not paper.keys() <= _PAPER_KNOWN:
        names += [f"paper.{name}" for name in paper.keys() - _PAPER_KNOWN]
    return names


def fields(item: object) -> dict[str, object]:
    """One item by the names of the record; raises ItemError where there is no paper in it."""
    item, paper = _parts(item)
    get, got = paper.get, item.get
    title, abstract = _squeezed(get("title", got("title"))), _squeezed(get("summary", got("summary")))
    authors = _authors(get("authors"))
    return {
        **identity(get("id")),
        **_media(item, paper),
        "title": title,
        "abstract": abstract,
        "authors": authors,
        "author_count": len(authors) if isinstance(get("authors"), list) else None,
        "organization": _organization(paper, item),
        "published": _day(get("publishedAt")),
        "listed": _day(get("submittedOnDailyAt")),
        "submitter": _account(got("submittedBy")) or _account(get("submittedOnDailyBy")),
        "upvotes": get("upvotes"),
        "comments": got("numComments"),
        "github_stars": get("githubStars"),
        "keywords": _list(get("ai_keywords")),
        "ai_summary": get("ai_summary"),
        "code_url": _joined(get("githubRepo")) or repository(get("projectPage")) or repository(abstract),
        "project_url": _address(get("projectPage")),
        "extra": _extra(item, paper),
    }


def _parts(item: object) -> tuple[dict[str, Any], dict[str, Any]]:
    if not isinstance(item, dict):
        raise ItemError("", f"expected an object with a paper, found {kind(item)}")
    paper = item.get("paper")
    if not isinstance(paper, dict):
        raise ItemError("paper", "is missing" if paper is None else f"expected an object, found {kind(paper)}")
    return item, paper


def identity(found: object) -> dict[str, object]:
    """Key, id, version and addresses of an id; what is no id is handed on to validation."""
    parts = split_arxiv(found) if isinstance(found, str) else None
    if parts is None:
        # None would pass for a record without an arXiv id; "" is refused as what it is.
        return {"key": None, "arxiv_id": "" if found is None else found}
    arxiv_id, version = parts
    return {
        "key": f"arxiv:{arxiv_id}",
        "arxiv_id": arxiv_id,
        "arxiv_version": version,
        "url": PAPERS + arxiv_id,
        "pdf_url": PDF + arxiv_id,
    }


def _squeezed(found: object) -> object:
    return squeeze(found) if isinstance(found, str) else found


def _day(found: object) -> object:
    if not isinstance(found, str):
        return found
    try:
        return day_of(found)
    except ValueError:
        return found


def _list(found: object) -> object:
    # Validation would name each of a million wrong values, in half a gigabyte.
    if isinstance(found, list) and len(found) > MAX_LISTED:
        raise ItemError("", f"holds a list of {len(found)}; no paper has more than {MAX_LISTED} of anything")
    return [] if found is None else found


def _address(found: object) -> object:
    # One was seen with a blank before it.
    return found.strip() or None if isinstance(found, str) else found


def _joined(found: object) -> str | None:
    # One was seen with a line break before the repository's name.
    return repository("".join(found.split())) if isinstance(found, str) else None


def _authors(found: object) -> Any:  # noqa: ANN401 - wrong types go on to validation
    if not isinstance(found, list) or len(found) > MAX_LISTED:
        return _list(found)
    return [
        one
        if not isinstance(one, dict)
        else {
            "name": one.get("name"),
            "user": _account(one["user"]) if "user" in one else None,
            "hidden": one.get("hidden"),
            "affiliation": None,
        }
        for one in found
    ]


def _account(found: object) -> object:
    """User name of an account: `user` in the paper's own objects, `name` in the item's submitter."""
    return found.get("user") or found.get("name") if isinstance(found, dict) else found


def _organization(paper: dict[str, Any], item: dict[str, Any]) -> object:
    # Four days of 2025 called it submitterOrganization.
    found = paper.get("organization") or item.get("organization") or item.get("submitterOrganization")
    if not isinstance(found, dict):
        return found
    return {"name": found.get("name"), "fullname": found.get("fullname")}


def _media(item: dict[str, Any], paper: dict[str, Any]) -> dict[str, object]:
    """Until June 2024 `mediaUrl` was either the thumbnail or the one uploaded file; both have their own keys since."""
    thumbnail, media = item.get("thumbnail"), item.get("mediaUrls") or paper.get("mediaUrls")
    old = item.get("mediaUrl")
    if isinstance(old, str) and old.startswith(_THUMBNAILS):
        thumbnail = thumbnail or old
    elif old is not None:
        media = media or [old]
    return {"thumbnail_url": thumbnail, "media_urls": _list(media)}


def _extra(item: dict[str, Any], paper: dict[str, Any]) -> dict[str, object]:
    return {
        name: value
        for found, columns in ((item, _ITEM_COLUMNS), (paper, _PAPER_COLUMNS))
        for name, value in found.items()
        if name not in columns and isinstance(value, _SCALARS)
    }
