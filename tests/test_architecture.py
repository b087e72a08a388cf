"""The shape of the code: who may import whom, what a surface offers, and what no file may hold."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeGuard

import pytest

import ingest
import parsers
import snapshots
from parsers.driver import names
from parsers.versions import USES, VERSIONS

ROOT = Path(__file__).parent.parent
PACKAGES = ("dailypapers", "ingest", "parsers", "snapshots")
NETWORK = {"httpx", "tenacity", "socket", "urllib.request", "http.client", "requests", "ssl"}


def modules(package: str) -> Iterator[tuple[str, Path]]:
    """Every module of a package by its dotted name."""
    for path in sorted((ROOT / package).rglob("*.py")):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def imports(name: str, path: Path) -> set[str]:
    """The dotted names that a module imports, wherever in it."""
    found: set[str] = set()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            found |= {source} | {f"{source}.{alias.name}" for alias in node.names}
    return found


ALL = [(name, path) for package in PACKAGES for name, path in modules(package)]


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name for name, _ in ALL])
def test_imports_run_one_way(name: str, path: Path) -> None:
    used = imports(name, path)
    ours = {one for one in used if one.split(".")[0] in PACKAGES}
    if name in {"parsers.model", "parsers.versions"}:
        assert ours == set()
    elif name.startswith("parsers"):
        assert all(one.startswith("parsers") for one in ours)
    elif name.startswith("snapshots"):
        assert all(
            one.startswith(("snapshots", "parsers.model", "parsers.versions")) or one == "parsers" for one in ours
        )
    if name != "ingest.fetch.client":
        assert not {one for one in used if one in NETWORK or one.split(".")[0] in NETWORK}


@pytest.mark.parametrize(("name", "path"), [one for one in ALL if one[0].startswith("parsers")])
def test_parsers_touch_no_file_no_clock_and_no_environment(name: str, path: Path) -> None:
    assert not imports(name, path) & {"os", "pathlib", "time", "io", "sys", "subprocess", "random", "tempfile"}
    calls = {node.func.attr for node in ast.walk(ast.parse(path.read_text())) if _is_method_call(node)}
    assert not calls & {"now", "today", "utcnow", "open", "read_bytes", "read_text"}
    names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    assert not names & {"open", "print", "input"}


def _is_method_call(node: ast.AST) -> TypeGuard[Any]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def test_fetch_is_the_one_place_of_the_network() -> None:
    assert {"httpx", "tenacity"} <= imports("ingest.fetch.client", ROOT / "ingest" / "fetch.py")


@pytest.mark.parametrize("package", [parsers, snapshots])
def test_a_surface_offers_what_it_names(package: ModuleType) -> None:
    assert len(package.__all__) > 5
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        package.nothing  # noqa: B018


@pytest.mark.parametrize("parser", names())
def test_a_parser_names_the_modules_whose_versions_count(parser: str) -> None:
    """Else a change of what they make of a page would leave its days as they are."""
    used = {name.removeprefix("parsers.") for name in imports(f"parsers.{parser}", ROOT / "parsers" / f"{parser}.py")}
    assert used & VERSIONS.keys() == set(USES.get(parser, ()))


def test_every_module_can_be_imported_alone() -> None:
    for package in (parsers, snapshots, ingest):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


def test_no_file_is_called_what_says_nothing() -> None:
    for _, path in ALL:
        assert path.stem not in {"utils", "helpers", "manager", "common", "misc"}


def test_only_the_commands_print() -> None:
    for name, path in ALL:
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        printing = [call for call in calls if isinstance(call, ast.Name) and call.id == "print"]
        echoing = [call for call in calls if isinstance(call, ast.Attribute) and call.attr == "echo"]
        assert not printing, name
        assert not echoing or name.startswith(("ingest.commands", "dailypapers.cli.main", "dailypapers.cli.options")), (
            name
        )


def test_lock_files_name_no_index() -> None:
    locks = [ROOT / "requirements.lock", *(ROOT / "tests").glob("*.lock")]
    assert len(locks) == 4
    for lock in locks:
        text = lock.read_text()
        assert "://" not in text
        assert "index" not in text


def test_no_file_is_large() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    sizes = {name: (ROOT / name).stat().st_size for name in listed.splitlines() if (ROOT / name).is_file()}
    assert {name for name, size in sizes.items() if size > 200_000} == set()
