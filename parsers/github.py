"""Addresses of GitHub repositories, in the forms in which people write them."""

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
