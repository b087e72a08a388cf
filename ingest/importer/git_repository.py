"""The versions of the files in a git repository, and their content.

Starts git on a repository that may be hostile: nothing that its configuration names is run, nothing is downloaded. See
https://git-scm.com/docs/git-log (section "Raw output format"), https://git-scm.com/docs/git#_environment_variables and
https://git-scm.com/docs/git-config.
"""

from __future__ import annotations

import os
import re
import resource
import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

from dailypapers.ingest.archive.content_encoding import CONTENT_CAP
from dailypapers.ingest.errors import IngestError, RefusedFile, UsageError

_ENVIRONMENT: Final = {
    "PATH": os.defpath,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "",
}
"""All that git sees of the environment: a variable of the user such as GIT_DIR would lead it elsewhere."""

_OPTIONS: Final = (
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    # Whoever made the repository made this file, which can say anything about its commits.
    *("-c", "core.commitGraph=false"),
    # Larger blobs are streamed, not loaded.
    *("-c", "core.bigFileThreshold=16m"),
    *("-c", "protocol.allow=never"),
    *("-c", "protocol.ext.allow=never"),
    *("-c", "log.showSignature=false"),
    *("-c", "log.showRoot=true"),
    *("-c", "advice.graftFileDeprecated=false"),
    # It would be read from the working tree, or from wherever the configuration says: from a pipe without end.
    *("-c", "log.mailmap=false"),
    # Git opens no repository of another user, who may have configured a program: none is run here.
    *("-c", "safe.directory=*"),
)

SECONDS: Final = 30
"""Longest time for a command that only looks at a reference or the configuration, and until a blob begins."""
LOG_SECONDS: Final = 600
"""Longest time between two parts of a log, which may search a long history for a path."""
MEMORY: Final = 2 * 2**30
"""Bytes that git may take: a message of a commit that is small when it is compressed is loaded whole."""


class BrokenRepository(IngestError):  # noqa: N818 - named for what it is
    """Git cannot read the repository, or is not installed."""


@dataclass(frozen=True, slots=True)
class GitCommand:
    """Git on one repository."""

    program: str
    repository: Path

    def run(self, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        """Run a git command that takes no time to its end. Raises BrokenRepository if it does not end."""
        with tempfile.TemporaryFile() as errors, self.started(words, errors) as process:
            try:
                output, _ = process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired as error:
                # As where its configuration includes a pipe.
                raise BrokenRepository(
                    f"--git {self.repository}: git does not answer within {SECONDS} seconds; "
                    "clone it with `git clone`, and import the clone"
                ) from error
            errors.seek(0)
            return subprocess.CompletedProcess(process.args, process.returncode, output, errors.read())

    @contextmanager
    def started(self, words: Sequence[str], errors: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
        """A git command that runs beside this process, with pipes to its input and output."""
        with subprocess.Popen(  # noqa: S603 - no shell, and a word of the user follows an end of options
            self._words(words),
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as process:
            _limit_memory(process)
            try:
                yield process
            finally:
                process.kill()

    def _words(self, words: Sequence[str]) -> list[str]:
        # Absolute: a path may begin with a dash.
        return [self.program, *_OPTIONS, "-C", str(self.repository.absolute()), *words]

    def _environment(self) -> dict[str, str]:
        # The repository itself, never one that it lies in.
        return {**_ENVIRONMENT, "GIT_CEILING_DIRECTORIES": str(self.repository.resolve().parent)}


def _limit_memory(process: subprocess.Popen[bytes]) -> None:
    """Limit what the process allocates, where the system can: the packs that it maps do not count."""
    if hasattr(resource, "prlimit"):
        # It may have ended.
        with suppress(ProcessLookupError):
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (MEMORY, MEMORY))


def require_output(stream: IO[bytes], seconds: float) -> None:
    """Wait until there is something to read from git, or its end. Raises BrokenRepository if there is not in time.

    A pipe in the place of an object keeps git waiting for ever.
    """
    if not select.select([stream], [], [], seconds)[0]:
        problem = f"git does not answer within {seconds} seconds"
        raise BrokenRepository(f"{problem}; clone the repository with `git clone`, and import the clone")


def git_in(repository: Path) -> GitCommand:
    """Git on a repository. Raises UsageError if the path is not one, BrokenRepository if git is not installed."""
    program = shutil.which("git")
    if program is None:
        raise BrokenRepository("--git needs git, which is not installed; install your system's package git")
    is_bare = (repository / "HEAD").is_file() and (repository / "objects").is_dir()
    if not is_bare and not (repository / ".git").exists():
        raise UsageError(f"--git {repository}: not a git repository; name the folder that `git clone` made")
    return GitCommand(program, repository)


def first_line(output: bytes) -> str:
    """The first line of a message of git."""
    return output.decode(errors="backslashreplace").strip().partition("\n")[0]


_BLOB_CHUNK: Final = 2**20


class MissingBlob(RefusedFile):
    """The repository does not have the content, as in a partial clone."""


class GitBlobs:
    """A reader of blobs. Git is started again after one that it cannot read, which ends it."""

    def __init__(self, git: GitCommand, errors: IO[bytes]) -> None:
        """`errors` takes the messages of git."""
        self._git = git
        self._errors = errors
        self._started = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, blob: str) -> bytes:
        """The content of a blob. Raises MissingBlob, and RefusedFile for one that is too large or damaged."""
        requests, answers = self._pipes()
        try:
            requests.write(f"{blob}\n".encode())
            requests.flush()
            require_output(answers, SECONDS)
            head = answers.readline()
        except BrokenPipeError:
            head = b""
        except BrokenRepository as error:
            self.close()
            raise RefusedFile(f"its content (blob {blob}) cannot be read ({error})") from error
        words = head.split()
        if words[1:] == [b"missing"]:
            raise MissingBlob(f"its content (blob {blob}) is missing from the repository; clone it in full")
        if len(words) != 3:
            raise self._damaged(blob)
        if words[1] != b"blob":
            self.close()
            raise RefusedFile(f"its content (blob {blob}) is not that of a file but a {words[1].decode('ascii')}")
        return self._content(answers, blob, int(words[2]))

    def close(self) -> None:
        """End git."""
        self._started.close()
        self._process = None

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            self._process = self._started.enter_context(self._git.started(("cat-file", "--batch"), self._errors))
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("it was started with pipes")
        return self._process.stdin, self._process.stdout

    def _content(self, answers: IO[bytes], blob: str, size: int) -> bytes:
        if size > CONTENT_CAP:
            # Git would go on writing it, for hours if it is small when it is compressed.
            self.close()
            raise RefusedFile(f"its content of {size} bytes is larger than {CONTENT_CAP}")
        content = bytearray()
        while len(content) <= size:
            piece = answers.read(min(size + 1 - len(content), _BLOB_CHUNK))
            if not piece:
                raise self._damaged(blob)
            content += piece
        return bytes(content[:-1])

    def _damaged(self, blob: str) -> RefusedFile:
        self.close()
        self._errors.seek(0)
        reason = first_line(self._errors.read())
        self._errors.seek(0)
        self._errors.truncate()
        return RefusedFile(f"its content (blob {blob}) cannot be read ({reason})")


@contextmanager
def git_blobs(git: GitCommand) -> Iterator[GitBlobs]:
    """A reader of the blobs of a repository."""
    with tempfile.TemporaryFile() as errors:
        blobs = GitBlobs(git, errors)
        try:
            yield blobs
        finally:
            blobs.close()


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
