"""The Makefile takes no Python that is too old, and `make test-all` finds all that are new enough."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interpreters import Interpreter, installed

ROOT = Path(__file__).parent.parent


def program(path: Path, version: str) -> Path:
    """A program that answers like the Python of that version."""
    numbers = version.split(".")
    old = int(int(numbers[1]) < 11)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "#!/bin/sh\ncase $2 in\n"
        f"*ensurepip*) echo {' '.join(numbers)} ;;\n*version_info*) exit {old} ;;\n*) echo Python {version} ;;\nesac\n"
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the Makefile, and with a Python 3.10 in it."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).touch()
    program(tmp_path / "python3.10", "3.10.13")
    return tmp_path


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a shell: where make runs the tests, its variables are in the environment."""
    outer = {"MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "PYTHON", "TESTS", "VENV"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    command = ["make", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_python_that_is_too_old_is_refused_before_anything_is_installed(folder: Path) -> None:
    result = make(folder, "test", "PYTHON=./python3.10")
    assert result.returncode != 0
    assert "Python 3.11 or newer is needed, and ./python3.10 is Python 3.10.13" in result.stderr
    assert "make test PYTHON=python3.13" in result.stderr
    assert not (folder / ".venv").exists()


@pytest.mark.parametrize("python", ["3.10.13", None])
def test_an_environment_of_an_old_or_removed_python_is_made_again(folder: Path, python: str | None) -> None:
    venv = folder / ".venv"
    venv.mkdir()
    (venv / "pyvenv.cfg").touch()
    (venv / ".installed").touch()
    if python:
        program(venv / "bin" / "python", python)
    result = make(folder, "--dry-run", "test", f"PYTHON={sys.executable}")
    assert f"{sys.executable} -m venv --clear .venv" in result.stdout
    assert not venv.exists()


def test_a_good_environment_and_a_folder_that_is_none_are_left_alone(folder: Path) -> None:
    program(folder / ".venv" / "bin" / "python", "3.13.0")
    (folder / ".venv" / "pyvenv.cfg").touch()
    (folder / ".venv" / ".installed").touch()
    assert "-m venv" not in make(folder, "--dry-run", "test").stdout
    (folder / "mine").mkdir()
    make(folder, "--dry-run", "test", "VENV=mine")
    assert (folder / "mine").exists()


def test_the_newest_of_each_minor_version_is_found(tmp_path: Path) -> None:
    for place, version in {"a": "3.11.7", "b": "3.11.10", "c": "3.13.0", "d": "3.10.13"}.items():
        program(tmp_path / place / f"python{version.rpartition('.')[0]}", version)
    shim = program(tmp_path / "e" / "python3.14", "3.14.0")
    shim.write_text("#!/bin/sh\nexit 127\n")
    assert installed([tmp_path / place for place in "edcba"]) == [
        Interpreter((3, 11, 10), tmp_path / "b" / "python3.11"),
        Interpreter((3, 13, 0), tmp_path / "c" / "python3.13"),
    ]
