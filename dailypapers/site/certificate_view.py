"""A certificate in words: state, reason, views, fetches, and the digest of the day file."""

from __future__ import annotations

from typing import Final, NamedTuple

from dailypapers.snapshots.certificate import Certificate, FetchEvidence, ViewEvidence

from .listing import ListingDay, utc
from .names import certificate_file, day_file

STATES: Final = {
    "open": "The day is not over.",
    "settling": "The day is over, and not yet proved complete.",
    "closed": "Proved complete.",
    "empty": "Nothing was listed.",
    "partial": "In doubt: the newest fetch does not prove what it shows.",
    "waived": "Given up: it stays incomplete.",
    "missing": "Never fetched.",
}
"""What each state of a day means."""


class Fetch(NamedTuple):
    """One fetch."""

    at: str
    in_words: str
    papers: int
    new: int
    verdict: str


class View(NamedTuple):
    """What one view showed in the newest fetch."""

    name: str
    parser: str
    papers: int
    rejects: int
    verdict: str


class CertificateView:
    """What a page shows of a certificate."""

    def __init__(self, listed: ListingDay) -> None:
        certificate = listed.certificate
        self.state = certificate["state"]
        self.meaning = STATES.get(self.state, "")
        self.reason = certificate["reason"]
        self.as_of = certificate["as_of"]
        self.as_of_in_words = utc(self.as_of)
        self.papers = certificate["papers"]
        self.gone = certificate["gone"]
        self.rejects = certificate["rejects"]
        self.lost = certificate["lost"]
        self.sha256 = certificate["files"]["papers"]["sha256"]
        self.papers_file = day_file(listed.listing.folder, listed.day)
        self.certificate_file = certificate_file(listed.listing.folder, listed.day)
        self.fetches = [_fetch(fetch) for fetch in certificate["fetches"]]
        self.views = _views(certificate)


def _fetch(fetch: FetchEvidence) -> Fetch:
    doubt = f"in doubt: {fetch['reason']}" if fetch["doubt"] else "one view only"
    kind = "" if fetch["at_known"] else ", time unknown"
    imported = " (import)" if fetch["kind"] == "import" else ""
    return Fetch(
        fetch["at"],
        f"{utc(fetch['at'])}{kind}{imported}",
        fetch["papers"],
        fetch["new"],
        "whole" if fetch["whole"] else doubt,
    )


def _views(certificate: Certificate) -> list[View]:
    newest = certificate["fetches"][-1]["views"] if certificate["fetches"] else []
    return [
        View(
            view["view"],
            f"{view['parser']} {view['version']}",
            view["papers"],
            view["rejects"],
            _verdict(view),
        )
        for view in newest
    ]


def _verdict(view: ViewEvidence) -> str:
    if view["failed"]:
        return f"failed: {view['failed']}"
    return "read to its end" if view["exhausted"] else "not read to its end"
