"""What is wrong with an execution."""

from __future__ import annotations

import re
import signal
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.fuzz.command.case import SECRET, Case
from tests.fuzz.command.damage import INCOMING
from tests.fuzz.command.execution import Execution

_STATUSES: Final = {0, 1, 2, 3, *(128 + number for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM))}
_PYTHON: Final = re.compile(
    r"Traceback \(most recent call last\)|Exception ignored in|^\S+\.py:\d+: \w*Warning", re.MULTILINE
)
_CORE: Final = SECRET.removeprefix("hf_")
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_ALLOWED: Final = "\n\t"


def problems(case: Case, execution: Execution) -> Iterator[str]:
    """A line for each thing that is wrong with how a command line ended."""
    last = execution.crash.strip().rpartition("\n")[2]
    ended_by_stop = case.stop is not None and execution.status == -case.stop[1]
    if execution.status is None or execution.status == -signal.SIGXCPU:
        yield f"no end: {execution.words}"
    elif execution.status not in _STATUSES and not ended_by_stop:
        yield f"exit {execution.status}: {last} {_place(execution.crash)}"
    for name, data in (("stdout", execution.out), ("stderr", execution.err)):
        text = data.decode("utf-8", "replace")
        if "--color" in execution.words:
            text = _COLOURS.sub("", text)
        found = _PYTHON.search(text)
        if found:
            yield f"{found[0]} on {name}: {text.strip().rpartition(chr(10))[2]}"
        if _CORE in text:
            yield f"a secret on {name}: {_line(text, _CORE)}"
        control = next(
            (letter for letter in text if unicodedata.category(letter) == "Cc" and letter not in _ALLOWED), None
        )
        # JSON escapes what RFC 8259 says, which leaves DEL and U+0080 to U+009F as they are.
        if control is not None and (control < " " or not text.startswith(("{", "["))):
            yield f"a control character on {name}: {_line(text, control)}"


def leaks(folder: Path) -> Iterator[str]:
    """A line for each file that has the secret; archives are as the site served them."""
    for path in sorted(folder.rglob("*")):
        if (
            path.is_file()
            and INCOMING not in path.parts
            and ".warc.gz" not in path.name
            and _CORE.encode() in path.read_bytes()
        ):
            yield f"a secret in a file like {re.sub('[0-9a-f]+', 'N', str(path.relative_to(folder)))!a}"


def _place(trace: str) -> str:
    frames = re.findall(r'File ".*/([^/]+/[^/]+)", line (\d+)', trace)
    return " ".join(f"{file}:{line}" for file, line in frames[-2:])


def _line(text: str, part: str) -> str:
    return ascii(next(line for line in text.split("\n") if part in line))[:300]
