"""What a feed document says of itself, whatever its format."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

EPOCH: Final = "1970-01-01T00:00:00Z"
"""`updated` of a feed without entries: never the time of the build."""
AUTHOR: Final = "dailypapers"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a document. Links are absolute, or relative to the document."""

    id: str
    """An IRI; all documents of a feed have the same."""
    title: str
    page: str
    """URL of what the feed is of, for people."""
    link: str | None = None
    """URL of the document itself; None if it is not known."""
    previous: str | None = None
    """Link to the archive with the papers before those of this document."""
    live: str | None = None
    """Of an archive: link to the document that is kept up to date."""
    arrivals: Mapping[str, object] | None = None
    """Of a document of arrivals: `cursor` (where the next one begins), `resync` (it may repeat papers, since the cursor
    was of another catalog) and `more` (there are more already)."""

    @property
    def is_archive(self) -> bool:
        """Whether it is an archive, which never changes."""
        return self.live is not None


def with_slash(url: str) -> str:
    """The URL of a folder with a slash at its end."""
    return url if url.endswith("/") else f"{url}/"


def link_from(document: str, target: str, base_url: str | None) -> str:
    """The link to one file of an output folder from another; both are names with `/`."""
    if base_url is not None:
        return f"{base_url}{target}"
    return posixpath.relpath(target, posixpath.dirname(document))
