"""A git repository whose configuration names programs: `import --git` runs none of them and downloads nothing."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.papersite import PaperSite
from tests.product import DAY, Product

from .repositories import Repository, new_repository

MORNING = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC)
NAME = f"daily/{DAY}.json"


@pytest.fixture
def repository(tmp_path: Path, site: PaperSite) -> Repository:
    """A repository with one version of a listing."""
    made = new_repository(tmp_path / "repository")
    made.commit({NAME: httpx.get(f"{site.url}/api/daily_papers?date={DAY}&limit=100").content}, MORNING)
    return made


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """A folder in which each planted program leaves a file."""
    folder = tmp_path / "traces"
    folder.mkdir()
    return folder


@pytest.fixture
def program(tmp_path: Path, traces: Path) -> Path:
    """The planted program."""
    path = tmp_path / "program"
    path.write_text(f'#!/bin/sh\necho "$0 $*" >> {traces}/ran\nexit 1\n')
    path.chmod(0o755)
    return path


def test_a_git_that_waits_for_a_pipe_is_stopped(
    product: Product, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    repository.git("config", "include.path", f"{tmp_path / 'pipe'}")
    monkeypatch.setattr("dailypapers.ingest.importer.git_repository.SECONDS", 0.5)
    result = product("import", "hf-daily", "--git", repository.path)
    advice = "git does not answer within 0.5 seconds; clone it with `git clone`, and import the clone\n"
    assert (result.status, result.err.endswith(f"--git {repository.path}: {advice}")) == (3, True)


@pytest.mark.parametrize(
    ("name", "err"),
    [
        (f"HEAD:{NAME}", "refused: daily/2025-12-10.json at commit"),
        ("HEAD:daily", "dailypapers: git does not answer within 0.5 seconds"),
        ("HEAD", "dailypapers: --git"),
    ],
)
def test_a_pipe_in_the_place_of_an_object_is_not_waited_for(
    product: Product, repository: Repository, monkeypatch: pytest.MonkeyPatch, name: str, err: str
) -> None:
    object_id = repository.git("rev-parse", name)
    path = repository.path / ".git" / "objects" / object_id[:2] / object_id[2:]
    path.unlink()
    os.mkfifo(path)
    for constant in ("SECONDS", "LOG_SECONDS"):
        monkeypatch.setattr(f"dailypapers.ingest.importer.git_repository.{constant}", 0.5)
    result = product("import", "hf-daily", "--git", repository.path)
    assert (result.status, err in result.err) == (3, True), result.err
    assert "git does not answer within 0.5 seconds" in result.err


@pytest.mark.parametrize("name", ["mailmap.file", "diff.orderFile"])
def test_a_file_without_end_is_not_read(
    product: Product, repository: Repository, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    repository.git("config", name, "/dev/zero")
    os.mkfifo(repository.path / ".mailmap")
    monkeypatch.setattr("dailypapers.ingest.importer.git_repository.LOG_SECONDS", 0.5)
    result = product("import", "hf-daily", "--git", repository.path)
    assert (result.status, "1 version imported" in result.err) == (0, True), result.err


def test_a_message_that_fills_the_memory_is_an_error(
    product: Product, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = repository.git("rev-parse", "HEAD^{tree}")
    head = f"tree {tree}\nauthor A <a@b> 1765357200 +0000\ncommitter A <a@b> 1765357200 +0000\n\n"
    message = b"x" * 10_000_000
    commit = repository.git(
        "-c", "core.compression=1", "hash-object", "-t", "commit", "-w", "--stdin", stdin=head.encode() + message
    )
    monkeypatch.setattr("dailypapers.ingest.importer.git_repository.MEMORY", 8_000_000)
    result = product("import", "hf-daily", "--git", repository.path, "--ref", commit)
    assert (result.status, "(fatal: Out of memory" in result.err) == (3, True), result.err


@pytest.mark.parametrize("name", ["i18n.logOutputEncoding", "i18n.commitEncoding"])
def test_another_encoding_of_the_log_changes_nothing(product: Product, repository: Repository, name: str) -> None:
    repository.git("config", name, "UTF-16")
    result = product("import", "hf-daily", "--git", repository.path)
    assert (result.status, "1 version imported" in result.err) == (0, True), result.err


def test_a_graft_hides_no_version(product: Product, repository: Repository) -> None:
    newest = repository.commit({NAME: b"[]"}, MORNING.replace(hour=10))
    (repository.path / ".git" / "info" / "grafts").write_text(f"{newest}\n")
    result = product("import", "hf-daily", "--git", repository.path)
    assert result.err.endswith("2 versions imported, 0 already stored, 0 versions refused\n")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to another user")
def test_the_repository_of_another_user_is_read(product: Product, repository: Repository) -> None:
    for path in (repository.path, repository.path / ".git"):
        os.chown(path, 1234, 1234)
    assert product("import", "hf-daily", "--git", repository.path).status == 0


def planted(program: Path) -> dict[str, str]:
    """Settings that name a program to run, or something else to read."""
    return {
        "core.fsmonitor": f"{program}",
        "core.hooksPath": f"{program.parent / 'hooks'}",
        "core.pager": f"{program}",
        "core.editor": f"{program}",
        "core.sshCommand": f"{program}",
        "core.gitProxy": f"{program}",
        "core.askPass": f"{program}",
        "core.alternateRefsCommand": f"{program}",
        "pager.log": f"{program}",
        "pager.cat-file": f"{program}",
        "diff.external": f"{program}",
        "diff.planted.command": f"{program}",
        "diff.planted.textconv": f"{program}",
        "filter.planted.clean": f"{program}",
        "filter.planted.smudge": f"{program}",
        "filter.planted.process": f"{program}",
        "gpg.program": f"{program}",
        "log.showSignature": "true",
        "log.showRoot": "false",
        "format.pretty": "%G?%H",
        "credential.helper": f"!{program}",
        "alias.log": f"!{program}",
        "alias.cat-file": f"!{program}",
        "alias.rev-parse": f"!{program}",
        "trailer.planted.command": f"{program}",
        "diff.renames": "copies",
        "diff.orderFile": f"{program}",
        "log.follow": "true",
        "log.diffMerges": "off",
    }


def plant_hooks(repository: Repository, program: Path) -> None:
    names = ("post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman", "pre-auto-gc")
    for folder in (program.parent / "hooks", repository.path / ".git" / "hooks"):
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copy(program, folder / name)


def test_no_planted_program_runs(product: Product, repository: Repository, program: Path, traces: Path) -> None:
    repository.commit({".gitattributes": b"* diff=planted filter=planted"}, MORNING)
    plant_hooks(repository, program)
    for name, value in planted(program).items():
        repository.git("config", name, value)
    (repository.path / ".git" / "info" / "attributes").write_text("* diff=planted filter=planted textconv\n")
    result = product("import", "hf-daily", "--git", repository.path)
    assert (result.status, "1 version imported" in result.err) == (0, True)
    assert list(traces.iterdir()) == []
    assert len(product.papers()) == 12


def test_the_planted_programs_can_run(repository: Repository, program: Path, traces: Path) -> None:
    """The test above can fail: git itself, started plainly, runs some of these programs."""
    for name, value in planted(program).items():
        repository.git("config", name, value)
    repository.git("status", "--short")
    assert "program" in (traces / "ran").read_text()


@pytest.mark.parametrize("url", ["ext::{program} %S", "file://{program}", "ssh://host/path"])
def test_a_missing_blob_is_not_fetched_from_a_promisor_remote(
    product: Product, repository: Repository, program: Path, traces: Path, url: str
) -> None:
    blob = repository.git("rev-parse", f"HEAD:{NAME}")
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": url.format(program=program),
        "remote.origin.promisor": "true",
        "remote.origin.partialCloneFilter": "blob:none",
        "remote.origin.uploadpack": f"{program}",
        "core.sshCommand": f"{program}",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
    }.items():
        repository.git("config", name, value)
    (repository.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    result = product("import", "hf-daily", "--git", repository.path)
    assert result.status == 3
    assert f"its content (blob {blob}) " in result.err
    assert list(traces.iterdir()) == []
    # The test can fail: git itself, started plainly, asks that remote.
    with pytest.raises(AssertionError):
        repository.git("cat-file", "blob", blob)
    assert (traces / "ran").exists()


def test_objects_of_another_folder_are_only_read(product: Product, repository: Repository, tmp_path: Path) -> None:
    """An alternate is what `git clone --shared` makes."""
    repository.git("clone", "--quiet", "--shared", "--bare", ".", str(tmp_path / "shared"))
    before = {path: path.stat().st_mtime_ns for path in repository.path.rglob("*")}
    assert product("import", "hf-daily", "--git", tmp_path / "shared").status == 0
    assert {path: path.stat().st_mtime_ns for path in repository.path.rglob("*")} == before
    assert len(product.papers()) == 12


def test_a_replaced_object_is_not_believed(product: Product, repository: Repository) -> None:
    blob = repository.git("rev-parse", f"HEAD:{NAME}")
    other = repository.git("hash-object", "-w", "--stdin", stdin=b"[]")
    repository.git("replace", blob, other)
    assert product("import", "hf-daily", "--git", repository.path).status == 0
    assert len(product.papers()) == 12


def test_variables_of_the_user_do_not_lead_git_elsewhere(
    product: Product, repository: Repository, tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(program))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert product("import", "hf-daily", "--git", repository.path, "--path", "daily/*.json").status == 0


def test_a_repository_at_a_path_with_a_dash(
    product: Product, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.path.parent)
    repository.path.rename("-c:x")
    assert product("import", "hf-daily", "--git=-c:x").status == 0
