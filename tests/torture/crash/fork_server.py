"""A process that has imported everything and runs with the shim: it forks a child for each command line.

python -m tests.torture.crash.fork_server      one order per line of stdin (JSON), one answer per line of stdout
"""

import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

import certifi

from dailypapers import ingest, parsers, snapshots
from dailypapers.cli.main import main
from tests.torture.crash import scheduler_state
from tests.torture.crash.shim import Mode, arm

ROOT = Path(__file__).parents[3]
HEAVY = (
    "encodings.idna",
    "httpcore",
    "rich.progress",
    "protego",
    "dailypapers.export.commands",
    "dailypapers.feeds.commands",
    "dailypapers.digest.send",
    "dailypapers.digest.subscribe",
    "dailypapers.site.commands",
    "dailypapers.digest.sender",
    "dailypapers.digest.signup",
    "dailypapers.feeds.folder",
    "dailypapers.site.build",
    "dailypapers.site.search",
    "dailypapers.export.export",
)

PATIENCE = 120  # seconds until a child is killed
_END = b"-----END CERTIFICATE-----"


@dataclass(frozen=True)
class ProcessResult:
    """How a command line ended: its exit status (negative: the signal), stdout and stderr."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class At:
    """The chosen call, and what happens there."""

    number: int = 0
    mode: Mode = Mode.COUNT
    error: int = 0


NOWHERE = At()


class ForkServer:
    """Runs command lines in forked children, one at a time."""

    def __init__(self, library: Path, scratch: Path, environment: Mapping[str, str]) -> None:
        """`scratch` is a folder for the output of the children, outside the watched folders."""
        self._scratch = scratch
        self.environment = _environment(library, scratch) | dict(environment)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.crash.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.environment,
            cwd=ROOT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(self, disk: Path, words: Sequence[str], at: At = NOWHERE, log: Path | None = None) -> ProcessResult:
        """Run a command line; the shim watches everything below the parent of the disk, so that its root counts too."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the fork server has no pipes")
        self._process.stdin.write(order_for(disk, words, self._scratch, at, log) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return ProcessResult(status, (self._scratch / "out").read_text(), (self._scratch / "err").read_text())


def order_for(disk: Path, words: Sequence[str], said: Path, at: At = NOWHERE, log: Path | None = None) -> str:
    """An order as it is sent; `said` is the folder for the output."""
    order: dict[str, object] = {"disk": f"{disk}", "words": list(words), "said": f"{said}"}
    return json.dumps(order | {"at": [at.number, int(at.mode), at.error], "log": f"{log}" if log else None})


def _serve() -> None:
    for name in HEAVY:
        importlib.import_module(name)
    for package in (ingest, parsers, snapshots):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _live(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _live(order: Mapping[str, Any]) -> NoReturn:
    number, mode, error = order["at"]
    said = Path(order["said"])
    for name, descriptor in (("out", 1), ("err", 2)):
        os.dup2(os.open(said / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), descriptor)
    disk = Path(order["disk"])
    os.environ["DAILYPAPERS_STATE"] = f"{disk / 'state'}"
    arm(disk.parent, number, Mode(mode), error, Path(order["log"]) if order["log"] else None)
    signal.alarm(PATIENCE)
    status = 70
    try:
        run = scheduler_state.main if scheduler_state.WORD in order["words"] else main
        status = run(order["words"])
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        # Not sys.exit: Python's exit handlers belong to the fork server.
        os._exit(status)


def _environment(library: Path, scratch: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "DAILYPAPERS_"))}
    # The site is on loopback, without TLS: one CA certificate is enough, and loads quickly.
    (scratch / "authority").write_bytes(Path(certifi.where()).read_bytes().partition(_END)[0] + _END)
    shims = " ".join([f"{library}", *filter(None, [os.environ.get("LD_PRELOAD")])])
    return kept | {"LD_PRELOAD": shims, "PYTHONPATH": f"{ROOT}", "SSL_CERT_FILE": f"{scratch / 'authority'}"}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _live(json.loads(sys.argv[1]))
    _serve()
