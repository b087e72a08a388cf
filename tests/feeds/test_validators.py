"""The schemas of the tests refuse documents that break a rule of their format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.feeds.validators import JSON_FEED, atom_errors

ENTRY = (
    "<entry><id>urn:x:1</id><title>a</title><updated>2025-12-10T09:07:00Z</updated><content type='text'/>"
    "<link rel='related' href='b'/></entry>"
)
FEED = (
    "<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:x:0</id><title>a</title><author><name>b</name></author>"
    f"<updated>2025-12-10T09:07:00Z</updated>{ENTRY}</feed>"
)
BROKEN = {
    "no id": ("<id>urn:x:1</id>", ""),
    "relative id": ("urn:x:1", "1"),
    "two titles": ("<title>a</title>", "<title>a</title><title>b</title>"),
    "no time": ("<updated>2025-12-10T09:07:00Z</updated>", ""),
    "a day": ("2025-12-10T09:07:00Z", "2025-12-10"),
    "no zone": ("2025-12-10T09:07:00Z", "2025-12-10T09:07:00"),
    "no author": ("<author><name>b</name></author>", ""),
    "nobody": ("<name>b</name>", "<name></name>"),
    "nothing to read": ("<content type='text'/>", ""),
    "unknown element": ("<content type='text'/>", "<content type='text'/><description/>"),
    "a link to nowhere": ("href='b'", ""),
    "a link with a blank": ("href='b'", "href='b c'"),
    "an element in a text": ("<title>a</title>", "<title>a<b/></title>"),
}


def test_jing_refuses_each_broken_feed_and_no_other(tmp_path: Path) -> None:
    alternate = FEED.replace("<content type='text'/>", "").replace("related", "alternate")
    texts = {"whole": FEED, "alternate": alternate}
    texts |= {name: FEED.replace(old, new, 1) for name, (old, new) in BROKEN.items()}
    paths = {name: tmp_path / f"{name.replace(' ', '-')}.atom" for name in texts}
    for name, path in paths.items():
        path.write_text(texts[name])
    errors = atom_errors(paths.values())
    refused = {name for name, path in paths.items() if any(line.startswith(f"{path}:") for line in errors)}
    assert refused == BROKEN.keys()


@pytest.mark.parametrize(
    "change",
    [
        {"version": "https://jsonfeed.org/version/1"},
        {"items": None},
        {"author": {"name": "x"}},
        {"feed_url": "javascript:alert(1)"},
        {"items": [{"content_text": "x"}]},
        {"items": [{"id": "x", "title": "no content"}]},
        {"items": [{"id": "x", "content_text": "", "date_published": "2025-12-10"}]},
        {"items": [{"id": "x", "content_text": "", "day": "2025-12-10"}]},
        {"items": [{"id": 7, "content_text": ""}]},
    ],
)
def test_the_schema_of_json_feed_refuses(change: dict[str, Any]) -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [{"id": "x", "content_text": ""}]}
    assert JSON_FEED.is_valid(feed)
    assert not JSON_FEED.is_valid(feed | change)
