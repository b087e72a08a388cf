"""robots.txt as in RFC 9309: which addresses a site allows, and how often. Our group is parsed by protego."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from dailypapers.ingest.archive.content_encoding import content
from dailypapers.ingest.errors import BodyError, UsageError
from dailypapers.parsers.model import Page

from .headers import MAX_RETRY_AFTER

if TYPE_CHECKING:
    from protego import Protego


def check_endpoint(endpoint: str, name: str = "HF_ENDPOINT") -> str:
    """The origin in its normal form. Raises UsageError, naming the setting (`name`), if it is not an HTTP origin."""
    try:
        parts = urlsplit(endpoint)
        encoded = (parts.hostname or "").encode("idna")
        usable = parts.scheme in {"http", "https"} and bool(encoded) and parts.port != 0
        usable = usable and endpoint.rstrip("/") == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"{name} is {endpoint!r}; it must read like https://huggingface.co")
    # One form per site, so that it has one budget.
    default = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


MAX_AGE: Final = 24 * 3600.0
"""Seconds that a robots.txt is cached (RFC 9309, 2.4)."""
PRODUCT: Final = "dailypapers"
MAX_BYTES: Final = 512_000
"""Bytes that are parsed (RFC 9309, 2.5: at least 500 KiB)."""

_AGENT: Final = re.compile(r"\s*user[- ]?agent(?:\s*:|\s)\s*(\*|[a-z_-]*)", re.IGNORECASE)
_RULE: Final = re.compile(r"\s*(?:allow|di[as]{1,3}l{1,2}[ao]w|crawl[- ]delay)(?:\s*:|\s)", re.IGNORECASE)
"""A rule of a group, with the spelling mistakes that protego knows. Other lines do not end a group (2.2.4)."""


@dataclass(frozen=True, slots=True)
class Robots:
    """A site's robots.txt."""

    status: int
    text: str
    failure: str | None = None
    """Why there is none to read, although the site may have one."""

    @classmethod
    def from_page(cls, page: Page) -> Robots:
        """The robots.txt in an answer."""
        try:
            body = content(page).body
        except BodyError as error:
            return cls(page.status, "", f"cannot be read ({error})" if page.status < 400 else None)
        return cls(page.status, _cut(body).decode("utf-8-sig", "replace"))

    @property
    def unavailable(self) -> str | None:
        """Why nothing may be requested now (RFC 9309, 2.3.1.4); None if the site sent its rules, or has none."""
        answers = f"answers HTTP {self.status}" if self.status >= 500 or self.status == 429 else None
        return self.failure or answers

    def allows(self, url: str) -> bool:
        """Whether an address may be requested; a site without the file (4xx) allows all."""
        rules = self._rules()
        return rules is None or rules.can_fetch(url, PRODUCT)

    def delay(self) -> float:
        """The seconds of Crawl-delay, a day at most; 0 by default."""
        rules = self._rules()
        return min((rules.crawl_delay(PRODUCT) if rules else None) or 0.0, MAX_RETRY_AFTER)

    @property
    def own_text(self) -> str:
        """A robots.txt with the rules for us alone; empty if the site has none."""
        return "" if self.status >= 400 or not self.text.strip() else _own_text(self.text)

    def _rules(self) -> Protego | None:
        return _parse(self.text) if self.status < 400 and self.text.strip() else None


def _cut(body: bytes) -> bytes:
    """The part of a long file that is parsed: whole lines, since part of a rule is another rule."""
    if len(body) <= MAX_BYTES:
        return body
    end = max(body.rfind(b"\n", 0, MAX_BYTES), body.rfind(b"\r", 0, MAX_BYTES))
    return body[: end + 1]


@lru_cache(maxsize=4)
def _parse(text: str) -> Protego:
    from protego import Protego  # noqa: PLC0415 - most sites have no rules

    return Protego.parse(_own_text(text))


def _own_text(text: str) -> str:
    return "\n".join(["User-agent: *", *_own_rules(text)])


def _own_rules(text: str) -> list[str]:
    """The rules of all groups for us, or of those for everybody if there are none (RFC 9309, 2.2.1).

    protego would copy each rule for each agent of its group: gigabytes for a file with thousands of both.
    """
    ours: list[str] | None = None
    everybody: list[str] = []
    for agents, rules in _groups(text):
        if PRODUCT in agents:
            ours = (ours or []) + rules
        elif "*" in agents:
            everybody += rules
    return everybody if ours is None else ours


def _groups(text: str) -> Iterator[tuple[set[str], list[str]]]:
    """The groups of the file: the agents that each is for, and its rules."""
    agents: set[str] = set()
    rules: list[str] = []
    for line in text.splitlines():
        agent = _AGENT.match(line)
        if agent is not None:
            if rules:
                yield agents, rules
                agents, rules = set(), []
            agents.add(agent[1].lower())
        elif _RULE.match(line):
            rules.append(line)
    yield agents, rules
