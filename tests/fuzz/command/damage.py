"""Random files for `import` and `parse`, and random damage to a store and its state."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

from dailypapers.ingest.archive.content_encoding import members
from dailypapers.snapshots.certificate import is_intact, sha256
from tests.fuzz.command.mutation import mutated, mutated_json, odd_text
from tests.fuzz.command.template import Template

INCOMING: Final = "incoming"
_NAMES: Final = (
    b"papers_date_2025-12-10.html",
    b"daily_papers-2025-12-10.json",
    b"2025-12-10.html",
    b"page.json",
    b"\x1b]0;x\x07.html",
    b"caf\xe9.json",
    b"line\nbreak.html",
    b"\xc2\x9b31m.json",
    b"a" * 200 + b".html",
    b"--store",
    b"x.warc.gz",
    b"x.warc",
    b"x.har",
    b"x.jsonl.gz",
)
_CHECKSUM: Final = b',\n  "checksum": "'


def write_incoming(rng: Random, template: Template, folder: Path) -> None:
    """Files as somebody may have saved them, some of them broken."""
    incoming = folder / INCOMING
    incoming.mkdir()
    archives = sorted(template.folder.glob("store/**/*.warc.gz"))
    for _ in range(rng.randint(1, 3)):
        path = os.fsencode(incoming) + b"/" + rng.choice(_NAMES)
        content = _archive(rng, rng.choice(archives)) if b"warc" in path or rng.random() < 0.3 else _page(rng, template)
        with open(path, "wb") as file:  # noqa: PTH123 - a name that is not Unicode
            file.write(gzip.compress(content, mtime=0) if path.endswith(b".gz") and b"warc" not in path else content)
    match rng.randrange(15):
        case 0:
            os.mkfifo(incoming / "pipe.warc.gz")
        case 1:
            (incoming / "loop").symlink_to(incoming)
        case 2:
            (incoming / "loop.html").symlink_to("loop.html")


def _page(rng: Random, template: Template) -> bytes:
    page = rng.choice(template.pages)
    match rng.randrange(4):
        case 0:
            return page
        case 1:
            return mutated(rng, page)
        case 2:
            return gzip.compress(mutated(rng, page), mtime=0)
        case _:
            return mutated_json(rng, page)


def _archive(rng: Random, path: Path) -> bytes:
    records = [record for _, record in members("", path.read_bytes(), 2**26)]
    match rng.randrange(5):
        case 0:
            return mutated(rng, path.read_bytes())
        case 1:
            return mutated(rng, b"".join(records))
        case 2:
            rng.shuffle(records)
        case _:
            place = rng.randrange(len(records))
            head, gap, block = records[place].partition(b"\r\n\r\n")
            records[place] = _head(rng, head) + gap + block
    return b"".join(gzip.compress(record, 1, mtime=0) for record in records)


def _head(rng: Random, head: bytes) -> bytes:
    lines = head.split(b"\r\n")
    place = rng.randrange(len(lines))
    name = lines[place].partition(b":")[0]
    odd = odd_text(rng).encode("utf-8", "surrogatepass")
    lines[place : place + 1] = rng.choice(([], [name + b": " + odd], [lines[place]] * 2, [mutated(rng, lines[place])]))
    return b"\r\n".join(lines)


def damage(rng: Random, folder: Path) -> None:
    """Change up to three files below `store` and `state`: cut, changed, emptied, removed, or of another kind."""
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        files = sorted(path for part in ("store", "state") for path in (folder / part).rglob("*") if path.is_file())
        if files:
            _damage_one(rng, rng.choice(_kinds(rng, files)))


def _kinds(rng: Random, files: Sequence[Path]) -> Sequence[Path]:
    """The files of one kind, so that kinds with few files are changed as often as those with many."""
    suffix = rng.choice(sorted({"".join(path.suffixes) for path in files}))
    return [path for path in files if "".join(path.suffixes) == suffix]


def _damage_one(rng: Random, path: Path) -> None:
    content = path.read_bytes()
    match rng.randrange(8):
        case 0:
            path.write_bytes(content[: rng.randrange(len(content) + 1)])
        case 1:
            path.write_bytes(mutated(rng, content))
        case 2:
            path.unlink()
            rng.choice((path.mkdir, lambda: path.symlink_to(path.name), lambda: path.symlink_to("missing")))()
        case 3:
            path.unlink()
        case 4:
            names = ("2025-13-99.json", "x.json", "\x1b[31m.jsonl", "20251210T000000Z-00000000.warc.gz")
            copy = path.with_name(rng.choice(names))
            if copy != path and not copy.is_dir():  # an earlier change made it
                shutil.copyfile(path, copy)
        case _:
            path.write_bytes(_mutated_lines(rng, content) if path.suffix == ".jsonl" else _resealed(rng, content))


def _mutated_lines(rng: Random, content: bytes) -> bytes:
    lines = content.splitlines() or [b"{}"]
    place = rng.randrange(len(lines))
    lines[place] = mutated_json(rng, lines[place])
    return b"\n".join(lines) + b"\n"


def _resealed(rng: Random, content: bytes) -> bytes:
    """Changed JSON; a certificate gets a new checksum, or nothing behind the checksum would be tested."""
    changed = mutated_json(rng, content)
    if not is_intact(content):
        return changed
    entries = json.loads(changed)
    if not isinstance(entries, dict):
        return changed
    entries.pop("checksum", None)
    before = json.dumps(entries, indent=2).encode().removesuffix(b"\n}")
    return before + _CHECKSUM + sha256(before).encode() + b'"\n}\n'
