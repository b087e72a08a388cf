"""One test for every folder tests/fixtures/<source>/<case>/.

A case is a page as served (`page.html`, `page.json`), what is known of it (`meta.json`), and what parsing it gives:
`expected.jsonl` (the records), `rejects.jsonl` (if there are any), `claims.json` (what the page says of itself). A
page that is no listing has none of these, but the `error` of its meta.json. `pytest --update-snapshots` writes the
expectations, and fails.
"""

import json
import subprocess
import sys
from dataclasses import asdict
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from parsers import Page, Parsed, ParseError, parse
from parsers.driver import PARSERS
from parsers.model import line, reject_line

FIXTURES = Path(__file__).parent / "fixtures"
CASES = sorted(path.parent for path in FIXTURES.glob("*/*/meta.json"))
META = {"url", "status", "headers", "fetched_at", "parser", "day", "synthetic", "note"}
MOST_BYTES = 200_000


def meta_of(case: Path) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads((case / "meta.json").read_text("utf-8"))
    assert META <= meta.keys() <= META | {"error"}, f"{case}/meta.json: wants the keys {sorted(META)}"
    return meta


def page_of(case: Path) -> Page:
    meta = meta_of(case)
    bodies = list(case.glob("page.*"))
    assert len(bodies) == 1, f"{case}: holds {len(bodies)} files page.*, expected 1"
    headers = tuple((name, value) for name, value in meta["headers"])
    fetched = datetime.fromisoformat(meta["fetched_at"]) if meta["fetched_at"] else None
    return Page(meta["url"], meta["status"], headers, bodies[0].read_bytes(), fetched)


def parsed(case: Path) -> Parsed:
    meta = meta_of(case)
    day = date.fromisoformat(meta["day"]) if meta["day"] else None
    return parse(page_of(case), meta["parser"], source=case.parent.name, day=day)


def outcome(case: Path) -> dict[str, bytes]:
    """The expectation files of a case, by name."""
    if "error" in meta_of(case):
        return {}
    found = parsed(case)
    says = {"reading": found.reading, "items": found.items, "unknown": found.unknown, **asdict(found.claims)}
    files = {
        "expected.jsonl": b"".join(line(paper) + b"\n" for paper in found.papers),
        "claims.json": (json.dumps(says, indent=2, default=str) + "\n").encode(),
    }
    rejects = b"".join(reject_line(reject) + b"\n" for reject in found.rejects)
    return files | {"rejects.jsonl": rejects} if rejects else files


def check(case: Path) -> None:
    """Compare a case with its expectations; raises AssertionError that says what differs."""
    expected = outcome(case)
    there = {path.name for path in case.iterdir() if path.name != "meta.json" and not path.name.startswith("page.")}
    assert not expected.keys() - there, f"{case.name}: no {sorted(expected.keys() - there)}; --update-snapshots"
    assert not there - expected.keys(), f"{case.name}: nothing uses {sorted(there - expected.keys())}"
    changes = [change for name in sorted(expected) for change in differences(case / name, expected[name])]
    assert not changes, f"{case.name}:\n" + "\n".join(changes)


def differences(path: Path, new: bytes) -> list[str]:
    """`file:line: field: old -> new` for each field that differs."""
    old = path.read_bytes()
    if path.suffix == ".json":
        return fields_differ(path.name, json.loads(old), json.loads(new))
    pairs = zip_longest(old.splitlines(), new.splitlines(), fillvalue=b"null")
    return [
        change
        for number, (was, now) in enumerate(pairs, 1)
        for change in fields_differ(f"{path.name}:{number}", json.loads(was) or {}, json.loads(now) or {})
    ]


def fields_differ(where: str, was: dict[str, Any], now: dict[str, Any]) -> list[str]:
    names = [*was, *(name for name in now if name not in was)]
    return [
        f"{where}: {name}: {was.get(name, '(absent)')!r} -> {now.get(name, '(absent)')!r}"
        for name in names
        if name not in was or name not in now or was[name] != now[name]
    ]


def rewrite(case: Path) -> None:
    files = outcome(case)
    for name in ("expected.jsonl", "rejects.jsonl", "claims.json"):
        if name in files:
            (case / name).write_bytes(files[name])
        else:
            (case / name).unlink(missing_ok=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_fixture(case: Path, update_snapshots: bool) -> None:
    if update_snapshots:
        rewrite(case)
    if error := meta_of(case).get("error"):
        with pytest.raises(ParseError) as raised:
            parsed(case)
        assert error in str(raised.value)
    check(case)


def test_every_parser_has_a_fixture() -> None:
    assert {meta_of(case)["parser"] for case in CASES} == set(PARSERS)


def test_fixtures_are_small_and_folders_are_cases() -> None:
    assert sorted(path for path in FIXTURES.glob("*/*") if path.is_dir()) == CASES
    assert [path for path in FIXTURES.rglob("page.*") if path.stat().st_size >= MOST_BYTES] == []


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A copy of one case, to be spoilt."""
    copied = tmp_path / "hf-daily" / "api-stray-day"
    copied.mkdir(parents=True)
    for path in (FIXTURES / "hf-daily" / "api-stray-day").iterdir():
        (copied / path.name).write_bytes(path.read_bytes())
    return copied


def test_a_missing_expectation_fails(case: Path) -> None:
    (case / "expected.jsonl").unlink()
    with pytest.raises(AssertionError, match=r"no \['expected.jsonl'\]; --update-snapshots"):
        check(case)


def test_an_unused_file_fails(case: Path) -> None:
    (case / "rejects.jsonl").write_bytes(b"{}\n")
    with pytest.raises(AssertionError, match=r"nothing uses \['rejects.jsonl'\]"):
        check(case)


def test_a_difference_is_shown_as_field_old_and_new(case: Path) -> None:
    changed = (case / "expected.jsonl").read_bytes().replace(b'"upvotes":29', b'"upvotes":30')
    (case / "expected.jsonl").write_bytes(changed)
    with pytest.raises(AssertionError, match=r"expected\.jsonl:1: upvotes: 30 -> 29"):
        check(case)


def test_a_lost_line_is_shown(case: Path) -> None:
    lines = (case / "expected.jsonl").read_bytes().splitlines(keepends=True)
    (case / "expected.jsonl").write_bytes(b"".join(lines[:-1]))
    with pytest.raises(AssertionError, match=r"expected.jsonl:3: key: '\(absent\)' -> 'arxiv:"):
        check(case)


def test_rewriting_makes_it_fit_again(case: Path) -> None:
    (case / "expected.jsonl").write_bytes(b"")
    rewrite(case)
    check(case)


def test_updating_fails_the_run_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_bytes((Path(__file__).parent / "conftest.py").read_bytes())
    (tmp_path / "test_it.py").write_text("def test_passes(update_snapshots): assert update_snapshots\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--update-snapshots", "test_it.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 passed" in run.stdout
    assert "review `git diff tests/fixtures`" in run.stdout
