"""The paper site: invented or captured listings behind a real HTTP server on loopback, with a clock of its
own.

    with PaperSite(seed=1, sizes={date(2025, 12, 8): 130}) as site:
        httpx.get(f"{site.url}/api/daily_papers?date=2025-12-08")

Nothing depends on the machine's clock: `site.now` decides what today is, the `Date` header and which dates are in
the future. It can be set at any time, like `site.switches`.
"""

import base64
import gzip
import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from email.utils import format_datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol, Self

from tests.papersite.answers import Answer, Request, Served, Switch
from tests.papersite.captures import Captures
from tests.papersite.days import Scripted
from tests.papersite.eras import era_of
from tests.papersite.hub import Hub
from tests.papersite.rate import Meter
from tests.papersite.script import Script, Still
from tests.papersite.server import Listener

NOON = datetime(2025, 12, 19, 12, tzinfo=UTC)
SMALLEST_ZIPPED = 1024


class Content(Protocol):
    """The content of a site; an answer depends only on its request, including its time."""

    def answer(self, request: Request) -> Answer: ...

    def papers(self, day: date, now: datetime) -> list[dict[str, Any]]: ...


class PaperSite:
    """A site that is up inside a `with` block, at `url`.

    seed, sizes: the papers, and their number per day (or for every day); or a `script` for both.
    era: 2024 or 2026 (page and fields of that time), or a date for the fields of that day.
    captures: a folder of real answers to serve instead of invented ones.
    switches: `(request, answer) -> answer`, applied in order to every answer; see `switches`.
    etag, chunked: send an ETag and honour If-None-Match; send bodies in chunks instead of with a Content-Length.
    meter: the rate limits; `Meter(timer=time.monotonic)` counts and refuses.
    remembered: how many finished pages are cached in memory.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        sizes: Mapping[date, int] | int | None = None,
        script: Script | None = None,
        era: int | date = 2026,
        captures: Path | None = None,
        now: datetime = NOON,
        port: int = 0,
        switches: Iterable[Switch] = (),
        etag: bool = False,
        chunked: bool = False,
        meter: Meter | None = None,
        remembered: int = 128,
    ) -> None:
        self.content: Content
        if captures is None:
            shown = era_of(era)
            self.content = Hub(Scripted(script or Still(seed, sizes), shown), shown, remembered)
        else:
            self.content = Captures(captures, remembered)
        self.now = now
        self.switches: list[Switch] = list(switches)
        self.log: list[Served] = []
        self.etag, self.chunked, self.meter = etag, chunked, meter or Meter()
        self._port = port
        self._listener: Listener | None = None
        self._zip = lru_cache(maxsize=remembered)(partial(gzip.compress, compresslevel=1, mtime=0))

    @property
    def now(self) -> datetime:
        return self._now

    @now.setter
    def now(self, instant: datetime) -> None:
        if instant.tzinfo is None:
            raise ValueError(f"{instant}: the site's clock needs a time with a zone")
        self._now = instant.astimezone(UTC)

    @property
    def url(self) -> str:
        if self._listener is None:
            raise RuntimeError("the site is not up: use `with PaperSite(...) as site:`")
        return self._listener.url

    def papers(self, day: date) -> list[dict[str, Any]]:
        """What the listing of that day shows at `now`, over all pages of the API."""
        return self.content.papers(day, self.now)

    def __enter__(self) -> Self:
        self._listener = Listener(self, self._port)
        return self

    def __exit__(self, *_: object) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Close open connections and refuse new ones; afterwards the site is back on its port."""
        if self._listener is None:
            raise RuntimeError("only a site that is up can refuse connections: use it within its `with`")
        with self._listener.refusing():
            yield

    def answer(self, request: Request) -> Answer:
        """The page without faults, before switches and headers; subclasses may override it."""
        answer = self.content.answer(request if request.at else replace(request, at=self.now))
        answer.again = self.answer
        return answer

    def serve(self, request: Request) -> Answer:
        """Handle a request: the answer, the switches, the headers, the log."""
        now, ticks = self.now, time.monotonic()
        request = replace(request, at=now)
        limits, refusal = self.meter.charge(request)
        answer = refusal or self.answer(request)
        for switch in tuple(self.switches):
            answer = switch(request, answer)
        for name, value in [("Date", format_datetime(now, usegmt=True)), *limits]:
            answer.default(name, value)
        answer = self._zipped(request, self._tagged(request, answer))
        for change in answer.last:
            change(answer)
        line = Served(request.method, request.target, answer.status, request.headers, now, ticks, answer.fault)
        self.log.append(line)
        return answer

    def _tagged(self, request: Request, answer: Answer) -> Answer:
        if not self.etag or answer.status != 200:
            return answer
        digest = base64.urlsafe_b64encode(hashlib.sha1(answer.body).digest()).decode().rstrip("=")
        answer.default("ETag", f'W/"{len(answer.body):x}-{digest}"')
        if request.header("If-None-Match") == answer.header("ETag"):
            answer.status, answer.body = 304, b""
        return answer

    def _zipped(self, request: Request, answer: Answer) -> Answer:
        """gzip if the request accepts it; the same body gives the same bytes."""
        wanted = "gzip" in (request.header("Accept-Encoding") or "")
        if wanted and len(answer.body) >= SMALLEST_ZIPPED and answer.header("Content-Encoding") is None:
            answer.body = self._zip(answer.body)
            answer.set("Content-Encoding", "gzip")
        answer.default("Vary", "Accept-Encoding")
        return answer
