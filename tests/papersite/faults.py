"""All faults by name, and random mixtures of them: `site.switches.append(FAULTS["reset-body"]("/api/"))`.

Each has numbers that keep a test fast; for other numbers call its function in `faults_wire`, `faults_body`,
`faults_answers`, `switches` or `wrong_answers`. They combine with `when`, `times`, `during` and
`for_seconds`. The site's log has the fault of each answer. `with site.refusing():` refuses all connections.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from random import Random
from typing import Final

from tests.papersite import faults_answers as answers
from tests.papersite import faults_body as body
from tests.papersite import faults_wire as wire
from tests.papersite.answers import Answer, Request, Switch
from tests.papersite.switches import Where, challenge, redirect, when
from tests.papersite.wrong_answers import stale

Fault = Callable[[Where], Switch]

LONG: Final = str(10**12)  # a Retry-After of 30,000 years
STORMS: Final = (500, 502, 503, 504)

_WIRE: dict[str, Fault] = {
    "refused": wire.refused,
    "reset-before": partial(wire.reset, place="before"),
    "reset-headers": partial(wire.reset, place="headers"),
    "reset-body": partial(wire.reset, place="body"),
    "reset-after": partial(wire.reset, place="after"),
    "truncated": wire.truncated,
    "chunks-cut": wire.cut_chunks,
    "chunks-without-end": partial(wire.cut_chunks, kept=1),
    "chunks-bad": wire.bad_chunk,
    "drip-headers": partial(wire.drip_headers, interval=0.01, length=20),
    "drip-body": partial(wire.drip_body, interval=0.01, length=20),
    "slow": wire.slow,
    "silent": partial(wire.silent, seconds=0.2),
    "garbage": wire.garbage,
    "http-1.0": wire.http_1_0,
}
_BODY: dict[str, Fault] = {
    "length-short": body.short_length,
    "charset-utf-16": partial(body.charset, body="utf-16"),
    "charset-utf-16-said": partial(body.charset, body="utf-16", label="utf-16"),
    "charset-latin-1": partial(body.charset, body="latin-1"),
    "charset-latin-1-said": partial(body.charset, label="iso-8859-1"),
    "charset-unknown": partial(body.charset, label="x-klingon"),
    "charset-bom": partial(body.charset, body="utf-8-sig"),
    "gzip-cut": body.gzip_cut,
    "gzip-cut-at-end": partial(body.gzip_cut, kept=1),
    "gzip-garbage": body.gzip_garbage,
    "gzip-garbage-inside": partial(body.gzip_garbage, kept=0.5),
    "gzip-checksum": body.gzip_checksum,
    "gzip-trailing": body.gzip_trailing,
    "coding-gzip-but-plain": body.mislabelled,
    "coding-br-but-plain": partial(body.mislabelled, coding="br"),
    "coding-unknown": partial(body.mislabelled, coding="x-rot13"),
    "bomb-gzip": body.bomb,
    "bomb-deflate": partial(body.bomb, coding="deflate"),
    "bomb-nested": partial(body.bomb, coding="nested"),
    "bomb-hidden": partial(body.bomb, coding="hidden"),
    "type-wrong": partial(body.content_type, kind="application/octet-stream"),
    "type-missing": partial(body.content_type, kind=None),
    "swapped": body.swapped,
    "swapped-relabelled": partial(body.swapped, relabelled=True),
}
_REFUSALS: dict[str, Fault] = {
    **{f"{status}": partial(answers.failing, status=status) for status in STORMS},
    **{f"{status}-retry-after": partial(answers.failing, status=status, retry_after="1") for status in STORMS},
    "429": partial(answers.failing, status=429),
    "429-seconds": partial(answers.failing, status=429, retry_after="1"),
    "429-date": partial(answers.failing, status=429, retry_after=answers.in_seconds(1)),
    "429-past-date": partial(answers.failing, status=429, retry_after=answers.in_seconds(-86400)),
    "429-negative": partial(answers.failing, status=429, retry_after="-5"),
    "429-long": partial(answers.failing, status=429, retry_after=LONG),
    "429-text": partial(answers.failing, status=429, retry_after="soon"),
    "429-empty": partial(answers.failing, status=429, retry_after=""),
    "quota-low": partial(answers.low, seconds=1),
    "quota-used-up": answers.quota,
    "captcha": challenge,
}
_REDIRECTS: dict[str, Fault] = {
    "redirect-loop": answers.loop,
    "redirect-chain": answers.chain,
    "redirect-endless": partial(answers.chain, hops=None),
    "redirect-without-location": answers.redirect_without_location,
    **{f"redirect-{name.replace(' ', '-')}": partial(redirect, to=to) for name, to in answers.ASTRAY.items()},
}
_HEADERS: dict[str, Fault] = {
    "204": answers.bodiless,
    "304": partial(answers.bodiless, status=304),
    "header-huge": answers.huge_header,
    "headers-many": answers.many_headers,
    "header-split": answers.split_header,
    "headers-bare-lf": answers.bare_lf,
    "two-types": partial(answers.headers, added=[("Content-Type", "text/plain")]),
    "two-lengths-equal": answers.second_length,
    "two-lengths-unequal": partial(answers.second_length, more=10),
    "two-codings": answers.second_coding,
    "length-and-chunks": answers.length_and_chunks,
    "old-age": partial(answers.aged, dated=False),
    "old-date": partial(answers.aged, age=False),
    "old-body": partial(stale, hours=24),
    "old-answer": answers.old,
}


def _named(name: str, fault: Fault) -> Fault:
    """The fault, which also writes its name to the log."""

    def make(where: Where) -> Switch:
        switch = fault(lambda _: True)

        def marked(request: Request, answer: Answer) -> Answer:
            before = answer.fault
            answer = switch(request, answer)
            answer.fault = f"{before}+{name}" if before else name
            return answer

        return when(where, marked)

    return make


FAULTS: Final[dict[str, Fault]] = {
    name: _named(name, fault) for name, fault in (_WIRE | _BODY | _REFUSALS | _REDIRECTS | _HEADERS).items()
}

LASTING: Final = frozenset({"429-long"})
"""After one of these a polite client sends no requests for a day."""

HARMLESS: Final = frozenset(
    {"reset-after", "slow", "http-1.0", "type-missing", "quota-low", "redirect-chain"}
    | {"headers-bare-lf", "two-lengths-equal", "old-age", "old-date"}
)
"""With these the complete, correct text arrives, and there is nothing to retry."""


def mixture(seed: int, share: float = 0.3, where: Where = "/", faults: Mapping[str, Fault] | None = None) -> Switch:
    """A share of the requests gets a fault; by default any fault except the lasting ones.

    Which one depends only on the seed, the target, and how often it was requested: a retry gets another fault, and the
    order of requests from several processes does not matter.
    """
    chosen = faults or {name: fault for name, fault in FAULTS.items() if name not in LASTING}
    names = sorted(chosen)
    switches = {name: chosen[name](lambda _: True) for name in names}
    asked: dict[str, count[int]] = {}

    def mixed(request: Request, answer: Answer) -> Answer:
        number = next(asked.setdefault(request.target, count()))
        chance = Random(f"mixture/{seed}/{request.target}/{number}")
        if chance.random() >= share:
            return answer
        return switches[chance.choice(names)](request, answer)

    return when(where, mixed)


def for_seconds(seconds: float, where: Where, switch: Switch, timer: Callable[[], float] = time.monotonic) -> Switch:
    """The switch for some seconds of real time, starting with the first matching request."""
    began: list[float] = []

    def timed(request: Request, answer: Answer) -> Answer:
        began.append(timer())
        return switch(request, answer) if began[-1] - began[0] < seconds else answer

    return when(where, timed)
