"""Records of WARC files for tests, byte by byte: a WARC library would not write odd ones."""

from __future__ import annotations


def record(block: bytes, *lines: str, kind: str = "response") -> bytes:
    """A record with this block and these lines in its head."""
    head = ["WARC/1.0", f"WARC-Type: {kind}", "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>", *lines]
    return "\r\n".join([*head, f"Content-Length: {len(block)}", "", ""]).encode() + block + b"\r\n\r\n"
