"""The Dockerfile without an engine: its steps run in a folder that stands for the image, its command as its user in a
mount namespace whose root is read-only.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
USER: Final = "10001"
MAX_LENGTH: Final = 900
"""Seconds that anything here may take on a machine that has other things to do."""
FOLDERS: Final = re.compile(r"(?<![\w.])/(?=(?:src|wheels|build|opt/dailypapers|store|state|etc/dailypapers)\b)")
"""Where a path of the image begins."""

ENTER: Final = """
set -e
mount --bind "$ROOT" "$ROOT"
mount --bind "$PREFIX" "$ROOT/python"
mount --bind "$PACKAGES" "$ROOT/packages"
"""
"""The interpreter and the packages of the tests, where every user of the image can reach them."""

SEAL: Final = """
mount --bind "$ROOT/store" "$ROOT/store"
mount --bind "$ROOT/state" "$ROOT/state"
mount -o remount,bind,ro "$ROOT"
mount -o remount,bind,ro /
cd "$ROOT/etc/dailypapers"
exec setpriv --reuid "$USER" --regid "$USER" --clear-groups --no-new-privs "$@"
"""


def can_be_apart() -> bool:
    """Whether a mount namespace can be made here: that takes Linux, root, and a container that allows it."""
    if shutil.which("unshare") is None or shutil.which("setpriv") is None:
        return False
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


def instructions() -> Iterator[tuple[str, str]]:
    """The Dockerfile: each instruction and its words."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line:
            name, _, rest = line.partition(" ")
            yield name, rest


@dataclass
class Image:
    """What the steps made: a folder that is its root, and what the image says of itself."""

    root: Path
    packages: bool
    """Whether the packages of the tests are lent to it; else it has its own."""
    said: dict[str, str] = field(default_factory=dict)

    def build(self, change: Callable[[str], str | None]) -> None:
        """Run all steps; `change` gives each RUN as it is to be run, or nothing."""
        for folder in ("python", "packages", "bin"):
            (self.root / folder).mkdir()
        self._lend("python", "")
        self._lend("pip", "-m pip")
        here = self.root
        for name, rest in instructions():
            if name == "WORKDIR":
                here = Path(self.inside(rest))
                here.mkdir(parents=True, exist_ok=True)
            elif name == "COPY" and not rest.startswith("--from=build"):
                self._copy(here, *shlex.split(rest))
            elif name == "RUN":
                self._run(here, change(rest))
            else:
                self.said[name] = rest

    def inside(self, text: str) -> str:
        """Paths of the image as they are here."""
        return FOLDERS.sub(f"{self.root}/", text)

    def _lend(self, name: str, words: str) -> None:
        python = f"{self.root}/python/bin/python{sysconfig.get_python_version()}"
        (self.root / "bin" / name).write_text(f'#!/bin/sh\nexec {python} {words} "$@"\n')
        (self.root / "bin" / name).chmod(0o755)

    def _copy(self, here: Path, *words: str) -> None:
        *sources, target = words
        for source in sources:
            if (ROOT / source).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, here / target, symlinks=True, ignore=ignored)
            else:
                shutil.copy(ROOT / source, here / target)

    def _run(self, here: Path, command: str | None) -> None:
        if command is None:
            return
        environment = {
            **self._environment(),
            "PATH": f"{self.root}/bin:{os.environ['PATH']}",
            "PIP_ROOT_USER_ACTION": "ignore",
        }
        words = ["unshare", "--mount", "sh", "-c", f"{ENTER}cd {here}\n{self.inside(command)}"]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"

    def _environment(self) -> dict[str, str]:
        packages = {"PYTHONPATH": f"{self.root}/packages"} if self.packages else {}
        return {
            "ROOT": str(self.root),
            "PREFIX": sys.base_prefix,
            "PACKAGES": sysconfig.get_path("purelib"),
            "USER": USER,
            "LD_LIBRARY_PATH": f"{self.root}/python/lib",
            **packages,
        }

    @property
    def entrypoint(self) -> list[str]:
        """The program, and the words that come where none are given."""
        words: list[str] = json.loads(self.said["ENTRYPOINT"])
        return words

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Start the image with these words after its ENTRYPOINT; with none, with its CMD."""
        said = dict(word.split("=", 1) for word in shlex.split(self.inside(self.said["ENV"])))
        said["PATH"] = said["PATH"].replace("$PATH", os.environ["PATH"])
        called = [*self.entrypoint, *(words or json.loads(self.said["CMD"]))]
        return subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", ENTER + SEAL, "sh", *called],
            env={**self._environment(), **said, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, **environment: str) -> tuple[int, str, str]:
        """Run it to its end: exit status, output, errors."""
        process = self.start(*words, **environment)
        output, errors = process.communicate(timeout=MAX_LENGTH)
        return process.returncode, output, errors
