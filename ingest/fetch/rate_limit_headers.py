"""What an answer says of how often its site may be asked: Retry-After, RateLimit, 429 and 503.

RFC 9110, 10.2.3 (Retry-After); draft-ietf-httpapi-ratelimit-headers in the form that Hugging Face sends:
`RateLimit: "api";r=499;t=300` and `RateLimit-Policy: "fixed window";"api";q=500;w=300`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from parsers.model import Page

MAX_REST: Final = 24 * 3600.0
"""A site that wants more is given a day, and asked again then."""

RETRIED: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which a request is worth another try."""

_PARAMETER: Final = re.compile(r";\s*([a-z]+)\s*=\s*(\d+)")


@dataclass(frozen=True, slots=True)
class RateLimitInfo:
    """What one answer said."""

    answered: bool
    """It was neither 429 nor 503."""
    slow_down: bool
    rest: float | None = None
    """Seconds that the site wants to be left alone; None where it named none."""
    reason: str = ""
    remaining: int | None = None
    """Requests left of the quota ..."""
    reset: float | None = None
    """... for so many seconds."""
    quota: int | None = None


def read_rate_limit(page: Page, moment: datetime) -> RateLimitInfo:
    """Read an answer; `moment` stands in for its Date where it has none."""
    limit, policy = _tightest(page.header("ratelimit")), _parameters(page.header("ratelimit-policy"))
    remaining, reset = limit.get("r"), limit.get("t")
    slow_down = page.status in {429, 503} or (page.status in RETRIED and retry_after(page, moment) is not None)
    rest, reason = _rest(page, moment, remaining, reset) if slow_down else (None, "")
    return RateLimitInfo(
        answered=not slow_down,
        slow_down=slow_down,
        rest=rest,
        reason=reason,
        remaining=remaining,
        reset=min(float(reset), MAX_REST) if reset is not None else None,
        quota=policy.get("q"),
    )


def _rest(page: Page, moment: datetime, remaining: int | None, reset: int | None) -> tuple[float | None, str]:
    asked = retry_after(page, moment)
    if remaining == 0 and reset is not None:
        return max(asked or 0.0, min(float(reset), MAX_REST)), f"HTTP {page.status}, its quota is used up"
    if asked is None:
        return None, f"HTTP {page.status}, it wants to be asked less often"
    capped = min(asked, MAX_REST)
    more = f" (it named {asked:.0f} s, taken as 24 h)" if asked > MAX_REST else ""
    return capped, f"HTTP {page.status} with Retry-After of {capped:.0f} s{more}"


def retry_after(page: Page, moment: datetime) -> float | None:
    """The seconds of a Retry-After header, given as such or as a date; None where there is none that can be read."""
    text = (page.header("retry-after") or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:12])
    try:
        wanted = _date(text)
        served = _date(page.header("date") or "")
    except (ValueError, TypeError, OverflowError):
        served = moment
        try:
            wanted = _date(text)
        except (ValueError, TypeError, OverflowError):
            return None
    seconds = (wanted - served).total_seconds()
    return seconds if seconds > 0 else None


def _date(text: str) -> datetime:
    found = parsedate_to_datetime(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _tightest(text: str | None) -> dict[str, int]:
    """Of several quotas the one of which the least is left."""
    items = [_parameters(item) for item in (text or "").split(",")]
    return min(items, key=lambda item: item.get("r", 10**12))


def _parameters(text: str | None) -> dict[str, int]:
    return {name: int(value[:12]) for name, value in _PARAMETER.findall(text or "")}
