"""A judge that finds what it is there to find; a sample of the kills is in tests/mirror/test_push.py."""

import json

from tests.support.killed_push import unbacked


def test_a_certificate_without_its_archive_is_found() -> None:
    certificate = json.dumps({"fetches": [{"file": "a.warc.gz"}, {"file": "b.warc.gz"}]}).encode()
    objects = {
        "snapshots/hf-search/words-01234567/2025/2025-12-10.day.json": certificate,
        "pages/hf-search/words-01234567/2025/2025-12-10/a.warc.gz": b"",
    }
    assert unbacked(objects) == ["pages/hf-search/words-01234567/2025/2025-12-10/b.warc.gz"]
