"""What tests of the client share: answers of the site, and requests to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from dailypapers.ingest.archive.model import Entry, Served
from dailypapers.ingest.fetch.client import Request, SiteClient
from tests.papersite import Answer, PaperSite, switches

AT = datetime(2025, 12, 19, 12, tzinfo=UTC)
PATH = "/wanted?a=1"
Connect = Callable[..., SiteClient]
"""Makes a client of the site, with the settings given."""


def plain(body: bytes = b"body", status: int = 200, *headers: tuple[str, str]) -> Answer:
    return Answer(status, [("Content-Type", "text/plain"), *headers], body)


def serve(site: PaperSite, *answers: Answer, where: str = "/wanted") -> None:
    """Make the site answer so, one request after the other; the last answer is repeated."""
    left = list(answers)
    site.switches.append(switches.when(where, lambda _, __: left.pop(0) if len(left) > 1 else left[0]))


def requested(site: PaperSite) -> list[str]:
    return [entry.target for entry in site.log if entry.target != "/robots.txt"]


def get(client: SiteClient, path: str = PATH, **options: object) -> list[Entry]:
    return client.get(Request(path, "hf-api", AT, **options))  # type: ignore[arg-type]


def statuses(entries: list[Entry]) -> list[int | str]:
    return [entry.page.status if isinstance(entry, Served) else entry.reason for entry in entries]


def counts(client: SiteClient) -> dict[str, object]:
    return {name: value for name, value in client._traffic.as_json().items() if name != "waited_seconds"}
