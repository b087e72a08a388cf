"""`SHA256SUMS`, the digests of an output's files, as `sha256sum --check SHA256SUMS` reads them.

The format is that of GNU coreutils: https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dailypapers.snapshots.store.reading import read_whole

CHECKSUMS: Final = "SHA256SUMS"

_LINE: Final = re.compile(r"([0-9a-f]{64})  ([!-~]+)")


def checksum_lines(digests: Mapping[str, str]) -> bytes:
    """The file, from the sha256 of each file by its name, which is relative and has no blank."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()


def read_checksums(folder: Path) -> dict[str, str]:
    """The sha256 of each file by its name; empty if there is no such file. Lines without a digest are left out."""
    try:
        text = read_whole(folder / CHECKSUMS).decode("utf-8", "replace")
    except FileNotFoundError:
        return {}
    matches = map(_LINE.fullmatch, text.splitlines())
    return {match[2]: match[1] for match in matches if match is not None}
