"""The `RateLimit` headers of the service, its 429s if a test enables them, and request rates of a log.

The format is what huggingface_hub reads (`utils/_http.py`), the numbers are those of
https://huggingface.co/docs/hub/rate-limits:
    RateLimit: "api";r=489;t=189
    RateLimit-Policy: "fixed window";"api";q=500;w=300
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

from tests.papersite.answers import Answer, Request, Served, json_error

LIMITS = {"api": (500, 300), "pages": (100, 300)}  # requests per seconds, per IP address, without a token


def scaled(by: float = 50) -> dict[str, tuple[int, float]]:
    """The real limits in accelerated time: 500 and 100 requests in 6 seconds."""
    return {bucket: (quota, window / by) for bucket, (quota, window) in LIMITS.items()}


def bucket_of(request: Request | Served) -> str | None:
    """The budget that a request is charged to; robots.txt and the like are free."""
    if request.path.startswith("/api/"):
        return "api"
    return "pages" if request.path.startswith("/papers") else None


@dataclass
class Meter:
    """Counts requests in fixed windows of `timer`, a clock in seconds, and answers excess requests with 429.

    Without a timer nothing is counted, because the site's clock stands still: each request is the first of its
    window. A 429 has `Retry-After` unless `retry_after` is false.
    """

    limits: Mapping[str, tuple[int, float]] = field(default_factory=lambda: dict(LIMITS))
    timer: Callable[[], float] | None = None
    retry_after: bool = True
    _used: Counter[tuple[str, int]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def charge(self, request: Request) -> tuple[list[tuple[str, str]], Answer | None]:
        """The headers of the answer, and the answer itself if the request exceeds the limit."""
        bucket = bucket_of(request)
        if bucket is None:
            return [], None
        quota, window = self.limits[bucket]
        used, rest = self._count(bucket, window)
        headers = [("RateLimit", f'"{bucket}";r={max(quota - used, 0)};t={rest}')]
        headers.append(("RateLimit-Policy", f'"fixed window";"{bucket}";q={quota};w={window:g}'))
        return headers, self._refusal(rest) if used > quota else None

    def _refusal(self, rest: int) -> Answer:
        answer = json_error(429, "Too many requests from this address")
        if self.retry_after:
            answer.set("Retry-After", str(rest))
        return answer

    def _count(self, bucket: str, window: float) -> tuple[int, int]:
        """Requests in this window, and the full seconds until the next one."""
        if self.timer is None:
            return 1, ceil(window)
        number, into = divmod(self.timer(), window)
        with self._lock:
            self._used[bucket, int(number)] += 1
            return self._used[bucket, int(number)], ceil(window - into)


def most_in_window(log: Iterable[Served], bucket: str | None, seconds: float) -> int:
    """The maximum number of requests of a bucket (None: all) in any window of this many seconds of real time."""
    ticks = sorted(line.ticks for line in log if bucket is None or bucket_of(line) == bucket)
    most = first = 0
    for last, tick in enumerate(ticks):
        while tick - ticks[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def pauses(log: Iterable[Served], status: int = 429) -> list[float]:
    """For each answer with this status, the seconds of real time until the next request of any bucket."""
    lines = sorted(log, key=lambda line: line.ticks)
    return [after.ticks - line.ticks for line, after in pairwise(lines) if line.status == status]
