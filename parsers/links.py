"""Links that a page may show to its readers: http and https with a host; no other scheme runs or opens anything.

What a browser would read otherwise than it looks is refused as well: a user part (`https://good.example@evil.example`),
a backslash, which browsers take for a slash (https://url.spec.whatwg.org/#special-authority-slashes-state), white
space, control characters, and characters that are invisible or reorder the text around them.
"""

import re
from typing import Final

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
