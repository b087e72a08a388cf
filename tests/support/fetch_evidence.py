"""What certificates hold of an invented fetch."""

from __future__ import annotations

from typing import Final

from dailypapers.snapshots.certificate import FetchEvidence, ViewEvidence

VIEW: Final = ViewEvidence(
    view="api",
    parser="hf_api",
    version=1,
    reading="api",
    pages=1,
    items=2,
    papers=2,
    rejects=0,
    promised=None,
    exhausted=True,
    served=None,
    failed=None,
    notes=[],
)
FETCH: Final = FetchEvidence(
    file="20251212T080000Z-fetch.warc.gz",
    bytes=1000,
    sha256="0" * 64,
    at="2025-12-12T08:00:00Z",
    at_known=True,
    kind="fetch",
    whole=True,
    doubt=None,
    reason=None,
    papers=2,
    new=2,
    left=0,
    elsewhere=False,
    views=[VIEW],
)
PROFILE: Final = {
    "file": FETCH["file"],
    "at": FETCH["at"],
    "at_known": True,
    "timely": True,
    "reading": "api",
    "items": 2,
    "keys": "",
    "matched": {},
    "fields": {"title": {"in": 2, "of": 2, "types": {"text": 2}}, "upvotes": {"in": 1, "of": 2}},
}
WITNESS: Final = {
    "kind": "git",
    "origin": "papers",
    "commit": "0" * 40,
    "path": "2025-12-10.json",
    "blob": "1" * 40,
    "author_time": "2025-12-10T09:00:00Z",
    "committer_time": "2025-12-10T09:00:00Z",
}
