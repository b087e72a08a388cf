"""The `RateLimit` headers of the service, and its refusals where a test asks for them.

The format is what huggingface_hub reads (`utils/_http.py`), the numbers are those of
https://huggingface.co/docs/hub/rate-limits:
    RateLimit: "api";r=489;t=189
    RateLimit-Policy: "fixed window";"api";q=500;w=300
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.papersite.answers import Answer, Request, json_error

LIMITS = {"api": (500, 300), "pages": (100, 300)}  # requests in so many seconds, per address, without a token


def bucket_of(request: Request) -> str | None:
    """Which budget a request is charged to; robots.txt and the like are free."""
    if request.path.startswith("/api/"):
        return "api"
    return "pages" if request.path.startswith("/papers") else None


@dataclass
class Meter:
    """Counts requests in fixed windows of `timer`, a clock in seconds, and refuses what is too much with 429.

    Without a timer nothing is counted, since the clock of the site stands still: each request is the first of its
    window.
    """

    limits: Mapping[str, tuple[int, int]] = field(default_factory=lambda: dict(LIMITS))
    timer: Callable[[], float] | None = None
    _used: Counter[tuple[str, int]] = field(default_factory=Counter)

    def charge(self, request: Request) -> tuple[list[tuple[str, str]], Answer | None]:
        """The headers that the answer carries, and the answer itself if the request is one too many."""
        bucket = bucket_of(request)
        if bucket is None:
            return [], None
        quota, window = self.limits[bucket]
        used, rest = self._count(bucket, window)
        headers = [("RateLimit", f'"{bucket}";r={max(quota - used, 0)};t={rest}')]
        headers.append(("RateLimit-Policy", f'"fixed window";"{bucket}";q={quota};w={window}'))
        return headers, json_error(429, "Too many requests from this address") if used > quota else None

    def _count(self, bucket: str, window: int) -> tuple[int, int]:
        if self.timer is None:
            return 1, window
        number, into = divmod(self.timer(), window)
        self._used[bucket, int(number)] += 1
        return self._used[bucket, int(number)], max(1, round(window - into))
