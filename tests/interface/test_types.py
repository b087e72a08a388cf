"""What mypy and a reader of annotations see of the public packages."""

from __future__ import annotations

import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from dailypapers import snapshots
from tests.interface import program

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def complaints(source: Path, folder: Path, cache: Path) -> list[tuple[int, str]]:
    """The lines and codes of what `mypy --strict` finds in a program that lies outside of the project."""
    copy = folder / "user.py"
    copy.write_bytes(source.read_bytes())
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={cache}", copy.name]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert result.returncode < 2, result.stdout + result.stderr
    found = re.findall(r"^user\.py:(\d+): error: .*\[([a-z-]+)\]$", result.stdout, re.MULTILINE)
    return [(int(number), code) for number, code in found]


def test_mypy_accepts_the_program_and_finds_each_mistake(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    # Kept between runs: without it mypy reads the packages and pydantic again each time.
    cache = request.config.cache.mkdir("mypy")
    assert complaints(Path(program.__file__), tmp_path, cache) == []
    source = HERE / "mistakes.txt"
    marks = [line.partition("  # ")[2] for line in source.read_text().splitlines()]
    assert complaints(source, tmp_path, cache) == [(n, mark) for n, mark in enumerate(marks, 1) if mark]


def test_every_package_is_marked_as_typed() -> None:
    for package in ("dailypapers", "ingest", "parsers", "snapshots"):
        assert (ROOT / package / "py.typed").is_file()


def public_modules() -> Iterator[ModuleType]:
    """The modules whose signatures a user may build upon."""
    names = [module.name for module in pkgutil.walk_packages(snapshots.__path__, "snapshots.")]
    for name in ("dailypapers.errors", "dailypapers.store", "dailypapers.parsers.model", *names):
        yield import_module(name)


def signatures(module: ModuleType) -> Iterator[tuple[str, str]]:
    """The annotations of the public functions, methods, fields and constants of a module, as they are written."""
    for name, annotation in inspect.get_annotations(module).items():
        yield name, str(annotation)
    for name, value in vars(module).items():
        if getattr(value, "__module__", None) == module.__name__ and not name.startswith("_"):
            yield from _annotations(name, value)


def _annotations(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, property):
        value = value.fget
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    if not callable(value):
        return
    for argument, annotation in getattr(value, "__annotations__", {}).items():
        if not argument.startswith("_"):
            yield f"{name}.{argument}", str(annotation)
    if isinstance(value, type):
        for member, inner in vars(value).items():
            if not member.startswith("_") or member in {"__init__", "__call__", "__iter__"}:
                yield from _annotations(f"{name}.{member}", inner)


@pytest.mark.parametrize("module", list(public_modules()), ids=lambda module: module.__name__)
def test_no_public_signature_holds_any(module: ModuleType) -> None:
    found = [f"{name}: {text}" for name, text in signatures(module) if re.search(r"\bAny\b", text)]
    assert found == []
