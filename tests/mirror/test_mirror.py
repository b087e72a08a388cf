"""The files of a mirror in a folder and in memory: listed, read, created once, replaced and removed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from pkgutil import resolve_name

import pytest

from dailypapers.ingest.errors import IngestError
from dailypapers.mirror.mirror import Mirror, RemoteFile
from tests.support.s3_server import S3Server


@pytest.fixture(params=["file", "memory"])
def mirror(request: pytest.FixtureRequest, tmp_path: Path) -> Mirror:
    return Mirror(f"{request.param}://{tmp_path}/mirror/")


def write_all(mirror: Mirror, contents: dict[str, bytes]) -> None:
    for name, content in contents.items():
        mirror.write(name, content)


def test_the_url_has_no_slash_at_its_end(mirror: Mirror, tmp_path: Path) -> None:
    assert mirror.url.partition("://")[2] == f"{tmp_path}/mirror"


def test_nothing_is_there_before_the_first_file(mirror: Mirror) -> None:
    assert mirror.names() == []
    assert (mirror.files(""), mirror.files("pages", "snapshots")) == ({}, {})
    assert mirror.read("b/c") is None
    assert mirror.tagged("joins.txt") == (b"", None)
    mirror.remove("b/c")


def test_files_are_listed_with_their_sizes_and_by_their_names(mirror: Mirror) -> None:
    contents = {"a": b"1", "b/c": b"22", "b/d/e": b"333", "bc/f": b""}
    write_all(mirror, contents)
    assert mirror.names() == ["a", "b", "bc"]
    assert mirror.files("") == {name: RemoteFile(len(content), None) for name, content in contents.items()}
    assert mirror.files("b") == {"b/c": RemoteFile(2, None), "b/d/e": RemoteFile(3, None)}
    assert mirror.files("b", "bc").keys() == {"b/c", "b/d/e", "bc/f"}
    assert [mirror.read(name) for name in ("bc/f", "a", "gone")] == [b"", b"1", None]


def test_a_file_is_created_once(mirror: Mirror) -> None:
    assert mirror.create("a", b"1")
    assert mirror.create("a", b"1")
    assert not mirror.create("a", b"other")
    assert mirror.read("a") == b"1"


def test_a_file_is_replaced_and_removed(mirror: Mirror) -> None:
    assert mirror.replace("joins.txt", b"1", None)
    content, tag = mirror.tagged("joins.txt")
    assert content == b"1"
    assert mirror.replace("joins.txt", b"2", tag)
    assert mirror.tagged("joins.txt")[0] == b"2"
    mirror.remove("joins.txt")
    mirror.remove("gone")
    assert mirror.files("") == {}


def test_a_file_of_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    mirror = Mirror(f"file://{tmp_path}/mirror")
    mirror.write("pages/a", b"1")
    assert [path.name for path in (tmp_path / "mirror").rglob("*") if path.is_file()] == ["a"]


def test_what_a_killed_push_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    mirror = Mirror(f"file://{tmp_path}/mirror")
    left = "pages/a.warc.gz.0123456789abcdef.tmp"
    others = [".fetch.tmp", "a.tmp", "pages/a.0123456789abcde.tmp", "pages/a.0123456789abcdef.tmp.gz"]
    write_all(mirror, dict.fromkeys([left, *others], b"x"))
    with mirror.pushing():
        assert sorted(name for name in mirror.files("") if name != ".lock") == sorted(others)


def test_a_mirror_in_memory_needs_no_lock(tmp_path: Path) -> None:
    mirror = Mirror(f"memory://{tmp_path}/mirror")
    with mirror.pushing(), mirror.pushing():
        assert mirror.names() == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError("no"), "access denied (no); check the credentials and the bucket"),
        (FileNotFoundError("none"), "not found (none); check the name of the bucket"),
        (ValueError("odd"), "ValueError: odd; nothing was lost, fix it and run the same command again"),
        (OSError(28, "full"), "OSError: [Errno 28] full; nothing was lost, fix it and run the same command again"),
        (IngestError("as it is"), None),
    ],
)
def test_what_a_file_system_raises_is_named_with_the_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str | None
) -> None:
    mirror = Mirror(f"memory://{tmp_path}/mirror")

    def fail(*_: object, **__: object) -> None:
        raise error

    for name in ("pipe_file", "rm_file"):
        monkeypatch.setattr(mirror._files, name, fail)
    with pytest.raises(IngestError) as raised:
        mirror.write("a", b"1")
    assert str(raised.value) == (f"{mirror.url}: {said}" if said else "as it is")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("botocore.exceptions:NoCredentialsError", ()),
        ("botocore.exceptions:ClientError", ({}, "PutObject")),
        ("botocore.parsers:ResponseParserError", ()),
        ("aiohttp:ClientPayloadError", ()),
        ("urllib3.exceptions:IncompleteRead", (1, 2)),
    ],
)
def test_what_s3fs_lets_through_of_the_libraries_below_it_is_named_too(
    s3: S3Server, url: str, monkeypatch: pytest.MonkeyPatch, kind: str, words: tuple[object, ...]
) -> None:
    mirror, error = Mirror(url), resolve_name(kind)(*words)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(mirror._files, "pipe_file", fail)
    with pytest.raises(IngestError, match=f"^{url}: {type(error).__name__}: "):
        mirror.write("a", b"1")


def test_on_s3_a_version_is_replaced_only_by_who_has_read_it(s3: S3Server, url: str, prefix: str) -> None:
    mirror = Mirror(url)
    assert mirror.replace("joins.txt", b"1", None)
    assert not mirror.replace("joins.txt", b"2", None)
    content, tag = mirror.tagged("joins.txt")
    assert (content, bool(tag)) == (b"1", True)
    assert mirror.replace("joins.txt", b"2", tag)
    assert not mirror.replace("joins.txt", b"3", tag)
    s3.put(f"{prefix}/joins.txt", b"4")
    assert not mirror.replace("joins.txt", b"5", tag)
    assert s3.objects(f"{prefix}/") == {"joins.txt": b"4"}


def test_a_listing_of_s3_has_the_digests_of_files(s3: S3Server, url: str) -> None:
    mirror = Mirror(url)
    write_all(mirror, {"pages/a": b"1", "b": b""})
    assert mirror.files("") == {
        name: RemoteFile(len(content), hashlib.md5(content).hexdigest())
        for name, content in {"pages/a": b"1", "b": b""}.items()
    }
    assert mirror.create("b", b"")
    assert mirror.create("c", b"3")
    assert not mirror.create("pages/a", b"2")


@pytest.mark.parametrize(
    ("tag", "md5"),
    [
        ('"0123456789abcdef0123456789abcdef"', "0123456789abcdef0123456789abcdef"),
        ('"0123456789abcdef0123456789abcdef-2"', None),
    ],
)
def test_the_tag_of_an_upload_in_parts_is_no_digest(s3: S3Server, url: str, tag: str, md5: str | None) -> None:
    assert Mirror(url)._md5({"ETag": tag}) == md5
    assert Mirror("memory://x/y")._md5({"ETag": tag}) is None


def test_a_file_that_another_pusher_created_first_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = Mirror(f"memory://{tmp_path}/mirror")

    def fail(*_: object, **__: object) -> None:
        raise FileExistsError

    monkeypatch.setattr(mirror._files, "pipe_file", fail)
    assert mirror.replace("joins.txt", b"1", None) is False
