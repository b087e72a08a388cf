"""Pushes that are killed at a chosen request, forked from one process that has imported everything.

python -m tests.support.killed_push     one order per line of stdin (JSON), the status of each on stdout
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.support.s3_server import BUCKET, S3Server

ROOT = Path(__file__).parents[2]
When = Literal["before", "during", "after"]
WHENS: tuple[When, ...] = ("before", "during", "after")


@dataclass(frozen=True)
class Killer:
    """A process that forks pushes."""

    process: subprocess.Popen[str]

    def push(self, store: Path, url: str, request: int, when: When) -> int:
        """Push, killed before, during or after a request that changes the bucket; the exit status, -9 if killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([str(store), url, request, when]) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def killer(environment: Mapping[str, str]) -> Iterator[Killer]:
    """A process for many pushes, with an environment."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.killed_push"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(environment),
        cwd=ROOT,
    ) as process:
        try:
            yield Killer(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def unbacked(objects: Mapping[str, bytes]) -> list[str]:
    """The archives that certificates among the objects of a mirror name and that are not there."""
    missing = []
    for name, content in objects.items():
        if name.endswith(".day.json"):
            _, *series, _, file = name.split("/")
            day = file.removesuffix(".day.json")
            folder = "/".join(["pages", *series, day[:4], day])
            names = [f"{folder}/{fetch['file']}" for fetch in json.loads(content)["fetches"]]
            missing += [archive for archive in names if archive not in objects]
    return missing


def files_to_mirror(store: Path) -> dict[str, bytes]:
    """What a mirror of a store holds when it is complete."""
    paths = [path for top in ("pages", "snapshots") for path in (store / top).rglob("*") if path.is_file()]
    paths += [path for path in (store / "joins.txt", store / "waived.txt") if path.exists()]
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in paths if path.name != ".lock"}


@dataclass(frozen=True)
class Trial:
    """A push that was killed, and what was wrong with the bucket then and after the next push."""

    request: int
    when: When
    status: int
    objects: int
    wrong: tuple[str, ...]


def trials(server: S3Server, store: Path, requests: list[int], *, complete_every: int = 1) -> Iterator[Trial]:
    """Kill pushes at these requests, each into an empty mirror; then complete each, or one in `complete_every`."""
    whole = files_to_mirror(store)
    digests = {name: hashlib.md5(content, usedforsecurity=False).hexdigest() for name, content in whole.items()}
    environment = {**os.environ, **server.environment}
    with killer(environment) as running:
        for number, request in enumerate(requests):
            when = WHENS[number % 3]
            prefix = f"kill-{request}-{when}"
            status = running.push(store, f"s3://{BUCKET}/{prefix}", request, when)
            there = server.digests(f"{prefix}/")
            wrong = [name for name, digest in there.items() if digests.get(name) != digest]
            wrong += unbacked({name: whole.get(name, b"") for name in there})
            if number % complete_every == 0:
                again = running.push(store, f"s3://{BUCKET}/{prefix}", 0, "before")
                if again != 0 or server.digests(f"{prefix}/") != digests:
                    wrong.append(f"the next push ended with {again} and did not complete the mirror")
            yield Trial(request, when, status, len(there), tuple(wrong))


def _serve() -> None:
    for name in ("s3fs", "dailypapers.mirror.push", "dailypapers.mirror.commands", "aiobotocore.session"):
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _push(*json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _push(store: str, url: str, request: int, when: When) -> None:
    from s3fs import S3FileSystem  # noqa: PLC0415 - in the child of this process only

    from dailypapers.cli.main import main  # noqa: PLC0415

    real = S3FileSystem._call_s3
    count = 0

    async def call(files: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        nonlocal count
        if method in {"put_object", "delete_object"}:
            count += 1
            if count == request:
                if when == "after":
                    await real(files, method, *args, **kwargs)
                elif when == "during":
                    sent = asyncio.ensure_future(real(files, method, *args, **kwargs))
                    await asyncio.wait([sent], timeout=0.002)
                os.kill(os.getpid(), signal.SIGKILL)
        return await real(files, method, *args, **kwargs)

    S3FileSystem._call_s3 = call
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os._exit(main(["--store", store, "push", url]))


if __name__ == "__main__":
    _serve()
