"""The origin that requests go to."""

from __future__ import annotations

from urllib.parse import urlsplit

from dailypapers.ingest.errors import UsageError


def check_endpoint(endpoint: str, name: str = "HF_ENDPOINT") -> str:
    """The origin in its normal form. Raises UsageError, naming the setting (`name`), if it is not an HTTP origin."""
    try:
        parts = urlsplit(endpoint)
        encoded = (parts.hostname or "").encode("idna")
        usable = parts.scheme in {"http", "https"} and bool(encoded) and parts.port != 0
        usable = usable and endpoint.rstrip("/") == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"{name} is {endpoint!r}; it must read like https://huggingface.co")
    # One form per site, so that it has one budget.
    default = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
