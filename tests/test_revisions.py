"""What a change of the parsers would change in the stored days, beside another revision of this repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.copied_tree import copy_tree


def test_a_change_of_this_repository_is_shown_beside_another_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAILYPAPERS_CAPTURES", raising=False)
    # A hook of git that runs the tests has its own repository in there.
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    tree = copy_tree(tmp_path / "tree")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=tree, capture_output=True, text=True, check=False)

    git = ("git", "-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
    for words in (
        ("init", "-q", "-b", "main"),
        ("add", "parsers", "ingest", "snapshots", "dailypapers"),
        ("commit", "-qm", "base"),
    ):
        assert run(*git, *words).returncode == 0
    replay = (sys.executable, "-m", "tests.replay")
    parser = tree / "parsers" / "hf" / "item.py"
    content = parser.read_text()
    assert '"upvotes": get("upvotes")' in content
    parser.write_text(content.replace('"upvotes": get("upvotes")', '"upvotes": None'))
    shown = run(*replay)
    assert "upvotes: value -> null in 800 papers of 20 days" in shown.stdout, shown.stderr
    assert run(*replay, "--", "--check").returncode == 1
    assert "git knows no revision 'nothing'" in run(*replay, "--base", "nothing").stderr
