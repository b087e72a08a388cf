"""`dailypapers import --git`: each version of a file in a git repository is a dated fetch of one view."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from dailypapers.ingest.archive.content_encoding import CONTENT_CAP
from dailypapers.ingest.archive.reader import read_archives
from tests.papersite import PaperSite
from tests.product import DAY, NOW, SERIES, Product

from .repositories import Repository, new_repository

CHECKER = Path(__file__).parent.parent.parent / "docs" / "check_certificate.py"
MORNING = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC)
AFTER = MORNING + timedelta(days=1)
NAME = f"daily/{DAY}.json"


@pytest.fixture
def answer(site: PaperSite) -> bytes:
    """The API's answer for DAY."""
    return httpx.get(f"{site.url}/api/daily_papers?date={DAY}&limit=100").content


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new_repository(tmp_path / "repository")


def upvoted(answer: bytes, number: int) -> bytes:
    """The answer when every paper had so many upvotes more."""
    items = orjson.loads(answer)
    for item in items:
        item["paper"]["upvotes"] += number
    return orjson.dumps(items)


def without_last(answer: bytes) -> bytes:
    return orjson.dumps(orjson.loads(answer)[:-1])


def instant(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def imported(product: Product, repository: Repository, *words: str) -> Any:
    return product("import", "hf-daily", "--git", repository.path, *words)


def test_each_version_is_a_fetch_with_its_commit(product: Product, repository: Repository, answer: bytes) -> None:
    repository.git("remote", "add", "origin", "https://ada:secret@git.example/papers.git?token=secret")
    commits = [repository.commit({NAME: without_last(answer)}, MORNING)]
    commits += [repository.commit({NAME: upvoted(answer, 1)}, AFTER)]
    result = imported(product, repository)
    assert (result.status, "2 versions imported, 0 already stored, 0 versions refused" in result.err) == (0, True)
    certificate = product.certificate()
    assert [fetch["at"] for fetch in certificate["fetches"]] == [instant(MORNING), instant(AFTER)]
    assert [(fetch["whole"], fetch["doubt"], len(fetch["views"])) for fetch in certificate["fetches"]] == [
        (False, None, 1),
        (False, None, 1),
    ]
    assert certificate["state"] == "settling"
    assert [fetch["witness"] for fetch in certificate["fetches"]] == [
        {
            "kind": "git",
            "origin": "https://git.example/papers.git",
            "commit": commit,
            "path": NAME,
            "blob": repository.git("rev-parse", f"{commit}:{NAME}"),
            "author_time": instant(at),
            "committer_time": instant(at),
        }
        for commit, at in zip(commits, (MORNING, AFTER), strict=True)
    ]
    assert len(product.papers()) == 12
    assert {paper["first_seen"] for paper in product.papers()} == {instant(MORNING), instant(AFTER)}


def test_records_are_resources_and_an_earlier_content_is_a_revisit(
    product: Product, repository: Repository, answer: bytes
) -> None:
    for number, content in enumerate((answer, upvoted(answer, 1), answer)):
        repository.commit({NAME: content}, MORNING + timedelta(hours=number))
    assert imported(product, repository).status == 0
    kinds = [gzip.decompress(path.read_bytes()).split(b"WARC-Type: ")[1][:8] for path in product.archives()]
    assert kinds == [b"resource", b"resource", b"revisit\r"]
    fetches = read_archives(product.archives(), SERIES, DAY).fetches
    (first, _, last) = [fetch.fetch.views[0].entries[0].page for fetch in fetches]  # type: ignore[union-attr]
    assert (first.body, last.body) == (answer, answer)
    assert first.url == f"https://huggingface.co/api/daily_papers?date={DAY}&limit=100"
    assert [fetch.fetch.at.hour for fetch in fetches] == [9, 10, 11]


def test_a_second_import_changes_no_byte_and_reads_no_version(
    product: Product, repository: Repository, answer: bytes
) -> None:
    repository.commit({NAME: answer}, MORNING)
    imported(product, repository)
    before = product.files()
    shutil.rmtree(repository.path / ".git" / "objects" / repository.git("rev-parse", f"HEAD:{NAME}")[:2])
    result = imported(product, repository)
    assert (result.status, "0 versions imported, 1 already stored, 0 versions refused" in result.err) == (0, True)
    assert product.files() == before
    commit = repository.commit({"daily/2025-12-11.json": b"[]"}, AFTER)
    assert "1 version imported, 1 already stored" in imported(product, repository).err
    (fetch,) = product.certificate(AFTER.date())["fetches"]
    assert fetch["witness"]["commit"] == commit


def test_an_import_whose_certificate_is_lost_adds_nothing(
    product: Product, repository: Repository, answer: bytes
) -> None:
    repository.commit({NAME: answer}, MORNING)
    imported(product, repository)
    before = product.files()
    product.store.certificate(SERIES, DAY).unlink()
    assert "0 versions imported, 1 already stored" in imported(product, repository).err
    assert product.files() == before


def test_an_archive_that_was_deleted_is_imported_again(product: Product, repository: Repository, answer: bytes) -> None:
    repository.commit({NAME: answer}, MORNING)
    imported(product, repository)
    before = product.files()
    product.archives()[0].unlink()
    assert imported(product, repository).status == 0
    assert product.files() == before


def test_the_points_of_a_curve_have_their_commits(product: Product, repository: Repository, answer: bytes) -> None:
    commits = [repository.commit({NAME: upvoted(answer, hour)}, MORNING + timedelta(hours=hour)) for hour in range(3)]
    imported(product, repository)
    key = product.papers()[0]["key"]
    (row,) = orjson.loads(product("history", key, "--json").out)
    assert [point["witness"]["commit"] for point in row["points"]] == commits
    shown = product("history", key).out
    assert all(f"from repository {commit[:12]} {NAME}" in shown for commit in commits)


def test_the_independent_checker_accepts_the_certificate(
    product: Product, repository: Repository, answer: bytes
) -> None:
    repository.commit({NAME: answer}, MORNING)
    repository.commit({NAME: upvoted(answer, 1)}, AFTER, authored=MORNING)
    repository.commit({NAME: answer}, AFTER)
    imported(product, repository)
    command = [sys.executable, str(CHECKER), str(product.store.root)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stdout == "1 certificates checked, 0 wrong\n"


# The time of a fetch ------------------------------------------------------------------------------------------------


def test_a_version_written_before_the_end_of_its_day_is_not_seen_after_it(
    product: Product, repository: Repository, answer: bytes
) -> None:
    repository.commit({NAME: answer}, AFTER, authored=MORNING)
    imported(product, repository)
    (fetch,) = product.certificate()["fetches"]
    assert (fetch["at"], fetch["witness"]["committer_time"]) == (instant(MORNING), instant(AFTER))
    assert f"WARC-Date: {instant(AFTER)}".encode() in gzip.decompress(product.archives()[0].read_bytes())
    assert product.certificate()["state"] == "open"


def test_a_version_written_before_its_day_is_not_seen_before_it(
    product: Product, repository: Repository, answer: bytes
) -> None:
    repository.commit({NAME: answer}, AFTER, authored=MORNING - timedelta(days=400))
    imported(product, repository)
    assert product.certificate()["fetches"][0]["at"] == f"{DAY}T00:00:00Z"


def test_versions_of_one_second_keep_their_order(product: Product, repository: Repository, answer: bytes) -> None:
    for number in range(8):
        repository.commit({NAME: upvoted(answer, number)}, AFTER)
    imported(product, repository)
    metrics = [orjson.loads(line) for line in product.store.metrics(SERIES, DAY).read_bytes().splitlines()]
    key = metrics[0]["key"]
    upvotes = [metric["upvotes"] for metric in metrics if metric["key"] == key]
    assert upvotes == list(range(upvotes[0], upvotes[0] + 8))


def test_versions_of_the_last_second_of_a_day_stay_in_it(
    product: Product, repository: Repository, answer: bytes
) -> None:
    last = datetime(DAY.year, DAY.month, DAY.day, 23, 59, 59, tzinfo=UTC)
    for number in range(3):
        repository.commit({NAME: upvoted(answer, number)}, last)
    imported(product, repository)
    assert {fetch["at"] for fetch in product.certificate()["fetches"]} == {instant(last)}
    assert product.certificate()["state"] == "open"


@pytest.mark.parametrize(
    ("at", "message"),
    [(NOW + timedelta(days=9), "which is in the future"), (datetime(2001, 1, 1, tzinfo=UTC), "before 2023-05-04")],
)
def test_a_commit_of_an_impossible_time_is_refused(
    product: Product, repository: Repository, answer: bytes, at: datetime, message: str
) -> None:
    commit = repository.commit({NAME: answer}, at)
    result = imported(product, repository)
    assert (result.status, product.files()) == (3, {})
    assert f"refused: {NAME} at commit {commit[:12]}: " in result.err
    assert message in result.err


def test_a_commit_without_a_time_is_refused(product: Product, repository: Repository, answer: bytes) -> None:
    repository.commit({NAME: answer}, MORNING)
    raw = repository.git("cat-file", "commit", "HEAD")
    bad = raw.replace(f"> {int(MORNING.timestamp())} +0000", "> 99999999999999999999 +0000")
    commit = repository.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=f"{bad}\n".encode())
    result = imported(product, repository, "--ref", commit)
    assert result.status == 3
    assert f"refused: {NAME} at commit {commit[:12]}: the time of its commit is not a time\n" in result.err


# The day of a file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [f"{DAY}.json", f"daily/{DAY}/papers.json", "latest.json", f"2025-12-01/{DAY}.json"])
def test_the_day_is_in_the_name_or_the_path_or_the_page(
    product: Product, repository: Repository, answer: bytes, name: str
) -> None:
    repository.commit({name: answer}, MORNING)
    assert imported(product, repository).status == 0
    assert len(product.papers()) == 12


def test_pages_in_html_and_gzip_are_views_of_their_own(
    product: Product, repository: Repository, site: PaperSite, answer: bytes
) -> None:
    page = httpx.get(f"{site.url}/papers/date/{DAY}").content
    repository.commit({f"{DAY}.html": page, f"{DAY}.json.gz": gzip.compress(answer)}, MORNING)
    assert imported(product, repository).status == 0
    fetches = product.certificate()["fetches"]
    assert sorted(fetch["views"][0]["view"] for fetch in fetches) == ["api", "html"]
    assert not any(fetch["whole"] for fetch in fetches)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("2025-12-09.json", "taken for 2025-12-09, but it lists the day 2025-12-10"),
        ("2025-12-09/2025-12-10_2025-12-11.json", "its name holds 2 days; choose one with --day"),
        ("2035-12-09.json", "2035-12-09 is not between"),
    ],
)
def test_a_page_of_an_uncertain_day_is_refused(
    product: Product, repository: Repository, answer: bytes, name: str, message: str
) -> None:
    commit = repository.commit({name: answer}, MORNING)
    result = imported(product, repository)
    assert (result.status, product.files()) == (3, {})
    assert f"refused: {name} at commit {commit[:12]}: {message}" in result.err


# Which versions -----------------------------------------------------------------------------------------------------


def test_what_is_no_list_is_named_and_the_rest_goes_on(product: Product, repository: Repository, answer: bytes) -> None:
    commit = repository.commit({"README.md": b"Papers", "package.json": b'{"name": "x"}', NAME: answer}, MORNING)
    empty = repository.commit({f"{DAY}.json": b""}, AFTER)
    broken = repository.commit({f"{DAY}.json.gz": b"\x1f\x8b\x08rubbish"}, AFTER)
    result = imported(product, repository)
    assert result.status == 1
    assert f"refused: package.json at commit {commit[:12]}: " in result.err
    assert f"refused: {DAY}.json at commit {empty[:12]}: " in result.err
    assert f"refused: {DAY}.json.gz at commit {broken[:12]}: its content: compressed body is" in result.err
    assert "1 version imported, 0 already stored, 3 versions refused" in result.err
    assert len(product.papers()) == 12


def test_a_pattern_and_a_branch_choose(product: Product, repository: Repository, answer: bytes) -> None:
    repository.commit({NAME: answer, f"old/{DAY}.json": without_last(answer)}, MORNING)
    repository.git("branch", "side")
    repository.commit({NAME: upvoted(answer, 1)}, AFTER)
    assert "1 version imported" in imported(product, repository, "--ref", "side", "--path", "daily/*").err
    assert "2 versions imported, 1 already stored" in imported(product, repository).err


def test_a_merge_counts_only_for_what_none_of_its_parents_has(
    product: Product, repository: Repository, answer: bytes
) -> None:
    repository.commit({NAME: upvoted(answer, 1)}, MORNING)
    repository.git("switch", "--quiet", "--create", "side")
    repository.commit({f"{AFTER.date()}.json": b"[]"}, AFTER)
    repository.git("switch", "--quiet", "main")
    repository.commit({NAME: upvoted(answer, 2)}, MORNING + timedelta(hours=1))
    repository.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
    merge = repository.commit({NAME: upvoted(answer, 3)}, AFTER)
    assert "4 versions imported" in imported(product, repository).err
    assert product.certificate()["fetches"][-1]["witness"]["commit"] == merge
    assert len(product.certificate(AFTER.date())["fetches"]) == 1


def test_deleted_files_links_and_submodules_are_left_out(
    product: Product, repository: Repository, answer: bytes, tmp_path: Path
) -> None:
    outside = tmp_path / f"{DAY}.json"
    outside.write_bytes(upvoted(answer, 5))
    (repository.path / f"link-{DAY}.json").symlink_to(outside)
    repository.commit({NAME: answer}, MORNING)
    cache = f"160000,{repository.git('rev-parse', 'HEAD')},module-{DAY}.json"
    repository.git("update-index", "--add", "--cacheinfo", cache)
    (repository.path / NAME).unlink()
    repository.git("add", "daily")
    repository.git("commit", "--quiet", "--message", "x", env={"GIT_COMMITTER_DATE": AFTER.isoformat()})
    result = imported(product, repository)
    assert (result.status, "1 version imported, 0 already stored, 0 versions refused" in result.err) == (0, True)


def test_names_of_every_kind(product: Product, repository: Repository, answer: bytes) -> None:
    names = [f"-{DAY}.json", f"two\nlines {DAY}.json", f":(top){DAY}.json", f"\x1b[2J{DAY}.json", f"--all {DAY}.json"]
    repository.write({name: upvoted(answer, number) for number, name in enumerate(names)})
    bad = repository.path.joinpath(f"{DAY}.json").as_posix().encode().replace(b".json", b"-\xff.json")
    Path(bad.decode("utf-8", "surrogateescape")).write_bytes(b"no list")
    repository.commit({}, MORNING)
    result = imported(product, repository)
    assert (result.status, f"{len(names)} versions imported, 0 already stored, 1 version refused" in result.err) == (
        1,
        True,
    )
    assert f"refused: {DAY}-\\xff.json at commit" in result.err
    paths = {fetch["witness"]["path"] for fetch in product.certificate()["fetches"]}
    assert paths == set(names)
    shown = product("history", product.papers()[0]["key"]).out
    assert "\x1b" not in shown
    assert "two\\nlines" in shown


# What the repository lacks ------------------------------------------------------------------------------------------


def object_path(repository: Repository, name: str) -> Path:
    return repository.path / ".git" / "objects" / name[:2] / name[2:]


def test_a_missing_blob_is_named_and_counted(product: Product, repository: Repository, answer: bytes) -> None:
    first = repository.commit({NAME: without_last(answer)}, MORNING)
    repository.commit({NAME: answer}, AFTER)
    blob = repository.git("rev-parse", f"{first}:{NAME}")
    object_path(repository, blob).unlink()
    result = imported(product, repository)
    assert result.status == 1
    assert (
        f"{NAME} at commit {first[:12]}: its content (blob {blob}) is missing from the repository; clone it in full\n"
        in result.err
    )
    assert "1 version imported, 0 already stored, 1 version refused, 1 of them missing" in result.err


def test_a_damaged_blob_is_named_and_the_rest_goes_on(product: Product, repository: Repository, answer: bytes) -> None:
    first = repository.commit({NAME: without_last(answer)}, MORNING)
    repository.commit({NAME: answer}, AFTER)
    blob = repository.git("rev-parse", f"{first}:{NAME}")
    damaged = object_path(repository, blob)
    damaged.chmod(0o600)
    damaged.write_bytes(damaged.read_bytes()[:-40])
    result = imported(product, repository)
    assert result.status == 1
    # With the reason that git gives, from its first word on.
    assert re.search(
        rf"{NAME} at commit {first[:12]}: its content \(blob {blob}\) cannot be read \((error|fatal): ", result.err
    )
    assert "1 version imported, 0 already stored, 1 version refused" in result.err


def test_what_is_no_file_is_named_for_what_it_is(product: Product, repository: Repository, answer: bytes) -> None:
    first = repository.commit({NAME: answer}, MORNING)
    for name, kind in ((first, "commit"), (f"{first}^{{tree}}", "tree")):
        found = repository.git("rev-parse", name)
        repository.git("update-index", "--add", "--cacheinfo", f"100644,{found},{kind}.json")
    tree = repository.git("write-tree", "--missing-ok")
    commit = repository.git("commit-tree", tree, "-p", first, "-m", "x", env={"GIT_COMMITTER_DATE": AFTER.isoformat()})
    result = imported(product, repository, "--ref", commit)
    assert "1 version imported, 0 already stored, 2 versions refused" in result.err
    for kind in ("commit", "tree"):
        assert re.search(rf"refused: {kind}\.json .* is not that of a file but a {kind}\n", result.err)


def test_a_shallow_clone_says_that_older_versions_are_missing(
    product: Product, repository: Repository, answer: bytes, tmp_path: Path
) -> None:
    repository.commit({NAME: without_last(answer)}, MORNING)
    repository.commit({NAME: answer}, AFTER)
    clone = Repository(tmp_path / "clone")
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.path}", str(clone.path))
    result = imported(product, clone)
    assert result.status == 0
    assert f"a shallow clone, which lacks older versions; to import them too: git -C {clone.path} fetch" in result.err
    assert "shallow" not in imported(product, repository).err


def test_a_blob_over_the_size_limit_is_refused_and_not_read(
    product: Product, repository: Repository, answer: bytes
) -> None:
    repository.commit({NAME: answer}, MORNING)
    # Whatever it holds: reading to its end would find that it is damaged.
    size, name = 10**12, "a" * 40
    path = object_path(repository, name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(f"blob {size}\0[".encode() + bytes(2**20)))
    repository.git("update-index", "--add", "--cacheinfo", f"100644,{name},{DAY}.json")
    tree = repository.git("write-tree", "--missing-ok")
    commit = repository.git("commit-tree", tree, "-p", "HEAD", "-m", "x", env={"GIT_COMMITTER_DATE": AFTER.isoformat()})
    result = imported(product, repository, "--ref", commit)
    assert result.status == 1
    assert f"{commit[:12]}: its content of {size} bytes is larger than {CONTENT_CAP}" in result.err
    assert "1 version imported, 0 already stored, 1 version refused" in result.err


def test_a_missing_tree_is_an_error(product: Product, repository: Repository, answer: bytes) -> None:
    repository.commit({NAME: answer}, MORNING)
    object_path(repository, repository.git("rev-parse", "HEAD:daily")).unlink()
    result = imported(product, repository)
    assert (result.status, product.files()) == (3, {})
    assert re.search(rf"--git {repository.path}: git cannot read its history \((error|fatal): ", result.err)


# Wrong usage --------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_no_repository(product: Product, repository: Repository, tmp_path: Path) -> None:
    (repository.path / "inside").mkdir()
    for folder in (tmp_path, repository.path / "inside"):
        result = product("import", "hf-daily", "--git", folder)
        advice = f"--git {folder}: not a git repository; name the folder that `git clone` made\n"
        assert (result.status, advice in result.err) == (2, True)
    (repository.path / "inside" / ".git").mkdir()
    result = product("import", "hf-daily", "--git", repository.path / "inside")
    assert (result.status, "git does not open it (fatal: not a git repository" in result.err) == (3, True)
    assert result.err.endswith("); clone it with `git clone`, and import the clone\n")


def test_a_repository_without_a_commit_and_an_unknown_ref(product: Product, repository: Repository) -> None:
    assert "no commit 'HEAD'" in imported(product, repository).err
    result = imported(product, repository, "--ref=--all")
    advice = "no commit '--all'; name a branch, a tag or a commit with --ref\n"
    assert (result.status, result.err.endswith(f"--git {repository.path}: {advice}")) == (2, True)


def test_git_is_not_installed(product: Product, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository.path))
    result = imported(product, repository)
    advice = "--git needs git, which is not installed; install your system's package git\n"
    assert (result.status, result.err.endswith(advice)) == (3, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "import what?"),
        (["--path", "*.json", "file"], "name one with --git"),
        (["--git", ".", "file"], "either files or --git"),
        (["--git", ".", "--fetched-at", "2025-12-11T07:50:00Z"], "--fetched-at is for files"),
    ],
)
def test_options_that_do_not_go_together(
    product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    result = product("import", "hf-daily", *words)
    assert (result.status, message in result.err) == (2, True)
