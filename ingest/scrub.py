"""What must not stand in a fixture: tokens, cookies, mail and network addresses, ids of requests.

A secret is masked letter by letter (`x`, digits `0`), so that lengths, quotes and everything around it stay as served.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

KEPT_HEADERS: Final = frozenset(
    {
        "content-language",
        "content-type",
        "etag",
        "last-modified",
        "link",
        "location",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "x-total-count",
    }
)
"""Headers that say something of the page; all others (cookies, ids of requests, names of servers) are left out."""

_QUOTE: Final = rb"(?:\\?[\"']|&quot;|&#34;|&#39;)"
_SECRET_NAMES: Final = (
    rb"(?:x[-_]?)?(?:csrf|xsrf)(?:[-_]?token)?|(?:access|auth|api|id|refresh|session|secret|user)[-_]?(?:token|key)"
    rb"|authorization|cookie|nonce|password|secret|session(?:[-_]?id)?|(?:request|trace|correlation)[-_]?id"
    rb"|(?:client|user|remote)[-_]?(?:ip|addr(?:ess)?)|[\w-]{0,40}(?:api|private|public|search|secret)[-_]?key"
)
_NAMED: Final = re.compile(
    rb"(?i)(?<![\w-])(?:%s)%s?\s*[:=]\s*%s(?P<secret>[^\"'&<>\s\\]{4,})" % (_SECRET_NAMES, _QUOTE, _QUOTE)
)
_TAG: Final = re.compile(rb"(?i)<(?:meta|input)\s[^<>]{0,2000}>")
"""One with a name and a value beside it, in either order."""
_TAG_NAME: Final = re.compile(rb"(?i)\sname=[\"']?(?:%s)[\"'\s/>]" % _SECRET_NAMES)
_TAG_VALUE: Final = re.compile(rb"(?i)\s(?:content|value)=[\"']?(?P<secret>[^\"'<>\s]{4,})")
_IN_ADDRESS: Final = re.compile(
    rb"(?i)(?:[?&]|&amp;)(?:x-amz-(?:signature|credential|security-token)|signature|sig|key-pair-id|policy"
    rb"|(?:access_|auth_)?token|api_?key)=(?P<secret>[^&\"'<>\s\\]{4,})"
)
_TOKEN: Final = re.compile(
    rb"(?<![A-Za-z0-9])(?P<secret>hf_[A-Za-z0-9]{20,}|gh[opsur]_[A-Za-z0-9]{30,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}"
    rb"|sk-[A-Za-z0-9_-]{20,}|[prs]k_(?:live|test)_\w{10,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,})"
)
_BEARER: Final = re.compile(rb"(?i)\bbearer\s+(?P<secret>[\w.~+/-]{8,})")
_MAIL: Final = re.compile(
    rb"(?<![\w.+-])(?P<secret>[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?!(?:png|jpe?g|gif|svg|webp|avif)\b)"
    rb"[A-Za-z]{2,})"
)
_IPV4: Final = re.compile(rb"(?<![\w.])(?P<secret>\d{1,3}(?:\.\d{1,3}){3})(?![\w.]*\w)")
_IPV6: Final = re.compile(rb"(?<![\w:])(?P<secret>[0-9A-Fa-f:]{7,39})(?![\w:])")

_KINDS: Final[tuple[tuple[str, re.Pattern[bytes]], ...]] = (
    ("token", _TOKEN),
    ("token", _BEARER),
    ("named secret", _NAMED),
    ("signed address", _IN_ADDRESS),
    ("e-mail address", _MAIL),
    ("network address", _IPV4),
    ("network address", _IPV6),
)


def scrubbed(content: bytes) -> tuple[bytes, Counter[str]]:
    """The content with its secrets masked, and how many of each kind there were."""
    counts: Counter[str] = Counter()
    for kind, pattern in _KINDS:
        content = pattern.sub(_masking(kind, counts), content)
    return _TAG.sub(partial(_in_tag, counts), content), counts


def scrubbed_headers(
    headers: Iterable[tuple[str, str]],
) -> tuple[list[tuple[str, str]], list[str], Counter[str]]:
    """The headers that are kept, the names of those that are not, and what was masked in the former."""
    kept: list[tuple[str, str]] = []
    gone: list[str] = []
    counts: Counter[str] = Counter()
    for name, value in headers:
        if name.lower() not in KEPT_HEADERS:
            gone.append(name)
            continue
        masked, found = scrubbed(value.encode("latin-1", "replace"))
        kept.append((name, masked.decode("latin-1")))
        counts += found
    return kept, sorted(set(gone), key=str.lower), counts


def in_words(counts: Counter[str]) -> list[str]:
    """`2 e-mail addresses`, `1 token`."""
    plural = {kind: f"{kind}es" if kind.endswith("s") else f"{kind}s" for kind in counts}
    return [f"{count} {kind if count == 1 else plural[kind]}" for kind, count in counts.items()]


def _in_tag(counts: Counter[str], tag: re.Match[bytes]) -> bytes:
    return _TAG_VALUE.sub(_masking("named secret", counts), tag[0]) if _TAG_NAME.search(tag[0]) else tag[0]


def _masking(kind: str, counts: Counter[str]) -> Callable[[re.Match[bytes]], bytes]:
    def mask(found: re.Match[bytes]) -> bytes:
        secret = found["secret"]
        masked = re.sub(rb"[^\W\d_]", b"x", re.sub(rb"\d", b"0", secret))
        if masked == secret or (kind == "network address" and not _is_address(secret)):
            return found[0]
        counts[kind] += 1
        start, end = found.start("secret") - found.start(), found.end("secret") - found.start()
        return found[0][:start] + masked + found[0][end:]

    return mask


def _is_address(text: bytes) -> bool:
    """Whether it is an address of a machine; `::` alone, as between names of code, is none."""
    try:
        ipaddress.ip_address(text.decode("ascii"))
    except ValueError:
        return False
    return b"." in text or any(map(str.isdigit, text.decode("ascii")))
