"""Every output of two stores is, to the byte, what it was: what a change of the code changes, it changes on purpose.

`pytest --update-snapshots tests/golden` writes golden.json anew. With DAILYPAPERS_GOLDEN_OUT=DIR the outputs themselves
are written to DIR/STORE/GROUP/NAME, so that those of two versions can be compared with `diff -r`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from .outputs import Named, groups, helps
from .stores import Golden, by_chance, of_the_demo, surroundings

EXPECTED = Path(__file__).with_name("golden.json")
SORTED = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
STORES: dict[str, Callable[[Path], Golden]] = {"demo": of_the_demo, "chance": by_chance}


@pytest.mark.parametrize("name", STORES)
def test_every_output_is_as_it_was(name: str, tmp_path: Path, update_snapshots: bool) -> None:
    with surroundings(tmp_path):
        golden = STORES[name](tmp_path)
        found = groups(golden, search=name == "demo")
        if name == "demo":
            found["help"] = dict(helps(golden))
    if folder := os.environ.get("DAILYPAPERS_GOLDEN_OUT"):
        _keep(Path(folder) / name, found)
    hashed = {group: {file: _digest(data) for file, data in files.items()} for group, files in found.items()}
    whole: dict[str, Any] = orjson.loads(EXPECTED.read_bytes()) if EXPECTED.exists() else {}
    if update_snapshots:
        EXPECTED.write_bytes(orjson.dumps(whole | {name: hashed}, option=SORTED) + b"\n")
    elif differing := _differing(whole.get(name, {}), hashed):
        listed = "\n".join(differing)
        pytest.fail(f"{len(differing)} outputs differ; DAILYPAPERS_GOLDEN_OUT=DIR keeps them\n{listed}", pytrace=False)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _differing(old: dict[str, dict[str, str]], new: dict[str, dict[str, str]]) -> list[str]:
    """The outputs that are other ones, new or gone: `GROUP: NAME`."""
    names = sorted({(group, name) for side in (old, new) for group, files in side.items() for name in files})
    pairs = [(each, old.get(each[0], {}).get(each[1]), new.get(each[0], {}).get(each[1])) for each in names]
    word = {True: " (new)", False: ""}
    return [
        f"{group}: {name}" + (" (gone)" if after is None else word[before is None])
        for (group, name), before, after in pairs
        if before != after
    ]


def _keep(folder: Path, found: dict[str, Named]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for group, files in found.items():
        for name, data in files.items():
            path = folder / group / "/".join(_file_name(part) for part in name.split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _file_name(part: str) -> str:
    """The name, safe in any folder; a long one is cut, and told apart by a digest."""
    safe = quote(part, safe=" -_.,=:@") or "%"
    return safe if len(safe) <= 120 else f"{safe[:100]}-{_digest(part.encode())}"
