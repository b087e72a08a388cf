"""`make test-all`: runs the tests on every Python that is installed and new enough, each in its own environment.

`python -m tests.interpreters --list` prints the interpreters, `--other` the newest one that is not the one running.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

OLDEST = (3, 11)
# pip is installed into each environment, so both modules are needed; some distributions package them separately.
PROBE = "import ensurepip, sys, venv; print(*sys.version_info[:3])"


class Interpreter(NamedTuple):
    """A Python that is installed; they are ordered by version."""

    version: tuple[int, ...]
    path: Path

    @property
    def minor(self) -> str:
        """Such as `3.13`."""
        return ".".join(map(str, self.version[:2]))


def installed(folders: list[Path]) -> list[Interpreter]:
    """The interpreters in the folders, oldest first: of each minor version the newest one."""
    programs = [path for folder in folders for path in sorted(folder.glob("python3.[1-9][0-9]"))]
    found = sorted(interpreter for path in programs if (interpreter := _probe(path)))
    return list({interpreter.minor: interpreter for interpreter in found}.values())


def search_path() -> Iterator[Path]:
    """The folders of PATH, and those of the versions that pyenv has."""
    yield from (Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from pyenv.glob("versions/*/bin")


def main() -> int:
    options = _options().parse_args()
    interpreters = installed(list(search_path()))
    if options.list or options.other:
        others = [each for each in interpreters if each.version[:2] != sys.version_info[:2]]
        for interpreter in others[-1:] if options.other else interpreters:
            print(interpreter.minor, interpreter.path)
        return 0
    failed = [each for each in interpreters if not _passes(each, options.tests)]
    for interpreter in interpreters:
        print(f"Python {interpreter.minor}: {'failed' if interpreter in failed else 'passed'}  ({interpreter.path})")
    return 1 if failed else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.interpreters", description=__doc__)
    parser.add_argument("--list", action="store_true", help="print the interpreters and run nothing")
    parser.add_argument("--other", action="store_true", help="print the newest interpreter that is not this one")
    parser.add_argument("--tests", default="", metavar="ARGUMENTS", help="for pytest; default: all tests")
    return parser


def _probe(path: Path) -> Interpreter | None:
    """The interpreter behind a path; None if it does not run (such as a shim of pyenv) or is too old."""
    try:
        result = subprocess.run([path, "-c", PROBE], capture_output=True, text=True, check=False)
    except OSError:
        return None
    version = tuple(map(int, result.stdout.split()))
    return Interpreter(version, path) if result.returncode == 0 and version >= OLDEST else None


def _passes(interpreter: Interpreter, tests: str) -> bool:
    print(f"Python {interpreter.minor}: {interpreter.path}", flush=True)
    variables = [f"VENV=.venv-{interpreter.minor}", f"PYTHON={interpreter.path}", f"TESTS={tests}"]
    return subprocess.run(["make", "test", *variables], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
