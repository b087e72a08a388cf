"""How the tests of the paper site send requests and read answers."""

import html
import json
import re
import ssl
from datetime import date
from typing import Any

import httpx

from tests.papersite.site import PaperSite

BUSY, MONDAY, SATURDAY = date(2025, 12, 8), date(2025, 12, 15), date(2025, 12, 13)
BLOB = re.compile(r'data-target="DailyPapers" data-props="([^"]*)"')
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # made once: httpx would load all CA certificates for each request


def get(site: PaperSite, target: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(site.url + target, headers=named, verify=TLS, trust_env=False, timeout=120)


def blob(page: httpx.Response) -> dict[str, Any]:
    found = BLOB.findall(page.text)
    assert len(found) == 1
    props: dict[str, Any] = json.loads(html.unescape(found[0]))
    return props


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["paper"]["id"] for item in items]
