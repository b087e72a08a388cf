"""The only module that talks to the network: one synchronous client, one request at a time.

Bodies are read raw under a size cap and a deadline, so the archive holds what the site sent. Redirects are followed
by hand, hop by hop, within the site only.
"""

from __future__ import annotations

import os
import time
from datetime import datetime
from importlib.metadata import version
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import httpx
import tenacity

from parsers.model import Page

from .errors import UsageError
from .exchange import Fault, Served, served

WIRE_CAP: Final = 16 * 2**20
"""Bytes of a body on the wire: over a hundred times the largest answer seen (0.1 MB compressed)."""
DEADLINE: Final = 60.0
"""Seconds for the body of an answer, however slowly its bytes drip; each wait for bytes has a timeout of its own."""
TIMEOUT: Final = httpx.Timeout(20.0, connect=10.0)
HOPS: Final = 5
TRIES: Final = 4
RETRIED: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
PROJECT: Final = "https://github.com/dailypapers/dailypapers"


def user_agent() -> str:
    """Name, version, the project's address, and whom to ask: `DAILYPAPERS_CONTACT` (a mail address or URL)."""
    contact = os.environ.get("DAILYPAPERS_CONTACT")
    if contact is not None and not (contact.isascii() and contact.isprintable()):
        raise UsageError(f"DAILYPAPERS_CONTACT is {contact!r}; a header takes printable ASCII only")
    return f"dailypapers/{version('dailypapers')} (+{PROJECT}{f'; {contact}' if contact else ''})"


def _pause(seconds: float) -> None:
    time.sleep(seconds)


class Fetcher:
    """Asks one site. Use it as a context manager, so that its connection is closed."""

    def __init__(self, endpoint: str) -> None:
        """`endpoint` is the origin to ask."""
        self._endpoint = endpoint
        try:
            self._client = httpx.Client(
                headers={"User-Agent": user_agent(), "Accept-Encoding": "gzip", "Accept": "*/*"},
                timeout=TIMEOUT,
                follow_redirects=False,
            )
        except (httpx.InvalidURL, ImportError, ValueError, OSError) as error:
            message = f"no requests can be made with the proxy or certificate settings of the environment: {error}"
            raise UsageError(message) from error
        self._retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(TRIES) | tenacity.stop_after_delay(DEADLINE),
            wait=tenacity.wait_exponential_jitter(multiplier=0.5, max=8.0),
            retry=tenacity.retry_if_result(_worth_another_try),
            retry_error_callback=_last_result,
            sleep=_pause,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, at: datetime) -> list[Served | Fault]:
        """Ask for a path of the site: the redirects on the way, then the answer or the fault, the last of its tries.

        `at` is the time of the fetch, with which all its pages are stamped.
        """
        entries: list[Served | Fault] = []
        url = self._endpoint + path
        asked: set[str] = set()
        while True:
            asked.add(url)
            entry: Served | Fault = self._retrying(self._once, url, at)
            entries.append(entry)
            location = _redirect(entry)
            if location is None:
                return entries
            try:
                target = urljoin(url, location)
                refused = self._refuse_hop(target, asked)
            except ValueError as error:
                refused = f"redirected to {location!r}, which is no address ({error})"
            if refused is not None:
                return [*entries, Fault(url, f"{url}: {refused}")]
            url = target

    def pause(self, seconds: float) -> None:
        """Wait before the site is asked again."""
        _pause(seconds)

    def _refuse_hop(self, target: str, asked: set[str]) -> str | None:
        if _origin(target) != _origin(self._endpoint):
            return f"redirected off the site, to {target}"
        if target in asked:
            return f"redirected in a circle, to {target}"
        if len(asked) > HOPS:
            return f"redirected more than {HOPS} times"
        return None

    def _once(self, url: str, at: datetime) -> Served | Fault:
        deadline = time.monotonic() + DEADLINE
        try:
            with self._client.stream("GET", url) as answer:
                body = _read(answer, deadline)
        except httpx.TimeoutException as error:
            return Fault(url, f"{url}: no answer in time ({type(error).__name__})")
        except (httpx.TransportError, httpx.InvalidURL) as error:
            return Fault(url, f"{url}: {str(error) or type(error).__name__}")
        if isinstance(body, str):
            return Fault(url, f"{url}: {body}")
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)
        return served(Page(url, answer.status_code, headers, body, at))


def _read(answer: httpx.Response, deadline: float) -> bytes | str:
    """The body as sent, or why it was given up."""
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > WIRE_CAP:
            return f"the body is over the cap of {WIRE_CAP} bytes"
        if time.monotonic() > deadline:
            return f"the body did not end within {DEADLINE:.0f} s"
    return bytes(body)


def _worth_another_try(entry: Served | Fault) -> bool:
    return isinstance(entry, Fault) or entry.page.status in RETRIED


def _last_result(state: tenacity.RetryCallState) -> Served | Fault:
    if state.outcome is None:
        raise RuntimeError("tenacity gave up before the first try")
    result: Served | Fault = state.outcome.result()
    return result


def _redirect(entry: Served | Fault) -> str | None:
    if isinstance(entry, Fault) or entry.page.status not in {301, 302, 303, 307, 308}:
        return None
    return entry.page.header("location")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
