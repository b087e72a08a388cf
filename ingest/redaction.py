"""Secrets taken out of what is said: messages, logs, run reports, and the faults that the archive keeps."""

from __future__ import annotations

import os
import re
from typing import Final

_HIDDEN: Final = "***"
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # User and password of an address: a proxy's, or those of an endpoint mistyped.
        r"(?P<kept>[a-z][a-z0-9+.-]*://)[^\s/?#'\"]*(?=@)",
        # Signed addresses, to which sites redirect downloads, and tokens given in a query.
        r"(?P<kept>[?&;][\w.%-]*(?:token|key|secret|signature|sig|password|passwd|auth|credential)[\w.%-]*=)[^\s&;#'\"]+",
        r"(?P<kept>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}",
        # https://huggingface.co/docs/hub/security-tokens: user access tokens begin so; HF_ENDPOINT is none.
        r"(?P<kept>(?-i:\bhf_))[A-Za-z0-9]{8,}",
    )
)


def redacted(text: str) -> str:
    """The text without the value of HF_TOKEN, and without what looks like a password or token in an address.

    What is no Unicode (bytes of a command line or of a file's name) is written as escapes, so that it can be said.
    """
    text = text.encode("utf-8", "backslashreplace").decode()
    token = os.environ.get("HF_TOKEN", "").strip()
    if token:
        text = text.replace(token, _HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<kept>{_HIDDEN}", text)
    return text
