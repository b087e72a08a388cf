"""The shim: built with `cc`, activated through ctypes in a process started with it, its log read back."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")


class Mode(IntEnum):
    """What happens at the chosen call."""

    COUNT = 0
    KILL = 1
    HALF = 2
    FAIL = 3


@dataclass(frozen=True)
class Call:
    """A call that changes files, as logged by the shim; kind `p` is printed output."""

    kind: str
    result: int
    offset: int
    path: str
    other: str
    data: bytes


def missing() -> str | None:
    """The reason why the shim cannot be used on this machine."""
    if os.uname().sysname != "Linux":
        return "the shim needs Linux"
    if shutil.which("cc") is None:
        return "there is no C compiler (cc)"
    tried = subprocess.run(["cc", "-E", "-xc", "-include", "stdlib.h", "/dev/null"], capture_output=True, check=False)
    return "the C compiler has no headers" if tried.returncode else None


def built(folder: Path) -> Path:
    """Build the shim as a library in that folder."""
    library = folder / "shim.so"
    command = ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", f"{library}", f"{SOURCE}"]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return library


def arm(below: Path, number: int, mode: Mode, error: int, log: Path | None) -> None:
    """Activate it in this process, which must have been started with it."""
    name = None if log is None else os.fsencode(log)
    ctypes.CDLL(None).shim_arm(os.fsencode(below), ctypes.c_long(number), int(mode), error, name)


def calls(log: Path) -> Iterator[Call]:
    """The log, in order."""
    with log.open("rb") as file:
        for head in file:
            kind, result, offset, first, second, size = head.split()
            path, other = os.fsdecode(file.read(int(first))), os.fsdecode(file.read(int(second)))
            yield Call(kind.decode(), int(result), int(offset), path, other, file.read(int(size)))
