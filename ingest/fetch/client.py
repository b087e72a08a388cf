"""The only module that talks to the network: one synchronous client, one request at a time.

Bodies are read raw, with a size cap and a deadline, so that the archive holds what the site sent.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import httpx
import tenacity

from dailypapers.ingest.archive.model import Entry, Fault, Served, served, unchanged
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.log_lines import MASK, redacted
from dailypapers.parsers.model import Page

from .budgets import Budget, budget_for, is_loopback
from .deadline import Watchdog
from .headers import RETRIED, is_throttling, read_rate_limit
from .rate_limiter import RateLimited, RateLimiter, sleep
from .request_headers import validators
from .robots import MAX_AGE, Robots
from .traffic import Traffic


@dataclass(frozen=True, slots=True)
class Site:
    """The site that a client sends requests to, and how it identifies itself."""

    origin: str
    """Where requests go, and under which they are counted, those to other origins of the source included."""
    budgets: Mapping[str, Budget]
    """Budgets set by the user."""
    user_agent: str
    token: str | None = None
    """Access token of the user; it is redacted in faults."""
    robots_bucket: str = "hf-pages"
    """The budget from which requests for robots.txt are taken."""
    serves_all: bool = False
    """Whether it also serves what the source has at other origins: it is one that the user set."""

    def origin_of(self, view_site: str | None) -> str:
        """Where the requests of a view go, given its own site, if it has one."""
        return self.origin if self.serves_all or view_site is None else view_site


@dataclass(frozen=True, slots=True)
class Request:
    """A request for one page."""

    path: str
    """Path and query."""
    bucket: str
    """The budget from which it is taken."""
    fetched_at: datetime
    """The time of the fetch, with which all its pages are stamped."""
    cached: Served | None = None
    """The page as last read, whose validators are sent."""
    view_site: str | None = None
    """The origin of the view, if it is not that of its source."""
    slow: bool = False
    """Whether its answer may take minutes."""


MAX_REDIRECTS: Final = 5


def redirect_location(entry: Entry) -> str | None:
    """The Location header of a redirect; None for any other answer."""
    if isinstance(entry, Fault) or entry.page.status not in {301, 302, 303, 307, 308}:
        return None
    return entry.page.header("location")


def follow_redirect(url: str, location: str, site: str, visited: Collection[str]) -> tuple[str | None, str | None]:
    """The address that a redirect of `url` leads to, or None and why it is not followed."""
    try:
        target = urljoin(url, location)
        if _origin(target) != _origin(site):
            return None, f"redirected off the site, to {target}"
    except ValueError as error:
        return None, f"redirected to {location!r:.200}, which is not an address ({error})"
    if target in visited:
        return None, f"redirected in a circle, to {target}"
    if len(visited) > MAX_REDIRECTS:
        return None, f"redirected more than {MAX_REDIRECTS} times"
    return target, None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


WIRE_CAP: Final = 16 * 2**20
"""Bytes of a body on the wire: over a hundred times the largest answer seen (0.1 MB compressed)."""
DEADLINE: Final = 60.0
"""Seconds for one page including retries, however slowly the bytes arrive; waits for the rate limit do not count."""
TIMEOUT: Final = httpx.Timeout(20.0, connect=10.0)
SLOW_DEADLINE: Final = 300.0
"""The same for answers that may take minutes: arXiv's OAI-PMH has stalled for more than 90 s."""
SLOW_TIMEOUT: Final = httpx.Timeout(150.0, connect=10.0)
TRIES: Final = 4
MAX_REASON: Final = 600
"""Characters of the reason of a fault: a Location may have 64 KiB, and reasons are shown in many places."""
_RECEIVED: Final = "received_headers"
"""The extension of a response that holds its headers as received."""
_Headers = list[tuple[bytes, bytes]]


class SiteClient:
    """Sends the requests of a run to one site. Use it as a context manager, so that its connection is closed."""

    def __init__(self, site: Site, limiter: RateLimiter, traffic: Traffic) -> None:
        """`limiter` grants each request and is closed with the client; `traffic` counts the requests.

        Raises UsageError for invalid proxy or certificate settings.
        """
        self._site = site
        self._traffic = traffic
        self._limiter = limiter
        self._robots: dict[str, Robots] = {}
        self._watchdog = Watchdog()
        self._client = _client(site)
        self._deadline = 0.0
        self._is_slow = False
        self._last: Entry | None = None
        self.rate_limited: RateLimited | None = None
        """Set when the site cannot be requested any more in this run."""
        self.sent: Counter[str] = Counter()
        """The requests for pages, by bucket."""
        self._retrying = tenacity.Retrying(
            stop=lambda state: state.attempt_number >= TRIES or time.monotonic() >= self._deadline,
            wait=tenacity.wait_exponential_jitter(multiplier=0.5),
            retry=tenacity.retry_if_result(_is_retried),
            retry_error_callback=_last_result,
            sleep=self._before_retry,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watchdog.close()
        self._client.close()
        self._limiter.close()

    def pause(self, seconds: float) -> None:
        """Wait before the next request."""
        self._traffic.waited += seconds
        sleep(seconds)

    def forecast(self, requests: Mapping[str, int], work: float, wait: float) -> float:
        """Seconds until that many requests of each bucket are done.

        The first of them waits for `wait` seconds, and all take `work` seconds besides waiting for a rate limit.
        """
        origin, budgets = self._site.origin, self._site.budgets
        return max(
            (
                self._limiter.forecast(origin, bucket, budget_for(bucket, origin, budgets), count, work=work, wait=wait)
                for bucket, count in requests.items()
            ),
            default=wait + work,
        )

    def _before_retry(self, seconds: float) -> None:
        self._traffic.retries += 1
        self.pause(seconds)

    def url(self, path: str, view_site: str | None = None) -> str:
        """The full address of a path at the site, or at the origin of a view that has its own."""
        return self._site.origin_of(view_site) + path

    def get(self, request: Request) -> list[Entry]:
        """Fetch a page: the redirects on the way, then the answer or the fault of its last try."""
        entries: list[Entry] = []
        origin = self._site.origin_of(request.view_site)
        url = origin + request.path
        visited: set[str] = set()
        try:
            refusal = self._robots_refusal(origin, url)
            while refusal is None:
                visited.add(url)
                self._start_deadline(slow=request.slow)
                entry: Entry = self._retrying(self._fetch, url, request, len(visited) == 1)
                entries.append(entry)
                location = redirect_location(entry)
                if location is None:
                    return entries
                target, refusal = follow_redirect(url, location, origin, visited)
                refusal = refusal or _url_refusal(target or url)
                url = url if refusal else target or url
                refusal = refusal or self._robots_refusal(origin, url)
        except RateLimited as error:
            self.rate_limited = error
            return [*entries, *([self._last] if self._last else []), self._fault(url, str(error))]
        return [*entries, self._fault(url, f"{url}: {refusal}")]

    def _start_deadline(self, *, slow: bool = False) -> None:
        self._is_slow, self._last = slow, None
        self._deadline = time.monotonic() + self._seconds

    @property
    def _seconds(self) -> float:
        """How long the current page may take."""
        return SLOW_DEADLINE if self._is_slow else DEADLINE

    def _fetch(self, url: str, request: Request, first: bool) -> Entry:  # noqa: FBT001 - tenacity passes it on
        cached = request.cached if first else None
        entry = self._send(url, request.bucket, self._headers(cached, first=first), request.fetched_at)
        self.sent[request.bucket] += 1
        if isinstance(entry, Served) and entry.page.status == 304 and cached is not None:
            entry = unchanged(cached, entry.page)
        self._last = entry
        return entry

    def _send(self, url: str, bucket: str, headers: _Headers, fetched_at: datetime) -> Entry:
        origin = self._site.origin
        # The site and its other origins are one server to be polite to.
        delay = max((robots.delay() for robots in self._robots.values()), default=0.0)
        start = time.monotonic()
        with self._limiter.turn(origin, bucket, budget_for(bucket, origin, self._site.budgets), delay):
            waited = time.monotonic() - start
            self._deadline += waited
            self._traffic.waited += waited
            entry = self._exchange(url, headers, fetched_at)
        if isinstance(entry, Fault):
            self._traffic.add("fault", 0)
        else:
            self._traffic.add(str(entry.page.status), len(entry.page.body))
            self._limiter.record(origin, bucket, read_rate_limit(entry.page, datetime.now(UTC)))
        return entry

    def _exchange(self, url: str, headers: _Headers, fetched_at: datetime) -> Entry:
        left = self._deadline - time.monotonic()
        if left <= 0:
            return self._fault(url, f"{url}: no answer within {self._seconds:.0f} s")
        timeout, trace = SLOW_TIMEOUT if self._is_slow else TIMEOUT, {"trace": self._watchdog.trace}
        try:
            with (
                self._watchdog.watching(left),
                self._client.stream("GET", url, headers=headers, timeout=timeout, extensions=trace) as answer,
            ):
                body = _read(answer)
        except httpx.TimeoutException as error:
            return self._fault(url, f"{url}: no answer in time ({type(error).__name__})")
        except (httpx.TransportError, httpx.InvalidURL) as error:
            reason = f"not done within {self._seconds:.0f} s" if self._watchdog.has_cut else str(error)
            return self._fault(url, f"{url}: {reason or type(error).__name__}")
        if body is None:
            return self._fault(url, f"{url}: the body is over the cap of {WIRE_CAP} bytes")
        received = answer.extensions[_RECEIVED]
        return served(Page(url, answer.status_code, received, body, fetched_at))

    def _headers(self, cached: Served | None, *, first: bool) -> _Headers:
        headers = validators(cached.page) if cached is not None else []
        private = self._site.origin.startswith("https:") or is_loopback(self._site.origin)
        # The token is sent to the address requested, never to the target of a redirect.
        if self._site.token and private and first:
            headers.append((b"Authorization", f"Bearer {self._site.token}".encode("ascii")))
        return headers

    def _robots_refusal(self, origin: str, url: str) -> str | None:
        if origin not in self._robots:
            self._robots[origin] = self._load_robots(origin)
        robots = self._robots[origin]
        if robots.unavailable is not None:
            return f"its robots.txt {robots.unavailable}, so nothing is requested now"
        return None if robots.allows(url) else "its robots.txt forbids this address"

    def _load_robots(self, origin: str) -> Robots:
        cached = self._limiter.cached_robots(origin, MAX_AGE)
        if cached is not None:
            return Robots(*cached)
        url, bucket = f"{origin}/robots.txt", self._site.robots_bucket
        self._start_deadline()
        entry: Entry = self._retrying(self._send, url, bucket, [], datetime.now(UTC))
        for _ in range(MAX_REDIRECTS):
            location = redirect_location(entry)
            target = follow_redirect(url, location, origin, ())[0] if location else None
            if target is None or _url_refusal(target) is not None:
                break
            url = target
            entry = self._retrying(self._send, url, bucket, [], datetime.now(UTC))
        if isinstance(entry, Fault):
            return Robots(503, "", f"could not be fetched ({entry.reason})")
        robots = Robots.from_page(entry.page)
        if robots.unavailable is None:
            # Not the whole text: what an error page repeats does not belong in a file.
            text = robots.own_text.replace(self._site.token, MASK) if self._site.token else robots.own_text
            self._limiter.cache_robots(origin, robots.status, text)
        return robots

    def _fault(self, url: str, reason: str) -> Fault:
        """A fault for the archive, redacted: a redirect may lead to an address with a token in it."""
        shown = redacted(reason, self._site.token)
        if len(shown) > MAX_REASON:
            shown = f"{shown[:MAX_REASON]}..."
        return Fault(redacted(url, self._site.token), shown)


def _client(site: Site) -> httpx.Client:
    # A proxy cannot reach this machine's loopback addresses, and would read the token of a request to one.
    mounts = {f"all://{urlsplit(site.origin).netloc}": None} if is_loopback(site.origin) else None
    try:
        return httpx.Client(
            headers={"User-Agent": site.user_agent, "Accept-Encoding": "gzip", "Accept": "*/*"},
            cookies=_no_cookies(),
            mounts=mounts,
            event_hooks={"response": [_set_headers_aside]},
        )
    except (httpx.InvalidURL, ImportError, ValueError, OSError) as error:
        message = f"no requests can be made with the proxy or certificate settings of the environment: {error}"
        raise UsageError(message) from error


def _no_cookies() -> CookieJar:
    """Requests are independent of each other: no cookie is sent back, not even one of an answer that was cut off."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


def _set_headers_aside(answer: httpx.Response) -> None:
    """Keep the headers as received, and hide a redirect from httpx: it refuses answers that it could not follow."""
    raw = answer.headers.raw
    answer.extensions[_RECEIVED] = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
    answer.headers.pop("location", None)


def _url_refusal(url: str) -> str | None:
    """Why no request can be sent to the target of a redirect; None if one can."""
    try:
        httpx.URL(url)
    except httpx.InvalidURL as error:
        return f"redirected to {url!r:.200}, which is not an address ({error})"
    return None


def _read(answer: httpx.Response) -> bytes | None:
    """The body as sent; None if it is larger than the cap."""
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > WIRE_CAP:
            return None
    return bytes(body)


def _is_retried(entry: Entry) -> bool:
    return isinstance(entry, Fault) or entry.page.status in RETRIED or is_throttling(entry.page)


def _last_result(state: tenacity.RetryCallState) -> Entry:
    if state.outcome is None:
        raise RuntimeError("tenacity gave up before the first try")
    result: Entry = state.outcome.result()
    return result
