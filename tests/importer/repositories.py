"""Git repositories for tests, made with the real git."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Repository:
    """A repository whose commits have the times that a test gives."""

    path: Path

    def git(self, *words: str, env: dict[str, str] | None = None, stdin: bytes = b"") -> str:
        """Run git in the repository, without the configuration of the user."""
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
        }
        command = ["git", "-C", str(self.path), *words]
        result = subprocess.run(command, env=environment | (env or {}), input=stdin, capture_output=True, check=False)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout.decode().strip()

    def write(self, files: dict[str, bytes]) -> None:
        """Write files into the working tree."""
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def commit(self, files: dict[str, bytes], at: datetime, authored: datetime | None = None) -> str:
        """Write files and commit the whole tree; returns the commit."""
        self.write(files)
        self.git("add", "--all")
        times = {"GIT_AUTHOR_DATE": (authored or at).isoformat(), "GIT_COMMITTER_DATE": at.isoformat()}
        self.git("commit", "--quiet", "--allow-empty", "--message", "update", env=times)
        return self.git("rev-parse", "HEAD")


def new_repository(path: Path) -> Repository:
    """An empty repository with the branch `main`."""
    path.mkdir(parents=True)
    repository = Repository(path)
    repository.git("init", "--quiet", "--initial-branch=main")
    return repository
