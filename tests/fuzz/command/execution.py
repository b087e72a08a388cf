"""Runs the command lines of a case, each in a forked process, with its waits cut short and no network but loopback."""

from __future__ import annotations

import io
import os
import pwd
import resource
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Never

import httpx

from dailypapers.__main__ import main
from dailypapers.ingest.errors import Crash
from dailypapers.ingest.fetch import client, deadline, rate_limiter
from tests.fuzz.command.case import SECRET, Case, is_scheduler, runs_until_stopped
from tests.fuzz.command.hostile_server import serve

HANGS: Final = 60.0
"""Seconds until an execution counts as endless, on a machine that has other work too."""
PROCESSOR: Final = 15
"""Seconds of processor time until it does."""
_MEMORY: Final = 2 * 2**30
_SCHEDULED: Final = 1.5
"""Seconds until a scheduler or a server is stopped."""
_PAGE: Final = 0.5
"""Seconds for one page, instead of a minute."""


@dataclass(frozen=True, slots=True)
class Execution:
    """How one command line ended."""

    words: tuple[str, ...]
    status: int | None
    """None if it had to be killed; negative if a signal ended it."""
    out: bytes
    err: bytes
    crash: str
    """The traceback of a bug that the command reported by itself."""
    seconds: float


def listen() -> socket.socket:
    """A socket on a free port of loopback."""
    return socket.create_server(("127.0.0.1", 0), backlog=64)


def execute(case: Case, folder: Path, listener: socket.socket) -> list[Execution]:
    """Run the command lines of a case."""
    may_drip = not any(map(is_scheduler, case.commands))
    with _process(lambda: serve(listener, case.seed, SECRET, may_drip=may_drip)):
        return [_execute(case, words, folder) for words in case.commands]


@contextmanager
def _process(work: Callable[[], None]) -> Iterator[None]:
    process = os.fork()
    if process == 0:
        with suppress(BaseException):
            work()
        traceback.print_exc()
        os._exit(1)
    try:
        yield
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _execute(case: Case, words: tuple[str, ...], folder: Path) -> Execution:
    output = folder.parent / "output"
    output.mkdir(exist_ok=True)
    start = time.monotonic()
    process = os.fork()
    if process == 0:
        _become(case, words, folder, output)
    stop = (_SCHEDULED, signal.SIGTERM) if runs_until_stopped(words) else case.stop
    status = _wait(process, start, stop)
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    out, err, crash = ((output / name).read_bytes() for name in ("out", "err", "crash"))
    return Execution(words, status, out, err, crash.decode(), time.monotonic() - start)


def _wait(process: int, start: float, stop: tuple[float, int] | None) -> int | None:
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        passed = time.monotonic() - start
        if passed > HANGS:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return None
        if stop and passed > stop[0]:
            os.kill(process, stop[1])
            stop = None
        time.sleep(0.005)


def _become(case: Case, words: tuple[str, ...], folder: Path, output: Path) -> Never:
    """Turn this process into the command, and end it as Python would."""
    status = 1
    try:
        os.setsid()
        # A signal that arrives before the command runs ends it as it does any process.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _streams(output, case.encoding)
        _limits()
        _shorten_waits()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update({name: value.replace("\0", "") for name, value in case.environment.items()})
        time.tzset()
        if not case.has_user:
            pwd.getpwuid = _no_user
        elif "HOME" not in case.environment:
            os.environ["HOME"] = "home"
        sys.argv = ["dailypapers", *words]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        status = main()
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
    finally:
        os._exit(status)


def _streams(output: Path, encoding: tuple[str, str]) -> None:
    for number, name in ((1, "out"), (2, "err")):
        descriptor = os.open(output / name, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND)
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w")), *encoding)
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w")), encoding[0], "backslashreplace", write_through=True
    )
    (output / "crash").write_bytes(b"")
    crash_of = Crash.of

    def note(error: BaseException, *arguments: Any) -> Crash:
        text = "".join(traceback.format_exception(error))
        (output / "crash").write_bytes(text.encode("utf-8", "replace"))
        return crash_of(error, *arguments)  # type: ignore[arg-type]

    Crash.of = note  # type: ignore[method-assign]


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR + 5))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _shorten_waits() -> None:
    """Waits take no time but move the clock of the rate limits; a page gets half a second; names are not resolved."""
    waited = [0.0]
    start = time.time()

    def sleep(seconds: float) -> None:
        waited[0] += seconds

    rate_limiter.sleep = sleep
    vars(client)["sleep"] = sleep
    rate_limiter.now = lambda: start + waited[0]
    client.DEADLINE, client.TIMEOUT = _PAGE, httpx.Timeout(_PAGE)  # type: ignore[misc]
    deadline.CHECK_INTERVAL = 0.02  # type: ignore[misc]
    resolve = socket.getaddrinfo

    def loopback_only(host: Any, *arguments: Any, **options: Any) -> Any:
        if host not in ("127.0.0.1", b"127.0.0.1", "localhost"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *arguments, **options)

    socket.getaddrinfo = loopback_only


def _no_user(uid: object) -> Never:
    raise KeyError(f"getpwuid(): uid not found: {uid}")
