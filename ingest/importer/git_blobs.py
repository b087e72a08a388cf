"""Reads blobs from a git repository with one `git cat-file --batch`: https://git-scm.com/docs/git-cat-file."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Final

from dailypapers.ingest.archive.content_encoding import CONTENT_CAP
from dailypapers.ingest.errors import RefusedFile

from .git_command import SECONDS, BrokenRepository, GitCommand, first_line, require_output

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
