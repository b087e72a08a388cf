"""The cases of tests/fixtures: what a page gives, what is expected, and how the two differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dailypapers.ingest.fixtures.capture import MAX_BYTES, META, digest, meta_bytes
from dailypapers.ingest.sources.registry import READABLE
from dailypapers.parsers import Page, Parsed, parse
from dailypapers.parsers.model import line, reject_line
from dailypapers.snapshots.day_diff import compare_days, leaves

FIXTURES = Path(__file__).parents[1] / "fixtures"
CASES = sorted(path.parent for path in FIXTURES.glob("*/*/meta.json"))
EXPECTATIONS = ("expected.jsonl", "rejects.jsonl", "claims.json")
UPDATE = "pytest --update-snapshots"


def meta_of(case: Path) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads((case / "meta.json").read_text("utf-8"))
    assert set(META) - {"error"} <= meta.keys() <= set(META), f"{case}/meta.json: wants the keys {', '.join(META)}"
    return meta


def page_path(case: Path) -> Path:
    bodies = list(case.glob("page.*"))
    assert len(bodies) == 1, f"{case}: holds {len(bodies)} files page.*, expected 1"
    return bodies[0]


def page_of(case: Path) -> Page:
    meta = json.loads((case / "meta.json").read_text("utf-8"))
    headers = tuple((name, value) for name, value in meta["headers"])
    fetched = datetime.fromisoformat(meta["fetched_at"]) if meta["fetched_at"] else None
    return Page(meta["url"], meta["status"], headers, page_path(case).read_bytes(), fetched)


def parsed(case: Path) -> Parsed:
    meta = json.loads((case / "meta.json").read_text("utf-8"))
    day = date.fromisoformat(meta["day"]) if meta["day"] else None
    return parse(page_of(case), meta["parser"], source=case.parent.name, day=day)


def outcome(case: Path) -> dict[str, bytes]:
    """The expectation files of a case, by name; a page that is not a listing has none."""
    if "error" in json.loads((case / "meta.json").read_text("utf-8")):
        return {}
    found = parsed(case)
    says = {"reading": found.reading, "items": found.items, "unknown": found.unknown, **asdict(found.claims)}
    files = {
        "expected.jsonl": b"".join(line(paper) + b"\n" for paper in found.papers),
        "claims.json": (json.dumps(says, indent=2, default=str) + "\n").encode(),
    }
    rejects = b"".join(reject_line(reject) + b"\n" for reject in found.rejects)
    return files | {"rejects.jsonl": rejects} if rejects else files


def rewrite(case: Path) -> None:
    """Write the expectations of a case and the digests of all its files; refuses an edited page."""
    meta = {"cut": None, "scrubbed": [], "sha256": {}} | json.loads((case / "meta.json").read_text("utf-8"))
    page = page_path(case)
    sealed = meta["sha256"].get(page.name)
    assert sealed in {None, digest(page.read_bytes())}, _edited(case, page.name)
    files = outcome(case)
    for name in EXPECTATIONS:
        if name in files:
            (case / name).write_bytes(files[name])
        else:
            (case / name).unlink(missing_ok=True)
    digests = {page.name: digest(page.read_bytes())} | {name: digest(content) for name, content in files.items()}
    (case / "meta.json").write_bytes(meta_bytes(meta | {"sha256": dict(sorted(digests.items()))}))


def check(case: Path) -> None:
    """Raise AssertionError that lists the differences field by field."""
    trouble = [*_seals(case), *_unlike(case)]
    assert not trouble, "\n".join([f"{case.parent.name}/{case.name}:", *trouble])


def strays(root: Path) -> list[str]:
    """Files below the folder of fixtures that nothing uses, and files that are too large."""
    found = [f"{path}: no source is called so" for path in root.iterdir() if path.name not in READABLE]
    found += [f"{path}: a case is a folder with meta.json" for path in root.glob("*/*") if not _is_case(path)]
    found += [f"{path}: nothing uses a folder in a case" for path in root.glob("*/*/*") if path.is_dir()]
    large = (path for path in root.glob("*/*/*") if path.is_file() and path.stat().st_size >= MAX_BYTES)
    return found + [f"{path}: {MAX_BYTES} bytes or more; cut it to some items" for path in large]


def _is_case(path: Path) -> bool:
    return (path / "meta.json").is_file()


def _seals(case: Path) -> Iterator[str]:
    sealed, files = meta_of(case)["sha256"], {path.name: path for path in case.iterdir() if path.is_file()}
    del files["meta.json"]
    yield from (f"{name} is named in meta.json and not there" for name in sorted(sealed.keys() - files.keys()))
    for name, path in sorted(files.items()):
        if name in sealed and sealed[name] != digest(path.read_bytes()):
            yield _edited(case, name)
        elif name not in sealed and (name in EXPECTATIONS or name.startswith("page.")):
            yield f"{name} has no digest in meta.json; {UPDATE} writes it"


def _edited(case: Path, name: str) -> str:
    how = f"{UPDATE} writes it anew"
    if name.startswith("page."):
        how = "take it as served, or, where its papers are invented, delete its digest in meta.json and let " + how
    return f"{case.parent.name}/{case.name}/{name} was edited by hand: it is not what meta.json names; {how}"


def _unlike(case: Path) -> Iterator[str]:
    expected = outcome(case)
    there = {path.name for path in case.iterdir() if path.name != "meta.json" and not path.name.startswith("page.")}
    yield from (f"no {name}; {UPDATE} writes it" for name in sorted(expected.keys() - there))
    yield from (f"nothing uses {name}" for name in sorted(there - expected.keys()))
    for name in sorted(expected.keys() & there):
        old = (case / name).read_bytes()
        if old != expected[name]:
            changes = list(_differences(name, old, expected[name]))
            yield from changes or [f"{name}: the same in other words or another order"]


def _differences(name: str, old: bytes, new: bytes) -> Iterator[str]:
    """One line for each field that differs."""
    match name:
        case "expected.jsonl":
            yield from _papers(name, old, new)
        case "rejects.jsonl":
            was, now = ({row["position"]: row for row in map(json.loads, text.splitlines())} for text in (old, new))
            for place in sorted(was | now):
                yield from (f"{name} {place}: {leaf}" for leaf in leaves(was.get(place), now.get(place)))
        case _:
            yield from (f"{name}: {leaf}" for leaf in leaves(json.loads(old), json.loads(new)))


def _papers(name: str, old: bytes, new: bytes) -> Iterator[str]:
    found = compare_days(old, new)
    for changes in found.fields.values():
        for change in changes.values():
            yield from (f"{name} {example.key}: {example.leaf}" for example in change.examples)
            if change.records > len(change.examples):
                yield f"{name}: and {change.records - len(change.examples)} more records in the same field"
    yield from (f"{name}: lost {key} {title!r}" for key, title in found.lost)
    yield from (f"{name}: gained {key} {title!r}" for key, title in found.gained)
