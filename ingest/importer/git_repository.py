"""The versions of the files in a git repository: https://git-scm.com/docs/git-log, section "Raw output format"."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader
from typing import Final
from urllib.parse import urlsplit

from dailypapers.ingest.errors import UsageError

from .git_command import LOG_SECONDS, BrokenRepository, GitCommand, first_line, require_output

_LOG: Final = (
    *("log", "-z", "--raw", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-renames", "--full-history"),
    # Of a merge only what differs from all of its parents; a parent comes before its children.
    *("-c", "--topo-order", "--reverse", "--no-show-signature", "--format=%x00%H %at %ct"),
    # Whatever the repository configures, which may be a file without end.
    *("--encoding=UTF-8", f"-O{os.devnull}"),
)
_FILE_MODES: Final = frozenset({b"100644", b"100755"})
"""Other modes are those of symbolic links, submodules and deleted files."""
_CHUNK: Final = 2**16
_SCP_USER: Final = re.compile(r"^[^/@]*@(?=[^/:]+:)")
"""The user in `user@host:path`."""


@dataclass(frozen=True, slots=True)
class FileVersion:
    """The content of a file after a commit that changed it."""

    commit: str
    path: str
    blob: str
    author_time: datetime | None
    """None for a time that no calendar has."""
    committer_time: datetime | None

    def __str__(self) -> str:
        return f"{self.path} at commit {self.commit[:12]}"


def resolve(git: GitCommand, ref: str) -> str:
    """The commit that a name stands for. Raises UsageError if there is none, BrokenRepository."""
    result = git.run(("rev-parse", "--git-dir"))
    if result.returncode:
        raise BrokenRepository(
            f"--git {git.repository}: git does not open it ({first_line(result.stderr)}); "
            "clone it with `git clone`, and import the clone"
        )
    result = git.run(("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"))
    if result.stderr.startswith(b"fatal: "):
        raise BrokenRepository(f"--git {git.repository}: git cannot read {ref!a} ({first_line(result.stderr)})")
    if result.returncode:
        raise UsageError(f"--git {git.repository}: no commit {ref!a}; name a branch, a tag or a commit with --ref")
    return result.stdout.decode("ascii").strip()


def origin(git: GitCommand) -> str:
    """The URL of the remote `origin`, without user and password; else the name of the repository's folder."""
    result = git.run(("config", "--local", "--get", "remote.origin.url"))
    url = result.stdout.decode("utf-8", "backslashreplace").strip("\n")
    return _without_user(url) or git.repository.resolve().name.encode("utf-8", "backslashreplace").decode()


def is_shallow(git: GitCommand) -> bool:
    """Whether the repository has only the newest part of its history, as after `git clone --depth`."""
    return git.run(("rev-parse", "--is-shallow-repository")).stdout.strip() == b"true"


def _without_user(url: str) -> str:
    """The URL of a remote without what may be a secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme and parts.netloc:
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    return _SCP_USER.sub("", url, count=1)


def versions(git: GitCommand, commit: str, glob: str | None) -> Iterator[FileVersion]:
    """Every version of the files up to a commit, those of a parent first; of all files by default.

    `glob` is a pattern as of `git log -- PATTERN`, from the top of the repository; `*` matches `/` too. Symbolic links
    and submodules are left out. Raises BrokenRepository.
    """
    paths = ("--",) if glob is None else ("--", f":(top){glob}")
    with tempfile.TemporaryFile() as errors, git.started((*_LOG, commit, *paths), errors) as process:
        assert isinstance(process.stdout, BufferedReader)  # noqa: S101 - for mypy: it was started with a pipe
        yield from _parse_log(_fields(process.stdout))
        if process.wait():
            errors.seek(0)
            raise BrokenRepository(f"--git {git.repository}: git cannot read its history ({first_line(errors.read())})")


def _fields(stream: BufferedReader) -> Iterator[bytes]:
    """The fields of the output, which end with NUL."""
    rest = b""
    while chunk := _chunk(stream):
        *fields, rest = (rest + chunk).split(b"\0")
        yield from fields


def _chunk(stream: BufferedReader) -> bytes:
    require_output(stream, LOG_SECONDS)
    return stream.read1(_CHUNK)


def _parse_log(fields: Iterator[bytes]) -> Iterator[FileVersion]:
    commit = ""
    times: tuple[datetime | None, datetime | None] = (None, None)
    for field in fields:
        raw = field.lstrip(b"\n")
        if raw.startswith(b":"):
            path = next(fields, b"").decode("utf-8", "backslashreplace")
            # One mode and blob for each parent, then those of the commit, then the status.
            words = raw.lstrip(b":").split(b" ")
            parents = len(raw) - len(raw.lstrip(b":"))
            if words[parents] in _FILE_MODES:
                yield FileVersion(commit, path, words[2 * parents + 1].decode(), *times)
        elif raw:
            name, author, committer = raw.split(b" ")
            commit, times = name.decode(), (_time(author), _time(committer))


def _time(text: bytes) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
