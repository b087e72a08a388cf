"""Rate limits announced by an answer: Retry-After, RateLimit, 429, 503 and arXiv's own words.

RFC 9110, 10.2.3 (Retry-After); draft-ietf-httpapi-ratelimit-headers in the form that Hugging Face sends:
`RateLimit: "api";r=499;t=300` and `RateLimit-Policy: "fixed window";"api";q=500;w=300`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from dailypapers.ingest.archive.content_encoding import content
from dailypapers.ingest.errors import BodyError
from dailypapers.parsers.model import Page

MAX_RETRY_AFTER: Final = 24 * 3600.0
"""The longest wait that is honoured; after it the next request is sent."""

RETRIED: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which a request is retried."""

_THROTTLING: Final = frozenset({406, 429, 503})
_RATE_EXCEEDED: Final = b"Rate exceeded."

_PARAMETER: Final = re.compile(r";\s*([a-z]+)\s*=\s*(\d+)")


@dataclass(frozen=True, slots=True)
class RateLimitInfo:
    """The rate limits that one answer announced."""

    slow_down: bool
    """It was throttling, or another retried status with Retry-After."""
    backoff: float | None = None
    """Seconds during which the site wants no requests; None if it named no time."""
    reason: str = ""
    remaining: int | None = None
    """Requests left of the quota ..."""
    reset: float | None = None
    """... until it is reset after this many seconds."""
    quota: int | None = None


def read_rate_limit(page: Page, received_at: datetime) -> RateLimitInfo:
    """Read the rate limits of an answer; `received_at` is used if it has no Date."""
    limit, policy = _tightest(page.header("ratelimit")), _parameters(page.header("ratelimit-policy"))
    remaining, reset = limit.get("r"), limit.get("t")
    slow_down = is_throttling(page) or (page.status in RETRIED and retry_after(page, received_at) is not None)
    backoff, reason = _backoff(page, received_at, remaining, reset) if slow_down else (None, "")
    return RateLimitInfo(
        slow_down=slow_down,
        backoff=backoff,
        reason=reason,
        remaining=remaining,
        reset=min(float(reset), MAX_RETRY_AFTER) if reset is not None else None,
        quota=policy.get("q"),
    )


def is_throttling(page: Page) -> bool:
    """Whether an answer asks for fewer requests: 429, 503, and what arXiv sends instead of them at times.

    That is 406, or 200 with the text `Rate exceeded.`
    """
    if page.status in _THROTTLING:
        return True
    # The text takes 14 bytes, compressed a few more.
    return page.status == 200 and len(page.body) < 100 and _decoded(page).strip() == _RATE_EXCEEDED


def _decoded(page: Page) -> bytes:
    try:
        return content(page, len(_RATE_EXCEEDED) + 10).body
    except BodyError:
        return b""


def _backoff(page: Page, received_at: datetime, remaining: int | None, reset: int | None) -> tuple[float | None, str]:
    seconds = retry_after(page, received_at)
    if remaining == 0 and reset is not None:
        return max(seconds or 0.0, min(float(reset), MAX_RETRY_AFTER)), f"HTTP {page.status}, its quota is used up"
    if seconds is None:
        said = f"HTTP {page.status}" if page.status != 200 else "'Rate exceeded.'"
        return None, f"{said}, it wants fewer requests"
    capped = min(seconds, MAX_RETRY_AFTER)
    more = f" (it named {seconds:.0f} s, taken as 24 h)" if seconds > MAX_RETRY_AFTER else ""
    return capped, f"HTTP {page.status} with Retry-After of {capped:.0f} s{more}"


def retry_after(page: Page, received_at: datetime) -> float | None:
    """The seconds of a Retry-After header, a number or a date; None if it is missing, invalid or past."""
    text = (page.header("retry-after") or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:12])
    until = _parse_date(text)
    if until is None:
        return None
    seconds = (until - (_parse_date(page.header("date") or "") or received_at)).total_seconds()
    return seconds if seconds > 0 else None


def _parse_date(text: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _tightest(text: str | None) -> dict[str, int]:
    """Of several quotas, the one with the fewest requests left."""
    items = [_parameters(item) for item in (text or "").split(",")]
    return min(items, key=lambda item: item.get("r", 10**12))


def _parameters(text: str | None) -> dict[str, int]:
    return {name: int(value[:12]) for name, value in _PARAMETER.findall(text or "")}
