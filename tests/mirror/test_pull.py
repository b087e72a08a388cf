"""Pull adds what is whole, names what is not, and replaces nothing; a listing is foreign data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from dailypapers.ingest.runs.report import SCHEMA
from tests.mirror.conftest import Disk
from tests.product import DAY, Product
from tests.support.killed_push import files_to_mirror
from tests.support.s3_server import S3Server


def test_pull_into_an_empty_folder_gives_the_same_store(
    filled: Product, empty: Product, s3: S3Server, url: str
) -> None:
    filled("push", url)
    pulled = empty("--json", "pull", url)
    assert pulled.status == 0
    report = json.loads(pulled.out)
    assert (report["days"], report["problems"]) == (5, [])
    assert report["files"] == len(list(filled.store.root.glob("pages/**/*.warc.gz")))
    assert files_to_mirror(empty.store.root) == files_to_mirror(filled.store.root)
    assert empty("build", "--check").out == ""
    again = empty("pull", url)
    assert (again.status, again.out) == (0, f"{url}: nothing new\n")
    (run,) = empty.runs()
    jsonschema.validate(run, SCHEMA)
    assert (run["command"], run["exit"]) == ("pull", 0)


def test_a_day_built_without_a_lost_archive_says_so_after_a_pull(
    filled: Product, empty: Product, disk: Disk, disk_url: str
) -> None:
    filled.archives()[0].unlink()
    assert filled("build", "--accept-loss").status in {0, 1}
    assert filled.certificate()["lost"]
    filled("push", disk_url)
    assert empty("pull", disk_url).status in {0, 1}
    assert empty.certificate() == filled.certificate()
    assert files_to_mirror(empty.store.root) == files_to_mirror(filled.store.root)


def test_a_pull_that_was_killed_before_it_built_is_completed(
    filled: Product, empty: Product, disk: Disk, disk_url: str
) -> None:
    filled("push", disk_url)
    shutil.copytree(filled.store.root / "pages", empty.store.root / "pages")
    assert empty("pull", disk_url).status == 0
    assert files_to_mirror(empty.store.root) == files_to_mirror(filled.store.root)


def test_archives_without_a_certificate_are_pulled(
    filled: Product, empty: Product, disk: Disk, disk_url: str, prefix: str
) -> None:
    """As a push leaves them that was killed."""
    for name, content in files_to_mirror(filled.store.root).items():
        if name.startswith("pages/"):
            disk.put(f"{prefix}/{name}", content)
    assert empty("pull", disk_url).status == 0
    assert files_to_mirror(empty.store.root) == files_to_mirror(filled.store.root)


SUFFIXES = (".warc.gz", ".jsonl", ".day.json", ".metrics.jsonl")


def name_of(product: Product, suffix: str) -> str:
    if suffix == ".warc.gz":
        return product.archives()[0].relative_to(product.store.root).as_posix()
    return f"snapshots/hf-daily/2025/{DAY}{suffix}"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_flipped_byte_is_named_and_the_file_not_used(
    filled: Product, empty: Product, prefix: str, suffix: str, request: pytest.FixtureRequest
) -> None:
    of_s3 = suffix == ".warc.gz"
    s3: S3Server | Disk = request.getfixturevalue("s3" if of_s3 else "disk")
    url = request.getfixturevalue("url" if of_s3 else "disk_url")
    filled("push", url)
    name = name_of(filled, suffix)
    content = bytearray((filled.store.root / name).read_bytes())
    content[len(content) // 2] ^= 1
    s3.put(f"{prefix}/{name}", bytes(content))
    pulled, verified = empty("pull", url), empty("verify", url)
    assert (pulled.status, verified.status) == (1, 1)
    for output in (pulled.err, verified.out):
        assert name in output
    assert verified.out.endswith(
        "1 difference; remove the files named from it, and push again from a store that has them\n"
    )
    whole = files_to_mirror(filled.store.root)
    if suffix == ".warc.gz":
        assert not (empty.store.root / name).exists()
        # The day is built from its other archive, and its certificate says of which.
        assert [fetch["file"] for fetch in empty.certificate()["fetches"]] == [filled.archives()[1].name]
        # After the remedy that is named.
        s3.delete(f"{prefix}/{name}")
        assert filled("push", url).status == 0
        assert empty("pull", url).status == 0
    assert files_to_mirror(empty.store.root) == whole


def test_a_certificate_that_is_not_what_its_archives_give_is_named(
    filled: Product, empty: Product, disk: Disk, disk_url: str, prefix: str
) -> None:
    from dailypapers.snapshots.certificate import certificate_bytes, parse_certificate  # noqa: PLC0415

    filled("push", disk_url)
    name = name_of(filled, ".day.json")
    certificate = parse_certificate(Path(name), (filled.store.root / name).read_bytes())
    disk.put(f"{prefix}/{name}", certificate_bytes({**certificate, "reason": "trust me"}))
    pulled = empty("pull", disk_url)
    assert pulled.status == 1
    assert f"{name}: not what its archives give" in pulled.err
    assert files_to_mirror(empty.store.root) == files_to_mirror(filled.store.root)


def test_an_archive_of_the_store_is_never_replaced(filled: Product, empty: Product, disk: Disk, disk_url: str) -> None:
    filled("push", disk_url)
    shutil.copytree(filled.store.root, empty.store.root)
    archive = empty.archives()[-1]
    archive.write_bytes(b"another")
    pulled = empty("pull", disk_url)
    assert pulled.status == 1
    assert f"{archive.name}: not the file of that name in the store; neither is replaced" in pulled.err
    assert archive.read_bytes() == b"another"


def test_only_archives_that_the_store_does_not_have_are_read(
    filled: Product, empty: Product, disk: Disk, disk_url: str, prefix: str
) -> None:
    filled("push", disk_url)
    shutil.copytree(filled.store.root, empty.store.root)
    here, lost = (path.relative_to(empty.store.root).as_posix() for path in empty.archives())
    (empty.store.root / lost).unlink()
    disk.put(f"{prefix}/{here}", bytes(len(disk.objects(f"{prefix}/")[here])))
    assert empty("pull", disk_url).status == 0
    assert files_to_mirror(empty.store.root) == files_to_mirror(filled.store.root)
    assert here in empty("verify", disk_url).out


def test_an_archive_of_another_day_is_refused(
    filled: Product, empty: Product, disk: Disk, disk_url: str, prefix: str
) -> None:
    (archive, *_) = filled.archives()
    disk.put(f"{prefix}/pages/hf-daily/2025/2025-12-24/{archive.name}", archive.read_bytes())
    pulled = empty("pull", disk_url)
    assert pulled.status == 1
    assert f"the archive of hf-daily {DAY}" in pulled.err
    assert not list(empty.store.root.rglob("*.warc.gz"))


FOREIGN = (
    "../outside",
    "pages/../../outside",
    "pages/hf-daily/../../../outside",
    "pages/hf-daily/2025/2025-12-10/../../../../../outside.warc.gz",
    "pages/hf-daily/2025/2025-12-10/20251219T120000Z-0123abcd.warc.gz/x",
    "pages/hf-daily/2025/2025-12-10/evil.sh",
    "pages/hf-daily/2025/2025-12-32/20251219T120000Z-0123abcd.warc.gz",
    "pages/hf-daily/2024/2025-12-10/20251219T120000Z-0123abcd.warc.gz",
    "pages/hf-nightly/2025/2025-12-10/20251219T120000Z-0123abcd.warc.gz",
    "pages/hf-search/2025/2025-12-10/20251219T120000Z-0123abcd.warc.gz",
    "snapshots/hf-daily/2025/2025-12-10.jsonl.exe",
    "snapshots/hf-daily/latest/2025-12-10.jsonl",
    "pages/hf-daily/2025/\x1b[31m",
    "README.md",
    "/etc/passwd",
)


def test_foreign_names_are_refused_and_named(
    filled: Product, empty: Product, s3: S3Server, url: str, prefix: str
) -> None:
    filled("push", url)
    for name in FOREIGN:
        s3.put(f"{prefix}/{name}", b"foreign")
    around = {path for path in empty.store.root.parent.rglob("*") if "state" not in path.parts}
    pulled = empty("--quiet", "pull", url)
    assert pulled.status == 1
    for line in pulled.err.splitlines():
        assert "not the name of a file of a store" in line
    assert len(pulled.err.splitlines()) >= len(FOREIGN) - 4
    assert "\x1b" not in pulled.err + pulled.out
    assert files_to_mirror(empty.store.root) == files_to_mirror(filled.store.root)
    new = set(empty.store.root.parent.rglob("*")) - around
    assert all(empty.store.root in (path, *path.parents) or "state" in path.parts for path in new)
    verified = empty("verify", url)
    assert verified.status == 1
    assert "not the name of a file of a store" in verified.out


def test_a_url_without_a_store_is_an_error(empty: Product, s3: S3Server, url: str) -> None:
    result = empty("pull", url)
    assert result.status == 3
    assert result.err == f"dailypapers: no store at {url}; check the URL, or send one there: dailypapers push {url}\n"
    assert not empty.store.root.exists()
