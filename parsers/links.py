"""Links that a page may show to its readers: http and https with a host; no other scheme runs or opens anything.

What a browser would read otherwise than it looks is refused as well: a user part (`https://good.example@evil.example`),
a backslash, which browsers take for a slash (https://url.spec.whatwg.org/#special-authority-slashes-state), white
space, control characters, and characters that are invisible or reorder the text around them.
"""

import re
from typing import Final

# It begins with the rarest letters and looks behind afterwards, which is ten times as fast on long text.
_REPOSITORY: Final = re.compile(
    r"[Gg]it[Hh]ub\.com(?:(?<![\w.-].{10})|(?<=\bwww\..{10}))[/:]([A-Za-z0-9][A-Za-z0-9-]*)/([\w.-]+)", re.ASCII
)
# First path segments that are GitHub's own pages, never an account.
_PAGES: Final = frozenset({"orgs", "features", "topics", "sponsors", "marketplace", "collections"})


def repository(text: object) -> str | None:
    """`https://github.com/OWNER/NAME` of the first repository named in the text, else None.

    Trees and files of it, `.git`, slashes and a sentence's final period are cut off.
    """
    # Fast for most abstracts, which name no repository; CPython's search is faster from the end.
    if not isinstance(text, str) or text.rfind("ub.com") < 0:
        return None
    # TeX escapes the underscore of a name: \_
    text = text.replace("\\_", "_")
    # From the first `github.com` on: scanning the text before it would cost most of the time.
    for match in _REPOSITORY.finditer(text, max(0, text.index("ub.com") - len("gith"))):
        name = match[2].rstrip(".").removesuffix(".git").rstrip(".")
        if name and match[1].lower() not in _PAGES:
            return f"https://github.com/{match[1]}/{name}"
    return None


MAX_LENGTH: Final = 2048
"""Characters of a link; the longest one seen has 135, and sitemaps allow no more (https://www.sitemaps.org)."""

_FIELDS: Final = ("url", "pdf_url", "code_url", "project_url", "thumbnail_url")
_WEB_LINK: Final = re.compile(
    r"[Hh][Tt]{2}[Pp][Ss]?://(?:\w[\w.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#][^\s\x00-\x20\x7f-\xa0\"<>\\\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]*)?"
)

# A link as nearly all are, which is matched in a third of the time.
_PLAIN_LINK: Final = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(?:/[\w./?&=%+~-]*)?", re.ASCII)


def is_web_link(text: str) -> bool:
    """Whether the text is an http or https URL with a host and no user part, safe to show as a link."""
    return len(text) <= MAX_LENGTH and (_PLAIN_LINK.fullmatch(text) or _WEB_LINK.fullmatch(text)) is not None


def drop_unsafe_links(fields: dict[str, object]) -> list[tuple[str, str]]:
    """Replace by None, in the fields of a record, each link that is not a web link; in a list it is removed.

    Returns the names of these fields, each with the first such link. Empty text is no link, and what is not text is
    left to validation.
    """
    unsafe: list[tuple[str, str]] = []
    for name in _FIELDS:
        link = fields.get(name)
        if isinstance(link, str) and not is_web_link(link):
            fields[name] = None
            unsafe += [(name, link)] if link else []
    media = fields.get("media_urls")
    if media and isinstance(media, list):
        first = next((link for link in media if isinstance(link, str) and not is_web_link(link)), None)
        if first is not None:
            fields["media_urls"] = [link for link in media if not isinstance(link, str) or is_web_link(link)]
            unsafe.append(("media_urls", first))
    return unsafe
