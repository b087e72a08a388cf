"""One Hugging Face item, as https://huggingface.co/api/daily_papers and the page's hydration blob give it.

An item wraps a `paper`. A missing value is a missing key, never null. The item's own `publishedAt` is never read:
its meaning changed in March 2025, and it has been a shifted copy since. Values of a wrong type are passed on as they
are, so that validation names every one of them.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from dailypapers.parsers.keys import split_arxiv
from dailypapers.parsers.links import repository
from dailypapers.parsers.model import ItemError, NotAListing, Page
from dailypapers.parsers.text import day_of, squeeze
from dailypapers.parsers.tolerant_json import describe

_Object: TypeAlias = dict[str, object]

PAPERS: Final = "https://huggingface.co/papers/"
PDF: Final = "https://arxiv.org/pdf/"
MAX_LISTED: Final = 10_000
"""Authors, keywords or files of one paper; three times the largest collaboration's authors."""

_THUMBNAILS: Final = "https://cdn-thumbnails.huggingface.co/"

# Keys that fields() reads or that the record must not have; the others of an item go to `extra`.
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
    """Whether the item has the one part that is required."""
    return isinstance(item, dict) and isinstance(item.get("paper"), dict)


def unknown(item: object) -> list[str]:
    """Names of the item's and its paper's fields that the parser does not know."""
    if not isinstance(item, dict):
        return []
    names = [] if item.keys() <= _ITEM_KNOWN else [*(item.keys() - _ITEM_KNOWN)]
    paper = item.get("paper")
    if isinstance(paper, dict) and not paper.keys() <= _PAPER_KNOWN:
        names += [f"paper.{name}" for name in paper.keys() - _PAPER_KNOWN]
    return names


def basis(item: object) -> object:
    """The item without what only a page shows and no record has: whether the reader upvoted it. None for no object."""
    if not isinstance(item, dict):
        return None
    return {name: value for name, value in item.items() if name != "upvoted"} if "upvoted" in item else item


def fields(item: object) -> dict[str, object]:
    """One item by the names of the record; raises ItemError if there is no paper in it."""
    item, paper = _parts(item)
    get, got = paper.get, item.get
    title, abstract = _squeezed(get("title", got("title"))), _squeezed(get("summary", got("summary")))
    authors = get("authors")
    return {
        **identity(get("id")),
        **_media(item, paper),
        "title": title,
        "abstract": abstract,
        "authors": _authors(authors),
        "author_count": len(authors) if isinstance(authors, list) else None,
        "organization": _organization(paper, item),
        "published": _day(get("publishedAt")),
        "listed": _day(get("submittedOnDailyAt")),
        "submitter": _account(got("submittedBy")) or _account(get("submittedOnDailyBy")),
        "upvotes": get("upvotes"),
        "comments": got("numComments"),
        "github_stars": get("githubStars"),
        "keywords": _keywords(get("ai_keywords")),
        "ai_summary": _squeezed(get("ai_summary")),
        "code_url": _joined(get("githubRepo")) or repository(get("projectPage")) or repository(abstract),
        "project_url": _address(get("projectPage")),
        "extra": _extra(item, paper),
    }


def api_error(page: Page, answer: Mapping[str, object]) -> NotAListing:
    """The error that an answer of the API reports, to be raised."""
    return NotAListing(page.url, f"the API answers with an error (status {page.status}): {describe(answer['error'])}")


def _parts(item: object) -> tuple[_Object, _Object]:
    if not isinstance(item, dict):
        raise ItemError("", f"expected an object with a paper, found {describe(item)}")
    paper = item.get("paper")
    if not isinstance(paper, dict):
        raise ItemError("paper", "is missing" if paper is None else f"expected an object, found {describe(paper)}")
    return item, paper


def identity(text: object) -> dict[str, object]:
    """Key, id, version and addresses of an arXiv id; anything else is passed on to validation."""
    parts = split_arxiv(text) if isinstance(text, str) else None
    if parts is None:
        # None would be valid, for a record without an arXiv id; "" is rejected as missing.
        return {"key": None, "arxiv_id": "" if text is None else text}
    arxiv_id, version = parts
    return {
        "key": f"arxiv:{arxiv_id}",
        "arxiv_id": arxiv_id,
        "arxiv_version": version,
        "url": PAPERS + arxiv_id,
        "pdf_url": PDF + arxiv_id,
    }


def _squeezed(text: object) -> object:
    return squeeze(text) if isinstance(text, str) else text


def _day(stamp: object) -> object:
    try:
        return day_of(stamp) if isinstance(stamp, str) else stamp
    except ValueError:
        return stamp


def _list(values: object) -> object:
    # Validation would name each of a million wrong values, in half a gigabyte.
    if isinstance(values, list) and len(values) > MAX_LISTED:
        raise ItemError("", f"holds a list of {len(values)}; no paper has more than {MAX_LISTED} of anything")
    return [] if values is None else values


def _keywords(values: object) -> object:
    values = _list(values)
    # They are short: a split costs less than the scans of `squeeze`.
    return [" ".join(v.split()) if isinstance(v, str) else v for v in values] if isinstance(values, list) else values


def _address(text: object) -> object:
    # One was seen with a blank before it.
    return text.strip() or None if isinstance(text, str) else text


def _joined(text: object) -> str | None:
    # One was seen with a line break before the repository's name.
    return repository("".join(text.split())) if isinstance(text, str) else None


def _authors(authors: object) -> object:
    authors = _list(authors)
    return [*map(_author, authors)] if isinstance(authors, list) else authors


def _author(author: object) -> object:
    if not isinstance(author, dict):
        return author
    user = _account(author["user"]) if "user" in author else None
    return {"name": author.get("name"), "user": user, "hidden": author.get("hidden"), "affiliation": None}


def _account(account: object) -> object:
    """User name of an account: `user` in the paper's own objects, `name` in the item's submitter."""
    return account.get("user") or account.get("name") if isinstance(account, dict) else account


def _organization(paper: _Object, item: _Object) -> object:
    # Four days of 2025 called it submitterOrganization.
    organization = paper.get("organization") or item.get("organization") or item.get("submitterOrganization")
    if not isinstance(organization, dict):
        return organization
    return {"name": organization.get("name"), "fullname": organization.get("fullname")}


def _media(item: _Object, paper: _Object) -> dict[str, object]:
    """Until June 2024 `mediaUrl` was either the thumbnail or the one uploaded file; both have had own keys since."""
    thumbnail, media = item.get("thumbnail"), item.get("mediaUrls") or paper.get("mediaUrls")
    old = item.get("mediaUrl")
    if isinstance(old, str) and old.startswith(_THUMBNAILS):
        thumbnail = thumbnail or old
    elif old is not None:
        media = media or [old]
    return {"thumbnail_url": thumbnail, "media_urls": _list(media)}


def _extra(item: _Object, paper: _Object) -> dict[str, object]:
    return {
        name: value
        for values, columns in ((item, _ITEM_COLUMNS), (paper, _PAPER_COLUMNS))
        for name, value in values.items()
        if name not in columns and isinstance(value, _SCALARS)
    }
