"""The only module that talks to the network: one synchronous client, one request at a time.

Bodies are read raw under a size cap and a deadline, so the archive holds what the site sent. Redirects are followed
by hand, hop by hop, within the site only.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import httpx
import tenacity

from ingest.archive.content_encoding import content
from ingest.archive.model import Entry, Fault, Served, served, unchanged
from ingest.errors import BodyError, UsageError
from ingest.redaction import redacted
from parsers.model import Page

from .budgets import Budget, budget_for, is_loopback
from .deadline import Watchdog
from .rate_limit_headers import RETRIED, read_rate_limit
from .rate_limiter import RateLimiter, SiteRests, sleep
from .request_headers import user_agent, validators
from .robots import KEPT, Robots
from .traffic import Traffic

WIRE_CAP: Final = 16 * 2**20
"""Bytes of a body on the wire: over a hundred times the largest answer seen (0.1 MB compressed)."""
DEADLINE: Final = 60.0
"""Seconds for one page in all its tries, however slowly bytes drip; waiting for the site's rests does not count."""
TIMEOUT: Final = httpx.Timeout(20.0, connect=10.0)
HOPS: Final = 5
TRIES: Final = 4
PAGES: Final = "hf-pages"
"""The budget that robots.txt is taken from."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask a site for."""

    path: str
    """Path and query."""
    bucket: str
    """The budget that it is taken from."""
    at: datetime
    """The time of the fetch, with which all its pages are stamped."""
    known: Served | None = None
    """The page as it was last read, whose validators are sent along."""


class SiteClient:
    """Asks one site. Use it as a context manager, so that its connection is closed."""

    def __init__(
        self, endpoint: str, manners: RateLimiter, budgets: dict[str, Budget], traffic: Traffic, secret: str | None
    ) -> None:
        """`endpoint` is the origin to ask; `budgets` are those that the user says; `traffic` counts what is asked.

        `secret` is the token that the site knows the user by, if there is one.
        """
        self._endpoint = endpoint
        self._traffic = traffic
        self._manners = manners
        self._budgets = budgets
        self._token = secret
        self._robots: Robots | None = None
        self._watchdog = Watchdog()
        self._client = _client()
        self._deadline = 0.0
        self._last: Entry | None = None
        self.rests: SiteRests | None = None
        """Why the site is not asked any more in this run."""
        self._retrying = tenacity.Retrying(
            stop=lambda state: state.attempt_number >= TRIES or time.monotonic() >= self._deadline,
            wait=tenacity.wait_exponential_jitter(multiplier=0.5, max=8.0),
            retry=tenacity.retry_if_result(_worth_another_try),
            retry_error_callback=_last_result,
            sleep=self._try_again,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watchdog.close()
        self._client.close()
        self._manners.close()

    def pause(self, seconds: float) -> None:
        """Wait before the site is asked again."""
        self._traffic.waited += seconds
        _pause(seconds)

    def _try_again(self, seconds: float) -> None:
        self._traffic.retries += 1
        self.pause(seconds)

    def address(self, path: str) -> str:
        """The whole address of a path."""
        return self._endpoint + path

    def get(self, request: Request) -> list[Entry]:
        """Ask for a page: the redirects on the way, then the answer or the fault, the last of its tries."""
        entries: list[Entry] = []
        url = self._endpoint + request.path
        asked: set[str] = set()
        try:
            refused = self._refused_by_robots(url)
            while refused is None:
                asked.add(url)
                self._deadline, self._last = time.monotonic() + DEADLINE, None
                entry: Entry = self._retrying(self._once, url, request, len(asked) == 1)
                entries.append(entry)
                location = _redirect(entry)
                if location is None:
                    return entries
                target, refused = self._hop(url, location, asked)
                url = target or url
                refused = refused or self._refused_by_robots(url)
        except SiteRests as rests:
            self.rests = rests
            return [*entries, *([self._last] if self._last else []), _fault(url, str(rests))]
        return [*entries, _fault(url, f"{url}: {refused}")]

    def _hop(self, url: str, location: str, asked: set[str]) -> tuple[str | None, str | None]:
        """Where a redirect leads, or why it is not followed."""
        try:
            target = urljoin(url, location)
            if _origin(target) != _origin(self._endpoint):
                return None, f"redirected off the site, to {target}"
        except ValueError as error:
            return None, f"redirected to {location!r}, which is no address ({error})"
        if target in asked:
            return None, f"redirected in a circle, to {target}"
        return (None, f"redirected more than {HOPS} times") if len(asked) > HOPS else (target, None)

    def _once(self, url: str, request: Request, first: bool) -> Entry:  # noqa: FBT001 - tenacity passes it on
        entry = self._ask(url, request.bucket, self._headers(request.known if first else None, first=first), request.at)
        if isinstance(entry, Served) and entry.page.status == 304 and first and request.known is not None:
            entry = unchanged(request.known, entry.page)
        self._last = entry
        return entry

    def _ask(self, url: str, bucket: str, headers: dict[str, str], at: datetime) -> Entry:
        budget = budget_for(bucket, self._endpoint, self._budgets)
        delay = self._robots.delay() if self._robots is not None else 0.0
        begun = time.monotonic()
        with self._manners.turn(self._endpoint, bucket, budget, delay):
            waited = time.monotonic() - begun
            self._deadline += waited
            self._traffic.waited += waited
            entry = self._exchange(url, headers, at)
        if isinstance(entry, Fault):
            self._traffic.add("fault", 0)
        else:
            self._traffic.add(str(entry.page.status), len(entry.page.body))
            self._manners.note(self._endpoint, bucket, read_rate_limit(entry.page, datetime.now(UTC)))
        return entry

    def _exchange(self, url: str, headers: dict[str, str], at: datetime) -> Entry:
        left = self._deadline - time.monotonic()
        if left <= 0:
            return _fault(url, f"{url}: no answer within {DEADLINE:.0f} s")
        try:
            with (
                self._watchdog.watching(left),
                self._client.stream("GET", url, headers=headers, extensions={"trace": self._watchdog.trace}) as answer,
            ):
                body = _read(answer)
        except httpx.TimeoutException as error:
            return _fault(url, f"{url}: no answer in time ({type(error).__name__})")
        except (httpx.TransportError, httpx.InvalidURL) as error:
            said = f"not done within {DEADLINE:.0f} s" if self._watchdog.has_bitten else str(error)
            return _fault(url, f"{url}: {said or type(error).__name__}")
        # Each request stands for itself: no cookie of the site is sent back.
        self._client.cookies.clear()
        if isinstance(body, str):
            return _fault(url, f"{url}: {body}")
        received = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)
        return served(Page(url, answer.status_code, received, body, at))

    def _headers(self, known: Served | None, *, first: bool) -> dict[str, str]:
        headers = validators(known.page) if known is not None else {}
        secret = self._endpoint.startswith("https:") or is_loopback(self._endpoint)
        # The token is for the address asked; where a redirect leads it is not shown.
        return headers | ({"Authorization": f"Bearer {self._token}"} if self._token and secret and first else {})

    def _refused_by_robots(self, url: str) -> str | None:
        if self._robots is None:
            self._robots = self._read_robots()
        if self._robots.must_wait:
            return f"its robots.txt answers HTTP {self._robots.status}, so nothing is asked for now"
        return None if self._robots.allows(url) else "its robots.txt forbids this address"

    def _read_robots(self) -> Robots:
        kept = self._manners.robots(self._endpoint, KEPT)
        if kept is not None:
            return Robots(*kept)
        url, self._deadline = f"{self._endpoint}/robots.txt", time.monotonic() + DEADLINE
        entry: Entry = self._retrying(self._ask, url, PAGES, {}, datetime.now(UTC))
        for _ in range(HOPS):
            location = _redirect(entry)
            target = self._hop(url, location, set())[0] if location else None
            if target is None:
                break
            entry = self._retrying(self._ask, target, PAGES, {}, datetime.now(UTC))
        if isinstance(entry, Fault):
            # Whether the site can be reached at all the page itself will tell.
            return Robots(404, "")
        found = Robots(entry.page.status, text_of(entry.page))
        if not found.must_wait:
            self._manners.keep_robots(self._endpoint, found.status, found.text)
        return found


def text_of(page: Page) -> str:
    """A short text, such as a robots.txt; what cannot be decoded is no text."""
    try:
        return content(page, cap=500_000).body.decode("utf-8", "replace")
    except BodyError:
        return ""


def _fault(url: str, reason: str) -> Fault:
    """A fault as the archive keeps it: a redirect may have led to an address with a token in it."""
    return Fault(redacted(url), redacted(reason))


def _pause(seconds: float) -> None:
    sleep(seconds)


def _client() -> httpx.Client:
    try:
        return httpx.Client(
            headers={"User-Agent": user_agent(), "Accept-Encoding": "gzip", "Accept": "*/*"},
            timeout=TIMEOUT,
            follow_redirects=False,
        )
    except (httpx.InvalidURL, ImportError, ValueError, OSError) as error:
        message = f"no requests can be made with the proxy or certificate settings of the environment: {error}"
        raise UsageError(message) from error


def _read(answer: httpx.Response) -> bytes | str:
    """The body as sent, or why it was given up."""
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > WIRE_CAP:
            return f"the body is over the cap of {WIRE_CAP} bytes"
    return bytes(body)


def _worth_another_try(entry: Entry) -> bool:
    return isinstance(entry, Fault) or entry.page.status in RETRIED


def _last_result(state: tenacity.RetryCallState) -> Entry:
    if state.outcome is None:
        raise RuntimeError("tenacity gave up before the first try")
    result: Entry = state.outcome.result()
    return result


def _redirect(entry: Entry) -> str | None:
    if isinstance(entry, Fault) or entry.page.status not in {301, 302, 303, 307, 308}:
        return None
    return entry.page.header("location")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
