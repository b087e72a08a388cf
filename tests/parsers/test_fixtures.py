"""One test for every folder tests/fixtures/<source>/<case>/.

A case is a page as served (`page.html`, `page.json`), what is known of it (`meta.json`), and what parsing it gives:
`expected.jsonl` (the records), `rejects.jsonl` (if there are any), `claims.json` (what the page says of itself). A
page that is no listing has none of these, but the `error` of its meta.json. `pytest --update-snapshots` writes the
expectations, and fails.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dailypapers.ingest.fixtures.capture import MAX_BYTES
from dailypapers.parsers import ParseError
from dailypapers.parsers.driver import names
from tests.support.fixture_cases import CASES, FIXTURES, check, meta_of, parsed, rewrite, strays


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
    assert {meta_of(case)["parser"] for case in CASES} == set(names())


def test_nothing_else_lies_among_the_fixtures() -> None:
    assert strays(FIXTURES) == []


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A copy of one case, to be spoilt."""
    copied = tmp_path / "hf-daily" / "api-stray-day"
    copied.mkdir(parents=True)
    for path in (FIXTURES / "hf-daily" / "api-stray-day").iterdir():
        (copied / path.name).write_bytes(path.read_bytes())
    return copied


def edit(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def reseal(case: Path, *gone: str, **changes: Any) -> None:
    """Change what meta.json says; `gone` are keys that go."""
    meta = json.loads((case / "meta.json").read_bytes()) | changes
    (case / "meta.json").write_text(json.dumps({name: value for name, value in meta.items() if name not in gone}))


def test_a_missing_expectation_fails(case: Path) -> None:
    (case / "expected.jsonl").unlink()
    with pytest.raises(AssertionError, match=r"no expected.jsonl; pytest --update-snapshots"):
        check(case)


@pytest.mark.parametrize("name", ["rejects.jsonl", "notes.txt"])
def test_an_unused_file_fails(case: Path, name: str) -> None:
    (case / name).write_bytes(b"{}\n")
    with pytest.raises(AssertionError, match=f"nothing uses {name}"):
        check(case)


def test_a_difference_is_shown_as_that_field_old_and_new(case: Path) -> None:
    edit(case / "expected.jsonl", b'"upvotes":29', b'"upvotes":30')
    with pytest.raises(AssertionError) as raised:
        check(case)
    said = str(raised.value).splitlines()
    assert [line.partition(": ")[2] for line in said if "->" in line] == ["upvotes: 30 -> 29"]


def test_a_long_value_is_shown_where_it_differs(case: Path) -> None:
    (first, *_) = (json.loads(line) for line in (case / "expected.jsonl").read_bytes().splitlines())
    words = first["abstract"].split()
    edit(case / "expected.jsonl", words[-1].encode(), b"otherwise")
    with pytest.raises(AssertionError) as raised:
        check(case)
    (line,) = (line for line in str(raised.value).splitlines() if "abstract" in line and first["key"] in line)
    assert len(line) < 250
    assert ("otherwise" in line, words[-1] in line) == (True, True)


def test_a_lost_line_is_shown(case: Path) -> None:
    lines = (case / "expected.jsonl").read_bytes().splitlines(keepends=True)
    (case / "expected.jsonl").write_bytes(b"".join(lines[:-1]))
    with pytest.raises(AssertionError, match=r"expected.jsonl: gained arxiv:"):
        check(case)


def test_another_order_is_a_difference(case: Path) -> None:
    lines = (case / "expected.jsonl").read_bytes().splitlines(keepends=True)
    (case / "expected.jsonl").write_bytes(b"".join(reversed(lines)))
    with pytest.raises(AssertionError, match=r"expected.jsonl: the same in other words or another order"):
        check(case)


@pytest.mark.parametrize("name", ["expected.jsonl", "claims.json", "page.json"])
def test_a_file_edited_by_hand_fails_though_it_gives_the_same(case: Path, name: str) -> None:
    with (case / name).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(AssertionError, match=f"{name} was edited by hand"):
        check(case)


def test_an_edited_page_is_not_taken_over_unless_its_digest_is_deleted(case: Path) -> None:
    edit(case / "page.json", b'"upvotes":29', b'"upvotes":31')
    with pytest.raises(AssertionError, match=r"delete its digest in meta.json"):
        rewrite(case)
    reseal(case, "sha256")
    rewrite(case)
    check(case)
    assert b'"upvotes":31' in (case / "expected.jsonl").read_bytes()


def test_a_case_written_by_hand_gets_its_expectations_and_digests(case: Path) -> None:
    meta = json.loads((case / "meta.json").read_bytes())
    for name in ("expected.jsonl", "claims.json"):
        (case / name).unlink()
    reseal(case, "sha256", "cut", "scrubbed")
    with pytest.raises(AssertionError, match=r"wants the keys url, .*sha256"):
        check(case)
    rewrite(case)
    check(case)
    assert json.loads((case / "meta.json").read_bytes()) == meta


def test_a_digest_of_a_file_that_is_gone_fails(case: Path) -> None:
    meta = json.loads((case / "meta.json").read_bytes())
    reseal(case, sha256=meta["sha256"] | {"rejects.jsonl": "0" * 64})
    with pytest.raises(AssertionError, match=r"rejects.jsonl is named in meta.json and not there"):
        check(case)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("notes.txt", "no source is called so"),
        ("hf-nothing/a-case/meta.json", "no source is called so"),
        ("hf-daily/notes.txt", "a case is a folder with meta.json"),
        ("hf-daily/no-meta/page.json", "a case is a folder with meta.json"),
        ("hf-daily/api-stray-day/more/page.json", "nothing uses a folder in a case"),
        ("hf-daily/api-stray-day/page.json", "200000 bytes or more; cut it to some items"),
    ],
)
def test_what_is_of_no_use_or_too_large_fails(case: Path, name: str, said: str) -> None:
    root = case.parent.parent
    assert strays(root) == []
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(b" " * MAX_BYTES)
    assert any(said in stray for stray in strays(root))


def test_rewriting_makes_it_fit_again(case: Path) -> None:
    (case / "expected.jsonl").write_bytes(b"")
    rewrite(case)
    check(case)


def test_updating_fails_the_run_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_bytes((Path(__file__).parents[1] / "conftest.py").read_bytes())
    (tmp_path / "test_it.py").write_text("def test_passes(update_snapshots): assert update_snapshots\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--update-snapshots", "test_it.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 passed" in run.stdout
    assert "written: look at the diff (git diff) and run again" in run.stdout
