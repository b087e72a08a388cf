"""A parser's version is raised when its code changes: each version was recorded with digests of its code.

The digests are in `versions/ID.json`; `pytest --update-snapshots` records them.
"""

from __future__ import annotations

import ast
import json
from functools import cache
from hashlib import sha256
from importlib.util import resolve_name
from pathlib import Path
from typing import Any

import pytest

from dailypapers import parsers
from dailypapers.parsers.versions import MODULES, version
from tests.support.fixture_cases import UPDATE

ROOT = Path(str(parsers.__file__)).parent
RECORDS = Path(__file__).parent / "versions"
# The versions cannot be part of what they are compared with.
FILES = {
    ".".join(("dailypapers", "parsers", *path.relative_to(ROOT).with_suffix("").parts)): path
    for path in sorted(ROOT.rglob("*.py"))
    if path.name not in {"__init__.py", "versions.py"}
}
NO_CODE = {"ctx", "kind", "returns", "type_comment", "type_ignores", "type_params"}


def normalised(node: object) -> Any:
    """A syntax tree without what changes no outcome, the same from every Python."""
    if isinstance(node, list):
        return [normalised(child) for child in node if not is_prose(child)]
    if not isinstance(node, ast.AST):
        return repr(node)
    skipped = NO_CODE | {"annotation"} if isinstance(node, ast.arg) else NO_CODE
    return [type(node).__name__, *(normalised(value) for name, value in ast.iter_fields(node) if name not in skipped)]


def is_prose(node: object) -> bool:
    """Docstrings and descriptions, and imports from parsers, whose code has a digest of its own."""
    if isinstance(node, ast.ImportFrom):
        return bool(node.level) or str(node.module).startswith("dailypapers.parsers")
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.keyword) and node.arg == "description"


def digest(source: str) -> str:
    return sha256(json.dumps(normalised(ast.parse(source))).encode()).hexdigest()[:16]


@cache
def imported(module: str) -> frozenset[str]:
    """The modules of parsers that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(FILES[module].read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), module.rpartition(".")[0])
            found |= {source, *(f"{source}.{alias.name}" for alias in node.names)} & FILES.keys()
    return frozenset(found)


@cache
def digest_of(module: str) -> str:
    return digest(FILES[module].read_text("utf-8"))


def reachable(*modules: str) -> set[str]:
    """The modules, and all of parsers that they import, directly or not."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        if (module := waiting.pop()) not in found:
            found.add(module)
            waiting += imported(module)
    return found


def all_code(name: str) -> set[str]:
    """The modules that make something of a parser's pages."""
    return reachable(MODULES[name].path, *(["dailypapers.parsers.driver"] if MODULES[name].is_parser else []))


def own_code(name: str) -> set[str]:
    """The modules for which no other version than this one stands."""
    return all_code(name).difference(*map(all_code, MODULES[name].uses))


def record(name: str) -> dict[str, Any]:
    code = {module: digest_of(module) for module in sorted(own_code(name))}
    return {"version": version(name), "code": code}


def problem(name: str, old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """What to do about a record that is not up to date."""
    if old == new:
        return None
    how = f"record its digests: {UPDATE} tests/parsers/test_versions.py -k {name}"
    if not old or old["version"] != new["version"]:
        return f"version {new['version']} of {name} is not recorded; {how}"
    changed = [f"{module} ({new['code'].get(module, 'gone')})" for module in _unequal(old["code"], new["code"])]
    return (
        f"{name} is built of code that changed: {', '.join(changed)}. If a page can come out otherwise, raise the "
        f"version of {name}, {new['version']}, in parsers/versions.py; then {how}"
    )


def _unequal(old: dict[str, str], new: dict[str, str]) -> list[str]:
    return sorted(module for module in old | new if old.get(module) != new.get(module))


@pytest.mark.parametrize("name", MODULES)
def test_a_version_is_raised_with_its_code(name: str, update_snapshots: bool) -> None:
    path = RECORDS / f"{name}.json"
    if update_snapshots:
        path.write_text(json.dumps(record(name), indent=2) + "\n")
    assert problem(name, json.loads(path.read_text()) if path.exists() else {}, record(name)) is None


def test_every_record_is_of_a_version() -> None:
    assert {path.stem for path in RECORDS.iterdir()} == MODULES.keys()


@pytest.mark.parametrize("name", MODULES)
def test_the_table_names_the_versioned_modules_that_a_parser_is_built_on(name: str) -> None:
    """Otherwise a change in one of them would not rebuild the parser's days."""
    code = reachable(MODULES[name].path)
    assert {other for other in MODULES if MODULES[other].path in code} - {name} == set(MODULES[name].uses)


def test_every_module_has_a_version_that_stands_for_it() -> None:
    assert set().union(*map(own_code, MODULES)) == FILES.keys()


ARXIV = {"arxiv_abs", "arxiv_atom", "arxiv_list", "arxiv_oai", "arxiv_rss"}


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("dailypapers.parsers.text", {"arxiv_item", "hf_item", "hf_text"}),
        ("dailypapers.parsers.hf.claims", {"hf_api", "hf_cards"}),
        ("dailypapers.parsers.hf.cards", {"hf_cards"}),
        ("dailypapers.parsers.keys", {"arxiv_list", "hf_item", "hf_text"}),
        ("dailypapers.parsers.model", {"arxiv_item", "hf_item", "hf_text"}),
        ("dailypapers.parsers.driver", {*ARXIV, "hf_api", "hf_cards", "hf_paper", "hf_text"}),
    ],
)
def test_a_change_concerns_the_versions_that_stand_for_its_module(module: str, names: set[str]) -> None:
    ours = (name for name in MODULES if name.startswith(("hf_", "arxiv_")))
    assert {name for name in ours if module in own_code(name)} == names


def test_a_message_says_what_to_raise_and_to_record() -> None:
    old = record("hf_text")
    new = old | {"code": old["code"] | {"dailypapers.parsers.text": "0123456789abcdef"}}
    message = str(problem("hf_text", old, new))
    assert "built of code that changed: dailypapers.parsers.text (0123456789abcdef). " in message
    number = old["version"]
    said = f"raise the version of hf_text, {number}, in parsers/versions.py; then record its digests: pytest --up"
    assert said in message
    raised = problem("hf_text", old, new | {"version": number + 1})
    assert str(raised).startswith(f"version {number + 1} of hf_text is not recorded; record")
    assert str(problem("hf_text", {}, new)).startswith(f"version {number} of hf_text is not recorded; record")


CODE = """
from dailypapers.parsers.text import squeeze
def double(number: int) -> int:
    return number * 2  # twice
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", '"""A module."""'),
        ("  # twice", "\n\n"),
        ("(number: int) -> int:", '(number):\n    """Twice the number."""'),
        ("number * 2", "(\n        number\n        * 2\n    )"),
        ("from dailypapers.parsers.text", "from ..text"),
    ],
)
def test_prose_and_layout_are_no_change(old: str, new: str) -> None:
    assert digest(CODE.replace(old, new, 1)) == digest(CODE)


@pytest.mark.parametrize(("old", "new"), [("* 2", "* 3"), ("* 2", "+ 2"), ("", "import re"), ("number:", "*number:")])
def test_code_is_a_change(old: str, new: str) -> None:
    assert digest(CODE.replace(old, new, 1)) != digest(CODE)
