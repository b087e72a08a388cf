"""Starts git on a repository that may be hostile: nothing that its configuration names is run, nothing is downloaded.

https://git-scm.com/docs/git#_environment_variables, https://git-scm.com/docs/git-config
"""

from __future__ import annotations

import os
import resource
import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from dailypapers.ingest.errors import IngestError, UsageError

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
